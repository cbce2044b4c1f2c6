/** Tables, columns and rows as a user names them: any case, `-` for `_`, and the beginning of a name if only one fits. */
import type { ColumnType } from '../../ovsdb/column.ts'
import { isUuid } from '../../ovsdb/datum-text.ts'
import { schema } from '../../ovsdb/schemas/open-vswitch.ts'
import type { Row, Rows } from '../../vswitchd/row.ts'
import type { Needs } from './command.ts'
import { referred } from './model.ts'

export type Found<T> = { ok: true; value: T } | { ok: false; error: string }
const found = <T>(value: T): Found<T> => ({ ok: true, value })
const missing = (error: string): { ok: false; error: string } => ({ ok: false, error })

const plain = (name: string): string => name.toLowerCase().replaceAll('-', '_')

/** Names that fit, an exact one alone. */
const fitting = (wanted: string, names: readonly string[]): string[] => {
  const exact = names.find(name => plain(name) === plain(wanted))
  return exact === undefined ? names.filter(name => plain(name).startsWith(plain(wanted))) : [exact]
}

export const findTable = (wanted: string): Found<string> => {
  const fit = fitting(wanted, Object.keys(schema))
  if (fit.length === 1) return found(fit[0] as string)
  return missing(fit.length === 0 ? `unknown table "${wanted}"` : `multiple table names match "${wanted}"`)
}

/** `_uuid` is a column too, for reading. */
const uuidColumn: ColumnType = { key: { type: 'uuid' }, min: 1, max: 1, fixed: true }

export const columnType = (table: string, column: string): ColumnType =>
  column === '_uuid' ? uuidColumn : schema[table]!.columns[column]!

/** All columns of a table in order, without `_uuid`. */
export const columnsOf = (table: string): string[] => Object.keys(schema[table]?.columns ?? {}).sort()

export const findColumn = (table: string, wanted: string): Found<string> => {
  const fit = fitting(wanted, ['_uuid', ...Object.keys(schema[table]?.columns ?? {})])
  if (fit.length === 1) return found(fit[0] as string)
  if (fit.length === 0) return missing(`${table} does not contain a column whose name matches "${wanted}"`)
  return missing(`${table} contains more than one column whose name matches "${wanted}": ${fit.sort().join(', ')}`)
}

/** Columns that name a row of a table, beside its UUID. */
const naming: Record<string, string> = {
  Bridge: 'name',
  Port: 'name',
  Interface: 'name',
  Mirror: 'name',
  Flow_Table: 'name',
  Manager: 'target',
  Flow_Sample_Collector_Set: 'id',
}

/** Rows that the name of a bridge or port leads to. */
const via: Record<string, readonly [table: 'Bridge' | 'Port', column: string]> = {
  AutoAttach: ['Bridge', 'auto_attach'],
  Controller: ['Bridge', 'controller'],
  IPFIX: ['Bridge', 'ipfix'],
  NetFlow: ['Bridge', 'netflow'],
  sFlow: ['Bridge', 'sflow'],
  QoS: ['Port', 'qos'],
}

/** What finding rows of a table by name needs. */
export const needNames = (needs: Needs, table: string): void => {
  const column = naming[table]
  needs.add(table, ...(column === undefined ? [] : [column]))
  const path = via[table]
  if (path !== undefined) needs.add(path[0], 'name', path[1])
}

/** The row that a word means: a UUID, `.` for the only row, or a name. Undefined if there is none. */
export const findRow = (rows: Rows, table: string, wanted: string): Row | undefined => {
  if (isUuid(wanted)) return rows.row(table, wanted.toLowerCase())
  if (wanted === '.' && (table === 'Open_vSwitch' || table === 'SSL')) return rows.rows(table)[0]
  const column = naming[table]
  if (column !== undefined) return rows.rowWith(table, column, wanted)
  const path = via[table]
  if (path === undefined) return undefined
  const owner = rows.rowWith(path[0], 'name', wanted)
  const there = owner === undefined ? [] : referred(rows, owner, path[1], table)
  return there.length === 1 ? there[0] : undefined
}
