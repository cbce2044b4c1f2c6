/** The command line of ovs-vswitchd(8). */
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
import { vswitchdModules } from './modules.ts'

/** What dummies stand for: nothing but `type=dummy`, the machine's devices, or all devices there are. */
export type DummyLevel = 'none' | 'system' | 'override'

export type Options = DaemonOptions & {
  tls: TlsWords
  /** `--enable-dummy`. */
  dummies: DummyLevel | undefined
  shows: 'help' | 'version' | undefined
}

export type Parsed = { ok: true; options: Options; words: string[] } | { ok: false; error: string }

const shapes: readonly Shape[] = [
  { long: 'help', short: 'h' },
  { long: 'version', short: 'V' },
  { long: 'mlockall' },
  { long: 'unixctl', takes: 'value' },
  ...processShapes,
  ...logShapes,
  ...tlsShapes,
  ...tlsVersionShapes,
  { long: 'peer-ca-cert', takes: 'value' },
  { long: 'bootstrap-ca-cert', takes: 'value' },
  { long: 'enable-dummy', takes: 'perhaps' },
  { long: 'disable-system' },
  { long: 'disable-system-route' },
  { long: 'dpdk', takes: 'perhaps' },
  { long: 'dummy-numa', takes: 'value' },
]

const dummyLevels: Readonly<Record<string, DummyLevel>> = { '': 'none', system: 'system', override: 'override' }

/** What an option sets beside those that all daemons have; a text is what is wrong with it. */
const settings: Readonly<Record<string, (value: string, options: Options) => Partial<Options> | string>> = {
  help: () => ({ shows: 'help' }),
  version: () => ({ shows: 'version' }),
  'enable-dummy'(value) {
    const dummies = Object.hasOwn(dummyLevels, value) ? dummyLevels[value] : undefined
    return dummies === undefined ? `${value}: unknown dummy level` : { dummies }
  },
  dpdk: () => 'Using --dpdk to configure DPDK is not supported.',
}

const apply = (options: Options, found: FoundOption): string | undefined => {
  const wrong = applyDaemonOption(options, found, vswitchdModules)
  if (wrong !== undefined) return wrong
  const set = Object.hasOwn(settings, found.name) ? settings[found.name]?.(found.value ?? '', options) : undefined
  if (typeof set === 'string') return set
  Object.assign(options, set)
  return undefined
}

export const parseOptions = (args: readonly string[]): Parsed => {
  const read = readOptions(args, shapes)
  const options: Options = { ...daemonDefaults(), dummies: undefined, shows: undefined }
  for (const found of read.options) {
    const wrong = apply(options, found)
    if (wrong !== undefined) return { ok: false, error: wrong }
    // Those that print something do not wait for what comes after them.
    if (options.shows !== undefined) return { ok: true, options, words: [] }
  }
  if (read.error !== undefined) return { ok: false, error: read.error }
  if (read.words.length > 1)
    return { ok: false, error: 'at most one non-option argument accepted; use --help for usage' }
  return { ok: true, options, words: read.words }
}
