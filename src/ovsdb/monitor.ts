/**
 * Who hears of a commit: `monitor` (RFC 7047 §4.1.5), `monitor_cond` and `monitor_cond_since` (ovsdb-server(7)).
 *
 * A monitor gathers what commits did to its tables until someone takes it. A row that changed twice meanwhile is told of
 * once, one that came and went not at all, so what waits for a slow reader is never more than the database.
 */
import { type Clause, holdsClause } from './condition.ts'
import type { Change, Commit } from './database.ts'
import { type Datum, equalDatum } from './datum.ts'
import { datumToJson } from './datum-json.ts'
import { compareDatums } from './datum-merge.ts'
import type { Json, JsonObject } from './json.ts'
import { type ChangeKind, type MonitoredTable, testedBy } from './monitor-request.ts'
import type { Column, Row, Table } from './table.ts'

/** `update`, `update2` and `update3` are the messages; the last two have the same contents. */
export type MonitorVersion = 1 | 2 | 3

type Values = readonly Datum[] | undefined
type Pending = { row: Row; old: Values; now: Values }

/** What it takes in memory to remember that a row changed, about. */
const pendingWeight = 128

/** Changes of commits, each row with what it was before the first and is after the last. */
export class Gathered {
  readonly rows = new Map<Row, Pending>()

  add({ row, old, now }: Change): void {
    const pending = this.rows.get(row)
    if (pending === undefined) this.rows.set(row, { row, old, now })
    else if (pending.old === undefined && now === undefined) this.rows.delete(row)
    else pending.now = now
  }
}

export class Monitor {
  readonly version: MonitorVersion
  readonly tables: readonly MonitoredTable[]
  private readonly byTable: ReadonlyMap<Table, MonitoredTable>
  private gathered = new Gathered()

  constructor(version: MonitorVersion, tables: readonly MonitoredTable[]) {
    this.version = version
    this.tables = tables
    this.byTable = new Map(tables.map(monitored => [monitored.table, monitored]))
  }

  /** What there is now, for the reply. */
  initial(): JsonObject {
    const updates = new Updates(this.version)
    for (const monitored of this.tables) {
      if (!monitored.select.initial) continue
      for (const row of monitored.table.rows.values()) updates.add(monitored, row, 'initial', undefined, row.values)
    }
    return updates.json
  }

  note({ changes }: Commit): void {
    for (const change of changes) if (this.byTable.has(change.row.table)) this.gathered.add(change)
  }

  /** Bytes of what was gathered, about. */
  get weight(): number {
    return this.gathered.rows.size * pendingWeight
  }

  /** Whether something was gathered, of which it may turn out that nobody wants to hear. */
  get waits(): boolean {
    return this.gathered.rows.size > 0
  }

  /** What changed since it was last taken; undefined if there is nothing to tell. */
  take(): JsonObject | undefined {
    const updates = new Updates(this.version)
    for (const { row, old, now } of this.gathered.rows.values()) {
      const monitored = this.byTable.get(row.table) as MonitoredTable
      updates.change(monitored, row, shown(monitored, old), shown(monitored, now))
    }
    this.gathered = new Gathered()
    return updates.isEmpty ? undefined : updates.json
  }

  /** Sets conditions; what comes into sight with them, and goes. What was gathered before is to be taken first. */
  setConditions(changes: ReadonlyMap<MonitoredTable, readonly Clause[]>): JsonObject | undefined {
    const updates = new Updates(this.version)
    for (const [monitored, where] of changes) {
      const before = monitored.where
      monitored.where = where
      for (const index of testedBy(where)) monitored.tested.add(index)
      for (const row of monitored.table.rows.values()) {
        updates.change(monitored, row, isShown(before, row.values), isShown(where, row.values))
      }
    }
    return updates.isEmpty ? undefined : updates.json
  }

  /** What changed by these commits, as `monitor_cond_since` tells it; whoever asks has none of what was gathered. */
  since(commits: readonly Commit[]): JsonObject {
    for (const commit of commits) this.note(commit)
    return this.take() ?? {}
  }
}

const shown = ({ where }: MonitoredTable, values: Values): Values => isShown(where, values)

/** The values, if the row counts. */
const isShown = (where: readonly Clause[], values: Values): Values =>
  values !== undefined && (where.length === 0 || where.some(clause => holdsClause(clause, values))) ? values : undefined

/** The `<table-updates>` of a message. */
class Updates {
  readonly json: JsonObject = {}
  private readonly version: MonitorVersion

  constructor(version: MonitorVersion) {
    this.version = version
  }

  get isEmpty(): boolean {
    return Object.keys(this.json).length === 0
  }

  change(monitored: MonitoredTable, row: Row, old: Values, now: Values): void {
    if (old === undefined && now === undefined) return
    this.add(monitored, row, old === undefined ? 'insert' : now === undefined ? 'delete' : 'modify', old, now)
  }

  add(monitored: MonitoredTable, row: Row, kind: ChangeKind, old: Values, now: Values): void {
    const { columns, select, table, tested, where } = monitored
    if (!select[kind] || (kind === 'initial' && isShown(where, now) === undefined)) return
    const differsIn = (index: number): boolean => differs(index, old, now)
    if (kind === 'modify' && !columns.some(({ column }) => differsIn(column.index)) && ![...tested].some(differsIn))
      return
    const chosen = columns.filter(column => column.select[kind]).map(({ column }) => column)
    const update = this.version === 1 ? rowUpdate(chosen, kind, old, now) : rowUpdate2(chosen, kind, old, now)
    const updates = (this.json[table.name] ?? {}) as JsonObject
    this.json[table.name] = updates
    updates[row.uuid] = update
  }
}

const differs = (index: number, old: Values, now: Values): boolean =>
  old !== undefined && now !== undefined && !equalDatum(old[index] as Datum, now[index] as Datum)

const rowOf = (columns: readonly Column[], values: readonly Datum[]): JsonObject => {
  const json: JsonObject = {}
  for (const { name, index, type } of columns) json[name] = datumToJson(values[index] as Datum, type)
  return json
}

/** `old` has what changed, of a row that is gone all; `new` has all. */
const rowUpdate = (columns: readonly Column[], kind: ChangeKind, old: Values, now: Values): JsonObject => ({
  ...(now !== undefined && { new: rowOf(columns, now) }),
  ...(old !== undefined && {
    old: rowOf(kind === 'modify' ? columns.filter(({ index }) => differs(index, old, now)) : columns, old),
  }),
})

/** A new row is told of by what is not as it would be by default, a changed one by the difference. */
const rowUpdate2 = (columns: readonly Column[], kind: ChangeKind, old: Values, now: Values): JsonObject => {
  if (now === undefined) return { delete: null }
  if (kind !== 'modify' || old === undefined) {
    const told = columns.filter(({ index, initial }) => !equalDatum(now[index] as Datum, initial))
    return { [kind]: rowOf(told, now) }
  }
  const json: JsonObject = {}
  for (const column of columns) {
    const { name, index } = column
    if (differs(index, old, now)) json[name] = differenceOf(column, old[index] as Datum, now[index] as Datum)
  }
  return { modify: json }
}

/** A single value in full; of a set the elements that came or went; of a map the entries that came, went or differ. */
export const differenceOf = ({ type }: Column, old: Datum, now: Datum): Json => {
  if (type.max === 1) return datumToJson(now, type)
  const keys: Datum['keys'][number][] = []
  const values: Datum['keys'][number][] = []
  const put = (key: Datum['keys'][number], value: Datum['keys'][number] | undefined): void => {
    // A map's entry that differs comes as it is now, after what it was.
    if (keys.at(-1) === key) {
      keys.pop()
      values.pop()
    }
    keys.push(key)
    if (value !== undefined) values.push(value)
  }
  compareDatums(old, now, put, put)
  return datumToJson(type.value === undefined ? { keys } : { keys, values }, type)
}
