import type { Clock, Random } from '../runtime/index.ts'
import { convertDatabase } from './convert.ts'
import { type Commit, Database } from './database.ts'
import { setOf } from './datum.ts'
import { type Checked, Fault } from './fault.ts'
import type { Json } from './json.ts'
import { Locks } from './locks.ts'
import { schemaFromJson, schemaTexts } from './schema.ts'
import { serverSchema } from './schemas/server.ts'
import { ServedDatabase, type Storage } from './served.ts'
import { Session, type SessionHost, type SessionOptions } from './session.ts'
import type { Row, Table } from './table.ts'
import { Transaction } from './transaction.ts'

export type DatabaseOptions = {
  /** Where its commits are kept; without it, in memory alone. */
  storage?: Storage
  /** How many commits `monitor_cond_since` may go back. */
  history?: number
}

/** Databases and those who are connected to them. A machine without sockets: `connect` gives a session for each. */
export class Server implements SessionHost {
  readonly id: string
  readonly clock: Clock
  readonly locks = new Locks<Session>()
  hasConditions = true
  private readonly random: Random
  private readonly served = new Map<string, ServedDatabase>()
  private readonly sessions = new Set<Session>()
  private readonly own: Database
  private readonly watchers = new Set<(served: ServedDatabase, commit: Commit) => void>()

  constructor(clock: Clock, random: Random) {
    this.clock = clock
    this.random = random
    this.own = new Database(serverSchema, random)
    this.id = this.own.newUuid()
    this.serve(new ServedDatabase(this.own, clock, 0))
  }

  /** Serves a database; false if there is one of that name. */
  add(database: Database, { storage, history = 0 }: DatabaseOptions = {}): boolean {
    if (this.served.has(database.schema.name)) return false
    this.serve(new ServedDatabase(database, this.clock, history, storage))
    return true
  }

  /** Serves it no more; who monitors it is told or disconnected. `_Server` stays. */
  remove(name: string): boolean {
    const served = this.served.get(name)
    if (served === undefined || served.database === this.own) return false
    this.served.delete(name)
    this.describe()
    this.withdraw(served, `database ${name} removed`)
    return true
  }

  database(name: string): ServedDatabase | undefined {
    return this.served.get(name)
  }

  databases(): string[] {
    return [...this.served.keys()].sort()
  }

  /** All clients there are, of any remote. */
  get connected(): ReadonlySet<Session> {
    return this.sessions
  }

  connect(options: SessionOptions = {}): Session {
    const session: Session = new Session(this, { ...options }, () => this.sessions.delete(session))
    this.sessions.add(session)
    return session
  }

  /** Gives a database another schema. The session that asked hears of it as all others do, after `answer`. */
  convert(served: ServedDatabase, schemaJson: Json, answer: (fault?: Fault) => void): void {
    const converted = this.converted(served, schemaJson)
    const fault =
      converted instanceof Fault
        ? converted
        : served.storage?.rewrite(converted, `${served.name} database schema conversion`)
    if (converted instanceof Fault || fault !== undefined) {
      answer(fault)
      return
    }
    served.replace(converted)
    this.attend(served)
    for (const session of this.sessions) session.cancelMonitors(served)
    answer()
    this.describe()
    this.withdraw(served, `committed ${served.name} database schema conversion`)
  }

  private converted({ database, name }: ServedDatabase, schemaJson: Json): Checked<Database> {
    const schema = schemaFromJson(schemaJson)
    if (schema instanceof Fault) return schema
    if (schema.name !== name) {
      const details = `new schema name (${schema.name}) does not match database name (${name})`
      return new Fault('invalid parameters', details)
    }
    return database === this.own
      ? new Fault('not allowed', `convert operation not allowed on reserved database ${name}`)
      : convertDatabase(database, schema, this.random)
  }

  private withdraw(served: ServedDatabase, why: string): void {
    served.cancelAll('canceled')
    for (const session of [...this.sessions]) session.databaseChanged(served, why)
  }

  private serve(served: ServedDatabase): void {
    this.served.set(served.name, served)
    this.attend(served)
    this.describe()
  }

  private attend(served: ServedDatabase): void {
    served.database.watch(commit => {
      for (const session of this.sessions) session.note(served, commit)
      for (const watcher of this.watchers) watcher(served, commit)
    })
  }

  /** Calls `watcher` after each commit to any database, also one that is added later. Returns how to stop. */
  watch(watcher: (served: ServedDatabase, commit: Commit) => void): () => void {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }

  /** Says in `_Server` which databases there are. */
  private describe(): void {
    const table = this.own.tables.get('Database') as Table
    const transaction = new Transaction(this.own)
    const rows = new Map<string, Row>()
    for (const row of table.rows.values()) rows.set(String(row.values[indexOf(table, 'name')]?.keys[0]), row)
    for (const [name, row] of rows) if (!this.served.has(name)) transaction.delete(row)
    for (const { name, database } of this.served.values()) {
      const row = rows.get(name) ?? transaction.insert(table, this.own.newUuid(), initialOf(table))
      const values = transaction.modify(row)
      values[indexOf(table, 'name')] = setOf(name)
      values[indexOf(table, 'model')] = setOf('standalone')
      values[indexOf(table, 'connected')] = setOf(true)
      values[indexOf(table, 'leader')] = setOf(true)
      values[indexOf(table, 'schema')] = setOf(schemaTexts(database.schema).sorted)
    }
    transaction.commit()
  }
}

const indexOf = (table: Table, name: string): number => table.column(name)?.index ?? 0
const initialOf = (table: Table) => table.columns.map(({ initial }) => initial)
