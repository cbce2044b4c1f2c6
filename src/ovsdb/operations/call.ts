import type { Access } from '../access.ts'
import { type Checked, Fault } from '../fault.ts'
import type { Json, JsonObject } from '../json.ts'
import type { Members } from '../members.ts'
import { columnNames } from '../schema.ts'
import type { Column, Table } from '../table.ts'
import type { Transaction } from '../transaction.ts'

/** Rows that `insert` names, and those that something refers to before they are there. */
export type Names = Map<string, { uuid: string; inserted: boolean }>

/** What an operation is carried out in. */
export type Call = {
  /** The operation's members; `op` is taken. */
  members: Members
  json: Json
  transaction: Transaction
  names: Names
  /** Milliseconds since the transaction was asked for. */
  elapsed: number
  holdsLock(name: string): boolean
  /** `commit` asked for it to be on disk before the reply. */
  durable: boolean
  comments: string[]
  /** How many values the transaction has selected so far. */
  selected: { count: number }
  /** Undefined for who may change everything. */
  access: Access | undefined
}

/** The rows are not yet as `wait` wants them; it gives up `timeout` milliseconds after it was asked, if ever. */
export class Waiting {
  readonly timeout: number | undefined

  constructor(timeout: number | undefined) {
    this.timeout = timeout
  }
}

export type Operation = (call: Call) => Checked<JsonObject> | Waiting

/** The table that the member of that name names; undefined if it is missing or there is none, which `members` remembers. */
export const tableOf = ({ members, transaction }: Call): Table | undefined => {
  const name = members.required('table', 'id')
  const table = typeof name === 'string' ? transaction.database.tables.get(name) : undefined
  if (name !== undefined && table === undefined) members.wrong(`No table named ${name}.`)
  return table
}

/** The UUID that a name stands for in this transaction. */
export const named =
  ({ names, transaction }: Call) =>
  (name: string): string => {
    const known = names.get(name)
    if (known !== undefined) return known.uuid
    const uuid = transaction.database.newUuid()
    names.set(name, { uuid, inserted: false })
    return uuid
  }

/** Columns by name, or all. */
export const columnsOf = (json: Json | undefined, table: Table): Checked<readonly Column[]> => {
  if (json === undefined) return table.columns
  const names = columnNames(json, name => table.column(name) !== undefined)
  return names instanceof Fault ? names : names.map(name => table.column(name) as Column)
}
