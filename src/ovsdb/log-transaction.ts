/** What a commit did as a record of the log, and a record carried out: ovsdb(5), "Transaction Records". */
import { isUuid } from './atom.ts'
import type { Change, Commit, Database } from './database.ts'
import { type Datum, equalDatum } from './datum.ts'
import { datumFromJson, datumToJson } from './datum-json.ts'
import { applyDifference } from './datum-merge.ts'
import { type Checked, Fault, syntaxFault } from './fault.ts'
import { isObject, type Json, type JsonObject } from './json.ts'
import { printJson } from './json-text.ts'
import { differenceOf } from './monitor.ts'
import type { Column, Row, Table } from './table.ts'
import { Transaction } from './transaction.ts'

/**
 * As JSON text, put together piece by piece: an object whose members are UUIDs costs more than all else a record does.
 * `date` in milliseconds since 1970. Undefined if nothing changed that is kept on disk.
 */
export const recordOfCommit = (
  { changes }: Commit,
  date: number,
  comment: string | undefined,
  mayDiffer = true,
): string | undefined => {
  const asDifferences = mayDiffer && changes.every(differencesFit)
  const tables = new Map<string, string>()
  for (const change of changes) {
    const row = rowOfChange(change, asDifferences)
    if (row === undefined) continue
    const { table, uuid } = change.row
    const rows = tables.get(table.name)
    tables.set(table.name, `${rows === undefined ? '' : `${rows},`}"${uuid}":${row}`)
  }
  return tables.size > 0 ? framed(tables, date, comment, asDifferences) : undefined
}

/** All rows that there are, as one record. */
export const recordOfDatabase = (
  database: Database,
  date: number,
  comment: string | undefined,
  asDifferences = true,
): string => {
  const tables = new Map<string, string>()
  for (const table of database.tables.values()) {
    if (table.rows.size === 0) continue
    const rows: string[] = []
    for (const row of table.rows.values()) rows.push(`"${row.uuid}":${newRow(table, row.values)}`)
    tables.set(table.name, rows.join(','))
  }
  return framed(tables, date, comment, asDifferences && tables.size > 0)
}

/** `tables` have the members of each. */
const framed = (
  tables: ReadonlyMap<string, string>,
  date: number,
  comment: string | undefined,
  asDifferences: boolean,
): string => {
  let text = `{"_date":${printJson(date)}`
  for (const [name, rows] of tables) text += `,"${name}":{${rows}}`
  if (comment !== undefined) text += `,"_comment":${printJson(comment)}`
  return `${text}${asDifferences ? ',"_is_diff":true' : ''}}`
}

const isKept = ({ index, type }: Column): boolean => index > 1 && type.ephemeral !== true

/**
 * Whether Open vSwitch reads differences of these values as they are meant: it refuses one of more elements than the
 * column may have, and takes one from a default that is not empty for the value itself.
 */
const differencesFit = ({ row, old, now, columns }: Change): boolean =>
  old === undefined ||
  now === undefined ||
  columns.every(index => {
    const { type, initial } = row.table.columns[index] as Column
    if (type.max === 1 || (type.max === Number.POSITIVE_INFINITY && initial.keys.length === 0)) return true
    const before = old[index] as Datum
    const most = before.keys.length + (now[index]?.keys.length ?? 0)
    return most <= type.max && (initial.keys.length === 0 || !equalDatum(before, initial))
  })

const rowOfChange = ({ row, old, now, columns }: Change, asDifferences: boolean): string | undefined => {
  if (now === undefined) return 'null'
  if (old === undefined) return newRow(row.table, now)
  let members = ''
  for (const index of columns) {
    const column = row.table.columns[index] as Column
    if (!isKept(column)) continue
    const after = now[index] as Datum
    const json = asDifferences ? differenceOf(column, old[index] as Datum, after) : datumToJson(after, column.type)
    members += memberOf(members, column, json)
  }
  return members === '' ? undefined : `{${members}}`
}

const newRow = ({ columns }: Table, values: readonly Datum[]): string => {
  let members = ''
  for (const column of columns) {
    const value = values[column.index] as Datum
    if (value === column.initial || !isKept(column) || equalDatum(value, column.initial)) continue
    members += memberOf(members, column, datumToJson(value, column.type))
  }
  return `{${members}}`
}

const memberOf = (before: string, { name }: Column, value: Json): string =>
  `${before === '' ? '' : ','}"${name}":${printJson(value)}`

/** Carries out a record, whole or not at all. */
export const replay = (database: Database, record: JsonObject): Fault | undefined => {
  const transaction = new Transaction(database)
  const asDifferences = record._is_diff === true
  for (const [name, rows] of Object.entries(record)) {
    if (name === '_date' || name === '_comment' || name === '_is_diff') continue
    const table = database.tables.get(name)
    const fault =
      table === undefined
        ? syntaxFault(`No table named ${name}.`, record, 'unknown table')
        : replayTable(transaction, table, rows, asDifferences)
    if (fault !== undefined) {
      transaction.abort()
      return fault
    }
  }
  const commit = transaction.commit()
  return commit instanceof Fault ? commit : undefined
}

const replayTable = (transaction: Transaction, table: Table, rows: Json, asDifferences: boolean): Fault | undefined => {
  if (!isObject(rows)) return syntaxFault('object expected', rows)
  for (const [uuid, json] of Object.entries(rows)) {
    if (!isUuid(uuid)) return syntaxFault(`"${uuid}" is not a valid UUID`, rows)
    const fault = replayRow(transaction, table, uuid.toLowerCase(), json, asDifferences)
    if (fault !== undefined) return fault
  }
  return undefined
}

const replayRow = (
  transaction: Transaction,
  table: Table,
  uuid: string,
  json: Json,
  asDifferences: boolean,
): Fault | undefined => {
  const row = table.rows.get(uuid)
  if (json === null) {
    if (row === undefined) {
      return new Fault('syntax error', `transaction deletes row ${uuid} that does not exist`)
    }
    transaction.delete(row)
    return undefined
  }
  if (!isObject(json)) return syntaxFault('row must be JSON object', json)
  const values = row === undefined ? table.columns.map(({ initial }) => initial) : transaction.modify(row)
  for (const [name, value] of Object.entries(json)) {
    const column = table.column(name)
    if (column === undefined) return syntaxFault(`No column ${name} in table ${table.name}.`, json, 'unknown column')
    const datum = readValue(column, value, row, asDifferences)
    if (datum instanceof Fault) return datum
    values[column.index] = datum
  }
  if (row === undefined) transaction.insert(table, uuid, values)
  return undefined
}

const readValue = (
  { index, type }: Column,
  json: Json,
  row: Row | undefined,
  asDifferences: boolean,
): Checked<Datum> => {
  if (row === undefined || !asDifferences || type.max === 1) return datumFromJson(json, type)
  const difference = datumFromJson(json, { ...type, min: 0, max: Number.POSITIVE_INFINITY })
  return difference instanceof Fault ? difference : applyDifference(row.values[index] as Datum, difference)
}
