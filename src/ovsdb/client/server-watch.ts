/**
 * Whether a server is the right one for a database: what its database `_Server` says of that, on one connection, at first
 * and from then on (ovsdb-server(7), "Database Clustering"). A server without `_Server` is taken as it is.
 */
import type { Datum } from '../datum.ts'
import { Fault } from '../fault.ts'
import { isObject, type Json, parseJson } from '../json.ts'
import { type DatabaseSchema, schemaFromJson } from '../schema.ts'
import { serverSchema } from '../schemas/server.ts'
import { Replica } from './replica.ts'
import type { Row } from './row.ts'
import type { Rpc } from './rpc.ts'

/** The servers that will do, and what is known of their cluster: `index` is the newest state seen. */
export type Suitable = { database: string; leaderOnly: boolean; cluster: { index: number } }

export type WatchTold = {
  /** The server will do; `schema` is that of the database. Said again when it changes. */
  suits(schema: DatabaseSchema): void
  /** It will not do, or no longer. The text goes on from the server's name. */
  fails(why: string): void
}

const monitorId: Json = ['monid', '_Server']
const wantedColumns = ['name', 'model', 'connected', 'leader', 'schema', 'cid', 'sid', 'index']

export class ServerWatch {
  private readonly rpc: Rpc
  private readonly suitable: Suitable
  private readonly told: WatchTold
  private readonly replica: Replica
  private schemaText: string | undefined

  constructor(rpc: Rpc, suitable: Suitable, told: WatchTold) {
    this.rpc = rpc
    this.suitable = suitable
    this.told = told
    this.replica = new Replica({ Database: serverSchema.tables.Database?.columns ?? {} })
  }

  start(): void {
    this.rpc.request('get_schema', ['_Server'], answer => {
      if (answer.kind === 'lost') return
      const schema = answer.kind === 'result' ? schemaFromJson(answer.result) : undefined
      if (schema === undefined || schema instanceof Fault) this.askPlainly()
      else this.monitor(schema)
    })
  }

  /** Takes what the server tells unasked; false if it is not about `_Server`. */
  notified(method: string, params: readonly Json[]): boolean {
    const [id, updates] = params
    if (JSON.stringify(id) !== JSON.stringify(monitorId)) return false
    if (method === 'update2') this.take(updates ?? null)
    return true
  }

  private monitor({ tables }: DatabaseSchema): void {
    const known = tables.Database?.columns ?? {}
    const columns = wantedColumns.filter(name => Object.hasOwn(known, name))
    // Else a server whose databases come and go hangs up.
    this.rpc.request('set_db_change_aware', [true], () => undefined)
    this.rpc.request('monitor_cond', ['_Server', monitorId, { Database: [{ columns }] }], answer => {
      if (answer.kind === 'result') this.take(answer.result)
      else if (answer.kind === 'error') this.askPlainly()
    })
  }

  /** Servers before 2.9 have one database and are what they are. */
  private askPlainly(): void {
    this.rpc.request('get_schema', [this.suitable.database], answer => {
      if (answer.kind === 'lost') return
      const schema = answer.kind === 'result' ? schemaFromJson(answer.result) : undefined
      if (schema === undefined) this.told.fails(`does not have database ${this.suitable.database}`)
      else if (schema instanceof Fault) this.told.fails(`sent a bad schema (${schema})`)
      else this.told.suits(schema)
    })
  }

  private take(updates: Json): void {
    const changes = this.replica.apply(updates, 2)
    if (changes instanceof Fault) {
      this.rpc.end(`bad update of _Server: ${changes}`)
      return
    }
    const row = this.find()
    const why = row === undefined ? `server does not have ${this.suitable.database} database` : this.unfit(row)
    if (row === undefined || why !== undefined) {
      this.told.fails(why ?? '')
      return
    }
    const text = String(first(row, 'schema') ?? '')
    if (text === this.schemaText) return
    this.schemaText = text
    const schema = schemaFromText(text)
    if (schema instanceof Fault) this.told.fails(`sent a bad schema (${schema})`)
    else this.told.suits(schema)
  }

  private find(): Row | undefined {
    return this.replica.rows('Database').find(row => first(row, 'name') === this.suitable.database)
  }

  private unfit(row: Row): string | undefined {
    const { leaderOnly, cluster } = this.suitable
    const model = first(row, 'model')
    if (model === 'relay' && (first(row, 'connected') !== true || first(row, 'schema') === undefined)) {
      return 'relay server is not connected to its source; trying another server'
    }
    if (model !== 'clustered') return undefined
    if (first(row, 'schema') === undefined) {
      return 'clustered database server has not yet joined cluster; trying another server'
    }
    if (first(row, 'connected') !== true) {
      return 'clustered database server is disconnected from cluster; trying another server'
    }
    if (leaderOnly && first(row, 'leader') !== true) {
      return 'clustered database server is not cluster leader; trying another server'
    }
    const index = Number(first(row, 'index') ?? 0)
    if (index < cluster.index) return 'clustered database server has stale data; trying another server'
    cluster.index = index
    return undefined
  }
}

const first = (row: Row, column: string): Datum['keys'][number] | undefined => row.columns[column]?.keys[0]

/** The schema read last: nearly all servers have the same. */
let lastRead: { text: string; schema: DatabaseSchema } | undefined

const schemaFromText = (text: string): DatabaseSchema | Fault => {
  if (lastRead?.text === text) return lastRead.schema
  const schema = readSchema(text)
  if (!(schema instanceof Fault)) lastRead = { text, schema }
  return schema
}

const readSchema = (text: string): DatabaseSchema | Fault => {
  const parsed = parseJson(text)
  if (!parsed.ok) return new Fault('syntax error', parsed.error)
  return isObject(parsed.value) ? schemaFromJson(parsed.value) : new Fault('syntax error', 'schema is not an object')
}
