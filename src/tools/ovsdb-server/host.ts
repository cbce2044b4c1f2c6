import type { LogFile, Sha1 } from '../../ovsdb/index.ts'
import type { Duplex, Random, Task } from '../../runtime/index.ts'
import type { TlsWords } from '../program.ts'

/** A database's file, open and locked. */
export type OpenFile = LogFile & { close(): void }

/** Who connects, by name: `unix#1`, `tcp:10.0.0.1:40000`. */
export type Accept = (duplex: Duplex, name: string) => void

export type Listening = { port: number | undefined; close(): void }

/** How the subprocess of `--run` ended, as `exit status 3` or `killed (Killed)`. */
export type Finished = { ok: boolean; how: string }

/** What the databases' programs need of the computer, beside what every program needs. What cannot be is told by a text. */
export interface DatabaseHost {
  readonly random: Random
  readonly sha1: Sha1
  /** Where databases are, and schemas: `OVS_DBDIR`, `OVS_PKGDATADIR`. */
  readonly databaseDirectory: string
  readonly schemaDirectory: string
  /** The path of a file that stays the same when the working directory changes, and whatever links lead there. */
  absolute(path: string): string
  /** Opens a database's file, or makes one that is not there; `locks` keeps others from writing to it. */
  openFile(path: string, how: { create: boolean; locks: boolean }): OpenFile | string
  /** Waits for connections at `ptcp:`, `pssl:` or `punix:`. */
  listen(target: string, accept: Accept, tls: TlsWords): Task<Listening | string>
  /** Connects to `tcp:`, `ssl:` or `unix:`. */
  dial(target: string, tls: TlsWords): Task<Duplex | string>
  /** Runs a command line in a shell. */
  runShell(command: string): Task<Finished>
  /** The most memory this process had, in kB. */
  peakMemory(): number
}
