/** Bridges, ports and interfaces as rows that refer to each other, the way ovs-vsctl's commands speak of them. */
import type { Row, Rows } from '../../vswitchd/config.ts'
import { textOf } from './command.ts'

export const byName = (a: Row, b: Row): number => (textOf(a, 'name') < textOf(b, 'name') ? -1 : 1)

export const bridgesOf = (rows: Rows): Row[] => rows.rows('Bridge').sort(byName)

export const bridgeNamed = (rows: Rows, name: string): Row | undefined =>
  rows.rows('Bridge').find(row => textOf(row, 'name') === name)

/** The rows that a column refers to. */
export const referred = (rows: Rows, row: Row, column: string, table: string): Row[] =>
  (row.columns[column]?.keys ?? []).flatMap(uuid => rows.row(table, String(uuid)) ?? [])

export const portsOf = (rows: Rows, bridge: Row): Row[] => referred(rows, bridge, 'ports', 'Port').sort(byName)

export const interfacesOf = (rows: Rows, port: Row): Row[] =>
  referred(rows, port, 'interfaces', 'Interface').sort(byName)

/** Whether a port or interface is the bridge itself. */
export const isLocal = (bridge: Row, row: Row): boolean => textOf(bridge, 'name') === textOf(row, 'name')

/** A port by its name, with its bridge. */
export const portNamed = (rows: Rows, name: string): { bridge: Row; port: Row } | undefined => {
  for (const bridge of bridgesOf(rows)) {
    const port = portsOf(rows, bridge).find(row => textOf(row, 'name') === name)
    if (port !== undefined) return { bridge, port }
  }
  return undefined
}

export const interfaceNamed = (rows: Rows, name: string): { bridge: Row; port: Row; iface: Row } | undefined => {
  for (const bridge of bridgesOf(rows)) {
    for (const port of portsOf(rows, bridge)) {
      const iface = interfacesOf(rows, port).find(row => textOf(row, 'name') === name)
      if (iface !== undefined) return { bridge, port, iface }
    }
  }
  return undefined
}

/** Why a new bridge, port or interface cannot have this name, after `cannot create …`; undefined if it can. */
export const nameTaken = (rows: Rows, name: string): string | undefined => {
  if (bridgeNamed(rows, name) !== undefined) return `because a bridge named ${name} already exists`
  const port = portNamed(rows, name)
  if (port !== undefined) {
    return `because a port named ${name} already exists on bridge ${textOf(port.bridge, 'name')}`
  }
  const iface = interfaceNamed(rows, name)
  if (iface === undefined) return undefined
  return `because an interface named ${name} already exists on bridge ${textOf(iface.bridge, 'name')}`
}
