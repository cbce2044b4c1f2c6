/** The rules that a transaction must leave whole: RFC 7047 §3.2 (references, indexes, sizes) and §5.2.3. */
import type { BaseType, ColumnType } from '../ovsdb/column.ts'
import { type Atom, type Datum, describe, entriesOf, mapOf, misfit, setOf } from '../ovsdb/datum.ts'
import { formatAtom } from '../ovsdb/datum-text.ts'
import { schema } from '../ovsdb/schemas/open-vswitch.ts'
import type { Row } from './row.ts'

export type TransactionError = { details: string; error: string }
export type Change = 'inserted' | 'modified' | 'removed'
type Tables = Map<string, Map<string, Row>>

/** Drops rows that nothing refers to and weak references to rows that are gone; says what else is wrong, if anything. */
export const checkRows = (tables: Tables, changes: Map<string, Change>): TransactionError | undefined => {
  const size = checkSizes(tables, changes)
  if (size !== undefined) return size
  const reference = checkReferences(tables)
  if (reference !== undefined) return reference
  collect(tables, changes)
  dropWeak(tables)
  return checkIndexes(tables, changes)
}

function* allRows(tables: Tables): Generator<Row> {
  for (const rows of tables.values()) yield* rows.values()
}

const columnsOf = (row: Row): [string, ColumnType, Datum][] =>
  Object.entries(schema[row.table]?.columns ?? {}).map(([name, type]) => [name, type, row.columns[name] as Datum])

const checkSizes = (tables: Tables, changes: Map<string, Change>): TransactionError | undefined => {
  for (const row of allRows(tables)) {
    if (!changes.has(row.uuid)) continue
    for (const [, type, datum] of columnsOf(row)) {
      if (misfit(type, datum) === 'many') {
        const details = `Attempted to store ${datum.keys.length} elements in ${describe(type)}.`
        return { details, error: 'constraint violation' }
      }
    }
  }
  for (const [table, type] of Object.entries(schema)) {
    const count = tables.get(table)?.size ?? 0
    if (type.maxRows !== undefined && count > type.maxRows) {
      const details = `transaction causes "${table}" table to contain ${count} rows, greater than the schema-defined limit of ${type.maxRows} row(s)`
      return { details, error: 'constraint violation' }
    }
  }
  return undefined
}

/** What a column refers to: the part of its type that is a UUID of a table, and the atoms there. */
const references = (type: ColumnType, datum: Datum): [BaseType, readonly Atom[]][] => {
  const parts: [BaseType, readonly Atom[]][] = []
  if (type.key.table !== undefined) parts.push([type.key, datum.keys])
  if (type.value?.table !== undefined) parts.push([type.value, datum.values ?? []])
  return parts
}

const collect = (tables: Tables, changes: Map<string, Change>): void => {
  for (;;) {
    const held = new Set<Atom>()
    for (const row of allRows(tables)) {
      for (const [, type, datum] of columnsOf(row)) {
        for (const [part, atoms] of references(type, datum)) {
          if (part.weak !== true) for (const atom of atoms) if (atom !== row.uuid) held.add(atom)
        }
      }
    }
    const gone = [...allRows(tables)].filter(row => schema[row.table]?.root !== true && !held.has(row.uuid))
    if (gone.length === 0) return
    for (const row of gone) {
      tables.get(row.table)?.delete(row.uuid)
      changes.set(row.uuid, 'removed')
    }
  }
}

const checkReferences = (tables: Tables): TransactionError | undefined => {
  for (const row of allRows(tables)) {
    for (const [name, type, datum] of columnsOf(row)) {
      for (const [part, atoms] of references(type, datum)) {
        const missing = atoms.find(atom => part.weak !== true && !tables.get(part.table as string)?.has(String(atom)))
        if (missing !== undefined) {
          const details = `Table ${row.table} column ${name} row ${row.uuid} references nonexistent row ${missing} in table ${part.table}.`
          return { details, error: 'referential integrity violation' }
        }
      }
    }
  }
  return undefined
}

const dropWeak = (tables: Tables): void => {
  for (const row of allRows(tables)) {
    for (const [name, type, datum] of columnsOf(row)) {
      const there = (part: BaseType | undefined, atom: Atom | undefined): boolean =>
        part?.weak !== true || tables.get(part.table as string)?.has(String(atom)) === true
      const kept = entriesOf(datum).filter(([key, value]) => there(type.key, key) && there(type.value, value))
      if (kept.length === datum.keys.length) continue
      const columns = { ...row.columns, [name]: type.value ? mapOf(kept) : setOf(...kept.map(([key]) => key)) }
      tables.get(row.table)?.set(row.uuid, { ...row, columns })
    }
  }
}

const checkIndexes = (tables: Tables, changes: Map<string, Change>): TransactionError | undefined => {
  for (const [table, type] of Object.entries(schema)) {
    for (const index of type.indexes ?? []) {
      const seen = new Map<string, Row>()
      for (const row of tables.get(table)?.values() ?? []) {
        const value = index.map(column => row.columns[column]?.keys.join()).join('\n')
        const other = seen.get(value)
        if (other !== undefined) return duplicate(table, index, other, row, changes)
        seen.set(value, row)
      }
    }
  }
  return undefined
}

const duplicate = (
  table: string,
  index: readonly string[],
  first: Row,
  second: Row,
  changes: Map<string, Change>,
): TransactionError => {
  const values = index.map(column => {
    const type = schema[table]?.columns[column]?.key.type ?? 'string'
    return (first.columns[column]?.keys ?? []).map(atom => formatAtom(atom, type)).join(', ')
  })
  const columns = index.map(column => `"${column}"`).join(' and ')
  const history = (row: Row): string => {
    const change = changes.get(row.uuid)
    if (change === 'inserted') return 'was inserted by this transaction'
    if (change === 'modified') return 'was modified by this transaction'
    return 'existed in the database before this transaction and was not modified by the transaction'
  }
  const details =
    `Transaction causes multiple rows in "${table}" table to have identical values (${values.join(', ')}) for index on column ${columns}.  ` +
    `First row, with UUID ${first.uuid}, ${history(first)}.  Second row, with UUID ${second.uuid}, ${history(second)}.`
  return { details, error: 'constraint violation' }
}
