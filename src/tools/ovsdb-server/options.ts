/** The command line of ovsdb-server(1). */
import {
  applyDaemonOption,
  type DaemonOptions,
  daemonDefaults,
  logShapes,
  processShapes,
  tlsShapes,
  tlsVersionShapes,
} from '../daemon/index.ts'
import { type FoundOption, readOptions, type Shape } from '../getopt.ts'
import type { TlsWords } from '../program.ts'
import { ovsdbServerModules } from './modules.ts'

export type Options = DaemonOptions & {
  remotes: string[]
  tls: TlsWords
  /** `--run`. */
  run: string | undefined
  /** Whether a server without files has none at all. */
  noDatabases: boolean
  /** Whether the files have what differs. */
  asDifferences: boolean
  /** The server to follow, and the tables not to take from it. */
  syncFrom: string | undefined
  syncExclude: string | undefined
  /** Not to follow it before it is told to. */
  active: boolean
  shows: 'help' | 'version' | undefined
}

export type Parsed = { ok: true; options: Options; words: string[] } | { ok: false; error: string }

const shapes: readonly Shape[] = [
  { long: 'remote', takes: 'value' },
  { long: 'unixctl', takes: 'value' },
  { long: 'run', takes: 'value' },
  { long: 'help', short: 'h' },
  { long: 'version', short: 'V' },
  ...processShapes,
  ...logShapes,
  { long: 'peer-ca-cert', takes: 'value' },
  { long: 'bootstrap-ca-cert', takes: 'value' },
  ...tlsShapes,
  ...tlsVersionShapes,
  { long: 'sync-from', takes: 'value' },
  { long: 'sync-exclude-tables', takes: 'value' },
  { long: 'active' },
  { long: 'no-dbs' },
  { long: 'disable-file-column-diff' },
  { long: 'record', takes: 'perhaps' },
  { long: 'replay', takes: 'perhaps' },
]

/** What an option sets; a text is what is wrong with it. */
const settingsOf: Readonly<Record<string, (value: string, options: Options) => Partial<Options> | string>> = {
  remote: (value, { remotes }) => ({ remotes: [...remotes, value] }),
  run: run => ({ run }),
  help: () => ({ shows: 'help' }),
  version: () => ({ shows: 'version' }),
  'sync-from': syncFrom => ({ syncFrom }),
  'sync-exclude-tables': syncExclude => ({ syncExclude }),
  active: () => ({ active: true }),
  'no-dbs': () => ({ noDatabases: true }),
  'disable-file-column-diff': () => ({ asDifferences: false }),
  record: () => 'replay files are not supported',
  replay: () => 'replay files are not supported',
}

export const parseOptions = (args: readonly string[]): Parsed => {
  const read = readOptions(args, shapes)
  const options: Options = {
    ...daemonDefaults(),
    remotes: [],
    run: undefined,
    noDatabases: false,
    asDifferences: true,
    syncFrom: undefined,
    syncExclude: undefined,
    active: false,
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

const apply = (options: Options, found: FoundOption): string | undefined => {
  const wrong = applyDaemonOption(options, found, ovsdbServerModules)
  if (wrong !== undefined) return wrong
  const settings = settingsOf[found.name]?.(found.value ?? '', options)
  if (typeof settings === 'string') return settings
  Object.assign(options, settings)
  return undefined
}
