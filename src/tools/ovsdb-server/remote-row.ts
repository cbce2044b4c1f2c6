/** Remotes, and file names for TLS, that stand in a database: `db:DB,TABLE,COLUMN` (ovsdb-server(1)). */
import type { Database, Datum, Server } from '../../ovsdb/index.ts'
import type { Column, Row, Table } from '../../ovsdb/table.ts'
import { second } from '../../runtime/index.ts'

/** What a row may say of a remote beside its name. Times in ns, `undefined` for the usual. */
export type RemoteOptions = {
  readOnly: boolean
  role: string
  probeInterval: number | undefined
  maxBackoff: number
}

export const usualOptions: RemoteOptions = {
  readOnly: false,
  role: '',
  probeInterval: undefined,
  maxBackoff: 8 * second,
}

export const isInDatabase = (remote: string): boolean => remote.startsWith('db:')

export type Place = { database: string; table: Table; column: Column; rows: Database }

/** Where a word of the form `db:…` points; a text is why nowhere, as it is said to the user. */
export const placeOf = (server: Server, word: string): Place | string => {
  const [name, tableName, columnName] = splitThree(word.slice('db:'.length))
  if (name === undefined || tableName === undefined || columnName === undefined) return `"${word}": invalid syntax`
  const served = server.database(name)
  if (served === undefined) return `"${word}": no database named ${name}`
  const table = served.database.tables.get(tableName)
  if (table === undefined) return `"${word}": no table named ${tableName}`
  const column = table.column(columnName)
  if (column === undefined) return `"${word}": table "${tableName}" has no column "${columnName}"`
  return { database: name, table, column, rows: served.database }
}

/** The last of the three parts may have commas in it. */
const splitThree = (text: string): string[] => {
  const [, ...parts] = /^([^,]+),([^,]+),(.+)$/s.exec(text) ?? []
  return parts
}

/** The tables that a place is about: its own, and the one that its column refers to. */
export const tablesOf = ({ table, column }: Place): string[] => {
  const other = column.type.key.table
  return other === undefined ? [table.name] : [table.name, other]
}

/** Remotes with their options, by name. Rows without a name, and columns of any other kind, say nothing. */
export const remotesAt = (place: Place): Map<string, { options: RemoteOptions; row: Row | undefined }> => {
  const { table, column, rows } = place
  const found = new Map<string, { options: RemoteOptions; row: Row | undefined }>()
  const { key, value } = column.type
  if (value !== undefined) return found
  const other = key.table === undefined ? undefined : rows.tables.get(key.table)
  for (const { values } of table.rows.values()) {
    for (const atom of values[column.index]?.keys ?? []) {
      if (key.type === 'string') found.set(String(atom), { options: usualOptions, row: undefined })
      const row = other?.rows.get(String(atom))
      const target = row === undefined ? undefined : scalar(row, 'target', 'string')
      if (row !== undefined && typeof target === 'string' && target !== '')
        found.set(target, { options: optionsOf(row), row })
    }
  }
  return found
}

const optionsOf = (row: Row): RemoteOptions => {
  const backoff = milliseconds(row, 'max_backoff')
  return {
    readOnly: scalar(row, 'read_only', 'boolean') === true,
    role: String(scalar(row, 'role', 'string') ?? ''),
    probeInterval: milliseconds(row, 'inactivity_probe'),
    maxBackoff: backoff === undefined ? usualOptions.maxBackoff : backoff,
  }
}

/** In ns. */
const milliseconds = (row: Row, name: string): number | undefined => {
  const value = scalar(row, name, 'integer')
  return value === undefined ? undefined : Math.max(0, Number(value)) * 1e6
}

/** The value of a column of a type with at most one element; undefined without a value, or such a column. */
const scalar = ({ table, values }: Row, name: string, type: string): Datum['keys'][number] | undefined => {
  const column = table.column(name)
  if (column === undefined) return undefined
  const { key, value, max } = column.type
  return key.type === type && value === undefined && max === 1 ? values[column.index]?.keys[0] : undefined
}

/** The first text that is not empty at a place, for names of files; undefined if there is none. */
export const wordAt = ({ table, column }: Place): string | undefined => {
  if (column.type.key.type !== 'string' || column.type.value !== undefined) return undefined
  for (const { values } of table.rows.values()) {
    const word = values[column.index]?.keys.find(key => key !== '')
    if (word !== undefined) return String(word)
  }
  return undefined
}
