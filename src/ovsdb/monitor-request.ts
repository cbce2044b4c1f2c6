/** The `<monitor-requests>` of RFC 7047 §4.1.5 and of ovsdb-server(7): which columns of which rows someone hears of. */
import { type Clause, conditionFromJson } from './condition.ts'
import type { Database } from './database.ts'
import { type Checked, Fault, syntaxFault } from './fault.ts'
import { isObject, type Json, type JsonObject } from './json.ts'
import { Members } from './members.ts'
import { type Column, type Table, uuidColumn } from './table.ts'

/** Of which kinds of change someone hears. */
export type Select = { initial: boolean; insert: boolean; delete: boolean; modify: boolean }
export type ChangeKind = keyof Select

export type MonitoredColumn = { column: Column; select: Select }

export type MonitoredTable = {
  table: Table
  columns: readonly MonitoredColumn[]
  /** What any of the requests for the table asks for. */
  select: Select
  /** A row counts if one of these holds, or there is none. */
  where: readonly Clause[]
  /** Indexes of the columns that conditions are, or were, about: a row is told of also if only one of these changed. */
  tested: Set<number>
}

export const testedBy = (where: readonly Clause[]): number[] =>
  where.flatMap(clause => (typeof clause === 'boolean' ? [] : [clause.column.index]))

const kinds: readonly ChangeKind[] = ['initial', 'insert', 'delete', 'modify']

/** `conditional`: each request may have a `where`. */
export const monitorRequests = (json: Json, database: Database, conditional: boolean): Checked<MonitoredTable[]> => {
  if (!isObject(json)) return syntaxFault('monitor-requests must be object', json)
  const tables: MonitoredTable[] = []
  for (const [name, request] of Object.entries(json)) {
    const table = database.tables.get(name)
    if (table === undefined) return new Fault('syntax error', `no table named ${name}`)
    const monitored = monitoredTable(Array.isArray(request) ? request : [request], table, conditional)
    if (monitored instanceof Fault) return monitored
    tables.push(monitored)
  }
  return tables
}

const monitoredTable = (requests: readonly Json[], table: Table, conditional: boolean): Checked<MonitoredTable> => {
  const columns = new Map<Column, Select>()
  const any: Select = { initial: false, insert: false, delete: false, modify: false }
  let where: readonly Clause[] | undefined
  for (const json of requests) {
    const members = new Members(json, `table ${table.name}`)
    const columnsJson = members.optional('columns', 'array') as Json[] | undefined
    const whereJson = conditional ? (members.optional('where', 'array') as Json[] | undefined) : undefined
    const selectJson = members.optional('select', 'object') as JsonObject | undefined
    const fault = members.finish()
    if (fault !== undefined) return fault
    const select = selectFromJson(selectJson, table)
    if (select instanceof Fault) return select
    for (const kind of kinds) any[kind] ||= select[kind]
    const wrong = addColumns(columns, columnsJson, select, table)
    if (wrong !== undefined) return wrong
    const condition = conditionFromJson(whereJson ?? [], table)
    if (condition instanceof Fault) return condition
    // The condition of a table's first request is that of the table.
    where ??= condition
  }
  const list = [...columns].map(([column, select]) => ({ column, select }))
  return { table, columns: list, select: any, where: where ?? [], tested: new Set(testedBy(where ?? [])) }
}

const selectFromJson = (json: JsonObject | undefined, { name }: Table): Checked<Select> => {
  const select: Select = { initial: true, insert: true, delete: true, modify: true }
  if (json === undefined) return select
  const members = new Members(json, `table ${name} select`)
  for (const kind of kinds) if (members.optional(kind, 'boolean') === false) select[kind] = false
  return members.finish() ?? select
}

const addColumns = (
  columns: Map<Column, Select>,
  json: readonly Json[] | undefined,
  select: Select,
  table: Table,
): Fault | undefined => {
  const names = json ?? table.columns.filter(({ index }) => index !== uuidColumn).map(({ name }) => name)
  for (const name of names) {
    if (typeof name !== 'string') return syntaxFault('array of column names expected', json as Json[])
    const column = table.column(name)
    if (column === undefined) return syntaxFault(`${name} is not a valid column name`, json as Json[])
    if (columns.has(column)) return syntaxFault(`column ${name} mentioned more than once`, json as Json[])
    columns.set(column, select)
  }
  return undefined
}

/** `monitor_cond_change`: new conditions by table. */
export const conditionChanges = (
  json: Json,
  monitored: readonly MonitoredTable[],
): Checked<Map<MonitoredTable, readonly Clause[]>> => {
  if (!isObject(json)) return new Fault('syntax error', 'monitor-cond-change-requests must be object')
  const changes = new Map<MonitoredTable, readonly Clause[]>()
  for (const [name, requests] of Object.entries(json)) {
    const table = monitored.find(each => each.table.name === name)
    if (table === undefined) return new Fault('syntax error', `no table named ${name} in monitor session`)
    if (!Array.isArray(requests)) return new Fault('syntax error', `table ${name} no monitor-cond-change JSON array`)
    for (const request of requests) {
      const members = new Members(request, `table ${name}`)
      const columns = members.optional('columns', 'array')
      const where = members.optional('where', 'array') as Json[] | undefined
      const fault = members.finish()
      if (fault !== undefined) return fault
      if (columns !== undefined) return syntaxFault('changing columns is unsupported', request)
      const condition = conditionFromJson(where ?? [], table.table)
      if (condition instanceof Fault) return condition
      changes.set(table, condition)
    }
  }
  return changes
}
