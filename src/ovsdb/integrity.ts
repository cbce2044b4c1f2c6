/**
 * What a commit must leave whole (RFC 7047 §3.2): strong references lead to rows, rows of tables that are no roots are
 * referred to or go, weak references to rows that are gone go too, indexes and sizes hold.
 *
 * Each row knows how many strong references it has and from which rows weak ones come, so this looks at the rows that a
 * transaction touched and at those that they refer to, never at all rows. Counts and weak references stay as they were
 * until `finish`; indexes are changed at once and changed back if something is wrong.
 */
import { type Atom, zeroUuid } from './atom.ts'
import type { BaseType, ColumnType } from './column.ts'
import type { Database } from './database.ts'
import type { Datum } from './datum.ts'
import { compareDatums, filterDatum } from './datum-merge.ts'
import { Fault } from './fault.ts'
import type { Column, Index, Row, Table } from './table.ts'

/** A row that a transaction has changed. `old` is undefined if the transaction made it. */
export type Touch = { readonly row: Row; readonly old: readonly Datum[] | undefined; gone: boolean }

/** The transaction that is to be committed. */
export interface Changes {
  readonly database: Database
  touched(): Iterable<Touch>
  touchOf(row: Row): Touch | undefined
  /** A row that it deleted. */
  deletedRow(table: Table, uuid: string): Row | undefined
  modify(row: Row): Datum[]
  delete(row: Row): void
}

const violation = (details: string): Fault => new Fault('constraint violation', details)

export class Integrity {
  private readonly transaction: Changes
  /** What is to be added to each row's count of strong references. */
  private readonly counts = new Map<Row, number>()
  private readonly undo: { index: Index; key: string; row: Row | undefined }[] = []

  private loosened = false

  constructor(transaction: Changes) {
    this.transaction = transaction
  }

  check(): Fault | undefined {
    const fault =
      this.countReferences() ??
      this.checkDeleted() ??
      this.collect() ??
      this.checkSizes() ??
      this.dropAllWeak() ??
      this.reindex()
    if (fault !== undefined) this.revert()
    return fault
  }

  /** Takes back what `check` did to indexes. */
  revert(): void {
    for (const { index, key, row } of this.undo.reverse()) {
      if (row === undefined) index.rows.delete(key)
      else index.rows.set(key, row)
    }
  }

  /** Keeps the counts and weak references, once the commit is certain. */
  finish(): void {
    for (const [row, count] of this.counts) row.strong += count
    for (const { row, old, gone } of this.transaction.touched()) {
      for (const { index, type } of row.table.weak) {
        const by = (change: number) => (key: Atom, value: Atom | undefined) => {
          for (const [base, atom] of partsOf(type.key, type.value, key, value)) {
            const target = base.weak ? this.tableOf(base)?.rows.get(String(atom)) : undefined
            if (target !== undefined) addWeak(target, row, change)
          }
        }
        compareDatums(old?.[index], gone ? undefined : row.values[index], by(-1), by(1))
      }
    }
  }

  private tableOf(base: BaseType): Table | undefined {
    return base.table === undefined ? undefined : this.transaction.database.tables.get(base.table)
  }

  private countOf(row: Row): number {
    return row.strong + (this.counts.get(row) ?? 0)
  }

  private countReferences(): Fault | undefined {
    for (const { row, old, gone } of this.transaction.touched()) {
      const fault = this.adjust(row, old, gone ? undefined : row.values)
      if (fault !== undefined) return fault
    }
    return undefined
  }

  /** Counts what a row refers to strongly and did not, and the other way. */
  private adjust(row: Row, old: readonly Datum[] | undefined, now: readonly Datum[] | undefined): Fault | undefined {
    let fault: Fault | undefined
    for (const column of row.table.strong) {
      const { type, index } = column
      const by = (change: number) => (key: Atom, value: Atom | undefined) => {
        for (const [base, atom] of partsOf(type.key, type.value, key, value)) {
          if (base.weak || isSelf(row, atom)) continue
          const target = this.find(base, String(atom))
          if (target !== undefined) this.counts.set(target, (this.counts.get(target) ?? 0) + change)
          else fault ??= missing(row, column, base, atom)
        }
      }
      compareDatums(old?.[index], now?.[index], by(-1), by(1))
      if (fault !== undefined) return fault
    }
    return undefined
  }

  private find(base: BaseType, uuid: string): Row | undefined {
    const table = this.tableOf(base)
    return table && (table.rows.get(uuid) ?? this.transaction.deletedRow(table, uuid))
  }

  private checkDeleted(): Fault | undefined {
    for (const { row, gone } of this.transaction.touched()) {
      const count = gone ? this.countOf(row) : 0
      if (count === 0) continue
      const details = `cannot delete ${row.table.name} row ${row.uuid} because of ${count} remaining reference(s)`
      return new Fault('referential integrity violation', details)
    }
    return undefined
  }

  /** Deletes what nothing refers to, and what then nothing refers to. */
  private collect(): undefined {
    const rows = [...this.counts.keys()]
    for (const { row, gone } of this.transaction.touched()) if (!gone) rows.push(row)
    for (let row = rows.pop(); row !== undefined; row = rows.pop()) {
      if (row.table.root || row.table.rows.get(row.uuid) !== row || this.countOf(row) > 0) continue
      const { values } = row
      this.transaction.delete(row)
      for (const { type, index } of row.table.strong) rows.push(...this.uncount(row, type, values[index], undefined))
    }
    return undefined
  }

  /** Strong references that a row had by `value` and has not by `kept`: the rows that they led to. */
  private uncount(row: Row, type: ColumnType, value: Datum | undefined, kept: Datum | undefined): Row[] {
    const rows: Row[] = []
    const removed = (key: Atom, to: Atom | undefined): void => {
      for (const [base, atom] of partsOf(type.key, type.value, key, to)) {
        const target = base.weak || isSelf(row, atom) ? undefined : this.find(base, String(atom))
        if (target === undefined) continue
        this.counts.set(target, (this.counts.get(target) ?? 0) - 1)
        this.loosened = true
        rows.push(target)
      }
    }
    compareDatums(value, kept, removed, () => undefined)
    return rows
  }

  private checkSizes(): Fault | undefined {
    for (const { row } of this.transaction.touched()) {
      const { name, rows, type } = row.table
      if (type.maxRows === undefined || rows.size <= type.maxRows) continue
      return violation(
        `transaction causes "${name}" table to contain ${rows.size} rows, greater than the schema-defined limit of ${type.maxRows} row(s)`,
      )
    }
    return undefined
  }

  /** In a map, what goes with a weak reference may be a strong one; then more rows may go, and weak references to them. */
  private dropAllWeak(): Fault | undefined {
    for (;;) {
      this.loosened = false
      const fault = this.dropWeak()
      if (fault !== undefined || !this.loosened) return fault
      this.collect()
    }
  }

  private dropWeak(): Fault | undefined {
    const rows = new Set<Row>()
    for (const { row, old, gone } of this.transaction.touched()) {
      if (gone) for (const from of row.weakFrom?.keys() ?? []) rows.add(from)
      else if (row.table.weak.some(({ index }) => row.values[index] !== old?.[index])) rows.add(row)
    }
    for (const row of rows) {
      if (row.table.rows.get(row.uuid) !== row) continue
      for (const column of row.table.weak) {
        const fault = this.dropWeakOf(row, column)
        if (fault !== undefined) return fault
      }
    }
    return undefined
  }

  private dropWeakOf(row: Row, { name, index, type }: Column): Fault | undefined {
    const value = row.values[index] as Datum
    let zero = false
    const kept = filterDatum(value, (key, to) =>
      partsOf(type.key, type.value, key, to).every(([base, atom]) => {
        const there = !base.weak || this.tableOf(base)?.rows.has(String(atom)) === true
        if (!there && atom === zeroUuid) zero = true
        return there
      }),
    )
    if (kept === value) return undefined
    if (kept.keys.length >= type.min) {
      this.transaction.modify(row)[index] = kept
      if (type.value?.table !== undefined) this.uncount(row, type, value, kept)
      return undefined
    }
    const inserted = this.transaction.touchOf(row) !== undefined && this.transaction.touchOf(row)?.old === undefined
    const made = inserted ? '(inserted within this transaction) ' : ''
    const where = `column "${name}" in "${row.table.name}" row ${row.uuid} ${made}`
    return violation(
      zero && inserted
        ? `Weak reference ${where}contained all-zeros UUID (probably as the default value for this column) but deleting this value caused a constraint volation because this column is not allowed to be empty.`
        : `Deletion of ${value.keys.length - kept.keys.length} weak reference(s) to deleted (or never-existing) rows from ${where}caused this column to become empty, but constraints on this column disallow an empty column.`,
    )
  }

  /** First all that go, then all that come: rows may swap what an index is about. */
  private reindex(): Fault | undefined {
    const coming: { index: Index; key: string; row: Row }[] = []
    for (const { row, old, gone } of this.transaction.touched()) {
      for (const index of row.table.indexes) {
        const before = old && index.keyOf(old)
        const after = gone ? undefined : index.keyOf(row.values)
        if (before === after) continue
        if (before !== undefined) this.setIndex(index, before, undefined)
        if (after !== undefined) coming.push({ index, key: after, row })
      }
    }
    for (const { index, key, row } of coming) {
      const other = index.rows.get(key)
      if (other !== undefined) return this.duplicate(index, row, other)
      this.setIndex(index, key, row)
    }
    return undefined
  }

  private setIndex(index: Index, key: string, row: Row | undefined): void {
    this.undo.push({ index, key, row: index.rows.get(key) })
    if (row === undefined) index.rows.delete(key)
    else index.rows.set(key, row)
  }

  private duplicate(index: Index, row: Row, other: Row): Fault {
    const history = (which: string, one: Row): string =>
      `${which} row, with UUID ${one.uuid}, ${historyOf(index, this.transaction.touchOf(one))}`
    const [first, second] = row.uuid > other.uuid ? [row, other] : [other, row]
    return violation(
      `Transaction causes multiple rows in "${row.table.name}" table to have identical values (${index.show(row.values)}) ` +
        `for index on ${index.showColumns()}.  ${history('First', first)}.  ${history('Second', second)}.`,
    )
  }
}

/**
 * A row does not keep itself alive. Its own UUID counts as itself whatever the table, as in Open vSwitch, whose files may
 * have such references.
 */
const isSelf = ({ uuid }: Row, atom: Atom): boolean => atom === uuid

const historyOf = (index: Index, touch: Touch | undefined): string => {
  if (touch === undefined)
    return 'existed in the database before this transaction and was not modified by the transaction'
  if (touch.old === undefined) return 'was inserted by this transaction'
  return index.keyOf(touch.old) === index.keyOf(touch.row.values)
    ? "existed in the database before this transaction, which modified some of the row's columns but not any columns in this index"
    : `had the following index values before the transaction: ${index.show(touch.old)}`
}

const missing = ({ table, uuid }: Row, column: Column, base: BaseType, atom: Atom): Fault =>
  new Fault(
    'referential integrity violation',
    `Table ${table.name} column ${column.name} row ${uuid} references nonexistent row ${atom} in table ${base.table}.`,
  )

/** The parts of an element that are references, with the type of each. */
const partsOf = (
  key: BaseType,
  value: BaseType | undefined,
  keyAtom: Atom,
  valueAtom: Atom | undefined,
): [BaseType, Atom][] => {
  const parts: [BaseType, Atom][] = []
  if (key.table !== undefined) parts.push([key, keyAtom])
  if (value?.table !== undefined && valueAtom !== undefined) parts.push([value, valueAtom])
  return parts
}

const addWeak = (target: Row, from: Row, change: number): void => {
  target.weakFrom ??= new Map()
  const count = (target.weakFrom.get(from) ?? 0) + change
  if (count > 0) target.weakFrom.set(from, count)
  else target.weakFrom.delete(from)
}
