/** Commands about bridges, and about who they obey: ovs-vsctl(8), "Bridge Commands", "OpenFlow Controller Connectivity". */
import { empty, entriesOf, mapOf, setOf } from '../../ovsdb/datum.ts'
import { subtract, unite } from '../../ovsdb/datum-merge.ts'
import type { Row } from '../../vswitchd/row.ts'
import { type Call, type Needs, textOf, type Verdict, type VsctlCommand, type VsctlCommands } from './command.ts'
import { type Bridge, needModel, root } from './model.ts'

/** A bridge row with the port and the interface of its own name. */
const addBridge = ({ transaction, made, model }: Call, name: string): void => {
  const iface = transaction.insert('Interface', { name: setOf(name), type: setOf('internal') })
  made.push(iface)
  const port = transaction.insert('Port', { name: setOf(name), interfaces: setOf(iface) })
  const bridge = transaction.insert('Bridge', { name: setOf(name), ports: setOf(port) })
  const ovs = root(transaction)
  model.knowing(() => transaction.update(ovs, { bridges: unite(ovs.columns.bridges ?? empty, setOf(bridge)) }))
  const rows = [transaction.row('Bridge', bridge), transaction.row('Port', port), transaction.row('Interface', iface)]
  model.addedBridge(...(rows as [Row, Row, Row]))
}

const addFakeBridge = (call: Call, name: string, parentName: string, vlan: number): Verdict => {
  const { transaction, model, made } = call
  const parent = model.bridge(parentName)
  if (parent?.fake !== undefined) return 'cannot create bridge with fake bridge as parent'
  if (parent === undefined) return `parent bridge ${parentName} does not exist`
  const sibling = model.children(parent).find(({ fake }) => fake?.vlan === vlan)
  if (sibling !== undefined) {
    return `bridge ${parentName} already has a child VLAN bridge ${sibling.name} on VLAN ${vlan}`
  }
  const iface = transaction.insert('Interface', { name: setOf(name), type: setOf('internal') })
  made.push(iface)
  const columns = { name: setOf(name), interfaces: setOf(iface), fake_bridge: setOf(true), tag: setOf(vlan) }
  const port = transaction.insert('Port', columns)
  transaction.update(parent.row, { ports: setOf(...(parent.row.columns.ports?.keys ?? []), port) })
  return undefined
}

/** Whether the bridge that is there is the one that is wanted. */
const asWanted = ({ text, args }: Call, { name, fake }: Bridge): Verdict => {
  const [, parent, vlan] = args
  const but = (what: string): string => `"${text}" but ${name} ${what}`
  if (parent === undefined) return fake === undefined ? undefined : but(`is a VLAN bridge for VLAN ${fake.vlan}`)
  if (fake === undefined) return but('is not a VLAN bridge')
  if (fake.parent.name !== parent) return but(`has the wrong parent ${fake.parent.name}`)
  return fake.vlan === leadingNumber(vlan) ? undefined : but(`is a VLAN bridge for the wrong VLAN ${fake.vlan}`)
}

/** As C's `atoi`: what is no number is 0. */
const leadingNumber = (text = ''): number => Number.parseInt(text, 10) || 0

const add = (call: Call): Verdict => {
  const [name = '', parent, vlan] = call.args
  if (call.args.length === 2) return "'add-br' command takes exactly 1 or 3 arguments"
  const number = leadingNumber(vlan)
  if (number < 0 || number > 4095) return 'add-br: vlan must be between 0 and 4095'
  const there = call.model.bridge(name)
  if (call.options.has('--may-exist') && there !== undefined) return asWanted(call, there)
  const taken = call.model.nameTaken(name)
  if (taken !== undefined) return `cannot create a bridge named ${name} ${taken}`
  if (parent !== undefined) return addFakeBridge(call, name, parent, number)
  addBridge(call, name)
  return undefined
}

/** Takes ports out of a bridge's row. */
export const removePorts = ({ transaction }: Call, bridge: Bridge, gone: readonly Row[]): void => {
  const uuids = new Set<unknown>(gone.map(({ uuid }) => uuid))
  const row = transaction.row('Bridge', bridge.row.uuid) as Row
  transaction.update(row, { ports: setOf(...(row.columns.ports?.keys ?? []).filter(uuid => !uuids.has(uuid))) })
}

const remove = (call: Call): Verdict => {
  const { transaction, model, args, options } = call
  const name = args[0] as string
  const bridge = model.bridge(name)
  if (bridge === undefined) return options.has('--if-exists') ? undefined : `no bridge named ${name}`
  if (bridge.fake !== undefined) {
    removePorts(call, bridge, [bridge.fake.port, ...model.portsOf(bridge).map(({ row }) => row)])
    return undefined
  }
  const ovs = root(transaction)
  model.knowing(() => {
    const { row } = bridge
    transaction.update(ovs, { bridges: subtract(ovs.columns.bridges ?? empty, setOf(row.uuid)) })
    transaction.remove(row)
  })
  model.removedBridge(bridge)
  return undefined
}

/** A command about the bridge that the first argument names; `real` if a fake one will not do. */
export const onBridge = (
  shape: { min: number; max: number; needs?: (needs: Needs) => void; options?: readonly string[]; real?: boolean },
  run: (call: Call, bridge: Bridge) => Verdict,
): VsctlCommand => ({
  ...shape,
  needs(needs) {
    needModel(needs)
    shape.needs?.(needs)
    return undefined
  },
  run(call) {
    const name = call.args[0] as string
    const bridge = call.model.bridge(name)
    if (bridge === undefined) return `no bridge named ${name}`
    return shape.real === true && bridge.fake !== undefined ? `${name} is a fake bridge` : run(call, bridge)
  },
})

const needIds = (needs: Needs): void => {
  needs.add('Bridge', 'external_ids')
  needs.add('Port', 'external_ids')
}

/** A fake bridge's keys are with its port, and begin so there. */
const prefix = 'fake-bridge-'
const idsOf = ({ transaction }: Call, { row, fake }: Bridge): { row: Row; ids: [string, string][]; before: string } => {
  const holder = fake === undefined ? row : fake.port
  const now = transaction.row(holder.table, holder.uuid) as Row
  const ids = entriesOf(now.columns.external_ids!).map(([key, value]): [string, string] => [String(key), String(value)])
  return { row: now, ids, before: fake === undefined ? '' : prefix }
}

const setId = (call: Call, bridge: Bridge): Verdict => {
  const [, key = '', value] = call.args
  const { row, ids, before } = idsOf(call, bridge)
  const kept = ids.filter(([name]) => name !== before + key)
  if (value !== undefined) kept.push([before + key, value])
  call.transaction.verify(row, 'external_ids')
  call.transaction.update(row, { external_ids: mapOf(kept) })
  return undefined
}

const getId = (call: Call, bridge: Bridge): Verdict => {
  const { ids, before } = idsOf(call, bridge)
  const own = ids.filter(([name]) => name.startsWith(before)).map(([name, value]) => [name.slice(before.length), value])
  const key = call.args[1]
  for (const [name, value] of own) {
    if (key === undefined) call.lines.push(`${name}=${value}`)
    else if (name === key) call.lines.push(value as string)
  }
  return undefined
}

const one = { min: 1, max: 1 }

export const bridgeCommands: VsctlCommands = {
  'add-br': { min: 1, max: 3, options: ['--may-exist'], needs: needModel, run: add },
  'del-br': { ...one, options: ['--if-exists'], needs: needModel, run: remove },
  'list-br': {
    min: 0,
    max: 0,
    options: ['--real', '--fake'],
    needs: needModel,
    run({ model, lines, options }) {
      const only = options.has('--real') === options.has('--fake') ? undefined : options.has('--fake')
      const wanted = model.bridges().filter(({ fake }) => only === undefined || (fake !== undefined) === only)
      lines.push(...wanted.map(({ name }) => name))
      return undefined
    },
  },
  'br-exists': {
    ...one,
    needs: needModel,
    run: ({ model, args }) => (model.bridge(args[0] as string) === undefined ? 2 : undefined),
  },
  'br-to-vlan': onBridge(one, ({ lines }, { fake }) => void lines.push(String(fake?.vlan ?? 0))),
  'br-to-parent': onBridge(one, ({ lines }, { name, fake }) => void lines.push(fake?.parent.name ?? name)),
  'br-set-external-id': onBridge({ min: 2, max: 3, needs: needIds }, setId),
  'br-get-external-id': onBridge({ min: 1, max: 2, needs: needIds }, getId),
  'get-fail-mode': onBridge(one, ({ lines }, { row }) => {
    const mode = textOf(row, 'fail_mode')
    if (mode !== '') lines.push(mode)
    return undefined
  }),
  'del-fail-mode': onBridge({ ...one, real: true }, ({ transaction }, { row }) => {
    transaction.update(row, { fail_mode: setOf() })
    return undefined
  }),
  'set-fail-mode': onBridge({ min: 2, max: 2, real: true }, ({ transaction, args }, { row }) => {
    const mode = args[1] as string
    if (mode !== 'standalone' && mode !== 'secure') return 'fail-mode must be "standalone" or "secure"'
    transaction.update(row, { fail_mode: setOf(mode) })
    return undefined
  }),
}
