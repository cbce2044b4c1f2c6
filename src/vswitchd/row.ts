import type { Row, Rows } from '../ovsdb/client/row.ts'
import type { Datum } from '../ovsdb/datum.ts'

export { type Row, type Rows, textOf } from '../ovsdb/client/row.ts'

/** What the tools do to rows; `ClientTransaction` of a database's client is one. */
export interface Transaction extends Rows {
  /** A new row; columns left out get their defaults. Returns its UUID. */
  insert(table: string, columns?: Record<string, Datum>, uuid?: string): string
  update(row: Row, columns: Record<string, Datum>): void
  remove(row: Row): void
  /** A UUID for a row that will be inserted later in the transaction. */
  newUuid(): string
}
