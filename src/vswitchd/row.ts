import type { Datum } from '../ovsdb/datum.ts'

export type Row = { readonly table: string; readonly uuid: string; readonly columns: Readonly<Record<string, Datum>> }

/** Reading: of the database, or of a transaction with its changes so far. Rows come in the order they were made. */
export interface Rows {
  rows(table: string): Row[]
  row(table: string, uuid: string): Row | undefined
}

export interface Transaction extends Rows {
  /** A new row; columns left out get their defaults. Returns its UUID. */
  insert(table: string, columns?: Record<string, Datum>, uuid?: string): string
  update(row: Row, columns: Record<string, Datum>): void
  remove(row: Row): void
  /** A UUID for a row that will be inserted later in the transaction. */
  newUuid(): string
}
