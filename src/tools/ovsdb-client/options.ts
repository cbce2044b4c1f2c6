/** The command line of ovsdb-client(1). */
import {
  applyDaemonOption,
  type DaemonOptions,
  daemonDefaults,
  logShapes,
  processShapes,
  tlsShapes,
  tlsVersionShapes,
} from '../daemon/index.ts'
import { type FoundOption, readOptions, type Shape, secondsOf } from '../getopt.ts'
import type { TlsWords } from '../program.ts'
import { applyTableOption, type TableStyle, tableShapes, tableStyle } from '../table.ts'
import { ovsdbClientModules } from './modules.ts'

export type Options = DaemonOptions & {
  tls: TlsWords
  /** Seconds until it gives up. */
  timeout: number | undefined
  /** Whether a table of a monitor says when it came. */
  timestamp: boolean
  /** Whether to restore what has another schema. */
  force: boolean
  /** Whether servers are told that the client knows how to live with databases that come and go; undefined: where it matters. */
  changeAware: boolean | undefined
  /** Whether of a cluster only the leader will do. */
  leaderOnly: boolean
  style: TableStyle
  shows: 'help' | 'version' | undefined
}

export type Parsed = { ok: true; options: Options; words: string[] } | { ok: false; error: string }

const shapes: readonly Shape[] = [
  { long: 'help', short: 'h' },
  { long: 'version', short: 'V' },
  { long: 'timestamp' },
  { long: 'force' },
  { long: 'timeout', short: 't', takes: 'value' },
  { long: 'db-change-aware' },
  { long: 'no-db-change-aware' },
  { long: 'leader-only' },
  { long: 'no-leader-only' },
  ...logShapes,
  ...processShapes,
  { long: 'bootstrap-ca-cert', takes: 'value' },
  ...tlsShapes,
  ...tlsVersionShapes,
  ...tableShapes,
  { long: 'record', takes: 'perhaps' },
  { long: 'replay', takes: 'perhaps' },
]

/** Options that say all by being there. */
const flags: Readonly<Record<string, Partial<Options>>> = {
  help: { shows: 'help' },
  version: { shows: 'version' },
  timestamp: { timestamp: true },
  force: { force: true },
  'db-change-aware': { changeAware: true },
  'no-db-change-aware': { changeAware: false },
  'leader-only': { leaderOnly: true },
  'no-leader-only': { leaderOnly: false },
}

export const parseOptions = (args: readonly string[]): Parsed => {
  const read = readOptions(args, shapes)
  const options: Options = {
    ...daemonDefaults(),
    keepsOutput: true,
    timeout: undefined,
    timestamp: false,
    force: false,
    changeAware: undefined,
    leaderOnly: true,
    style: tableStyle('table'),
    shows: undefined,
  }
  for (const found of read.options) {
    const wrong = apply(options, found)
    if (wrong !== undefined) return { ok: false, error: wrong }
    // Those that print something do not wait for what comes after them.
    if (options.shows !== undefined) return { ok: true, options, words: [] }
  }
  if (read.error !== undefined) return { ok: false, error: read.error }
  return { ok: true, options, words: read.words }
}

/** A text is what is wrong with the option. */
const apply = (options: Options, found: FoundOption): string | undefined => {
  const { name, value = '' } = found
  if (Object.hasOwn(flags, name)) Object.assign(options, flags[name])
  else if (name === 'timeout') {
    options.timeout = secondsOf(value)
    if (options.timeout === undefined) return `value ${value} on -t or --timeout is invalid`
  } else if (name === 'record' || name === 'replay') return 'replay files are not supported'
  return applyDaemonOption(options, found, ovsdbClientModules) ?? applyTableOption(options.style, found)
}
