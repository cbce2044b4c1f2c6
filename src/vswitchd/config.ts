import type { Client } from '../ovsdb/client.ts'
import type { Cancel, Clock } from '../runtime/index.ts'
import type { Row, Rows, Transaction } from './row.ts'

export type { Row, Rows, Transaction } from './row.ts'

/** What became of a change: `details` and `error` as RFC 7047 §4.1.3. */
export type Committed = { ok: true; changed: boolean } | { ok: false; error: { details: string; error: string } }

/** The database of a daemon whose server is in the same process: what is asked of it is done when the call returns. */
export class Config implements Rows {
  private readonly client: Client
  private readonly clock: Clock

  constructor(client: Client, clock: Clock) {
    this.client = client
    this.clock = clock
  }

  rows(table: string): Row[] {
    return this.client.rows(table)
  }

  row(table: string, uuid: string): Row | undefined {
    return this.client.row(table, uuid)
  }

  /** The row of the Open_vSwitch table. */
  root(): Row {
    return this.rows('Open_vSwitch')[0] as Row
  }

  /** Runs `change`; if it returns false, or what it did breaks a rule of the schema, nothing has happened. */
  transact(change: (transaction: Transaction) => boolean | undefined): Committed {
    const transaction = this.client.transaction()
    transaction.keepUuids()
    if (change(transaction) === false) return { ok: true, changed: false }
    transaction.commit()
    const { status, error } = transaction
    if (status === 'success' || status === 'unchanged') return { ok: true, changed: status === 'success' }
    return { ok: false, error: error === undefined ? { details: '', error: status } : JSON.parse(error) }
  }

  /** Calls `watcher` after each commit that changed something, its own too. Returns how to stop. */
  watch(watcher: () => void): Cancel {
    // Not in the middle of the commit: who is called back may want to make one.
    return this.client.watch(() => void this.clock.at(this.clock.now(), watcher))
  }
}
