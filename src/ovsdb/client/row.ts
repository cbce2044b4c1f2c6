import type { Datum } from '../datum.ts'

/** A row as a client has it: values by column, of the columns that it asked for. Never changed, only replaced. */
export type Row = { readonly table: string; readonly uuid: string; readonly columns: Readonly<Record<string, Datum>> }

/** Reading: of a replica, or of a transaction with its changes so far. Rows come in the order in which they became known. */
export interface Rows {
  rows(table: string): Row[]
  row(table: string, uuid: string): Row | undefined
  /** The first of `rows` whose column has this text as its one value; an empty column is an empty text. */
  rowWith(table: string, column: string, text: string): Row | undefined
}

/** The one value of a column, as text; empty if there is none. */
export const textOf = (row: Row, column: string): string => String(row.columns[column]?.keys[0] ?? '')

/** What became of a row: `old` is undefined for a new one, `now` for one that is gone. */
export type RowChange = { readonly old: Row | undefined; readonly now: Row | undefined }
