/**
 * A database in a file of records: the schema, then a transaction each. A commit is written before it is one, so what is
 * in memory is in the file. A record that is not whole ends the reading, with a message; the next commit takes its place.
 */
import type { Log, Random } from '../runtime/index.ts'
import { type Commit, Database } from './database.ts'
import { type Checked, Fault, IoFault } from './fault.ts'
import { type LogFile, Records, recordBytes, type Sha1 } from './log-records.ts'
import { recordOfCommit, recordOfDatabase, replay } from './log-transaction.ts'
import { type DatabaseSchema, schemaFromJson, schemaTexts } from './schema.ts'
import type { Storage } from './served.ts'

/** What a log needs of the world. */
export type LogWorld = {
  sha1: Sha1
  /** Milliseconds since 1970. */
  date(): number
  log: Log
  /** Whether a change of a large value is written as what differs: a server before 2.15 cannot read that. */
  asDifferences?: boolean
}

/** Makes the file of a new database; the file is to be empty. */
export const createLog = (file: LogFile, schema: DatabaseSchema, { sha1 }: LogWorld): Fault | undefined => {
  const failure = file.replace([recordBytes(schemaTexts(schema).text, sha1)])
  return failure === undefined ? undefined : new IoFault(`${file.name}: create failed`, failure)
}

export type OpenLog = { database: Database; log: DatabaseLog }

/** What the file holds, and the log to which more is written. */
export const openLog = (file: LogFile, world: LogWorld, random: Random): Checked<OpenLog> => {
  const records = new Records(file, world.sha1)
  const first = records.checkBeginning() ?? records.next()
  if (first === undefined || first instanceof Fault) {
    return first ?? new Fault('ovsdb error', `${file.name}: cannot identify file type`)
  }
  const schema = schemaFromJson(first)
  if (schema instanceof Fault) return schema
  const database = new Database(schema, random)
  let count = 0
  let end = records.end
  let compacted = end
  for (let record = records.next(); record !== undefined; record = records.next()) {
    const fault = record instanceof Fault ? record : replay(database, record)
    if (fault !== undefined) {
      world.log('ovsdb_server', 'err', fault.toString())
      return { database, log: new DatabaseLog(file, world, { size: end, compacted, count, torn: true }) }
    }
    end = records.end
    if (count++ === 0) compacted = end
  }
  return { database, log: new DatabaseLog(file, world, { size: end, compacted, count, torn: false }) }
}

/** `size` is what is whole; `compacted` its size after it was last compacted, `count` the commits since. */
type Extent = { size: number; compacted: number; count: number; torn: boolean }

const minute = 60_000
const day = 24 * 60 * minute

export class DatabaseLog implements Storage {
  private readonly file: LogFile
  private readonly world: LogWorld
  private readonly extent: Extent
  private compactedAt: number
  /** What went wrong last, if nothing was written since. */
  failure: Fault | undefined

  constructor(file: LogFile, world: LogWorld, extent: Extent) {
    this.file = file
    this.world = world
    this.extent = extent
    this.compactedAt = world.date()
  }

  /** Bytes of the records that are whole. */
  get size(): number {
    return this.extent.size
  }

  write(commit: Commit, comment: string | undefined): Fault | undefined {
    const { date, asDifferences } = this.world
    const record = recordOfCommit(commit, date(), comment, asDifferences)
    if (record === undefined) return undefined
    const { extent } = this
    if (extent.torn) {
      const failure = this.file.truncate(extent.size)
      if (failure !== undefined) return this.failed('truncate failed', failure)
      extent.torn = false
    }
    const bytes = recordBytes(record, this.world.sha1)
    const failure = this.file.append(bytes)
    if (failure !== undefined) {
      // Part of it may be there.
      extent.torn = this.file.truncate(extent.size) !== undefined
      return this.failed('write failed', failure)
    }
    extent.size += bytes.length
    extent.count++
    this.failure = undefined
    return undefined
  }

  sync(done: (failure?: Fault) => void): void {
    this.file.sync(failure => done(failure === undefined ? undefined : this.failed('fsync failed', failure)))
  }

  /**
   * Whether it is time to compact, as ovsdb-server(1) has it: 100 commits since the last time and either ten minutes and
   * twice the size, at least 10 MB, or a day.
   */
  get isDue(): boolean {
    const { size, compacted, count } = this.extent
    const elapsed = this.world.date() - this.compactedAt
    if (count < 100 || elapsed < 10 * minute) return false
    return elapsed >= day || (size > 10 * 2 ** 20 && size > 2 * compacted)
  }

  rewrite(database: Database, comment: string): Fault | undefined {
    const { sha1, date, asDifferences } = this.world
    const contents = [
      recordBytes(schemaTexts(database.schema).text, sha1),
      recordBytes(recordOfDatabase(database, date(), comment, asDifferences), sha1),
    ]
    const failure = this.file.replace(contents)
    if (failure !== undefined) return this.failed('replace failed', failure)
    const size = contents.reduce((sum, bytes) => sum + bytes.length, 0)
    Object.assign(this.extent, { size, compacted: size, count: 0, torn: false })
    this.compactedAt = date()
    this.failure = undefined
    return undefined
  }

  /** Only what there is now: `ovsdb-server/compact`. */
  compact(database: Database): Fault | undefined {
    return this.rewrite(database, 'compacting database online')
  }

  private failed(what: string, why: string): Fault {
    this.world.log('ovsdb_log', 'warn', `${this.file.name}: ${what} (${why})`)
    this.failure = new IoFault(`${this.file.name}: ${what}`, why)
    return this.failure
  }
}
