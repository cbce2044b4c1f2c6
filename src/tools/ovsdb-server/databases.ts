/** The databases of a server in their files: opened, served, compacted in time, closed. */
import { type DatabaseLog, Fault, type LogWorld, openLog, type Server } from '../../ovsdb/index.ts'
import { type Clock, second } from '../../runtime/index.ts'
import type { DatabaseHost, OpenFile } from './host.ts'

type Kept = { path: string; file: OpenFile; log: DatabaseLog; unwatch: () => void }

/** What could not be compacted is not tried again sooner. */
const patience = 600 * second

export class Databases {
  private readonly server: Server
  private readonly host: DatabaseHost
  private readonly world: LogWorld
  private readonly clock: Clock
  private readonly asDifferences: boolean
  private readonly lockHolder: (path: string) => number | string
  private readonly kept = new Map<string, Kept>()

  constructor(
    server: Server,
    host: DatabaseHost,
    world: LogWorld,
    clock: Clock,
    asDifferences: boolean,
    lockHolder: (path: string) => number | string,
  ) {
    this.server = server
    this.host = host
    this.world = world
    this.clock = clock
    this.asDifferences = asDifferences
    this.lockHolder = lockHolder
  }

  /** Serves the database in a file. A text is what is wrong, as it is said to the user. */
  open(name: string): string | undefined {
    if (name.startsWith('relay:')) return notRelayed(name)
    const path = this.host.absolute(name)
    if ([...this.kept.values()].some(kept => kept.path === path)) return `ovsdb error: ${name}: already open`
    const file = this.host.openFile(name, { create: false, locks: true })
    if (typeof file === 'string') {
      this.sayHolder(path)
      return `I/O error: ${file}`
    }
    const opened = openLog(file, { ...this.world, asDifferences: this.asDifferences }, this.host.random)
    if (opened instanceof Fault) {
      file.close()
      return opened.toString()
    }
    const { database, log } = opened
    const { name: served } = database.schema
    if (!this.server.add(database, { storage: log })) {
      file.close()
      return `ovsdb error: ${served}: duplicate database name`
    }
    this.kept.set(served, { path, file, log, unwatch: this.compactInTime(served, log) })
    return undefined
  }

  private sayHolder(path: string): void {
    const lock = path.replace(/[^/]*$/, name => `.${name}.~lock~`)
    const holder = this.lockHolder(lock)
    if (typeof holder !== 'number') return
    this.world.log('lockfile', 'warn', `${lock}: cannot lock file because it is already locked by pid ${holder}`)
  }

  /** False if there is none of that name. */
  remove(name: string): boolean {
    const kept = this.kept.get(name)
    if (kept === undefined) return false
    this.server.remove(name)
    this.release(name, kept)
    return true
  }

  /** The names of those in files. */
  get names(): string[] {
    return [...this.kept.keys()].sort()
  }

  /** A text is what is wrong. */
  compact(name: string): string | undefined {
    const kept = this.kept.get(name)
    const served = this.server.database(name)
    return kept && served ? kept.log.compact(served.database)?.toString() : 'no database by that name'
  }

  /** What went wrong with the file last; undefined if all is well. */
  failure(name: string): string | undefined {
    return this.kept.get(name)?.log.failure?.toString()
  }

  close(): void {
    for (const [name, kept] of this.kept) this.release(name, kept)
  }

  private release(name: string, { file, unwatch }: Kept): void {
    unwatch()
    this.kept.delete(name)
    file.close()
  }

  private compactInTime(name: string, log: DatabaseLog): () => void {
    let planned = false
    let notBefore = 0
    return this.server.watch(served => {
      if (served.name !== name || planned || !log.isDue || this.clock.now() < notBefore) return
      planned = true
      // Not in the midst of a commit, whose answer someone waits for.
      this.clock.at(this.clock.now(), () => {
        planned = false
        if (this.compact(name) !== undefined) notBefore = this.clock.now() + patience
      })
    })
  }
}

const notRelayed = (name: string): string =>
  /^relay:[^:]+:.+/s.test(name)
    ? `ovsdb error: ${name}: relay databases are not supported`
    : `ovsdb error: ${name}: invalid syntax`
