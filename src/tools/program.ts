import type { Warn } from '../openflow/index.ts'
import type { Cancel, Clock, Duplex, Task } from '../runtime/index.ts'
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
  /** Whether stdin is one. */
  readonly inputIsTerminal?: boolean
  /** Variables of the environment. */
  readonly env?: { get(name: string): string | undefined }
}

/** Files and words for TLS, as options name them: ovs-ofctl(8), "PKI configuration". */
export type TlsWords = {
  privateKey?: string
  certificate?: string
  /** `none` trusts anyone. */
  caCertificate?: string
  /** Without the authority's file, the first peer that is called brings it. */
  bootstrap?: boolean
  /** Certificates to bring along with one's own. */
  peerCaCertificate?: string
  protocols?: string
  ciphers?: string
}
/** What `ssl:` takes; `log` is told what is wrong with it. */
export type Secure = { tls: TlsWords; log: Warn }

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
  open(remote: string, secure?: Secure): Task<Duplex | string>
  /** Milliseconds since 1970 in UTC, for the times of log lines. */
  wallTime(): number
  /** The computer; a simulated machine is none. */
  readonly system?: System
}

/** How a process that was started ended: by itself with a status, or by a signal, or it is ready and goes on. */
export type Ended = { pid: number; status: number } | { pid: number; signal: string; number: number } | 'ready'

/**
 * The parts of a program that stays: the one that was called, the one that watches over the others (`--monitor`), and the
 * one that does the work. A program that has nothing to be parted for is all three.
 */
export type Role = 'called' | 'monitor' | 'daemon'

/** A file that is written to; `give` has it belong to somebody else, or says why it cannot be. */
export type TextFile = { write(text: string): void; give(user: UserIds): string | undefined; close(): void }

/** Ways to a syslog daemon: none, the computer's own, a socket's path, UDP. */
export type SyslogMethod = 'null' | 'libc' | 'unix' | 'udp'

/** Numbers of a user and of a group. */
export type UserIds = { user: number; group: number }

/** What a program that stays needs of the computer it is on. What cannot be done is told by a text in the system's words. */
export interface System {
  /** The number of this process. */
  readonly pid: number
  readonly hostName: string
  /** What the process that started this one was called with, up to its first argument, if that is known. */
  readonly parent: string | undefined
  /** Where log files are unless they are told to be elsewhere: `OVS_LOGDIR`. */
  readonly logDirectory: string
  readonly role: Role
  /** Whether there is a process with this number. */
  isRunning(pid: number): boolean
  /** Lets whoever connects to a path in. */
  listen(path: string, accept: (duplex: Duplex) => void): Task<{ close(): void } | string>
  /**
   * Waits until someone connects to `ptcp:PORT`, `pssl:PORT:HOST` or `punix:PATH`; a database's port is the usual one.
   * `listens` is called when someone can.
   */
  awaitCall(remote: string, secure: Secure, listens: () => void): Task<Duplex | string>
  /** Opens a file to write to its end, or a new one in the place of what is there. */
  openFile(path: string, how: 'append' | 'replace'): TextFile | string
  removeFile(path: string): void
  /**
   * Makes a file that is locked until it is closed, and has it appear whole; `replace` in the place of another.
   * `locked` is false where there are no locks.
   */
  holdFile(path: string, text: string, replace: boolean): { locked: boolean; close(): void } | string
  /** The process that has a file locked; `unknown` where there are no locks or the file cannot be asked. */
  lockHolder(path: string): number | 'none' | 'unknown'
  /** Those of the words that can be used; the log is told of the others. */
  checkTls(secure: Secure): TlsWords
  /** What lines go to syslog by unless an option says otherwise: `OVS_SYSLOG_METHOD`. */
  readonly syslogMethod: string | undefined
  /**
   * Sends lines, each with its priority in front, to a syslog daemon: at `HOST:PORT` by UDP, at a socket's path, or to the
   * computer's own with the program's name for `target`.
   */
  syslog(method: Exclude<SyslogMethod, 'null'>, target: string): ((line: string) => void) | string
  /** Who this process is, effectively. */
  whoAmI(): UserIds
  userNamed(name: string): UserIds | undefined
  /** A group and the names of those who are in it beside those whose own group it is. */
  groupNamed(name: string): { group: number; members: readonly string[] } | undefined
  /** Makes this process somebody else's; a text says why it cannot be. */
  become(ids: UserIds): string | undefined
  /**
   * Runs the same command line in another process. A daemon outlives this one; waiting for it ends when it is ready, or has
   * ended without. Under a monitor waiting goes on to its end, and `ready` is told. What the process prints goes where this
   * one's goes as long as this one waits, and with `keepsOutput` for ever.
   */
  run(role: Exclude<Role, 'called'>, how: { ready?: () => void; keepsOutput?: boolean }): Task<Ended>
  /** Tells the process that has started this one that it need not wait any more. */
  ready(): void
  leaveDirectory(): void
  /** Signals that are to end the process are told, by name and number, instead. */
  onSignal(told: (name: string, number: number) => void): Cancel
}

/** A tool as a function: `args[0]` is the name it was called by. Ends with the exit status. */
export type Program = (args: readonly string[], stdio: Stdio, connect: Connect) => Task<number>

/** A line as the originals log to stderr: `2026-11-23T02:52:14Z|00001|ofp_port|WARN|…`. */
export const logLine = (wallTime: number, count: number, module: string, level: string, text: string): string => {
  const time = new Date(wallTime).toISOString().replace(/\.[0-9]+Z$/, 'Z')
  return `${time}|${String(count).padStart(5, '0')}|${module}|${level}|${text}`
}
