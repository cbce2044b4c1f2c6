/** The command line of ovs-testcontroller(8). */
import { allVersions, versionSet } from '../../openflow/hello.ts'
import { parseVersions } from '../../openflow/index.ts'
import {
  applyDaemonOption,
  type DaemonOptions,
  daemonDefaults,
  logShapes,
  processShapes,
  tlsShapes,
} from '../daemon/index.ts'
import { type FoundOption, readOptions, type Shape } from '../getopt.ts'
import type { TlsWords } from '../program.ts'
import type { LearningOptions } from './learning-switch.ts'
import { testcontrollerModules } from './modules.ts'

export type Options = DaemonOptions & {
  tls: TlsWords
  /** How each switch is dealt with; its flows are read from `flowFiles`. */
  learning: Omit<LearningOptions, 'flows'>
  flowFiles: string[]
  /** What is said of an option that does not go with another. */
  passedOver: string | undefined
  shows: 'help' | 'version' | undefined
}

const passedOver = {
  normal: 'queue IDs are incompatible with -N or --normal; not using OFPP_NORMAL',
  hub: 'queue IDs are incompatible with -H or --hub; not acting as hub',
} as const

export type Parsed = { ok: true; options: Options; words: string[] } | { ok: false; error: string }

const shapes: readonly Shape[] = [
  { long: 'hub', short: 'H' },
  { long: 'noflow', short: 'n' },
  { long: 'normal', short: 'N' },
  { long: 'wildcards', short: 'w', takes: 'perhaps' },
  { long: 'max-idle', takes: 'value' },
  // It is taken and does nothing, as in 3.1.
  { long: 'mute' },
  { long: 'queue', short: 'q', takes: 'value' },
  { long: 'port-queue', short: 'Q', takes: 'value' },
  { long: 'with-flows', takes: 'value' },
  { long: 'unixctl', takes: 'value' },
  { long: 'help', short: 'h' },
  ...processShapes,
  { long: 'version', short: 'V' },
  { long: 'protocols', short: 'O', takes: 'value' },
  ...logShapes,
  ...tlsShapes,
  { long: 'peer-ca-cert', takes: 'value' },
]

/** A flow with none of these bits set in its wildcards looks at MACs, port and VLAN alone: what `-w` means by itself. */
const usualWildcards = 0x3820f0

const number32 = (text: string, base: 10 | 16): number => {
  const [digits] = (base === 16 ? /^\s*(?:0x)?([0-9a-f]+)/i : /^\s*([+-]?[0-9]+)/).exec(text) ?? []
  const value = digits === undefined ? 0 : Number.parseInt(digits, base)
  return Number.isFinite(value) ? value >>> 0 : 0xffffffff
}

/** What an option does; a text is what is wrong with it. */
const setters: Readonly<Record<string, (options: Options, value: string | undefined) => string | undefined>> = {
  hub({ learning }) {
    learning.mode = 'hub'
    return undefined
  },
  normal({ learning }) {
    learning.mode = 'normal'
    return undefined
  },
  noflow({ learning }) {
    learning.idleTimeout = undefined
    return undefined
  },
  wildcards({ learning }, value) {
    learning.wildcards = value === undefined ? usualWildcards : number32(value, 16)
    return undefined
  },
  'max-idle'({ learning }, value = '') {
    const seconds = value === 'permanent' ? 0 : /^\s*\+?[0-9]+/.test(value) ? Number.parseInt(value, 10) : 0
    if (value !== 'permanent' && (seconds < 1 || seconds > 0xffff))
      return "--max-idle argument must be between 1 and 65535 or the word 'permanent'"
    learning.idleTimeout = seconds
    return undefined
  },
  queue({ learning }, value = '') {
    learning.queue = number32(value, 10)
    return undefined
  },
  'port-queue'({ learning }, value = '') {
    const [, name, queue = ''] = /^:*([^:]+):+(.+)$/s.exec(value) ?? []
    if (name === undefined) return 'argument to -Q or --port-queue should take the form "<port-name>:<queue-id>"'
    learning.portQueues = new Map(learning.portQueues).set(name, number32(queue, 10))
    return undefined
  },
  'with-flows'({ flowFiles }, value = '') {
    flowFiles.push(value)
    return undefined
  },
  protocols({ learning }, value = '') {
    const versions = parseVersions(value)
    if (typeof versions === 'string') return `Unknown OpenFlow version: "${versions}"`
    learning.versions = versions.length > 0 ? versionSet(versions) : allVersions
    return undefined
  },
  help(options) {
    options.shows = 'help'
    return undefined
  },
  version(options) {
    options.shows = 'version'
    return undefined
  },
}

const defaults = (): Options => ({
  ...daemonDefaults(),
  learning: {
    versions: allVersions,
    mode: 'switch',
    idleTimeout: 60,
    wildcards: 0,
    queue: undefined,
    portQueues: new Map(),
  },
  flowFiles: [],
  passedOver: undefined,
  shows: undefined,
})

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
  const { learning } = options
  if ((learning.queue !== undefined || learning.portQueues.size > 0) && learning.mode !== 'switch') {
    options.passedOver = passedOver[learning.mode]
    learning.mode = 'switch'
  }
  return { ok: true, options, words: read.words }
}

const apply = (options: Options, found: FoundOption): string | undefined =>
  applyDaemonOption(options, found, testcontrollerModules) ?? setters[found.name]?.(options, found.value)
