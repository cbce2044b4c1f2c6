/** How ovs-vsctl reads its words: options for all, then commands apart by `--`, each with options of its own. */
import { applyTlsOption, logShapes, tlsShapes, tlsVersionShapes } from '../daemon/index.ts'
import { type FoundOption, listOptions, readOptions, type Shape, secondsOf } from '../getopt.ts'
import type { TlsWords } from '../program.ts'
import { applyTableOption, type TableStyle, tableShapes, tableStyle } from '../table.ts'
import { type LogStep, logStepOf, newLogSettings } from '../vlog/index.ts'
import type { VsctlCommand, VsctlCommands } from './command.ts'
import { vsctlModules } from './modules.ts'

export type Step = {
  command: VsctlCommand
  args: string[]
  options: Map<string, string>
  /** As typed. */
  text: string
  /** Whether it may change the database. */
  changes: boolean
}

export type Global = {
  db: string | undefined
  noWait: boolean
  dryRun: boolean
  oneline: boolean
  /** Seconds until it gives up. */
  timeout: number | undefined
  retry: boolean
  leaderOnly: boolean
  shuffle: boolean
  shows: 'help' | 'version' | 'options' | 'commands' | undefined
  style: TableStyle
  logging: LogStep[]
  tls: TlsWords
}

export type Parsed = { ok: true; global: Global; steps: Step[] }
/** With what was said of the log until then. */
type Refused = { ok: false; error: string; logging: LogStep[] }

const shapes: readonly Shape[] = [
  { long: 'db', takes: 'value' },
  { long: 'no-syslog' },
  { long: 'no-wait' },
  { long: 'dry-run' },
  { long: 'oneline' },
  { long: 'timeout', short: 't', takes: 'value' },
  { long: 'retry' },
  { long: 'help', short: 'h' },
  { long: 'commands' },
  { long: 'options' },
  { long: 'leader-only' },
  { long: 'no-leader-only' },
  { long: 'shuffle-remotes' },
  { long: 'no-shuffle-remotes' },
  { long: 'version', short: 'V' },
  ...logShapes,
  ...tableShapes,
  ...tlsShapes,
  ...tlsVersionShapes,
  { long: 'bootstrap-ca-cert', takes: 'value' },
  { long: 'peer-ca-cert', takes: 'value' },
]

/** What `--options` prints; a value that may be left out looks as one that may not, and nothing stands behind short names. */
export const vsctlOptionList = listOptions(
  shapes.map(({ takes, ...shape }) => (takes === undefined ? shape : { ...shape, takes: 'value' })),
).replace(/ $/gm, '')

const readers = new Set(
  (
    'list-br br-exists br-to-vlan br-to-parent br-get-external-id list-ports list-ifaces port-to-br iface-to-br ' +
    'get-fail-mode get-controller get-manager get-ssl get-aa-mapping list-zone-tp list-dp-cap show get list find ' +
    'wait-until'
  ).split(' '),
)

/** Reads all words, or says what is wrong with them. */
export const parseCommandLine = (words: readonly string[], commands: VsctlCommands): Parsed | Refused => {
  const global: Global = {
    db: undefined,
    noWait: false,
    dryRun: false,
    oneline: false,
    timeout: undefined,
    retry: false,
    leaderOnly: true,
    shuffle: true,
    shows: undefined,
    style: tableStyle('list'),
    logging: [
      { do: 'levels', spec: 'console:warn' },
      { do: 'levels', spec: 'reconnect:warn' },
    ],
    tls: {},
  }
  const refuse = (error: string): Refused => ({ ok: false, error, logging: global.logging })
  const own = [...new Set(Object.values(commands).flatMap(({ options = [] }) => options))].map((option): Shape => {
    const long = option.slice(2).replace(/=$/, '')
    return option.endsWith('=') ? { long, takes: 'value' } : { long }
  })
  const read = readOptions(words, [...shapes, ...own], 'leading')
  const first: string[] = []
  for (const option of read.options) {
    const { name, value } = option
    if (own.some(({ long }) => long === name)) first.push(value === undefined ? `--${name}` : `--${name}=${value}`)
    else {
      const wrong = apply(global, option)
      if (wrong !== undefined) return refuse(wrong)
    }
    if (global.shows !== undefined) return { ok: true, global, steps: [] }
  }
  if (read.error !== undefined) return refuse(read.error)
  const steps: Step[] = []
  for (const part of splitAt([...first, ...read.words])) {
    const step = readStep(part, commands)
    if (typeof step === 'string') return refuse(step)
    if (step !== undefined) steps.push(step)
  }
  if (steps.length === 0) return refuse('missing command name (use --help for help)')
  return { ok: true, global, steps }
}

/** Options that say all by being there. */
const flags: Readonly<Record<string, Partial<Global>>> = {
  'no-wait': { noWait: true },
  'dry-run': { dryRun: true },
  oneline: { oneline: true },
  retry: { retry: true },
  'leader-only': { leaderOnly: true },
  'no-leader-only': { leaderOnly: false },
  'shuffle-remotes': { shuffle: true },
  'no-shuffle-remotes': { shuffle: false },
  help: { shows: 'help' },
  version: { shows: 'version' },
  options: { shows: 'options' },
  commands: { shows: 'commands' },
}

const noSyslog: LogStep = { do: 'levels', spec: 'vsctl:syslog:warn' }

/** A text is what is wrong with the option. */
const apply = (global: Global, option: FoundOption): string | undefined => {
  const { name, value = '' } = option
  applyTlsOption(global.tls, option)
  if (Object.hasOwn(flags, name)) Object.assign(global, flags[name])
  else if (name === 'db') global.db = value
  else if (name === 'no-syslog') global.logging.push(noSyslog)
  else if (name === 'timeout') {
    global.timeout = secondsOf(value)
    if (global.timeout === undefined) return `value ${value} on -t or --timeout is invalid`
  }
  const step = logStepOf(name, option.value, newLogSettings(vsctlModules))
  if (typeof step === 'string') return step
  if (step !== undefined) global.logging.push(step)
  return applyTableOption(global.style, option)
}

const splitAt = (words: readonly string[]): string[][] => {
  const parts: string[][] = [[]]
  for (const word of words) {
    if (word === '--') parts.push([])
    else parts.at(-1)?.push(word)
  }
  return parts
}

const optionsGoFirst = ' (note that options must precede command names and follow a "--" argument)'

const readStep = (words: readonly string[], commands: VsctlCommands): Step | string | undefined => {
  let at = 0
  const options = new Map<string, string>()
  for (; at < words.length && (words[at] as string).startsWith('-'); at++) {
    const word = words[at] as string
    const equals = word.indexOf('=')
    const name = equals < 0 ? word : word.slice(0, equals)
    if (options.has(name)) return `'${name}' option specified multiple times`
    options.set(name, equals < 0 ? '' : word.slice(equals + 1))
  }
  if (at >= words.length) return words.length === 0 ? undefined : 'missing command name (use --help for help)'
  const name = words[at] as string
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined) return `unknown command '${name}'; use --help for help`
  for (const [option, value] of options) {
    const takesValue = command.options?.includes(`${option}=`) === true
    if (!takesValue && !command.options?.includes(option)) return `'${name}' command has no '${option}' option`
    if (takesValue && value === '' && !words.includes(`${option}=`))
      return `missing argument to '${option}' option on '${name}' command`
  }
  const args = words.slice(at + 1)
  if (args.length < command.min) return `'${name}' command requires at least ${command.min} arguments`
  if (args.length > command.max) {
    const note = args.some(arg => arg.startsWith('-')) ? optionsGoFirst : ''
    return `'${name}' command takes at most ${command.max} arguments${note}`
  }
  return { command, args, options, text: words.join(' '), changes: !readers.has(name) }
}
