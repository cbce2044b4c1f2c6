/** All remotes of a server: those of its command line and of `add-remote`, and those that stand in its databases. */
import type { JsonObject, Server } from '../../ovsdb/index.ts'
import type { Row } from '../../ovsdb/table.ts'
import { Caller, Listener, type Remote, type RemoteWorld } from './remote.ts'
import {
  isInDatabase,
  type Place,
  placeOf,
  type RemoteOptions,
  remotesAt,
  tablesOf,
  usualOptions,
} from './remote-row.ts'
import { statusOperation, writeStatus } from './status.ts'

export class Remotes {
  private readonly server: Server
  private readonly world: RemoteWorld
  private readonly named = new Set<string>()
  private readonly open = new Map<string, Remote>()
  /** Rows that name remotes, with the database each is in. */
  private rows = new Map<Row, { database: string; remote: string }>()
  /** The tables that remotes stand in, by database. */
  private tables = new Map<string, Set<string>>()
  private starting = 0
  private started: (() => void) | undefined

  constructor(server: Server, world: RemoteWorld) {
    this.server = server
    this.world = world
  }

  /** Those of the command line and of `add-remote`, sorted. */
  get names(): string[] {
    return [...this.named].sort()
  }

  /** A text is what is wrong with it. `update` has it opened. */
  add(name: string): string | undefined {
    const place = isInDatabase(name) ? placeOf(this.server, name) : undefined
    if (typeof place === 'string') return place
    this.named.add(name)
    return undefined
  }

  /** False if it is not there. */
  remove(name: string): boolean {
    return this.named.delete(name)
  }

  /** Whether a change of a table may be one of remotes. */
  concerns(database: string, table: string): boolean {
    return this.tables.get(database)?.has(table) === true
  }

  /** Opens and closes what differs from what is wanted now. `done` is called once all listen, or cannot. */
  update(done?: () => void): void {
    const wanted = this.wanted()
    for (const [name, remote] of this.open) {
      const options = wanted.get(name)
      if (options === undefined) {
        this.world.log('ovsdb_jsonrpc_server', 'info', `${name}: remote deconfigured`)
        this.drop(name, remote)
      } else if (!isSame(options, remote.options)) this.drop(name, remote)
      else remote.setProbeInterval(options)
    }
    this.starting++
    for (const [name, options] of wanted) if (!this.open.has(name)) this.open.set(name, this.make(name, options))
    this.started = done ?? this.started
    this.oneStarted()
  }

  /** Those that listen are tried again, if they could not; rows are told of their remotes. */
  refresh(): void {
    for (const remote of this.open.values()) remote.retry()
    const operations = new Map<string, JsonObject[]>()
    for (const [row, { database, remote }] of this.rows) {
      const status = this.open.get(remote)?.status()
      const operation = status && statusOperation(row, status)
      if (operation !== undefined) operations.set(database, [...(operations.get(database) ?? []), operation])
    }
    for (const [name, list] of operations) {
      const served = this.server.database(name)
      if (served !== undefined) writeStatus(served, list)
    }
  }

  /** Drops all clients; what is called is called again. */
  reconnect(why: string): void {
    for (const remote of this.open.values()) remote.reconnect(why)
  }

  /** Begins anew with those for TLS, for its keys are other ones. */
  renewTls(): void {
    for (const [name, remote] of this.open) if (/^p?ssl:/.test(name)) this.drop(name, remote)
    this.update()
  }

  close(): void {
    for (const [name, remote] of this.open) this.drop(name, remote)
  }

  private drop(name: string, remote: Remote): void {
    this.open.delete(name)
    remote.close()
  }

  private make(name: string, options: RemoteOptions): Remote {
    if (!/^p(unix|tcp|ssl):/.test(name)) return new Caller(name, options, this.world)
    this.starting++
    return new Listener(name, options, this.world, () => this.oneStarted())
  }

  private oneStarted(): void {
    if (--this.starting > 0) return
    const { started } = this
    this.started = undefined
    started?.()
  }

  private places(): Place[] {
    return [...this.named]
      .filter(isInDatabase)
      .map(name => placeOf(this.server, name))
      .filter(place => typeof place !== 'string')
  }

  private wanted(): Map<string, RemoteOptions> {
    const wanted = new Map<string, RemoteOptions>()
    this.rows = new Map()
    this.tables = new Map()
    for (const name of this.named) if (!isInDatabase(name)) wanted.set(name, usualOptions)
    for (const place of this.places()) {
      this.tables.set(place.database, new Set([...(this.tables.get(place.database) ?? []), ...tablesOf(place)]))
      for (const [name, { options, row }] of remotesAt(place)) {
        wanted.set(name, options)
        if (row !== undefined) this.rows.set(row, { database: place.database, remote: name })
      }
    }
    return wanted
  }
}

/** Whether a remote may stay as it is; its probes can change at any time. */
const isSame = (a: RemoteOptions, b: RemoteOptions): boolean =>
  a.readOnly === b.readOnly && a.role === b.role && a.maxBackoff === b.maxBackoff
