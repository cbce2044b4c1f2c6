import type { Dial } from '../ovsdb/client/connection.ts'
import { Database } from '../ovsdb/database.ts'
import type { Datum } from '../ovsdb/datum.ts'
import { setOf } from '../ovsdb/datum.ts'
import { openVSwitch } from '../ovsdb/schemas/open-vswitch.ts'
import { Service } from '../ovsdb/serve.ts'
import { Server } from '../ovsdb/server.ts'
import type { Table } from '../ovsdb/table.ts'
import { Transaction } from '../ovsdb/transaction.ts'
import {
  below,
  type Cancel,
  type Clock,
  type Duplex,
  duplexPair,
  type Random,
  seeded,
  type UnixSockets,
} from '../runtime/index.ts'

export type LocalDatabaseOptions = {
  clock: Clock
  random: Random
  /** What the start script of a distribution writes into `ovs_version`; `show` prints it. */
  ovsVersion?: string
}

/**
 * An Open_vSwitch database with its server in this process, in memory: as after `ovs-vsctl init`. All who connect do so by
 * streams of bytes, and are answered before their call returns.
 */
export class LocalDatabase {
  readonly server: Server
  readonly remotes = ['unix:/var/run/openvswitch/db.sock'] as const
  readonly isKnownServer = true
  /** Told before a new client is let in: what it will read can be brought up to date. */
  readonly onClient = new Set<() => void>()
  private readonly service: Service

  constructor({ clock, random, ovsVersion }: LocalDatabaseOptions) {
    const own = seeded(below(random, 2 ** 32))
    const database = new Database(openVSwitch, own)
    initialize(database, ovsVersion === undefined ? {} : { ovs_version: setOf(ovsVersion) })
    this.server = new Server(clock, own)
    this.server.add(database)
    this.service = new Service(this.server)
  }

  /** Connects the daemon itself, whatever the remote is called. */
  readonly dial: Dial = (_remote, done) => {
    const [near, far] = duplexPair()
    this.service.accept(far)
    done(near)
    return () => undefined
  }

  /** Lets a client in. */
  accept(duplex: Duplex): void {
    for (const told of this.onClient) told()
    this.service.accept(duplex)
  }

  /** Lets programs of the same machine in. */
  listen(sockets: UnixSockets, path = '/var/run/openvswitch/db.sock'): Cancel {
    return sockets.listen(path, duplex => this.accept(duplex))
  }
}

const initialize = (database: Database, columns: Readonly<Record<string, Datum>>): void => {
  const transaction = new Transaction(database)
  const table = database.tables.get('Open_vSwitch') as Table
  const values = table.columns.map(({ name, initial }) => columns[name] ?? initial)
  transaction.insert(table, database.newUuid(), values)
  transaction.commit()
}
