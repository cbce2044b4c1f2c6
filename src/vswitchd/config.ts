/**
 * The Open_vSwitch database in memory: what a switch is told to be, and what it reports back. Rows change only in
 * transactions, all or nothing. Whoever watches is called after each commit.
 *
 * A database server will take this place (RFC 7047); `reconcile.ts`, the tools and the tests see `Rows` and
 * `Transaction` only, so that nothing else changes then.
 */

import { type Datum, defaultDatum, equalDatum } from '../ovsdb/datum.ts'
import { below, type Random } from '../runtime/index.ts'
import type { Row, Rows, Transaction } from './row.ts'

export type { Row, Rows, Transaction } from './row.ts'

import { schema } from '../ovsdb/schemas/open-vswitch.ts'
import { type Change, checkRows, type TransactionError } from './integrity.ts'

type Table = Map<string, Row>

/** Thrown by nobody, returned by `transact`: `details` and `error` as RFC 7047 §4.1.3. */
export type Committed = { ok: true; changed: boolean } | { ok: false; error: TransactionError }

export class Config implements Rows {
  private tables = new Map<string, Table>()
  private readonly random: Random
  private readonly watchers = new Set<() => void>()

  /** The database has its one Open_vSwitch row from the start, as after `ovs-vsctl init`. */
  constructor(random: Random) {
    this.random = random
    this.transact(transaction => void transaction.insert('Open_vSwitch'))
  }

  rows(table: string): Row[] {
    return [...(this.tables.get(table)?.values() ?? [])]
  }

  row(table: string, uuid: string): Row | undefined {
    return this.tables.get(table)?.get(uuid)
  }

  /** The row of the Open_vSwitch table. */
  root(): Row {
    return this.rows('Open_vSwitch')[0] as Row
  }

  /** Runs `change`; if it returns false, or what it did breaks a rule of the schema, nothing has happened. */
  transact(change: (transaction: Transaction) => boolean | undefined): Committed {
    const tables = new Map([...this.tables].map(([name, rows]) => [name, new Map(rows)]))
    const changes = new Map<string, Change>()
    const rowsOf = (table: string): Table => {
      const rows = tables.get(table) ?? new Map<string, Row>()
      tables.set(table, rows)
      return rows
    }
    const transaction: Transaction = {
      rows: table => [...rowsOf(table).values()],
      row: (table, uuid) => rowsOf(table).get(uuid),
      newUuid: () => this.uuid(),
      insert: (table, columns = {}, uuid = this.uuid()) => {
        const defaults = Object.entries(schema[table]?.columns ?? {}).map(([name, type]) => [name, defaultDatum(type)])
        rowsOf(table).set(uuid, { table, uuid, columns: { ...Object.fromEntries(defaults), ...columns } })
        changes.set(uuid, 'inserted')
        return uuid
      },
      update: ({ table, uuid }, columns) => {
        const row = rowsOf(table).get(uuid)
        if (row === undefined) return
        const changed = Object.entries(columns).filter(([name, datum]) => !same(row.columns[name], datum))
        if (changed.length === 0) return
        rowsOf(table).set(uuid, { table, uuid, columns: { ...row.columns, ...Object.fromEntries(changed) } })
        if (!changes.has(uuid)) changes.set(uuid, 'modified')
      },
      remove: ({ table, uuid }) => {
        if (rowsOf(table).delete(uuid)) changes.set(uuid, 'removed')
      },
    }
    if (change(transaction) === false || changes.size === 0) return { ok: true, changed: false }
    const error = checkRows(tables, changes)
    if (error !== undefined) return { ok: false, error }
    this.tables = tables
    for (const watcher of [...this.watchers]) watcher()
    return { ok: true, changed: true }
  }

  /** Calls `watcher` after each commit that changed something, its own too. Returns how to stop. */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }

  /** RFC 4122 §4.4, from the random numbers handed in. */
  private uuid(): string {
    const digits = Array.from({ length: 32 }, () => below(this.random, 16).toString(16))
    digits[12] = '4'
    digits[16] = (8 + below(this.random, 4)).toString(16)
    const text = digits.join('')
    return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`
  }
}

const same = (a: Datum | undefined, b: Datum): boolean => a !== undefined && equalDatum(a, b)
