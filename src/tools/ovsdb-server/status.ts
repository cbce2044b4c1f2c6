/** What a server writes of a remote into the row that names it: columns `is_connected` and `status` (ovs-vswitchd.conf.db(5), Manager). */
import type { JsonObject, ServedDatabase } from '../../ovsdb/index.ts'
import type { Row } from '../../ovsdb/table.ts'

/** Of a listener with several clients it is that of one of them, with their number. */
export type RemoteStatus = {
  connected: boolean
  /** Of one that calls; one that listens has none. */
  state?: 'BACKOFF' | 'CONNECTING' | 'ACTIVE'
  boundPort?: number
  connections: number
  /** Seconds since; undefined for never. */
  sinceConnect?: number
  sinceDisconnect?: number
  lastError?: string
  locks: { name: string; held: boolean }[]
  lostLocks: string[]
}

const entriesOf = (status: RemoteStatus): [string, string][] => {
  const { state, boundPort, connections, sinceConnect, sinceDisconnect, lastError, locks, lostLocks } = status
  const named = (name: string, values: readonly string[]): [string, string | undefined] => [
    name,
    values.length > 0 ? [...values].sort().join(' ') : undefined,
  ]
  const entries: [string, string | undefined][] = [
    ['state', state],
    ['last_error', lastError],
    ['sec_since_connect', sinceConnect?.toString()],
    ['sec_since_disconnect', sinceDisconnect?.toString()],
    named(
      'locks_held',
      locks.filter(({ held }) => held).map(({ name }) => name),
    ),
    named(
      'locks_waiting',
      locks.filter(({ held }) => !held).map(({ name }) => name),
    ),
    named('locks_lost', lostLocks),
    ['n_connections', connections > 1 ? String(connections) : undefined],
    ['bound_port', boundPort?.toString()],
  ]
  return entries.filter((entry): entry is [string, string] => entry[1] !== undefined)
}

/** The operation that brings a row up to date; undefined if it is, or has no such columns. */
export const statusOperation = (row: Row, status: RemoteStatus): JsonObject | undefined => {
  const { table, uuid, values } = row
  const wanted: JsonObject = {}
  const connected = table.column('is_connected')
  if (connected?.type.key.type === 'boolean' && values[connected.index]?.keys[0] !== status.connected)
    wanted.is_connected = status.connected
  const column = table.column('status')
  if (column?.type.key.type === 'string' && column.type.value?.type === 'string') {
    const entries = entriesOf(status)
    const { keys = [], values: texts = [] } = values[column.index] ?? {}
    const present = new Map(keys.map((key, i) => [key, texts[i]]))
    if (present.size !== entries.length || entries.some(([key, text]) => present.get(key) !== text))
      wanted.status = ['map', entries]
  }
  if (Object.keys(wanted).length === 0) return undefined
  return { op: 'update', table: table.name, where: [['_uuid', '==', ['uuid', uuid]]], row: wanted }
}

/** Writes as any client would; that it cannot is no mistake: the row may be gone. */
export const writeStatus = (served: ServedDatabase, operations: JsonObject[]): void => {
  if (operations.length === 0) return
  served.ask({ operations, holdsLock: () => false, readOnly: undefined, answer: () => undefined })
}
