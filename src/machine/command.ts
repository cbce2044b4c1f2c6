import type { Clock, Random, Task, Wait } from '../runtime/index.ts'
import type { CpuShare } from './cpu-share.ts'
import type { Effort } from './effort.ts'
import type { FileSystem } from './files/file-system.ts'
import type { Viewer } from './files/node.ts'
import type { Kernel } from './network.ts'
import type { SignalName } from './signals.ts'
import type { OpenFile } from './streams.ts'

/**
 * A program: a generator that runs in a process and ends with its exit status (0 to 255). It reads `process.args`
 * (argv, [0] is the name it was called by), prints with `yield* process.print(…)`, waits with `yield* sleep(…)` or on a
 * `Signal`, and returns. A signal ends it where it waits; `finally` blocks run.
 *
 *     const hostname: Command = function* (process) {
 *       yield* process.print(`${process.machine.hostname}\n`)
 *       return 0
 *     }
 */
export type Command = (process: Process) => Task<number>

/** Programs by name; a machine has one such table, and a file in /usr/bin for each. */
export type Commands = Readonly<Record<string, Command>>

/** Thrown inside a task to end its process at once, from any depth: `exit`, a closed pipe, a signal to oneself. */
export class Exit {
  readonly status: number

  constructor(status: number) {
    this.status = status
  }
}

/** A signal that a program catches: wait for it, and look whether it came. */
export interface Caught {
  /** How many have come since `catchSignal`. */
  readonly count: number
  /** Waits for the next one; with `first`, ends another wait early. */
  readonly wait: Wait
}

/** What a child gets that differs from its parent; everything else is inherited. */
export interface SpawnOptions {
  args: readonly string[]
  env?: ReadonlyMap<string, string>
  cwd?: string
  namespace?: Process['namespace']
  mounts?: Process['mounts']
  cpu?: Process['cpu']
  /** Descriptors in place of the parent's. The child gets duplicates. */
  files?: ReadonlyMap<number, OpenFile>
  /** Does not get the terminal's Ctrl-C, as what a shell starts with `&`. */
  background?: boolean
}

/** One running program: what it was given, and what it may do. It is also the `Viewer` that file functions ask for. */
export interface Process extends Viewer {
  readonly pid: number
  readonly parent: Process | undefined
  readonly machine: System
  /** argv; [0] is the name the program was called by. */
  args: readonly string[]
  readonly env: Map<string, string>
  cwd: string
  /** The network namespace; `ip netns exec` sets another one for its child. */
  namespace: Viewer['namespace']
  /** Directories that it finds in place of others; its children inherit them. */
  mounts: Viewer['mounts']
  /** The share of the processors that it and its children have to do with; undefined where work takes no time. */
  cpu: CpuShare | undefined
  /** Open files by descriptor: 0, 1 and 2 are stdin, stdout and stderr. */
  readonly files: Map<number, OpenFile>
  readonly background: boolean
  readonly clock: Clock
  readonly random: Random
  /** Nanoseconds of the clock. */
  readonly started: number

  /** Whether stdout is a terminal, and its width: the terminal's, or $COLUMNS, or 80. */
  readonly isTerminal: boolean
  readonly columns: number

  /** Writes text to stdout (as it is: lines end in `\n`). Ends the process with status 141 when nobody reads. */
  print(text: string): Task<void>
  /** Writes bytes to stdout. */
  printBytes(bytes: Uint8Array): Task<void>
  /** Writes a line to stderr; adds the `\n`. */
  error(text: string): Task<void>
  /** `return yield* process.fail('…')`: a line on stderr, and the status to return. */
  fail(text: string, status?: number): Task<number>
  /** Waits for bytes of stdin; undefined at the end. */
  read(most?: number): Task<Uint8Array | undefined>
  /** All of stdin. */
  readAll(): Task<Uint8Array>
  /** The next line of stdin without its `\n`; undefined at the end. */
  readLine(): Task<string | undefined>
  /** Ends the process from any depth. */
  exit(status: number): never

  /** Sends a signal to this process. One that is neither caught nor ignored ends it. */
  signal(name: SignalName): void
  /** From now on the signal does not end the process but counts and wakes, as `ping` wants Ctrl-C. */
  catchSignal(name: SignalName): Caught
  ignoreSignal(name: SignalName): void
  /** Back to what the signal does by default. */
  resetSignal(name: SignalName): void

  /** How many processes and calls of shell functions this place is inside of. */
  nesting: number
  /** Whether there is room for one process more. */
  readonly maySpawn: boolean
  /** Lets time pass if the machine did too much without; a unit is a byte moved, a command of a shell is a thousand. */
  work(units: number): Task<void>

  /**
   * Starts a child that runs `main` and has its own copy of environment, directory and descriptors. Where there is no room
   * for it, ends this process with 254, the status of a shell that cannot fork.
   */
  spawn(main: Command, options: SpawnOptions): Process
  readonly ended: boolean
  /** The exit status, 128 + signal for one that a signal ended; undefined while it runs. */
  readonly status: number | undefined
  readonly endedBy: SignalName | undefined
  /** Waits for the end; the status. */
  wait(): Task<number>
}

/** The machine as its programs see it. */
export interface System {
  hostname: string
  readonly kernel: Kernel
  readonly clock: Clock
  readonly random: Random
  readonly files: FileSystem
  readonly effort: Effort
  readonly commands: Commands
  /** Running processes by pid, in the order in which they started. Pid 1 is init. */
  readonly processes: ReadonlyMap<number, Process>
  /** Milliseconds since 1970 in UTC, what `date` shows. */
  wallTime(): number
  /** Nanoseconds of the clock at which the machine was started, for `uptime`. */
  readonly booted: number
  /** The program that a name means: through $PATH when it has no slash. 126 it cannot be executed, 127 there is none. */
  find(name: string, process: Process): Found
}

/** What `find` found: a program of the table and its path, or a script in the file system, or why not. */
export type Found =
  | { kind: 'command'; path: string; command: Command }
  | { kind: 'script'; path: string }
  | { kind: 'none'; status: 126 | 127; why: string }
