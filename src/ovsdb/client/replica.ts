/**
 * The tables someone asked for, as a server tells of them: `<table-updates>` (RFC 7047 §4.1.6) and `<table-updates2>`
 * (ovsdb-server(7)) put into rows.
 */
import type { ColumnType } from '../column.ts'
import { type Datum, defaultDatum, equalDatum } from '../datum.ts'
import { datumFromJson } from '../datum-json.ts'
import { applyDifference } from '../datum-merge.ts'
import { type Checked, Fault, syntaxFault } from '../fault.ts'
import { isObject, type Json, type JsonObject } from '../json.ts'
import { type Row, type RowChange, type Rows, textOf } from './row.ts'

/** The columns of a table that are wanted, with the type that the client expects. */
export type Columns = Readonly<Record<string, ColumnType>>

/** Changes by UUID, the first `old` and the last `now` of each row. */
export type Changes = ReadonlyMap<string, RowChange>

type Columned = { readonly columns: Columns; readonly initial: Readonly<Record<string, Datum>>; rows: Map<string, Row> }
type Values = Record<string, Datum>

export class Replica implements Rows {
  private readonly tables = new Map<string, Columned>()

  constructor(tables: Readonly<Record<string, Columns>>) {
    for (const [name, columns] of Object.entries(tables)) {
      this.tables.set(name, { columns, initial: initialOf(columns), rows: new Map() })
    }
  }

  get tableNames(): string[] {
    return [...this.tables.keys()]
  }

  rows(table: string): Row[] {
    return [...(this.tables.get(table)?.rows.values() ?? [])]
  }

  row(table: string, uuid: string): Row | undefined {
    return this.tables.get(table)?.rows.get(uuid)
  }

  rowWith(table: string, column: string, text: string): Row | undefined {
    for (const row of this.tables.get(table)?.rows.values() ?? []) if (textOf(row, column) === text) return row
    return undefined
  }

  /** The columns of a table that there are here; undefined for a table that nobody wanted. */
  columnsOf(table: string): Columns | undefined {
    return this.tables.get(table)?.columns
  }

  /** What a row has where nothing was said. */
  initialOf(table: string): Readonly<Record<string, Datum>> {
    return this.tables.get(table)?.initial ?? {}
  }

  /**
   * Takes in what a server tells; `version` 1 is the form of RFC 7047, 2 that of `monitor_cond`. What cannot be understood
   * changes nothing. With `anew` what it does not tell of is gone.
   */
  apply(json: Json, version: 1 | 2, anew = false): Checked<Changes> {
    if (!isObject(json)) return syntaxFault('<table-updates> is not an object', json)
    const changes = new Map<string, RowChange>()
    const steps: { table: Columned; uuid: string; now: Row | undefined }[] = []
    for (const [name, rows] of Object.entries(json)) {
      const table = this.tables.get(name)
      if (table === undefined) continue
      if (!isObject(rows)) return syntaxFault(`<table-update> for table "${name}" is not an object`, rows)
      for (const [uuid, update] of Object.entries(rows)) {
        if (!isObject(update)) return syntaxFault(`<row-update> for row ${uuid} is not an object`, update)
        const old = table.rows.get(uuid)
        const values =
          version === 1 ? fromUpdate(table, old, update) : fromUpdate2(table, anew ? undefined : old, update)
        if (values instanceof Fault) return values
        const now = values && sameRow(old, values, name, uuid)
        if (now === old) continue
        steps.push({ table, uuid, now })
        changes.set(uuid, { old, now })
      }
    }
    if (anew) this.dropUntold(json, steps, changes)
    for (const { table, uuid, now } of steps) {
      if (now === undefined) table.rows.delete(uuid)
      else table.rows.set(uuid, now)
    }
    return changes
  }

  private dropUntold(
    json: JsonObject,
    steps: { table: Columned; uuid: string; now: undefined | Row }[],
    changes: Map<string, RowChange>,
  ): void {
    for (const [name, table] of this.tables) {
      const told = json[name]
      for (const [uuid, old] of table.rows) {
        if (isObject(told) && Object.hasOwn(told, uuid)) continue
        steps.push({ table, uuid, now: undefined })
        changes.set(uuid, { old, now: undefined })
      }
    }
  }
}

const initials = new WeakMap<Columns, Values>()

/** Made once for each set of columns: a lab has many clients of one schema. */
const initialOf = (columns: Columns): Readonly<Values> => {
  const known = initials.get(columns)
  if (known !== undefined) return known
  const initial = Object.fromEntries(Object.entries(columns).map(([column, type]) => [column, defaultDatum(type)]))
  initials.set(columns, initial)
  return initial
}

/** The row itself if it has these values already. */
const sameRow = (old: Row | undefined, values: Values, table: string, uuid: string): Row => {
  if (old !== undefined) {
    const differs = Object.entries(values).some(([name, value]) => !equalDatum(old.columns[name] as Datum, value))
    if (!differs) return old
  }
  return { table, uuid, columns: values }
}

/** The values of a row after an update; undefined if it is gone. `new` has all of it. */
const fromUpdate = (table: Columned, old: Row | undefined, update: JsonObject): Checked<Values> | undefined => {
  if (update.new === undefined) return undefined
  return withColumns(table, { ...table.initial, ...old?.columns }, update.new, replaced)
}

const fromUpdate2 = (table: Columned, old: Row | undefined, update: JsonObject): Checked<Values> | undefined => {
  if (update.delete !== undefined) return undefined
  const all = update.initial ?? update.insert
  if (all !== undefined) return withColumns(table, { ...table.initial }, all, replaced)
  if (update.modify === undefined)
    return syntaxFault('<row-update2> is none of initial, insert, modify, delete', update)
  if (old === undefined) return new Fault('ovsdb error', 'a row that is not there was modified')
  return withColumns(table, { ...old.columns }, update.modify, differing)
}

const replaced = (_before: Datum, told: Datum): Datum => told
/** A single value is told in full. */
const differing = (before: Datum, told: Datum, { max }: ColumnType): Datum =>
  max === 1 ? told : applyDifference(before, told)

const withColumns = (
  { columns }: Columned,
  values: Values,
  json: Json,
  put: (before: Datum, told: Datum, type: ColumnType) => Datum,
): Checked<Values> => {
  if (!isObject(json)) return syntaxFault('<row> is not an object', json)
  for (const [name, valueJson] of Object.entries(json)) {
    const type = Object.hasOwn(columns, name) ? columns[name] : undefined
    if (type === undefined) continue
    // A difference may have more elements, or fewer, than the column.
    const told = datumFromJson(valueJson, { ...type, min: 0, max: Number.POSITIVE_INFINITY }, { loose: true })
    if (told instanceof Fault) return told
    values[name] = put(values[name] as Datum, told, type)
  }
  return values
}
