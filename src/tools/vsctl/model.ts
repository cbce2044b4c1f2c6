/**
 * Bridges, ports and interfaces as ovs-vsctl's commands speak of them. A fake bridge (ovs-vsctl(8), `add-br BRIDGE PARENT
 * VLAN`) is a port of its parent in the database; the parent's other ports with its VLAN count as its own.
 */
import type { Row, Rows } from '../../vswitchd/row.ts'
import { type Needs, textOf, type VsctlTransaction } from './rows.ts'

export type Bridge = {
  readonly name: string
  /** Of the Bridge table; a fake bridge has its parent's. */
  readonly row: Row
  readonly fake: { readonly port: Row; readonly vlan: number; readonly parent: Bridge } | undefined
}
export type Port = { readonly bridge: Bridge; readonly row: Row }
export type Interface = Port & { readonly iface: Row }

/** Columns that say which bridges, ports and interfaces there are, and what they are called. */
const structure: Readonly<Record<string, readonly string[]>> = {
  Open_vSwitch: ['bridges'],
  Bridge: ['name', 'ports'],
  Port: ['name', 'fake_bridge', 'tag', 'interfaces'],
  Interface: ['name'],
}

type Named = {
  readonly bridges: Map<string, Bridge>
  readonly ports: Map<string, Port>
  readonly interfaces: Map<string, Interface>
  /** What was ever noted in each bridge. */
  readonly members: Map<Bridge, { readonly ports: Set<string>; readonly interfaces: Set<string> }>
  /** Whether there are fake bridges. */
  fakes: boolean
}

/** What the commands about bridges and ports need of the database. */
export const needModel = (needs: Needs): undefined => {
  needs.add('Open_vSwitch', 'bridges')
  needs.add('Bridge', 'name', 'controller', 'fail_mode', 'ports')
  needs.add('Port', 'name', 'fake_bridge', 'tag', 'interfaces')
  needs.add('Interface', 'name', 'type', 'ofport', 'error')
}

export class Model {
  private readonly transaction: VsctlTransaction
  private found: Named | undefined

  constructor(transaction: VsctlTransaction) {
    this.transaction = transaction
    transaction.onWrite = (table, columns) => {
      if (structure[table]?.some(column => columns.includes(column))) this.found = undefined
    }
  }

  /** Makes changes that the model is then told of, so that it need not look at all rows again. */
  knowing(change: () => void): void {
    const { found } = this
    change()
    this.found = found
  }

  /** By name. */
  bridges(): Bridge[] {
    return [...this.named.bridges.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  bridge(name: string): Bridge | undefined {
    return this.named.bridges.get(name)
  }

  port(name: string): Port | undefined {
    return this.named.ports.get(name)
  }

  interface(name: string): Interface | undefined {
    return this.named.interfaces.get(name)
  }

  /** A bridge's own ports, without those of fake bridges in it and without its local port. */
  portsOf(bridge: Bridge): Port[] {
    return [...this.named.ports.values()].filter(
      port => port.bridge === bridge && textOf(port.row, 'name') !== bridge.name,
    )
  }

  interfacesOf(port: Port): Row[] {
    return [...this.named.interfaces.values()].flatMap(({ row, iface }) => (row.uuid === port.row.uuid ? iface : []))
  }

  /** The fake bridges in a bridge. */
  children(bridge: Bridge): Bridge[] {
    return [...this.named.bridges.values()].filter(({ fake }) => fake?.parent === bridge)
  }

  /** A port was put into a bridge: it is known without another look at all of them. */
  added(bridge: Bridge, port: Row, interfaces: readonly Row[]): void {
    if (textOf(port, 'fake_bridge') === 'true' || port.columns.tag?.keys.length !== 0) this.found = undefined
    else if (this.found !== undefined) note(this.transaction, this.found, bridge, port, interfaces)
  }

  /** A bridge was made, with its local port. */
  addedBridge(bridge: Row, port: Row, iface: Row): void {
    if (this.found === undefined) return
    const name = textOf(bridge, 'name')
    const made = new Found(this.transaction, bridge, name, undefined)
    this.found.bridges.set(name, made)
    note(this.transaction, this.found, made, port, [iface])
  }

  /** A bridge was taken out, with all in it. */
  removedBridge(bridge: Bridge): void {
    if (this.found === undefined) return
    const { bridges, ports, interfaces, members, fakes } = this.found
    for (const gone of [bridge, ...(fakes ? this.children(bridge) : [])]) {
      bridges.delete(gone.name)
      const own = members.get(gone)
      members.delete(gone)
      for (const name of own?.ports ?? []) if (ports.get(name)?.bridge === gone) ports.delete(name)
      for (const name of own?.interfaces ?? []) if (interfaces.get(name)?.bridge === gone) interfaces.delete(name)
    }
  }

  /** Why a new bridge, port or interface cannot have this name, after `cannot create …`; undefined if it can. */
  nameTaken(name: string): string | undefined {
    if (this.bridge(name) !== undefined) return `because a bridge named ${name} already exists`
    const port = this.port(name)
    if (port !== undefined) return `because a port named ${name} already exists on bridge ${port.bridge.name}`
    const iface = this.interface(name)
    return iface && `because an interface named ${name} already exists on bridge ${iface.bridge.name}`
  }

  /** What was found must still be so when the transaction comes to the database. */
  private get named(): Named {
    this.found ??= look(this.transaction)
    return this.found
  }
}

/** The rows that a column refers to. */
export const referred = (rows: Rows, row: Row, column: string, table: string): Row[] =>
  (row.columns[column]?.keys ?? []).flatMap(uuid => rows.row(table, String(uuid)) ?? [])

export const root = (rows: Rows): Row => rows.rows('Open_vSwitch')[0] as Row

/** A row as it is in the transaction now, whatever was written to it since it was found. */
class Current {
  private readonly rows: Rows
  private readonly first: Row

  constructor(rows: Rows, first: Row) {
    this.rows = rows
    this.first = first
  }

  get row(): Row {
    return this.rows.row(this.first.table, this.first.uuid) ?? this.first
  }
}

class Found extends Current implements Bridge {
  readonly name: string
  readonly fake: Bridge['fake']

  constructor(rows: Rows, row: Row, name: string, fake: Bridge['fake']) {
    super(rows, row)
    this.name = name
    this.fake = fake
  }
}

class FoundPort extends Current implements Port {
  readonly bridge: Bridge

  constructor(rows: Rows, row: Row, bridge: Bridge) {
    super(rows, row)
    this.bridge = bridge
  }
}

class FoundInterface extends FoundPort implements Interface {
  private readonly own: Current

  constructor(rows: Rows, port: Row, iface: Row, bridge: Bridge) {
    super(rows, port, bridge)
    this.own = new Current(rows, iface)
  }

  get iface(): Row {
    return this.own.row
  }
}

const note = (rows: Rows, named: Named, bridge: Bridge, row: Row, interfaces: readonly Row[]): void => {
  const members = named.members.get(bridge) ?? { ports: new Set(), interfaces: new Set() }
  named.members.set(bridge, members)
  const name = textOf(row, 'name')
  members.ports.add(name)
  named.ports.set(name, new FoundPort(rows, row, bridge))
  for (const iface of interfaces) {
    const name = textOf(iface, 'name')
    members.interfaces.add(name)
    named.interfaces.set(name, new FoundInterface(rows, row, iface, bridge))
  }
}

const look = (transaction: VsctlTransaction): Named => {
  const named: Named = {
    bridges: new Map(),
    ports: new Map(),
    interfaces: new Map(),
    members: new Map(),
    fakes: false,
  }
  const top = root(transaction)
  transaction.verify(top, 'bridges')
  for (const row of referred(transaction, top, 'bridges', 'Bridge')) {
    const name = textOf(row, 'name')
    // Others may have made two of a name; the first counts.
    if (named.bridges.has(name)) continue
    transaction.verify(row, 'ports')
    const bridge = new Found(transaction, row, name, undefined)
    named.bridges.set(name, bridge)
    const ports = referred(transaction, row, 'ports', 'Port')
    const byVlan = fakeBridges(transaction, named, bridge, ports)
    for (const port of ports) {
      transaction.verify(port, 'interfaces')
      const own = named.bridges.get(textOf(port, 'name'))
      const isFake = own?.fake?.port.uuid === port.uuid
      const owner = isFake ? (own as Bridge) : (byVlan.get(Number(port.columns.tag?.keys[0] ?? -1)) ?? bridge)
      note(transaction, named, owner, port, referred(transaction, port, 'interfaces', 'Interface'))
    }
  }
  return named
}

/** Notes the fake bridges in a bridge; gives them by VLAN. */
const fakeBridges = (rows: Rows, named: Named, parent: Bridge, ports: readonly Row[]): Map<number, Bridge> => {
  const byVlan = new Map<number, Bridge>()
  for (const port of ports) {
    const vlan = port.columns.tag?.keys[0]
    const name = textOf(port, 'name')
    if (textOf(port, 'fake_bridge') !== 'true' || vlan === undefined || named.bridges.has(name)) continue
    const bridge = new Found(rows, parent.row, name, { port, vlan: Number(vlan), parent })
    named.bridges.set(name, bridge)
    named.fakes = true
    byVlan.set(Number(vlan), bridge)
  }
  return byVlan
}
