/** What commands read and write: rows, and what is asked of the database for that. */
import type { Datum } from '../../ovsdb/datum.ts'
import type { Row, Transaction } from '../../vswitchd/row.ts'

export { textOf } from '../../vswitchd/row.ts'

export interface VsctlTransaction extends Transaction {
  /** Asks that columns of a row still are, in the database, what was read. */
  verify(row: Row, ...columns: string[]): void
  /** Puts elements into a set or map, or takes them out, whatever else others do with it. */
  mutate(row: Row, column: string, mutator: 'insert' | 'delete', what: Datum): void
  /** Told of columns of a row that was there before that are written, and of all columns of one that is removed. */
  onWrite: ((table: string, columns: readonly string[]) => void) | undefined
}

/** Tables with those of their columns that are read or written. */
export class Needs {
  readonly tables = new Map<string, Set<string>>()
  /** What is to be said before anything else, with the module that says it. */
  readonly warnings: [module: string, text: string][] = []

  add(table: string, ...columns: readonly string[]): void {
    const known = this.tables.get(table) ?? new Set<string>()
    for (const column of columns) known.add(column)
    this.tables.set(table, known)
  }
}
