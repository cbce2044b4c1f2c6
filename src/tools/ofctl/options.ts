import { plainName } from '../../flow/match-text.ts'
import {
  formatProtocols,
  type PacketInFormat,
  type Protocols,
  parseVersions,
  protocolsNamed,
  protocolsOf,
  type Version,
} from '../../openflow/index.ts'
import {
  applyDaemonOption,
  type DaemonOptions,
  daemonDefaults,
  logShapes,
  processShapes,
  tlsShapes,
  tlsVersionShapes,
} from '../daemon/index.ts'
import { type FoundOption, listOptions, readOptions, type Shape, secondsOf } from '../getopt.ts'
import type { TlsWords } from '../program.ts'
import { ofctlModules } from '../vlog/index.ts'
import { type ColorWish, colorWish } from './colors.ts'

export type Sorting = { field: string; descending: boolean }

export type Options = DaemonOptions & {
  /** `-O`; 1.0 alone unless said otherwise. */
  versions: Version[]
  /** `-F`; undefined leaves it open. */
  flowFormat: Protocols | undefined
  packetInFormat: PacketInFormat | undefined
  strict: boolean
  /** `--names`, `--no-names`; undefined leaves it to whether stdout is a terminal. */
  names: boolean | undefined
  stats: boolean
  bundle: boolean
  readd: boolean
  mayCreate: boolean
  readOnly: boolean
  /** How many `-m`. */
  verbosity: number
  timestamp: boolean
  color: ColorWish
  /** Seconds. */
  timeout: number | undefined
  sort: Sorting[]
  /** Of the commands that make a file of packets. */
  pcap: boolean
  raw: boolean
  tls: TlsWords
  /** Prints something and ends: `-h`, `-V`, `-o`. */
  shows: 'help' | 'version' | 'options' | undefined
}

export type Parsed = { ok: true; options: Options; words: string[] } | { ok: false; error: string }

/** All long options in the order in which `--option` lists them. */
const shapes: readonly Shape[] = [
  { long: 'timeout', short: 't', takes: 'value' },
  { long: 'strict' },
  { long: 'readd' },
  { long: 'flow-format', short: 'F', takes: 'value' },
  { long: 'packet-in-format', short: 'P', takes: 'value' },
  { long: 'more', short: 'm' },
  { long: 'timestamp' },
  { long: 'sort', takes: 'perhaps' },
  { long: 'rsort', takes: 'perhaps' },
  { long: 'names' },
  { long: 'no-names' },
  { long: 'stats' },
  { long: 'no-stats' },
  { long: 'unixctl', takes: 'value' },
  { long: 'help', short: 'h' },
  { long: 'option', short: 'o' },
  { long: 'bundle' },
  { long: 'color', takes: 'perhaps' },
  { long: 'may-create' },
  { long: 'pcap' },
  { long: 'raw' },
  { long: 'read-only' },
  ...processShapes,
  { long: 'version', short: 'V' },
  { long: 'protocols', short: 'O', takes: 'value' },
  ...logShapes,
  ...tlsShapes,
  ...tlsVersionShapes,
]

/** What `--option` prints. */
export const optionList = listOptions(shapes)

const defaults = (): Options => ({
  versions: [1],
  flowFormat: undefined,
  packetInFormat: undefined,
  strict: false,
  names: undefined,
  stats: true,
  bundle: false,
  readd: false,
  mayCreate: false,
  readOnly: false,
  verbosity: 0,
  timestamp: false,
  color: 'never',
  timeout: undefined,
  sort: [],
  pcap: false,
  raw: false,
  ...daemonDefaults(),
  shows: undefined,
})

/** Bundles came with 1.4, and 1.3 has them by an extension. */
const withBundles = { least: 4, usual: 5 } as const satisfies Record<string, Version>

/** Options stand anywhere among the words; after `--` there are none. */
export const parseOptions = (args: readonly string[]): Parsed => {
  const read = readOptions(args, shapes)
  const options = defaults()
  for (const found of read.options) {
    const wrong = apply(options, found)
    if (wrong !== undefined) return { ok: false, error: wrong }
    // Those that print something do not wait for what comes after them.
    if (options.shows !== undefined) return { ok: true, options, words: [] }
  }
  if (read.error !== undefined) return { ok: false, error: read.error }
  if (options.bundle && !options.versions.some(version => version >= withBundles.least))
    options.versions = [withBundles.usual]
  if (options.flowFormat !== undefined) {
    const wrong = keepToFormat(options, options.flowFormat)
    if (wrong !== undefined) return { ok: false, error: wrong }
  }
  return { ok: true, options, words: read.words }
}

/** Drops the versions that cannot say flows in a format. */
const keepToFormat = (options: Options, format: Protocols): string | undefined => {
  const { versions } = options
  options.versions = versions.filter(version => (protocolsOf(version) & format) !== 0)
  if (options.versions.length > 0) return undefined
  const enabled = versions.map(version => `OpenFlow1${version - 1}`).join(', ')
  return `None of the enabled OpenFlow versions (${enabled}) supports any of the enabled flow formats (${formatProtocols(format)}).  (Use -O to enable additional OpenFlow versions or -F to enable additional flow formats.)`
}

/** A list of versions without any leaves it to the two sides. */
const allOf: readonly Version[] = [1, 2, 3, 4, 5, 6]

const packetInFormats: Readonly<Record<string, PacketInFormat>> = {
  standard: 'standard',
  openflow10: 'standard',
  nxt_packet_in: 'nxt_packet_in',
  nxm: 'nxt_packet_in',
  nxt_packet_in2: 'nxt_packet_in2',
}

/** Options that say all by being there. */
const flags: Readonly<Record<string, Partial<Options>>> = {
  strict: { strict: true },
  readd: { readd: true },
  timestamp: { timestamp: true },
  names: { names: true },
  'no-names': { names: false },
  stats: { stats: true },
  'no-stats': { stats: false },
  help: { shows: 'help' },
  version: { shows: 'version' },
  option: { shows: 'options' },
  bundle: { bundle: true },
  'may-create': { mayCreate: true },
  pcap: { pcap: true },
  raw: { raw: true },
  'read-only': { readOnly: true },
}

type Setter = (options: Options, value: string | undefined) => string | undefined

const sortBy =
  (descending: boolean): Setter =>
  (options, value = 'priority') => {
    const field = value.toLowerCase() === 'priority' ? 'priority' : value
    if (field !== 'priority' && plainName(field) === undefined) return `${value}: unknown field name`
    options.sort.push({ field, descending })
    return undefined
  }

/** A text is what is wrong. */
const setters: Readonly<Record<string, Setter>> = {
  timeout(options, value = '') {
    options.timeout = secondsOf(value)
    return options.timeout === undefined ? `value ${value} on -t or --timeout is invalid` : undefined
  },
  'flow-format'(options, value = '') {
    const protocols = protocolsNamed(value)
    if (typeof protocols === 'string') return protocols
    options.flowFormat = protocols
    return undefined
  },
  'packet-in-format'(options, value = '') {
    const format = Object.hasOwn(packetInFormats, value) ? packetInFormats[value] : undefined
    if (format === undefined) return `unknown packet-in format \`${value}'`
    options.packetInFormat = format
    return undefined
  },
  more(options) {
    options.verbosity++
    return undefined
  },
  sort: sortBy(false),
  rsort: sortBy(true),
  color(options, value) {
    const wish = colorWish(value)
    if (wish === undefined) return `incorrect value \`${value}' for --color`
    options.color = wish
    return undefined
  },
  protocols(options, value = '') {
    const versions = parseVersions(value)
    if (typeof versions === 'string') return `Unknown OpenFlow version: "${versions}"`
    options.versions = versions.length > 0 ? [...new Set(versions)].sort() : [...allOf]
    return undefined
  },
}

const apply = (options: Options, found: FoundOption): string | undefined => {
  const { name, value } = found
  Object.assign(options, flags[name])
  return applyDaemonOption(options, found, ofctlModules) ?? setters[name]?.(options, value)
}
