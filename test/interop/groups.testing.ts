import { fieldNamed, fullMask } from '../../src/flow/fields.ts'
import { parseActions } from '../../src/openflow/action-text.ts'
import { type Bucket, type GroupType, noSelection, OfBucket, type Selection } from '../../src/openflow/group.ts'
import type { Bridge } from '../../src/switch/bridge.ts'

const types: Readonly<Record<string, GroupType>> = {
  all: 'all',
  select: 'select',
  indirect: 'indirect',
  ff: 'fast_failover',
}

/** Adds groups that are written as for ovs-ofctl, as far as these tests need its syntax. */
export const addGroups = (bridge: Bridge, lines: readonly string[]): void => {
  for (const line of lines) {
    const [head = '', ...texts] = line.split(',bucket=')
    const value = (name: string): string | undefined => new RegExp(`${name}=([^,]+)`).exec(head)?.[1]
    const fields = /fields\(([^)]*)\)/.exec(head)?.[1]?.split(',') ?? []
    const selection: Selection = {
      ...noSelection,
      method: value('selection_method') ?? '',
      parameter: BigInt(value('selection_method_param') ?? 0),
      fields: fields.map(name => {
        const field = fieldNamed(name)
        if (field === undefined) throw new Error(name)
        return { field, mask: fullMask(field) }
      }),
    }
    const type = types[value('type') ?? ''] as GroupType
    const refused = bridge.groups.apply({
      command: 'add',
      type,
      group: Number(value('group_id')),
      commandBucket: OfBucket.all,
      buckets: texts.map(text => bucket(text, type)),
      selection,
    })
    if (refused !== undefined) throw new Error(`${line}: ${refused}`)
  }
}

const bucket = (text: string, type: GroupType): Bucket => {
  let rest = text
  const take = (name: string): number | undefined => {
    const found = new RegExp(`^${name}[:=](\\d+),?`).exec(rest)
    if (found === null) return undefined
    rest = rest.slice(found[0].length)
    return Number(found[1])
  }
  const id = take('bucket_id')
  const weight = take('weight')
  const watchPort = take('watch_port')
  const watchGroup = take('watch_group')
  const actions = parseActions(rest)
  if (typeof actions === 'string') throw new Error(`${text}: ${actions}`)
  return { id, weight: weight ?? (type === 'select' ? 1 : 0), watchPort, watchGroup, actions }
}
