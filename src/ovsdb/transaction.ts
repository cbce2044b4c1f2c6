import type { Change, Commit, Database } from './database.ts'
import type { Datum } from './datum.ts'
import { equalDatum } from './datum.ts'
import type { Fault } from './fault.ts'
import { type Changes, Integrity, type Touch } from './integrity.ts'
import { Row, type Table, uuidColumn, versionColumn } from './table.ts'

/**
 * Changes to a database, made in place and seen by whoever reads the tables until `abort` takes them back or `commit`
 * keeps them. One at a time; it ends in the turn in which it began.
 */
export class Transaction implements Changes {
  readonly database: Database
  private readonly touches = new Map<Row, Touch>()
  private readonly deleted = new Map<Table, Map<string, Row>>()

  constructor(database: Database) {
    this.database = database
  }

  /** Whether a new row may have this UUID: no row has it, nor had it before the transaction deleted it. */
  mayInsert(table: Table, uuid: string): boolean {
    return !table.rows.has(uuid) && !this.deleted.get(table)?.has(uuid)
  }

  /** A row that the transaction deleted. */
  deletedRow(table: Table, uuid: string): Row | undefined {
    return this.deleted.get(table)?.get(uuid)
  }

  /** `values` by the columns' indexes, its own for the transaction to keep; `_uuid` and `_version` are set here. */
  insert(table: Table, uuid: string, values: Datum[]): Row {
    values[uuidColumn] = { keys: [uuid] }
    values[versionColumn] = { keys: [this.database.newUuid()] }
    const row = new Row(table, uuid, values)
    table.rows.set(uuid, row)
    this.touches.set(row, { row, old: undefined, gone: false })
    return row
  }

  /** The row's values, to be changed; from now on it has a new version. */
  modify(row: Row): Datum[] {
    if (!this.touches.has(row)) {
      this.touches.set(row, { row, old: row.values, gone: false })
      row.values = row.values.slice()
      row.values[versionColumn] = { keys: [this.database.newUuid()] }
    }
    return row.values
  }

  delete(row: Row): void {
    row.table.rows.delete(row.uuid)
    const touch = this.touches.get(row)
    if (touch !== undefined && touch.old === undefined) {
      this.touches.delete(row)
      return
    }
    if (touch === undefined) this.touches.set(row, { row, old: row.values, gone: true })
    else touch.gone = true
    const deleted = this.deleted.get(row.table) ?? new Map<string, Row>()
    this.deleted.set(row.table, deleted.set(row.uuid, row))
  }

  touched(): IterableIterator<Touch> {
    return this.touches.values()
  }

  touchOf(row: Row): Touch | undefined {
    return this.touches.get(row)
  }

  /** Takes all back. */
  abort(): void {
    for (const { row, old } of this.touches.values()) {
      if (old === undefined) row.table.rows.delete(row.uuid)
      else {
        row.values = old as Datum[]
        row.table.rows.set(row.uuid, row)
      }
    }
    this.touches.clear()
    this.deleted.clear()
  }

  /**
   * Keeps all, if the database is whole with it and `record` has written it down; else takes it back. Undefined if nothing
   * changed.
   */
  commit(record?: (commit: Commit) => Fault | undefined): Commit | Fault | undefined {
    this.dropUnchanged()
    if (this.touches.size === 0) return undefined
    const integrity = new Integrity(this)
    const fault = integrity.check()
    if (fault !== undefined) {
      this.abort()
      return fault
    }
    const changes = [...this.touches.values()].map(changeOf).filter(({ columns }) => columns.length > 0)
    const commit = { id: this.database.newUuid(), changes }
    const failure = changes.length > 0 ? record?.(commit) : undefined
    if (failure !== undefined) {
      integrity.revert()
      this.abort()
      return failure
    }
    integrity.finish()
    this.touches.clear()
    this.deleted.clear()
    if (changes.length === 0) return undefined
    this.database.tell(commit)
    return commit
  }

  /** Rows that are again as they were are not changed, and keep their version. */
  private dropUnchanged(): void {
    for (const touch of [...this.touches.values()]) {
      const { row, old, gone } = touch
      if (old === undefined || gone) continue
      if (row.values.some((value, i) => i !== versionColumn && !equalDatum(old[i] as Datum, value))) continue
      row.values = old as Datum[]
      this.touches.delete(row)
    }
  }
}

const changeOf = ({ row, old, gone }: Touch): Change => {
  const now = gone ? undefined : row.values
  const { columns } = row.table
  const all = columns.map(({ index }) => index)
  if (old === undefined || now === undefined) return { row, old, now, columns: all }
  return {
    row,
    old,
    now,
    columns: all.filter(i => i !== versionColumn && !equalDatum(old[i] as Datum, now[i] as Datum)),
  }
}
