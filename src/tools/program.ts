import type { Clock, Duplex, Task } from '../runtime/index.ts'
import type { Vswitchd } from '../vswitchd/vswitchd.ts'

/** What a tool needs of the process that it runs in; a simulated machine's `Process` is one, and so is a Node adapter. */
export interface Stdio {
  /** Writes text to stdout as it is. */
  print(text: string): Task<void>
  /** Writes bytes to stdout as they are. */
  printBytes(bytes: Uint8Array): Task<void>
  /** Writes a line to stderr; adds the `\n`. */
  error(text: string): Task<void>
  /** All of stdin. */
  readAll(): Task<Uint8Array>
  /** Whether stdout is a terminal. */
  readonly isTerminal: boolean
}

/** What a tool reaches outside its process. */
export interface Connect {
  /** The switch daemon of the machine; undefined if it does not run. */
  vswitchd(): Vswitchd | undefined
  /** A file's bytes, or why it cannot be read, as `No such file or directory`. */
  readFile(path: string): Uint8Array | string
  readonly clock: Clock
  /** Where sockets of daemons are: `OVS_RUNDIR`. */
  readonly runDirectory: string
  /** Whether there is a file or a socket at this path. */
  exists(path: string): boolean
  /** Connects to `unix:PATH`, `tcp:HOST:PORT`, …; a text says why it cannot be, in the system's words. */
  open(remote: string): Task<Duplex | string>
  /** Milliseconds since 1970 in UTC, for the times of log lines. */
  wallTime(): number
}

/** A tool as a function: `args[0]` is the name it was called by. Ends with the exit status. */
export type Program = (args: readonly string[], stdio: Stdio, connect: Connect) => Task<number>

/** A line as the originals log to stderr: `2026-11-23T02:52:14Z|00001|ofp_port|WARN|…`. */
export const logLine = (wallTime: number, count: number, module: string, level: string, text: string): string => {
  const time = new Date(wallTime).toISOString().replace(/\.[0-9]+Z$/, 'Z')
  return `${time}|${String(count).padStart(5, '0')}|${module}|${level}|${text}`
}
