/**
 * Follows another server (ovsdb-server(1), "Active-Backup Options"): databases of the same name are made what they are there,
 * first whole, then change by change. While it follows, clients of this server may change nothing.
 */
import {
  Connection,
  type Dial,
  isObject,
  type Json,
  type JsonObject,
  type Rpc,
  type Server,
} from '../../ovsdb/index.ts'
import type { Clock, Log, Random } from '../../runtime/index.ts'

export type ReplicationWorld = {
  clock: Clock
  random: Random
  log: Log
  dial: Dial
  /** Called when this server begins to follow, or ends: its clients are to connect again. */
  turned(): void
}

export class Replication {
  /** The server to follow, `tcp:…`. */
  source: string | undefined
  /** As it was given: `DB:TABLE,…`. */
  excluded = ''
  private readonly server: Server
  private readonly world: ReplicationWorld
  private readonly excludes = new Map<string, Set<string>>()
  private probeInterval = 60e9
  private connection: Connection | undefined
  private following: string[] = []
  private failure: string | undefined

  constructor(server: Server, world: ReplicationWorld) {
    this.server = server
    this.world = world
  }

  /** Whether this server follows another one now. */
  get isBackup(): boolean {
    return this.connection !== undefined
  }

  /** Milliseconds. */
  setProbeInterval(interval: number): void {
    this.probeInterval = Math.max(0, interval) * 1e6
    if (this.isBackup) this.begin()
  }

  /** Takes `DB:TABLE,DB:TABLE…`; a text is what is wrong with it. */
  exclude(text: string): string | undefined {
    this.excludes.clear()
    this.excluded = text
    for (const word of text.split(',').filter(part => part !== '')) {
      const [, database = '', table = ''] = /^([^:]+):(.+)$/s.exec(word) ?? []
      if (database === '') continue
      const tables = this.excludes.get(database) ?? new Set()
      this.excludes.set(database, tables.add(table))
    }
    if (this.isBackup) this.begin()
    return undefined
  }

  /** Follows the source, from the beginning. */
  begin(): string | undefined {
    const { world, source } = this
    if (source === undefined) return 'Unable to connect: active server is not specified.'
    const wasBackup = this.isBackup
    this.connection?.close()
    this.reset()
    const { clock, random, log, dial } = world
    const remotes = [source]
    const { probeInterval } = this
    this.connection = new Connection(
      { clock, random, log, dial, remotes, shuffle: false, probeInterval, maxBackoff: 8e9 },
      { connected: rpc => this.follow(rpc), lost: () => undefined },
    )
    this.connection.start()
    if (!wasBackup) world.turned()
    return undefined
  }

  end(): void {
    if (this.connection === undefined) return
    this.connection.close()
    this.connection = undefined
    this.reset()
    this.world.turned()
  }

  /** `ovsdb-server/sync-status`. */
  status(): string {
    if (!this.isBackup) return 'state: active\n'
    const lines = ['state: backup']
    if (this.failure !== undefined) lines.push(`error: ${this.failure}`)
    else if (this.following.length === 0) lines.push(`connecting: ${this.source}`)
    else {
      lines.push(`replicating: ${this.source}`, `database: ${this.following.join(', ')}`)
      if (this.excluded !== '') lines.push(`exclude: ${this.excluded}`)
    }
    return `${lines.join('\n')}\n`
  }

  private reset(): void {
    this.following = []
    this.failure = undefined
  }

  /** Asks one thing after the other; returns what takes the changes that come later. */
  private follow(rpc: Rpc): (method: string, params: readonly Json[]) => void {
    this.reset()
    rpc.request('get_server_id', [], answer => {
      if (answer.kind === 'result' && answer.result === this.server.id) {
        this.fail(rpc, 'Server ID check failed: Self replicating is not allowed')
        return
      }
      rpc.request('list_dbs', [], dbs => {
        const names = dbs.kind === 'result' && Array.isArray(dbs.result) ? dbs.result : []
        for (const name of names) {
          if (typeof name === 'string' && !name.startsWith('_') && this.server.database(name)) this.monitor(rpc, name)
        }
      })
    })
    return (method, params) => {
      const [name, updates] = params
      if (method === 'update' && typeof name === 'string' && isObject(updates ?? null)) {
        this.apply(rpc, name, changeOperations(updates as JsonObject, this.columnsOf(name)))
      }
    }
  }

  private monitor(rpc: Rpc, name: string): void {
    rpc.request('get_schema', [name], schema => {
      const tables = schema.kind === 'result' && isObject(schema.result) ? schema.result.tables : undefined
      const known = this.columnsOf(name)
      const wanted: JsonObject = {}
      for (const [table, type] of Object.entries(isObject(tables ?? null) ? (tables as JsonObject) : {})) {
        const columns = isObject(type) && isObject(type.columns ?? null) ? Object.keys(type.columns as JsonObject) : []
        const shared = columns.filter(column => known.get(table)?.has(column))
        if (known.has(table)) wanted[table] = [{ columns: shared }]
      }
      rpc.request('monitor', [name, name, wanted], answer => {
        if (answer.kind !== 'result' || !isObject(answer.result)) return
        this.world.log('replication', 'info', 'Monitor request received. Resetting the database')
        this.apply(rpc, name, this.resetOperations(name, Object.keys(wanted), answer.result))
        this.following.push(name)
      })
    })
  }

  /** The columns that there are here of each table that is not left out. */
  private columnsOf(name: string): Map<string, Set<string>> {
    const columns = new Map<string, Set<string>>()
    for (const [table, { columns: own }] of this.server.database(name)?.database.tables ?? []) {
      if (this.excludes.get(name)?.has(table)) continue
      columns.set(table, new Set(own.map(column => column.name)))
    }
    return columns
  }

  /** What makes the tables those of the other server: rows that are not there go, others come or are brought up to date. */
  private resetOperations(name: string, tables: readonly string[], there: JsonObject): JsonObject[] {
    const operations: JsonObject[] = []
    for (const tableName of tables) {
      const table = this.server.database(name)?.database.tables.get(tableName)
      const wanted = there[tableName]
      const rows = wanted !== undefined && isObject(wanted) ? wanted : {}
      for (const uuid of table?.rows.keys() ?? []) {
        if (!Object.hasOwn(rows, uuid)) operations.push({ op: 'delete', table: tableName, where: whereIs(uuid) })
      }
      const changeable = table?.columns.filter(({ type }) => type.fixed !== true).map(column => column.name)
      for (const [uuid, change] of Object.entries(rows)) {
        const row = isObject(change) ? change.new : undefined
        if (row === undefined || !isObject(row)) continue
        if (table?.rows.has(uuid))
          operations.push({ op: 'update', table: tableName, where: whereIs(uuid), row: only(row, changeable ?? []) })
        else operations.push({ op: 'insert', table: tableName, uuid, row })
      }
    }
    return operations
  }

  private apply(rpc: Rpc, name: string, operations: JsonObject[]): void {
    const answer = (results: Json[] | string): void => {
      const wrong =
        typeof results === 'string'
          ? results
          : results.find(result => isObject(result ?? null) && 'error' in (result as JsonObject))
      if (wrong !== undefined && wrong !== null) {
        const { error, details } = typeof wrong === 'string' ? { error: wrong, details: '' } : (wrong as JsonObject)
        this.fail(rpc, `${String(error)}: ${String(details)}`)
      }
    }
    this.server.database(name)?.ask({ operations, holdsLock: () => false, readOnly: undefined, answer })
  }

  private fail(rpc: Rpc, why: string): void {
    this.world.log('replication', 'warn', why)
    this.failure = why
    rpc.end(why)
  }
}

const whereIs = (uuid: string): Json => [['_uuid', '==', ['uuid', uuid]]]

const only = (row: JsonObject, columns: Iterable<string>): JsonObject => {
  const found: JsonObject = {}
  for (const name of columns) {
    const value = row[name]
    if (value !== undefined) found[name] = value
  }
  return found
}

/** `<table-updates>` (RFC 7047 §4.1.6) as operations that do the same to a database here. */
const changeOperations = (updates: JsonObject, known: ReadonlyMap<string, ReadonlySet<string>>): JsonObject[] => {
  const operations: JsonObject[] = []
  for (const [table, rows] of Object.entries(updates)) {
    const columns = known.get(table)
    if (columns === undefined || !isObject(rows)) continue
    for (const [uuid, change] of Object.entries(rows)) {
      if (!isObject(change)) continue
      const where = whereIs(uuid)
      const { old, new: now } = change
      if (now === undefined || !isObject(now)) operations.push({ op: 'delete', table, where })
      else if (old === undefined || !isObject(old))
        operations.push({ op: 'insert', table, uuid, row: only(now, columns) })
      else {
        // Only what changed: other columns may be ones that cannot.
        const changed = Object.keys(old).filter(name => columns.has(name))
        operations.push({ op: 'update', table, where, row: only(now, changed) })
      }
    }
  }
  return operations
}
