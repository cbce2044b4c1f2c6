import { Fault, type Json, printJson } from '../../ovsdb/index.ts'
import type { Task } from '../../runtime/index.ts'
import { type Daemon, flushLog } from '../daemon/index.ts'
import type { Exit } from '../endings.ts'
import type { TlsWords } from '../program.ts'
import { prettyJson } from '../table.ts'
import type { Options } from './options.ts'

/** What a command of ovsdb-client has to do its work. */
export interface Call extends Daemon {
  /** Without the command's name; without the server and the database where the command says that it needs them. */
  readonly args: readonly string[]
  readonly options: Options
  /** What `ssl:` takes. */
  readonly tls: TlsWords
  /** Ends the command where it stands. */
  readonly exit: Exit
  /** What is to be done when the command has ended, however it did. */
  readonly ends: (() => void)[]
}

export const program = 'ovsdb-client'

/** Ends the command with `ovsdb-client: TEXT` on stderr, and status 1. */
export function* fatal(call: Call, text: string): Task<never> {
  yield* flushLog(call)
  yield* call.stdio.error(`${program}: ${text}`)
  yield call.exit(1)
  throw new Error('a command went on after its end')
}

/** The value, unless it is a fault or a text: that says what is wrong, and the command ends with it. */
export function* orFatal<T>(call: Call, value: T | Fault | string): Task<T> {
  return value instanceof Fault || typeof value === 'string' ? yield* fatal(call, String(value)) : value
}

/** Complains and goes on. */
export function* complain(call: Call, text: string): Task<void> {
  yield* flushLog(call)
  yield* call.stdio.error(`${program}: ${text}`)
}

/** JSON as a line, or as several with `--pretty`. */
export const jsonText = (json: Json, { style }: Options): string =>
  `${style.pretty ? prettyJson(json) : printJson(json, true)}\n`
