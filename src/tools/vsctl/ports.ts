import { setOf } from '../../ovsdb/datum.ts'
import type { Row } from '../../vswitchd/config.ts'
import { any, type Call, textOf, type Verdict, type VsctlCommands } from './command.ts'
import { bridgeNamed, interfaceNamed, interfacesOf, isLocal, nameTaken, portNamed, portsOf } from './model.ts'
import { assign } from './records.ts'

/** `add-port BR PORT [COLUMN[:KEY]=VALUE]…` and `add-bond BR PORT IFACE IFACE…`. */
const addPort = (call: Call, interfaces: readonly string[], settings: readonly string[]): Verdict => {
  const [bridgeName = '', name = ''] = call.args
  const { transaction } = call
  if (call.options.has('--may-exist')) {
    const there = portNamed(transaction, name)
    if (there !== undefined) {
      const actual = textOf(there.bridge, 'name')
      return actual === bridgeName ? undefined : `"${call.text}" but ${name} is actually attached to bridge ${actual}`
    }
  }
  for (const taken of [name, ...interfaces]) {
    const why = nameTaken(transaction, taken)
    const kind = taken === name ? 'a port' : 'an interface'
    if (why !== undefined) return `cannot create ${kind} named ${taken} ${why}`
  }
  const bridge = bridgeNamed(transaction, bridgeName)
  if (bridge === undefined) return `no bridge named ${bridgeName}`
  const rows = interfaces.map(iface => transaction.insert('Interface', { name: setOf(iface) }))
  call.made.push(...rows)
  const port = transaction.insert('Port', { name: setOf(name), interfaces: setOf(...rows) })
  transaction.update(bridge, { ports: setOf(...(bridge.columns.ports?.keys ?? []), port) })
  for (const setting of settings) {
    const wrong = assign(call, transaction.row('Port', port) as Row, setting)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

const removePort = (call: Call): Verdict => {
  const { transaction, args } = call
  const name = (args.length === 2 ? args[1] : args[0]) as string
  const wantedBridge = args.length === 2 ? (args[0] as string) : undefined
  const found = portNamed(transaction, name)
  if (found === undefined) return call.options.has('--if-exists') ? undefined : `no port named ${name}`
  const { bridge, port } = found
  if (isLocal(bridge, port)) {
    return `cannot delete port ${name} because it is the local port for bridge ${name} (deleting this port requires deleting the entire bridge)`
  }
  if (wantedBridge !== undefined && wantedBridge !== textOf(bridge, 'name')) {
    if (bridgeNamed(transaction, wantedBridge) === undefined) return `no bridge named ${wantedBridge}`
    return `bridge ${wantedBridge} does not have a port ${name}`
  }
  transaction.update(bridge, { ports: setOf(...(bridge.columns.ports?.keys ?? []).filter(uuid => uuid !== port.uuid)) })
  return undefined
}

const list =
  (what: 'ports' | 'interfaces') =>
  (call: Call): Verdict => {
    const { transaction, args, lines } = call
    const bridge = bridgeNamed(transaction, args[0] as string)
    if (bridge === undefined) return `no bridge named ${args[0]}`
    const ports = portsOf(transaction, bridge)
    const rows = what === 'ports' ? ports : ports.flatMap(port => interfacesOf(transaction, port))
    const names = rows.filter(row => !isLocal(bridge, row)).map(row => textOf(row, 'name'))
    lines.push(...names.sort())
    return undefined
  }

export const portCommands: VsctlCommands = {
  'add-port': {
    min: 2,
    max: any,
    options: ['--may-exist'],
    run: call => addPort(call, [call.args[1] as string], call.args.slice(2)),
  },
  'add-bond': {
    min: 4,
    max: any,
    options: ['--may-exist', '--fake-iface'],
    run(call) {
      const rest = call.args.slice(2)
      return addPort(
        call,
        rest.filter(word => !word.includes('=')),
        rest.filter(word => word.includes('=')),
      )
    },
  },
  'del-port': { min: 1, max: 2, options: ['--if-exists', '--with-iface'], run: removePort },
  'list-ports': { min: 1, max: 1, run: list('ports') },
  'list-ifaces': { min: 1, max: 1, run: list('interfaces') },
  'port-to-br': {
    min: 1,
    max: 1,
    run({ transaction, args, lines }) {
      const found = portNamed(transaction, args[0] as string)
      if (found === undefined || isLocal(found.bridge, found.port)) return `no port named ${args[0]}`
      lines.push(textOf(found.bridge, 'name'))
      return undefined
    },
  },
  'iface-to-br': {
    min: 1,
    max: 1,
    run({ transaction, args, lines }) {
      const found = interfaceNamed(transaction, args[0] as string)
      if (found === undefined || isLocal(found.bridge, found.iface)) return `no interface named ${args[0]}`
      lines.push(textOf(found.bridge, 'name'))
      return undefined
    },
  },
}
