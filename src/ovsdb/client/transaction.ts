/**
 * Changes that a client wants to make, gathered over its replica and sent in one go. Until then it alone sees them; the
 * replica changes when the server tells that the database has.
 *
 *     const transaction = client.transaction()
 *     const port = transaction.insert('Port', { name: setOf('p1'), interfaces: setOf(transaction.insert('Interface', …)) })
 *     transaction.verify(bridge, 'ports')
 *     transaction.update(bridge, { ports: setOf(...bridge.columns.ports.keys, port) })
 *     const status = yield* transaction.commitAndWait()
 *
 * Others change the database at the same time. What must still be as it was read is said with `verify`, and if it is
 * not, the status is `try again`: the caller reads anew and makes another transaction. A `mutate` needs no such thing.
 */
import { Signal, type Task } from '../../runtime/index.ts'
import type { ColumnType } from '../column.ts'
import { type Datum, equalDatum } from '../datum.ts'
import { datumToJson, type NameOf } from '../datum-json.ts'
import { subtract, unite } from '../datum-merge.ts'
import { isObject, type Json, type JsonObject } from '../json.ts'
import { printJson } from '../json-text.ts'
import type { Replica } from './replica.ts'
import { type Row, type Rows, textOf } from './row.ts'
import type { Answer } from './rpc.ts'

/** As ovs-vsctl and other clients name how a transaction ended; the first two are before the end. */
export type Status =
  | 'uncommitted'
  | 'incomplete'
  /** There was nothing to do, and nothing was sent. */
  | 'unchanged'
  | 'success'
  /** Something that was to be as it was read is not, or the connection was lost. */
  | 'try again'
  | 'not locked'
  | 'error'

/** What a transaction needs of its client. */
export interface Committer {
  readonly replica: Replica
  readonly database: string
  /** The lock without which nothing may change; undefined if none is asked for. */
  readonly lock: string | undefined
  readonly hasLock: boolean
  newUuid(): string
  /** Whether the server's table has the column. */
  knows(table: string, column: string): boolean
  /** Sends operations; false if there is nobody to send them to. */
  transact(operations: Json[], answered: (answer: Answer) => void): boolean
}

/** A row of the replica or a new one: what was written to it, and what else is to be done with it. */
type Draft = {
  readonly row: Row
  readonly before: Row | undefined
  readonly written: Set<string>
  readonly mutations: Json[]
  readonly verified: Map<string, Datum>
  readonly counted: Map<string, number>
  gone: boolean
}

export class ClientTransaction implements Rows {
  status: Status = 'uncommitted'
  /** The server's words, of an error: a JSON object with `details` and `error`. */
  error: string | undefined
  /** Woken when the status is final. */
  readonly ended = new Signal()
  /** Told of columns of a row that was there before that are written, and of all columns of one that is removed. */
  onWrite: ((table: string, columns: readonly string[]) => void) | undefined
  private readonly client: Committer
  private readonly drafts = new Map<string, Draft>()
  private readonly current = new Map<string, Row>()
  private readonly byTable = new Map<string, Set<string>>()
  private readonly comments: string[] = []
  private readonly given = new Map<string, string>()
  private readonly sums = new Map<string, number>()
  /** By table and column: which rows had a value there, in the order in which they got it. Made when first asked for. */
  private readonly holders = new Map<string, Map<string, Map<string, string[]>>>()
  private onlyTry = false
  private isDurable = false

  constructor(client: Committer) {
    this.client = client
  }

  rows(table: string): Row[] {
    const rows = this.client.replica.rows(table)
    const touched = this.byTable.get(table)
    if (touched === undefined) return rows
    const kept = rows.flatMap(row => (touched.has(row.uuid) ? (this.current.get(row.uuid) ?? []) : row))
    for (const uuid of touched) {
      const draft = this.drafts.get(uuid)
      if (draft?.before === undefined && !draft?.gone) kept.push(this.current.get(uuid) as Row)
    }
    return kept
  }

  row(table: string, uuid: string): Row | undefined {
    return this.byTable.get(table)?.has(uuid) ? this.current.get(uuid) : this.client.replica.row(table, uuid)
  }

  rowWith(table: string, column: string, text: string): Row | undefined {
    const rows = (this.holdersOf(table, column).get(text) ?? []).flatMap(uuid => this.row(table, uuid) ?? [])
    const [found, ...more] = new Set(rows.filter(row => textOf(row, column) === text))
    // Which is the first is for all the rows to say.
    return more.length === 0 ? found : this.rows(table).find(row => textOf(row, column) === text)
  }

  private holdersOf(table: string, column: string): Map<string, string[]> {
    const columns = this.holders.get(table) ?? new Map<string, Map<string, string[]>>()
    this.holders.set(table, columns)
    let holders = columns.get(column)
    if (holders === undefined) {
      holders = new Map()
      columns.set(column, holders)
      for (const row of this.rows(table)) hold(holders, row, column)
    }
    return holders
  }

  /** A UUID for a row that will be inserted later in the transaction. */
  newUuid(): string {
    return this.client.newUuid()
  }

  /** A new row; columns left out get their defaults. Returns a UUID that is its own until `realUuid` knows a better one. */
  insert(table: string, columns: Readonly<Record<string, Datum>> = {}, uuid = this.newUuid()): string {
    const row: Row = { table, uuid, columns: { ...this.client.replica.initialOf(table) } }
    this.begin(row, undefined)
    for (const [column, holders] of this.holders.get(table) ?? []) hold(holders, row, column)
    this.write(row, columns)
    return uuid
  }

  update(row: Row, columns: Readonly<Record<string, Datum>>): void {
    if (this.draftOf(row) === undefined) return
    this.write(row, columns)
    this.onWrite?.(row.table, Object.keys(columns))
  }

  /** Puts elements into a set or map, or takes them out, whatever else is in it on the server: RFC 7047 §5.1. */
  mutate(row: Row, column: string, mutator: 'insert' | 'delete', what: Datum): void {
    const draft = this.draftOf(row)
    const type = this.typeOf(row.table, column)
    if (draft === undefined || type === undefined || what.keys.length === 0) return
    this.onWrite?.(row.table, [column])
    const now = (this.current.get(row.uuid) as Row).columns[column] as Datum
    const after = mutator === 'insert' ? unite(now, what) : subtract(now, what)
    if (draft.before === undefined || draft.written.has(column)) {
      this.write(row, { [column]: after })
      return
    }
    draft.mutations.push([
      column,
      mutator,
      datumToJson(what, mutator === 'delete' ? keysOnly(type, what) : type, this.nameOf),
    ])
    this.put(row.uuid, { [column]: after })
  }

  /** Adds to an integer on the server; `sumOf` tells what came of it. */
  increment(row: Row, column: string, by = 1): void {
    this.draftOf(row)?.counted.set(column, by)
  }

  remove({ table, uuid }: Row): void {
    const before = this.client.replica.row(table, uuid)
    const draft = this.drafts.get(uuid) ?? (before && this.begin(before, before))
    if (draft === undefined) return
    draft.gone = true
    this.onWrite?.(table, Object.keys(this.client.replica.initialOf(table)))
    this.current.delete(uuid)
  }

  /** Asks that these columns still have, on the server, what the replica has now. */
  verify({ table, uuid }: Row, ...columns: string[]): void {
    const before = this.client.replica.row(table, uuid)
    const draft = before && (this.drafts.get(uuid) ?? this.begin(before, before))
    for (const column of columns) {
      const value = before?.columns[column]
      if (value !== undefined) draft?.verified.set(column, value)
    }
  }

  /** A line for the log of the database. */
  comment(text: string): void {
    this.comments.push(text)
  }

  /** The server is to try, and change nothing; what can be done is a success. */
  dryRun(): void {
    this.onlyTry = true
  }

  /** It is to be a success only when it outlasts the server's power. */
  durable(): void {
    this.isDurable = true
  }

  /** After success: the UUID that a row inserted here got. */
  realUuid(uuid: string): string | undefined {
    return this.given.get(uuid)
  }

  /** After success: what `increment` came to. */
  sumOf({ uuid }: Row, column: string): number | undefined {
    return this.sums.get(`${uuid} ${column}`)
  }

  /** Whether there is nothing to change so far. */
  get isEmpty(): boolean {
    for (const draft of this.drafts.values()) if (this.changes(draft)) return false
    return true
  }

  private changes(draft: Draft): boolean {
    const { before, gone, mutations, counted } = draft
    if (gone || before === undefined) return gone !== (before === undefined)
    return mutations.length > 0 || counted.size > 0 || Object.keys(this.valuesOf(draft)).length > 0
  }

  /** Sends it. Where client and server are in one process its status may be final before this returns. */
  commit(done: (status: Status) => void = () => undefined): void {
    if (this.status !== 'uncommitted') return
    const finish = (status: Status): void => {
      this.status = status
      done(status)
      this.ended.wake()
    }
    const { lock, hasLock, database } = this.client
    if (lock !== undefined && !hasLock) {
      finish('not locked')
      return
    }
    const { operations, read } = this.operations()
    if (operations.length === 0) {
      finish('unchanged')
      return
    }
    if (lock !== undefined) operations.unshift({ op: 'assert', lock })
    const shift = lock === undefined ? 0 : 1
    for (const text of this.comments) operations.push({ op: 'comment', comment: text })
    if (this.isDurable) operations.push({ op: 'commit', durable: true })
    if (this.onlyTry) operations.push({ op: 'abort' })
    this.status = 'incomplete'
    const sent = this.client.transact([database, ...operations], answer => {
      const status = this.judge(answer)
      if (status === 'success') {
        const results = answer.kind === 'result' && Array.isArray(answer.result) ? answer.result : []
        for (const [index, take] of read) take(results[index + shift] ?? null)
      }
      finish(status)
    })
    if (!sent) finish('try again')
  }

  /** Sends it and waits for the end. */
  *commitAndWait(): Task<Status> {
    this.commit()
    while (this.status === 'incomplete') yield this.ended.wait
    return this.status
  }

  private judge(answer: Answer): Status {
    if (answer.kind === 'lost') return 'try again'
    if (answer.kind === 'error') {
      if (answer.error === 'canceled') return 'try again'
      this.error = printJson(answer.error)
      return 'error'
    }
    const { result } = answer
    if (!Array.isArray(result)) return this.fail(result)
    let soft = false
    let unlocked = false
    for (const each of result) {
      if (!isObject(each) || each.error === undefined) continue
      if (each.error === 'timed out') soft = true
      else if (each.error === 'not owner') unlocked = true
      // What was only to be tried ends so.
      else if (each.error !== 'aborted') return this.fail(each)
    }
    return unlocked ? 'not locked' : soft ? 'try again' : 'success'
  }

  private fail(json: Json): Status {
    this.error = printJson(json)
    return 'error'
  }

  /** What to ask the server, and at which results something is to be read. */
  private operations(): { operations: JsonObject[]; read: [number, (result: Json) => void][] } {
    const operations: JsonObject[] = []
    const read: [number, (result: Json) => void][] = []
    let changes = 0
    for (const draft of this.drafts.values()) if (draft.verified.size > 0) operations.push(this.wait(draft))
    for (const draft of this.drafts.values()) {
      const { row, before, gone } = draft
      const { table, uuid } = row
      const where: Json = [['_uuid', '==', ['uuid', uuid]]]
      if (gone) {
        if (before === undefined) continue
        operations.push({ op: 'delete', table, where })
        changes++
        continue
      }
      const values = this.valuesOf(draft)
      if (before === undefined) {
        read.push([operations.length, result => this.named(uuid, result)])
        operations.push({
          op: 'insert',
          table,
          row: values,
          'uuid-name': nameFor(uuid),
        })
        changes++
        continue
      }
      if (Object.keys(values).length > 0) {
        operations.push({ op: 'update', table, where, row: values })
        changes++
      }
      if (draft.mutations.length > 0) {
        operations.push({ op: 'mutate', table, where, mutations: draft.mutations })
        changes++
      }
      for (const [column, by] of draft.counted) {
        operations.push({ op: 'mutate', table, where, mutations: [[column, '+=', by]] })
        read.push([operations.length, result => this.summed(uuid, column, result)])
        operations.push({ op: 'select', table, where, columns: [column] })
        changes++
      }
    }
    return changes === 0 ? { operations: [], read: [] } : { operations, read }
  }

  private wait({ row: { table, uuid }, verified }: Draft): JsonObject {
    const columns = [...verified.keys()].filter(column => this.client.knows(table, column))
    const values = [...verified].flatMap(([column, value]) => this.member(table, column, value))
    return {
      op: 'wait',
      timeout: 0,
      table,
      where: [['_uuid', '==', ['uuid', uuid]]],
      columns,
      until: '==',
      rows: [Object.fromEntries(values)],
    }
  }

  /** What is to be written: of a new row what is not as by default, of another what is not as it was. */
  private valuesOf({ row, before, written }: Draft): JsonObject {
    const now = (this.current.get(row.uuid) as Row).columns
    const was = before?.columns ?? this.client.replica.initialOf(row.table)
    const changed = [...written].filter(column => {
      const old = was[column]
      return old === undefined || !equalDatum(old, now[column] as Datum)
    })
    return Object.fromEntries(changed.flatMap(column => this.member(row.table, column, now[column] as Datum)))
  }

  /** A column for a message; nothing for one that the server does not have. */
  private member(table: string, column: string, value: Datum): [string, Json][] {
    const type = this.typeOf(table, column)
    if (type === undefined || !this.client.knows(table, column)) return []
    return [[column, datumToJson(value, type, this.nameOf)]]
  }

  private readonly nameOf: NameOf = uuid => {
    const draft = this.drafts.get(uuid)
    return draft !== undefined && draft.before === undefined && !draft.gone ? nameFor(uuid) : undefined
  }

  private named(uuid: string, result: Json): void {
    const real = isObject(result) && Array.isArray(result.uuid) ? result.uuid[1] : undefined
    if (typeof real === 'string') this.given.set(uuid, real)
  }

  private summed(uuid: string, column: string, result: Json): void {
    const [row] = isObject(result) && Array.isArray(result.rows) ? result.rows : []
    const value = isObject(row) ? row[column] : undefined
    if (typeof value === 'number') this.sums.set(`${uuid} ${column}`, value)
  }

  private typeOf(table: string, column: string): ColumnType | undefined {
    return this.client.replica.columnsOf(table)?.[column]
  }

  /** The draft of a row that there is and that is not deleted here. */
  private draftOf({ table, uuid }: Row): Draft | undefined {
    const draft = this.drafts.get(uuid)
    if (draft !== undefined) return draft.gone ? undefined : draft
    const before = this.client.replica.row(table, uuid)
    return before && this.begin(before, before)
  }

  private begin(row: Row, before: Row | undefined): Draft {
    const draft: Draft = {
      row,
      before,
      written: new Set(),
      mutations: [],
      verified: new Map(),
      counted: new Map(),
      gone: false,
    }
    this.drafts.set(row.uuid, draft)
    this.current.set(row.uuid, row)
    const touched = this.byTable.get(row.table) ?? new Set<string>()
    this.byTable.set(row.table, touched.add(row.uuid))
    return draft
  }

  private write(row: Row, columns: Readonly<Record<string, Datum>>): void {
    const { written } = this.drafts.get(row.uuid) as Draft
    for (const column of Object.keys(columns)) written.add(column)
    this.put(row.uuid, columns)
  }

  private put(uuid: string, columns: Readonly<Record<string, Datum>>): void {
    const row = this.current.get(uuid) as Row
    const now = { ...row, columns: { ...row.columns, ...columns } }
    this.current.set(uuid, now)
    for (const [column, holders] of this.holders.get(row.table) ?? []) if (column in columns) hold(holders, now, column)
  }
}

/** RFC 7047 §5.1 `named-uuid`: an `<id>`. */
const nameFor = (uuid: string): string => `row${uuid.replaceAll('-', '_')}`

/** A map's entries may be deleted by their keys alone. */
const keysOnly = (type: ColumnType, { values }: Datum): ColumnType => {
  if (type.value === undefined || values !== undefined) return type
  return { key: type.key, min: 0, max: Number.POSITIVE_INFINITY }
}

const hold = (holders: Map<string, string[]>, row: Row, column: string): void => {
  const text = textOf(row, column)
  const uuids = holders.get(text)
  if (uuids === undefined) holders.set(text, [row.uuid])
  else uuids.push(row.uuid)
}
