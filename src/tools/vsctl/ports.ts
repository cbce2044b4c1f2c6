/** Commands about ports and interfaces: ovs-vsctl(8), "Port Commands", "Bond Commands", "Interface Commands". */
import { setOf } from '../../ovsdb/datum.ts'
import type { Row } from '../../vswitchd/row.ts'
import { removePorts } from './bridges.ts'
import { any, type Call, type Needs, textOf, type Verdict, type VsctlCommands } from './command.ts'
import { needModel, type Port } from './model.ts'
import { assign, unknownColumn } from './records.ts'

/** Whether the port that is there is the one that is wanted. */
const asWanted = ({ text, model, args }: Call, there: Port, interfaces: readonly string[]): Verdict => {
  const [bridgeName, name] = args
  if (there.bridge.name !== bridgeName)
    return `"${text}" but ${name} is actually attached to bridge ${there.bridge.name}`
  const has = model
    .interfacesOf(there)
    .map(iface => textOf(iface, 'name'))
    .sort()
  if (has.join() === [...new Set(interfaces)].sort().join()) return undefined
  return `"${text}" but ${name} actually has interface(s) ${has.join(', ')}`
}

/** `add-port BR PORT [COLUMN[:KEY]=VALUE]…` and `add-bond BR PORT IFACE IFACE…`. */
const addPort = (call: Call, interfaces: readonly string[], settings: readonly string[]): Verdict => {
  const [bridgeName = '', name = ''] = call.args
  const { transaction, model, options } = call
  const there = model.port(name)
  if (options.has('--may-exist') && there !== undefined) return asWanted(call, there, interfaces)
  for (const [taken, kind] of [[name, 'a port'] as const, ...interfaces.map(each => [each, 'an interface'] as const)]) {
    const why = model.nameTaken(taken)
    if (why !== undefined) return `cannot create ${kind} named ${taken} ${why}`
  }
  const bridge = model.bridge(bridgeName)
  if (bridge === undefined) return `no bridge named ${bridgeName}`
  const rows = interfaces.map(iface => transaction.insert('Interface', { name: setOf(iface) }))
  call.made.push(...rows)
  const port = transaction.insert('Port', {
    name: setOf(name),
    interfaces: setOf(...rows),
    ...(options.has('--fake-iface') ? { bond_fake_iface: setOf(true) } : {}),
    ...(bridge.fake === undefined ? {} : { tag: setOf(bridge.fake.vlan) }),
  })
  const { row } = bridge
  model.knowing(() => transaction.update(row, { ports: setOf(...(row.columns.ports?.keys ?? []), port) }))
  for (const setting of settings) {
    const wrong = assign(call, transaction.row('Port', port) as Row, setting)
    if (wrong !== undefined) return wrong
  }
  const made = rows.map(uuid => transaction.row('Interface', uuid) as Row)
  model.added(bridge, transaction.row('Port', port) as Row, made)
  return undefined
}

const needPort =
  (from: number) =>
  (needs: Needs, args: readonly string[]): string | undefined => {
    needModel(needs)
    return unknownColumn(needs, 'Port', args.slice(from).filter(isSetting))
  }
const isSetting = (word: string): boolean => word.includes('=')

/** The port that is meant: by its own name or, with `--with-iface`, by that of an interface. */
const portMeant = ({ model, options }: Call, name: string): Port | undefined => {
  const port = model.port(name)
  if (port !== undefined || !options.has('--with-iface')) return port
  return model.interface(name)
}

const removePort = (call: Call): Verdict => {
  const { model, args, options } = call
  const [wantedBridge, name] = args.length === 2 ? [args[0], args[1] as string] : [undefined, args[0] as string]
  if (wantedBridge !== undefined && model.bridge(wantedBridge) === undefined) {
    return options.has('--if-exists') ? undefined : `no bridge named ${wantedBridge}`
  }
  const port = portMeant(call, name)
  if (port === undefined) {
    if (options.has('--if-exists')) return undefined
    return options.has('--with-iface') ? `no port or interface named ${name}` : `no port named ${name}`
  }
  const { bridge } = port
  if (bridge.name === name) {
    return `cannot delete port ${name} because it is the local port for bridge ${name} (deleting this port requires deleting the entire bridge)`
  }
  if (wantedBridge !== undefined && wantedBridge !== bridge.name) {
    if (bridge.fake?.parent.name === wantedBridge) {
      return `bridge ${wantedBridge} does not have a port ${name} (although its child bridge ${bridge.name} does)`
    }
    return `bridge ${wantedBridge} does not have a port ${name}`
  }
  removePorts(call, bridge, [port.row])
  return undefined
}

const addInterface = (call: Call): Verdict => {
  const { transaction, model, args, options, text } = call
  const [bond = '', name = ''] = args
  const port = model.port(bond)
  if (port === undefined) return `no port named ${bond}`
  const there = model.interface(name)
  if (options.has('--may-exist') && there !== undefined) {
    if (there.row.uuid === port.row.uuid) return undefined
    return `"${text}" but ${name} is actually attached to port ${textOf(there.row, 'name')}`
  }
  const why = model.nameTaken(name)
  if (why !== undefined) return `cannot create an interface named ${name} ${why}`
  const iface = transaction.insert('Interface', { name: setOf(name) })
  call.made.push(iface)
  transaction.update(port.row, { interfaces: setOf(...(port.row.columns.interfaces?.keys ?? []), iface) })
  return undefined
}

const removeInterface = ({ transaction, model, args, options }: Call): Verdict => {
  const [bond, name] = args.length === 2 ? [args[0], args[1] as string] : [undefined, args[0] as string]
  const port = bond === undefined ? undefined : model.port(bond)
  if (bond !== undefined && port === undefined) return `no port named ${bond}`
  const there = model.interface(name)
  if (port !== undefined && there?.row.uuid !== port.row.uuid) return `port ${bond} does not have an interface ${name}`
  if (there === undefined) return options.has('--if-exists') ? undefined : `no interface named ${name}`
  const kept = (there.row.columns.interfaces?.keys ?? []).filter(uuid => uuid !== there.iface.uuid)
  if (kept.length === 0) return `cannot delete last interface from port ${textOf(there.row, 'name')}`
  transaction.update(there.row, { interfaces: setOf(...kept) })
  return undefined
}

const list =
  (what: 'ports' | 'interfaces') =>
  ({ model, args, lines }: Call): Verdict => {
    const bridge = model.bridge(args[0] as string)
    if (bridge === undefined) return `no bridge named ${args[0]}`
    const ports = model.portsOf(bridge)
    const rows = what === 'ports' ? ports.map(({ row }) => row) : ports.flatMap(port => model.interfacesOf(port))
    lines.push(...rows.map(row => textOf(row, 'name')).sort())
    return undefined
  }

const one = { min: 1, max: 1, needs: needModel }

export const portCommands: VsctlCommands = {
  'add-port': {
    min: 2,
    max: any,
    options: ['--may-exist'],
    needs: needPort(2),
    run: call => addPort(call, [call.args[1] as string], call.args.slice(2)),
  },
  'add-bond': {
    min: 4,
    max: any,
    options: ['--may-exist', '--fake-iface'],
    needs(needs, args) {
      needs.add('Port', 'bond_fake_iface')
      return needPort(2)(needs, args)
    },
    run(call) {
      const rest = call.args.slice(2)
      const first = rest.findIndex(isSetting)
      const count = first < 0 ? rest.length : first
      if (count < 2) return `add-bond requires at least 2 interfaces, but only ${count} were specified`
      return addPort(call, rest.slice(0, count), rest.slice(count))
    },
  },
  'add-bond-iface': { min: 2, max: 2, options: ['--may-exist'], needs: needModel, run: addInterface },
  'del-bond-iface': { min: 1, max: 2, options: ['--if-exists'], needs: needModel, run: removeInterface },
  'del-port': { min: 1, max: 2, options: ['--if-exists', '--with-iface'], needs: needModel, run: removePort },
  'list-ports': { ...one, run: list('ports') },
  'list-ifaces': { ...one, run: list('interfaces') },
  'port-to-br': {
    ...one,
    run({ model, args, lines }) {
      const [name = ''] = args
      const found = model.port(name)
      if (found === undefined || found.bridge.name === name) return `no port named ${name}`
      lines.push(found.bridge.name)
      return undefined
    },
  },
  'iface-to-br': {
    ...one,
    run({ model, args, lines }) {
      const [name = ''] = args
      const found = model.interface(name)
      if (found === undefined || found.bridge.name === name) return `no interface named ${name}`
      lines.push(found.bridge.name)
      return undefined
    },
  },
}
