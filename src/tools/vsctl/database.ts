/** The database that one call of ovs-vsctl talks to: a client that has what the call's commands need of it. */

import { isPassive } from '../../ovsdb/client/connection.ts'
import { Client } from '../../ovsdb/client.ts'
import { openVSwitch } from '../../ovsdb/schemas/open-vswitch.ts'
import { type Cancel, seeded, type Task } from '../../runtime/index.ts'
import { databaseSocket, dialer, remotesIn } from '../db-remotes.ts'
import type { Connect, Secure } from '../program.ts'
import type { Needs } from './command.ts'
import type { Global } from './command-line.ts'
import { columnsOf } from './names.ts'

export class VsctlDatabase {
  readonly client: Client
  /** The remotes as the user named them. */
  readonly name: string
  /** Counts the changes of what the client has. */
  changes = 0
  private failures = 0
  private readonly tries: number
  private readonly stop: Cancel

  constructor(connect: Connect, global: Global, secure: Secure, needs: Needs) {
    this.name = global.db ?? databaseSocket(connect)
    const remotes = remotesIn(this.name)
    // For one that is to call it waits, however long it takes.
    this.tries = global.retry || remotes.some(isPassive) ? Number.POSITIVE_INFINITY : remotes.length
    this.client = new Client({
      clock: connect.clock,
      random: seeded(connect.wallTime() * 1000 + (connect.system?.pid ?? 0)),
      dial: dialer(connect, secure),
      remotes,
      schema: openVSwitch,
      tables: Object.fromEntries([...needs.tables].map(([table, columns]) => [table, wanted(table, columns)])),
      leaderOnly: global.leaderOnly,
      shuffle: global.shuffle,
      log: (module, level, text) => {
        if (module === 'reconnect' && / connection attempt (failed|timed out)/.test(text)) this.failures++
        else if (level === 'warn' || level === 'err') secure.log(module, text)
      },
    })
    this.stop = this.client.watch(() => this.changes++)
    this.client.start()
  }

  /** Waits until the database is known; a text says that it cannot be reached. */
  *reached(): Task<string | undefined> {
    const { client } = this
    while (!client.isFollowing) {
      if (client.state !== 'connecting' && this.failures >= this.tries) return client.lastError ?? 'unknown'
      yield client.changed.wait
    }
    return undefined
  }

  /** Waits until anything is other than it was after so many changes. */
  *changedSince(changes: number): Task<void> {
    while (this.changes === changes && this.client.isFollowing) yield this.client.changed.wait
  }

  close(): void {
    this.stop()
    this.client.close()
  }
}

/** A table of which only the rows matter is known by any of its columns. */
const wanted = (table: string, columns: ReadonlySet<string>): string[] =>
  columns.size > 0 ? [...columns] : columnsOf(table).slice(0, 1)
