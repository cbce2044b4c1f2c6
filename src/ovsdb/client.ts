/**
 * A client of a database: a replica of the tables that someone wants, and transactions on it.
 *
 *     const client = new Client({ clock, random, dial, remotes: ['unix:/run/openvswitch/db.sock'], schema, tables })
 *     client.watch(changes => …)              // after each commit, and after the first look at the database
 *     client.rows('Bridge')                   // the replica
 *     const transaction = client.transaction()
 *
 * It has no socket: `dial` gives it streams of bytes. It calls one of the remotes, and the next when that one does not
 * answer, is not the leader of its cluster, or lags behind what was seen before. While nobody can be reached the replica
 * stays as it was; then it goes on from there if the server remembers where that was (`monitor_cond_since`), or takes what
 * the server has and tells only of what differs. Columns that the server does not know have their default in the replica
 * and are left out of transactions. Servers that know neither `monitor_cond_since` nor `monitor_cond` get `monitor`.
 *
 * | file | what it does |
 * |---|---|
 * | `client/connection.ts` | calls servers, waits between attempts |
 * | `client/rpc.ts` | one connection: requests, answers, notifications, probes |
 * | `client/server-watch.ts` | whether the server will do |
 * | `client/monitoring.ts` | what is asked of it, in the newest form that it knows |
 * | `client/replica.ts` | rows, and how updates change them |
 * | `client/transaction.ts` | changes over the replica, what is sent, what came of it |
 *
 * In one process with its server (`Service` of `serve.ts` and `duplexPair`) all that follows from a call is done when the
 * call returns, unless it is made from within `watch` or an answer: then it is done when that returns.
 */
import { type Cancel, type Clock, type Log, type Random, Signal, second, silent } from '../runtime/index.ts'
import { Connection, type ConnectionState, type Dial } from './client/connection.ts'
import { Monitoring } from './client/monitoring.ts'
import { type Changes, type Columns, Replica } from './client/replica.ts'
import type { Row, Rows } from './client/row.ts'
import type { Rpc } from './client/rpc.ts'
import { ServerWatch } from './client/server-watch.ts'
import { ClientTransaction, type Committer } from './client/transaction.ts'
import { isObject, type Json } from './json.ts'
import type { DatabaseSchema } from './schema.ts'
import { randomUuid } from './uuid.ts'

export type ClientOptions = {
  clock: Clock
  random: Random
  dial: Dial
  remotes: readonly string[]
  /** The database as the client knows it; the server's may have fewer columns, and more. */
  schema: DatabaseSchema
  /** The tables that are wanted, each with names of columns or `all`; without it, all of all. */
  tables?: Readonly<Record<string, readonly string[] | 'all'>>
  /** What rows are wanted of a table: a condition of RFC 7047 §5.1. Servers that know `monitor` alone tell of all. */
  where?: Readonly<Record<string, readonly Json[]>>
  /** A lock to ask for; without it the client may change nothing. */
  lock?: string
  /** The server is known to be the right one, with this very schema: it is not asked what it has. */
  isKnownServer?: boolean
  /** Whether of a cluster only the leader will do; true unless said otherwise. */
  leaderOnly?: boolean
  /** Whether to call the remotes in an order of chance; true unless said otherwise. */
  shuffle?: boolean
  /** ns without a word after which the server is asked for one, 0 for never; 5 s but for `unix:` without it. */
  probeInterval?: number
  /** ns; 8 s without it. */
  maxBackoff?: number
  log?: Log
}

export class Client implements Rows, Committer {
  readonly replica: Replica
  readonly lock: string | undefined
  /** Whether the lock is this client's now. */
  hasLock = false
  /** Whether somebody else has the lock. */
  isContended = false
  /** Whether the replica has ever had all that is wanted. */
  isSynced = false
  /** Woken when anything is other than it was: the replica, the connection, the lock. */
  readonly changed = new Signal()
  private readonly options: ClientOptions
  private readonly connection: Connection
  private readonly watchers = new Set<(changes: Changes) => void>()
  private readonly cluster = { index: 0 }
  private rpc: Rpc | undefined
  private monitoring: Monitoring | undefined
  /** The state that the replica has, if the server gave it a name. */
  private lastState: string | undefined
  private serverSchema: DatabaseSchema | undefined

  /** `start` begins. */
  constructor(options: ClientOptions) {
    this.options = options
    this.lock = options.lock
    this.replica = new Replica(wantedColumns(options))
    const { clock, random, dial, remotes, log = silent, shuffle = true, maxBackoff = 8 * second } = options
    this.connection = new Connection(
      { clock, random, log, dial, remotes, shuffle, probeInterval: options.probeInterval, maxBackoff },
      { connected: rpc => this.connected(rpc), lost: () => this.lost() },
    )
  }

  start(): void {
    this.connection.start()
  }

  close(): void {
    this.connection.close()
    this.lost()
  }

  get state(): ConnectionState {
    return this.connection.state
  }

  /** Why the last connection, or the attempt to get one, ended. */
  get lastError(): string | undefined {
    return this.connection.lastError
  }

  /** The server that is called, or was called last. */
  get remote(): string {
    return this.connection.remote
  }

  /** Whether the replica follows the server now. */
  get isFollowing(): boolean {
    return this.monitoring?.follows === true
  }

  /** What the server knows: undefined until it said so. */
  get knownSchema(): DatabaseSchema | undefined {
    return this.serverSchema
  }

  setRemotes(remotes: readonly string[]): void {
    this.connection.setRemotes(remotes)
  }

  /** Leaves the server for another, or calls it again. */
  reconnect(why = 'reconnecting'): void {
    this.connection.retry(why)
  }

  rows(table: string): Row[] {
    return this.replica.rows(table)
  }

  row(table: string, uuid: string): Row | undefined {
    return this.replica.row(table, uuid)
  }

  rowWith(table: string, column: string, text: string): Row | undefined {
    return this.replica.rowWith(table, column, text)
  }

  /** Calls `watcher` when rows have changed: with all of one commit, or more than one, never with a part. */
  watch(watcher: (changes: Changes) => void): Cancel {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }

  transaction(): ClientTransaction {
    return new ClientTransaction(this)
  }

  get database(): string {
    return this.options.schema.name
  }

  newUuid(): string {
    return randomUuid(this.options.random)
  }

  knows(table: string, column: string): boolean {
    const tables = (this.serverSchema ?? this.options.schema).tables
    const columns = Object.hasOwn(tables, table) ? tables[table]?.columns : undefined
    return columns !== undefined && Object.hasOwn(columns, column)
  }

  transact(operations: Json[], answered: Parameters<Rpc['request']>[2]): boolean {
    if (this.rpc === undefined || !this.isFollowing) return false
    this.rpc.request('transact', operations, answered)
    return true
  }

  private connected(rpc: Rpc): (method: string, params: readonly Json[]) => void {
    const { leaderOnly = true } = this.options
    this.rpc = rpc
    if (this.options.isKnownServer === true) return this.connectedToKnown(rpc)
    const suitable = { database: this.database, leaderOnly, cluster: this.cluster }
    const watch = new ServerWatch(rpc, suitable, {
      suits: schema => {
        this.connection.suited()
        this.follow(rpc, schema)
      },
      fails: why => {
        this.options.log?.('ovsdb_cs', 'info', `${this.remote}: ${why}`)
        rpc.end(why)
      },
    })
    this.askForLock(rpc)
    watch.start()
    this.changed.wake()
    return (method, params) => {
      if (!watch.notified(method, params) && this.monitoring?.notified(method, params) !== true) {
        this.hearOfLock(method, params)
      }
    }
  }

  private connectedToKnown(rpc: Rpc): (method: string, params: readonly Json[]) => void {
    this.connection.suited()
    this.askForLock(rpc)
    this.follow(rpc, this.options.schema)
    return (method, params) => {
      if (this.monitoring?.notified(method, params) !== true) this.hearOfLock(method, params)
    }
  }

  private follow(rpc: Rpc, schema: DatabaseSchema): void {
    this.serverSchema = schema
    this.monitoring?.cancel()
    this.monitoring = new Monitoring(rpc, this.replica, {
      database: this.database,
      knows: (table, column) => this.knows(table, column),
      where: this.options.where ?? {},
      since: this.lastState,
      told: (changes, state) => this.took(changes, state),
      failed: why => {
        // What is known may be wrong: next time all is asked for.
        this.lastState = undefined
        this.options.log?.('ovsdb_cs', 'warn', `${this.remote}: ${why}`)
        rpc.end(why)
      },
    })
    this.monitoring.start()
  }

  private took(changes: Changes, state: string | undefined): void {
    this.lastState = state
    const first = !this.isSynced
    this.isSynced = true
    if (changes.size > 0 || first) for (const watcher of [...this.watchers]) watcher(changes)
    this.changed.wake()
  }

  private lost(): void {
    this.rpc = undefined
    this.monitoring?.cancel()
    this.monitoring = undefined
    this.hasLock = false
    this.isContended = false
    this.changed.wake()
  }

  private askForLock(rpc: Rpc): void {
    const { lock } = this
    if (lock === undefined) return
    rpc.request('lock', [lock], answer => {
      if (answer.kind !== 'result' || !isObject(answer.result)) return
      this.setLock(answer.result.locked === true)
    })
  }

  private hearOfLock(method: string, [name]: readonly Json[]): void {
    if (name !== this.lock || name === undefined) return
    if (method === 'locked') this.setLock(true)
    else if (method === 'stolen') this.setLock(false)
  }

  private setLock(mine: boolean): void {
    this.hasLock = mine
    this.isContended = !mine
    this.changed.wake()
  }
}

const wantedColumns = ({ schema, tables }: ClientOptions): Record<string, Columns> => {
  const wanted = Object.entries(tables ?? Object.fromEntries(Object.keys(schema.tables).map(name => [name, 'all'])))
  return Object.fromEntries(
    wanted.map(([name, columns]) => {
      const all = schema.tables[name]?.columns ?? {}
      return [name, columns === 'all' ? all : pick(all, columns as readonly string[])]
    }),
  )
}

const pick = (all: Columns, names: readonly string[]): Columns =>
  Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)))
