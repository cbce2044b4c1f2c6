import type { Paint } from '../../flow/paint.ts'
import type { PortNames, Version, Warn } from '../../openflow/index.ts'
import type { Task, Wait } from '../../runtime/index.ts'
import { type Daemon, flushLog } from '../daemon/index.ts'
import type { Connect, Stdio, TlsWords } from '../program.ts'
import type { Log } from '../vlog/index.ts'
import type { Options } from './options.ts'

export { flushLog }

/** What a command of ovs-ofctl has to do its work. */
export interface Call extends Daemon {
  /** Without the command's name. */
  readonly args: readonly string[]
  readonly options: Options
  readonly stdio: Stdio
  readonly connect: Connect
  readonly log: Log
  readonly warn: Warn
  /** `--color`. */
  readonly paint: Paint
  /** What `ssl:` takes. */
  readonly tls: TlsWords
  /** The number of the next message: they are counted through all connections of the process, from 1. */
  xid(): number
  /** Ports and tables of switches that were asked for them, by the word for the switch. */
  readonly known: { ports: Map<string, PortNames>; tables: Map<string, PortNames> }
  /** Connections that were opened and messages that went over them. */
  readonly counters: { vconn_open: number; vconn_sent: number; vconn_received: number }
  /** Ends the command where it stands, as `exit` ends a process; `finally` blocks run. */
  exit(status: number): Wait
}

/** Ends with the exit status. A command that cannot go on ends by `fatal`. */
export type OfctlCommand = {
  min: number
  max: number
  /** Whether `--read-only` refuses it: what changes a switch and, as the original has it, most of what needs none. */
  readWrite?: boolean
  /** Whether it stays until it is told to end, perhaps in the background. */
  stays?: boolean
  run(call: Call): Task<number>
}
export type OfctlCommands = Readonly<Record<string, OfctlCommand>>

/** Ends the command where it stands. */
export function* exit(call: Call, status: number): Task<never> {
  yield* flushLog(call)
  yield call.exit(status)
  throw new Error('a command went on after its end')
}

/** Ends the command with `ovs-ofctl: TEXT` on stderr, and status 1. */
export function* fatal(call: Call, text: string): Task<never> {
  yield* flushLog(call)
  yield* call.stdio.error(`ovs-ofctl: ${text}`)
  return yield* exit(call, 1)
}

/** The value, unless it is a text: that says what is wrong, and the command ends with it. */
export function* orFatal<T>(call: Call, value: T | string): Task<T> {
  return typeof value === 'string' ? yield* fatal(call, value) : value
}

/** Whether names of ports and tables are shown. */
export const showsNames = ({ options, stdio }: Call): boolean => options.names ?? stdio.isTerminal
/** Whether they are understood. */
export const takesNames = ({ options }: Call): boolean => options.names ?? true

/** `(OF1.3)` as headers have it, with a space in front; version 1.0 goes without saying. */
export const ofVersion = (version: Version): string => (version === 1 ? '' : ` (OF1.${version - 1})`)
