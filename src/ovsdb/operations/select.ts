import { conditionFromJson, rowsWhere } from '../condition.ts'
import { compareDatum, type Datum } from '../datum.ts'
import { datumToJson } from '../datum-json.ts'
import { Fault } from '../fault.ts'
import type { Json, JsonObject } from '../json.ts'
import type { Column } from '../table.ts'
import { columnsOf, named, type Operation, tableOf } from './call.ts'
import { keyOfColumns } from './row.ts'

/**
 * RFC 7047 §5.2.2. Rows that look alike in the columns asked for are one. `sort`, an extension of Open vSwitch, names
 * columns by which the rows come in order.
 */
export const select: Operation = call => {
  const { members } = call
  const table = tableOf(call)
  const where = members.required('where', 'array') as Json[]
  const columnsJson = members.optional('columns', 'array')
  const sortJson = members.optional('sort', 'array')
  if (members.failed !== undefined || table === undefined) return members.failed as Fault
  const condition = conditionFromJson(where, table, named(call))
  if (condition instanceof Fault) return condition
  const columns = columnsOf(columnsJson, table)
  if (columns instanceof Fault) return columns
  const sort = sortJson === undefined ? [] : columnsOf(sortJson, table)
  if (sort instanceof Fault) return sort
  if (call.selected.count > enough) return new Fault('resources exhausted', 'too much is selected in one transaction')
  const rows = rowsWhere(table, condition)
  if (sort.length > 0) rows.sort((a, b) => compareRows(sort, a.values, b.values))
  const seen = new Set<string>()
  const isFresh = (values: readonly Datum[]): boolean => seen.size !== seen.add(keyOfColumns(columns, values)).size
  const distinct = columnsJson === undefined ? rows : rows.filter(({ values }) => isFresh(values))
  for (const { values } of distinct) for (const { index } of columns) call.selected.count += 1 + sizeOf(values[index])
  return { rows: distinct.map(({ values }) => rowToJson(columns, values)) }
}

/** Values after which a transaction selects no more: it may ask for all there is, but not again and again. */
const enough = 5e6

const sizeOf = (datum: Datum | undefined): number => datum?.keys.length ?? 0

const compareRows = (columns: readonly Column[], a: readonly Datum[], b: readonly Datum[]): number => {
  for (const { index } of columns) {
    const order = compareDatum(a[index] as Datum, b[index] as Datum)
    if (order !== 0) return order
  }
  return 0
}

const rowToJson = (columns: readonly Column[], values: readonly Datum[]): JsonObject => {
  const json: JsonObject = {}
  for (const { name, index, type } of columns) json[name] = datumToJson(values[index] as Datum, type)
  return json
}
