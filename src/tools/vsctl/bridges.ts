import { entriesOf, mapOf, recordOf, setOf } from '../../ovsdb/datum.ts'
import { type Call, textOf, type Verdict, type VsctlCommands } from './command.ts'
import { bridgeNamed, bridgesOf, nameTaken } from './model.ts'

const root = ({ transaction }: Call) => transaction.rows('Open_vSwitch')[0]!

/** A bridge row with the port and the interface of its own name. */
export const addBridge = (call: Call, name: string): void => {
  const { transaction } = call
  const iface = transaction.insert('Interface', { name: setOf(name), type: setOf('internal') })
  call.made.push(iface)
  const port = transaction.insert('Port', { name: setOf(name), interfaces: setOf(iface) })
  const bridge = transaction.insert('Bridge', { name: setOf(name), ports: setOf(port) })
  const ovs = root(call)
  transaction.update(ovs, { bridges: setOf(...(ovs.columns.bridges?.keys ?? []), bridge) })
}

const add = (call: Call): Verdict => {
  const [name = '', parent] = call.args
  if (call.args.length === 2) return "'add-br' command takes exactly 1 or 3 arguments"
  if (call.options.has('--may-exist') && bridgeNamed(call.transaction, name) !== undefined) return undefined
  const taken = nameTaken(call.transaction, name)
  if (taken !== undefined) return `cannot create a bridge named ${name} ${taken}`
  if (parent !== undefined) return 'bridges inside bridges (add-br BRIDGE PARENT VLAN) are not supported yet'
  addBridge(call, name)
  return undefined
}

const remove = (call: Call): Verdict => {
  const name = call.args[0] as string
  const bridge = bridgeNamed(call.transaction, name)
  if (bridge === undefined) return call.options.has('--if-exists') ? undefined : `no bridge named ${name}`
  const ovs = root(call)
  call.transaction.update(ovs, {
    bridges: setOf(...(ovs.columns.bridges?.keys ?? []).filter(uuid => uuid !== bridge.uuid)),
  })
  call.transaction.remove(bridge)
  return undefined
}

/** Does something with the bridge that the first argument names. */
const withBridge =
  (run: (call: Call, bridge: NonNullable<ReturnType<typeof bridgeNamed>>) => Verdict) =>
  (call: Call): Verdict => {
    const name = call.args[0] as string
    const bridge = bridgeNamed(call.transaction, name)
    return bridge === undefined ? `no bridge named ${name}` : run(call, bridge)
  }

export const bridgeCommands: VsctlCommands = {
  'add-br': { min: 1, max: 3, options: ['--may-exist'], run: add },
  'del-br': { min: 1, max: 1, options: ['--if-exists'], run: remove },
  'list-br': {
    min: 0,
    max: 0,
    options: ['--real', '--fake'],
    run({ transaction, lines, options }) {
      if (!options.has('--fake')) lines.push(...bridgesOf(transaction).map(row => textOf(row, 'name')))
      return undefined
    },
  },
  'br-exists': {
    min: 1,
    max: 1,
    run: ({ transaction, args }) => (bridgeNamed(transaction, args[0] as string) === undefined ? 2 : undefined),
  },
  'br-to-vlan': { min: 1, max: 1, run: withBridge(({ lines }) => void lines.push('0')) },
  'br-to-parent': {
    min: 1,
    max: 1,
    run: withBridge(({ lines }, bridge) => void lines.push(textOf(bridge, 'name'))),
  },
  'br-set-external-id': {
    min: 2,
    max: 3,
    run: withBridge(({ transaction, args }, bridge) => {
      const [, key = '', value] = args
      const ids = entriesOf(bridge.columns.external_ids!).filter(([name]) => name !== key)
      if (value !== undefined) ids.push([key, value])
      transaction.update(bridge, { external_ids: mapOf(ids) })
      return undefined
    }),
  },
  'br-get-external-id': {
    min: 1,
    max: 2,
    run: withBridge(({ args, lines }, bridge) => {
      const ids = recordOf(bridge.columns.external_ids!)
      const key = args[1]
      if (key === undefined) lines.push(...Object.entries(ids).map(([name, value]) => `${name}=${value}`))
      else if (ids[key] !== undefined) lines.push(ids[key])
      return undefined
    }),
  },
  'get-fail-mode': {
    min: 1,
    max: 1,
    run: withBridge(({ lines }, bridge) => {
      const mode = textOf(bridge, 'fail_mode')
      if (mode !== '') lines.push(mode)
      return undefined
    }),
  },
  'del-fail-mode': {
    min: 1,
    max: 1,
    run: withBridge(({ transaction }, bridge) => void transaction.update(bridge, { fail_mode: setOf() })),
  },
  'set-fail-mode': {
    min: 2,
    max: 2,
    run: withBridge(({ transaction, args }, bridge) => {
      const mode = args[1] as string
      if (mode !== 'standalone' && mode !== 'secure') return 'fail-mode must be "standalone" or "secure"'
      transaction.update(bridge, { fail_mode: setOf(mode) })
      return undefined
    }),
  },
}
