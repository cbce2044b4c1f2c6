/** Random changes of flows, groups and meters, each as a command line of ovs-ofctl and as what it does to our stores. */

import { parseActions } from '../../src/openflow/action-text.ts'
import type { OfErrorName } from '../../src/openflow/error.ts'
import type { GroupMod } from '../../src/openflow/group.ts'
import { noSelection, OfBucket } from '../../src/openflow/group.ts'
import { type FlowCommand, parseFlow } from '../../src/openflow/index.ts'
import type { MeterMod } from '../../src/openflow/meter.ts'
import { below, type Random } from '../../src/runtime/random.ts'
import type { Bridge } from '../../src/switch/bridge.ts'

/**
 * `args` follow `ovs-ofctl -O VERSION`; `ours` gives the error's name. `atOnce` gives the one that a bundle answers with
 * before it is committed.
 */
export type Step = {
  args: string[]
  ours(bridge: Bridge): OfErrorName | undefined
  atOnce?(bridge: Bridge): OfErrorName | undefined
}

type Pick = <T>(...among: readonly T[]) => T
const picker =
  (random: Random): Pick =>
  (...among) =>
    among[below(random, among.length)]!

const matchText = (pick: Pick): string =>
  pick(
    '',
    `in_port=${pick(1, 2, 3)}`,
    'ip',
    'tcp',
    `ip,nw_dst=10.0.0.${pick(1, 2)}`,
    `ip,nw_dst=10.0.${pick(0, 1)}.0/24`,
    `dl_src=00:00:00:00:00:0${pick(1, 2)}`,
    `in_port=1,tcp,tp_dst=${pick(80, 443)}`,
    `reg${pick(0, 1)}=${pick('5', '0x10/0xf0')}`,
  )

const actionsText = (pick: Pick, withGroups: boolean): string =>
  pick(
    'drop',
    `output:${pick(1, 2)}`,
    'NORMAL',
    `output:1,output:${pick(2, 3)}`,
    `resubmit(,${pick(1, 2)})`,
    `controller(max_len=${pick(10, 20)})`,
    ...(withGroups
      ? [
          `group:${pick(1, 2, 3)}`,
          `group:${pick(1, 2, 3)}`,
          `write_actions(group:${pick(1, 2)})`,
          `meter:${pick(1, 2)},output:1`,
        ]
      : []),
  )

/** What the wire of a version makes of a flow that was read from text. */
const flowStep = (words: string, command: FlowCommand, version: number, outGroup?: number): Step => {
  const strict = command.endsWith('_strict')
  const verb = command === 'add' ? 'add-flow' : command.startsWith('mod') ? 'mod-flows' : 'del-flows'
  const group = outGroup === undefined ? '' : `${words === '' ? '' : ','}out_group=${outGroup}`
  const read = parseFlow(words, command)
  if (!read.ok) throw new Error(`${words}: ${read.error}`)
  const { flow } = read
  if (outGroup !== undefined) flow.outGroup = outGroup
  if (version === 1 && command === 'add') flow.resetCounts = true
  if (command.startsWith('mod')) {
    // Up to 1.0 a change that does not look for a cookie gives one, 0 if none is said; later ones never do.
    if (version > 1) flow.newCookie = undefined
    else if (flow.cookieMask === 0n) flow.newCookie ??= 0n
    if (version > 1) flow.table ??= 0
  }
  return {
    args: [...(strict ? ['--strict'] : []), verb, 'br0', `${words}${group}`],
    ours: bridge => bridge.flows.apply(flow),
    atOnce: bridge => bridge.flows.checkTable(flow),
  }
}

const flow = (random: Random, version: number): Step => {
  const pick = picker(random)
  const table = pick('', 'table=0', 'table=1', 'table=2', ...(pick(1, 2, 3, 4) === 1 ? ['table=254'] : []))
  const match = matchText(pick)
  const priority = pick('', 'priority=1', 'priority=2')
  const join = (...words: string[]): string => words.filter(word => word !== '').join(',')
  const actions = `actions=${actionsText(pick, version > 1)}`
  const flags = pick('', '', 'send_flow_rem', 'check_overlap', ...(version > 1 ? ['reset_counts'] : []))
  const cookie = pick('', 'cookie=0x1', 'cookie=0x12')
  // Importance differs, so that there is one answer to which flow goes first.
  const timeout = version >= 5 && pick(0, 1, 1) === 1 ? `hard_timeout=1000,importance=${below(random, 0x10000)}` : ''
  const looked = pick('', '', 'cookie=0x1/0x1', 'cookie=0x10/0xff')
  switch (pick('add', 'add', 'add', 'add', 'add', 'modify', 'modify', 'delete', 'delete_strict', 'modify_strict')) {
    case 'add':
      return flowStep(join(table, priority, match, flags, cookie, timeout, actions), 'add', version)
    case 'modify':
      return flowStep(join(table, match, pick(looked, version === 1 ? cookie : ''), flags, actions), 'modify', version)
    case 'modify_strict':
      return flowStep(join(table, priority, match, looked, actions), 'modify_strict', version)
    case 'delete': {
      const outPort = pick('', '', 'out_port=1', 'out_port=CONTROLLER')
      const outGroup = version > 1 ? pick(undefined, undefined, 1) : undefined
      const narrow = pick(match, join(match, looked))
      return flowStep(join(table, narrow, outPort), 'delete', version, outGroup)
    }
    default:
      return flowStep(join(table, priority, match, looked), 'delete_strict', version)
  }
}

const group = (pick: Pick, version: number): Step => {
  const id = pick(1, 2, 3)
  const numbers = pick([0], [0, 1], [0, 1, 2])
  const actions = numbers.map(() => pick('output:1', 'output:2', `group:${pick(1, 2)}`))
  const buckets = numbers.map((number, i) => ({
    id: version === 6 ? number : undefined,
    weight: 0,
    watchPort: undefined,
    watchGroup: undefined,
    actions: parsed(actions[i]!),
  }))
  const text = numbers.map((number, i) => `bucket=${version === 6 ? `bucket_id:${number},` : ''}${actions[i]}`).join()
  const mod = (command: GroupMod['command'], more: Partial<GroupMod> = {}): GroupMod => ({
    command,
    type: 'all',
    group: id,
    commandBucket: OfBucket.all,
    buckets,
    selection: noSelection,
    ...more,
  })
  const step = (verb: string, words: string, change: GroupMod): Step => ({
    args: [verb, 'br0', words],
    ours: bridge => bridge.groups.apply(change),
  })
  const where = pick(OfBucket.first, OfBucket.last, 1, 7)
  const whereText = where === OfBucket.first ? 'first' : where === OfBucket.last ? 'last' : where
  const at = `group_id=${id},command_bucket_id=${whereText}`
  switch (pick('add', 'add', 'add', 'modify', 'delete', ...(version === 6 ? ['insert', 'remove', 'may'] : []))) {
    case 'add':
      return step('add-group', `group_id=${id},type=all,${text}`, mod('add'))
    case 'modify':
      return step('mod-group', `group_id=${id},type=all,${text}`, mod('modify'))
    case 'may': {
      const { args, ours } = step('mod-group', `group_id=${id},type=all,${text}`, mod('add_or_mod'))
      return { args: ['--may-create', ...args], ours }
    }
    case 'insert': {
      const number = pick(3, 4, 5, 1)
      const bucket = { ...buckets[0]!, id: number }
      const change = mod('insert_bucket', { commandBucket: where, buckets: [bucket] })
      return step('insert-buckets', `${at},bucket=bucket_id:${number},${actions[0]}`, change)
    }
    case 'remove':
      return step('remove-buckets', at, mod('remove_bucket', { commandBucket: where, buckets: [] }))
    default:
      return step('del-groups', `group_id=${id}`, mod('delete', { buckets: [] }))
  }
}

const parsed = (text: string) => {
  const actions = parseActions(text)
  if (typeof actions === 'string') throw new Error(actions)
  return actions
}

const meter = (pick: Pick): Step => {
  const id = pick(1, 2, 300000)
  const count = pick(1, 1, 1, 9)
  const type = pick('drop', 'drop', 'drop', 'dscp_remark') as 'drop' | 'dscp_remark'
  const rate = pick(10, 20)
  const command = pick('add', 'add', 'modify', 'delete') as MeterMod['command']
  const band = { type, rate, burst: 0, precedence: type === 'drop' ? 0 : 1 }
  const mod: MeterMod = {
    command,
    meter: id,
    flags: { kbps: true, pktps: false, burst: false, stats: true },
    bands: command === 'delete' ? [] : new Array(count).fill(band),
  }
  const text = `type=${type},rate=${rate}${type === 'drop' ? '' : ',prec_level=1'}`
  const words = `meter=${id},kbps,stats,bands=${new Array(count).fill(text).join()}`
  const verbs = { add: 'add-meter', modify: 'mod-meter', delete: 'del-meter' }
  return {
    args: [verbs[command], 'br0', command === 'delete' ? `meter=${id}` : words],
    ours: bridge => bridge.meters.apply(mod),
  }
}

/** Many changes of one version: 1 is OpenFlow 1.0, 6 is 1.5. */
export const randomSteps = (random: Random, version: number, count: number): Step[] => {
  const pick = picker(random)
  return Array.from({ length: count }, () => {
    const kind = version === 1 ? 0 : below(random, 10)
    return kind < 6 ? flow(random, version) : kind < 9 ? group(pick, version) : meter(pick)
  })
}

const bundleVerbs: Record<string, string> = {
  'add-flow': 'flow add',
  'mod-flows': 'flow modify',
  'del-flows': 'flow delete',
  'add-group': 'group add',
  'mod-group': 'group modify',
  'insert-buckets': 'group insert_bucket',
  'remove-buckets': 'group remove_bucket',
}

/** The step as a line for `ovs-ofctl bundle`; undefined for what cannot be in one, or what Open vSwitch ends by. */
export const bundleLine = ({ args }: Step): string | undefined => {
  const strict = args[0] === '--strict'
  const [verb = '', , words] = strict ? args.slice(1) : args
  const name = bundleVerbs[verb]
  return name === undefined ? undefined : `${name}${strict ? '_strict' : ''} ${words}`
}
