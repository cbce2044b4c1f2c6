/** Which way of saying flows is agreed on with a switch. */
import {
  formatProtocols,
  type Protocols,
  protocol,
  protocolsOf,
  type Version,
  versionOf,
} from '../../openflow/protocol.ts'
import type { Task } from '../../runtime/index.ts'
import { type Call, fatal } from './command.ts'
import { type Connection, openConnection } from './connection.ts'
import { tell } from './transact.ts'

/** What `-O` and `-F` allow. */
export const allowedProtocols = ({ options }: Call): Protocols =>
  options.versions.reduce((bits: Protocols, version) => bits | protocolsOf(version), 0) &
  (options.flowFormat ?? protocol.any)

/** Bits of 1.0's four ways: with a table or not, Nicira's match or OpenFlow's. */
const withTable = 0b1010
const isNicira = (single: Protocols): boolean => (single & protocol.nxm) !== 0
const tellsTable = (single: Protocols): boolean => (single & withTable) !== 0

/** What a connection speaks now, as one protocol. */
const spoken = ({ version, dialect }: Connection): Protocols =>
  version === 1 ? 1 << ((dialect.nxm ? 2 : 0) + (dialect.tableId ? 1 : 0)) : protocolsOf(version)

/** Each single protocol, the preferred first. */
const singles = Array.from({ length: 9 }, (_, bit) => 1 << bit)

export type Speech = { version: Version; nxm: boolean; tableId: boolean }

/** How a switch that takes the newest version that is allowed will most likely be told flows; undefined if it cannot be. */
export const likelySpeech = (call: Call, usable: Protocols): Speech | undefined => {
  const version = Math.max(...call.options.versions) as Version
  const single = singles.find(each => versionOf(each) === version && (each & usable & allowedProtocols(call)) !== 0)
  return single === undefined
    ? undefined
    : { version, nxm: isNicira(single), tableId: tellsTable(single) && version === 1 }
}

/** Tells the switch of a way to say flows; false if it has no such. */
function* trySpeaking(call: Call, connection: Connection, wanted: Protocols): Task<boolean> {
  if (versionOf(wanted) !== connection.version) return false
  if (connection.version !== 1) return true
  const { dialect } = connection
  const [nxm, tableId] = [isNicira(wanted), tellsTable(wanted)]
  if (dialect.nxm !== nxm) {
    const request = connection.request({ type: 'set_flow_format', nxm })
    if ((yield* tell(call, connection, [request])) !== undefined) return false
    dialect.nxm = nxm
  }
  if (dialect.tableId !== tableId) {
    const request = connection.request({ type: 'flow_mod_table_id', enabled: tableId })
    if ((yield* tell(call, connection, [request])) !== undefined) return false
    dialect.tableId = tableId
  }
  return true
}

const noneAllowed = (usable: Protocols, allowed: Protocols): string =>
  `none of the usable flow formats (${formatProtocols(usable)}) is among the allowed flow formats (${formatProtocols(allowed)})`
const noneSupported = (usable: Protocols): string =>
  `switch does not support any of the usable flow formats (${formatProtocols(usable)})`

/** Connects to a switch that is to be told flows that can be said in `usable`. */
export function* openForFlows(call: Call, name: string, usable: Protocols): Task<Connection> {
  const allowed = allowedProtocols(call)
  if ((usable & allowed) === 0) return yield* fatal(call, noneAllowed(usable, allowed))
  const connection = yield* openConnection(call, name)
  const begins = spoken(connection)
  // What it speaks from the beginning is kept if it will do.
  if ((usable & allowed & begins) !== 0) return connection
  for (const single of singles)
    if (single !== begins && (single & usable & allowed) !== 0 && (yield* trySpeaking(call, connection, single)))
      return connection
  return yield* fatal(call, noneSupported(usable))
}

/** Ways to be told flows: the newest version first, Nicira's match before 1.0's own. */
const ofDumps = [256, 128, 64, 32, 16, 4, 1]

/** Agrees on a way in which the switch can tell flows. */
export function* agreeOnDump(call: Call, connection: Connection, usable: Protocols): Task<void> {
  const allowed = allowedProtocols(call)
  for (const single of ofDumps)
    if ((single & usable & allowed) !== 0 && (yield* trySpeaking(call, connection, single))) return
  yield* fatal(call, (usable & allowed) === 0 ? noneAllowed(usable, allowed) : noneSupported(usable))
}
