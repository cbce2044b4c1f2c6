/** How ovs-vsctl reads its words: options for all, then commands apart by `--`, each with options of its own. */
import type { Output, VsctlCommand, VsctlCommands } from './command.ts'

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
  help: boolean
  version: boolean
  output: Output
}

export type Parsed = { ok: true; global: Global; steps: Step[] }
type Refused = { ok: false; error: string }
const refuse = (error: string): Refused => ({ ok: false, error })

/** A trailing `=` marks an option with a value. */
const globalOptions = [
  '--db=',
  '--no-syslog',
  '--no-wait',
  '--dry-run',
  '--oneline',
  '--timeout=',
  '--retry',
  '--format=',
  '--data=',
  '--bare',
  '--no-headings',
  '--pretty',
  '--help',
  '--version',
  '--verbose',
  '--leader-only',
  '--no-leader-only',
]
const short: Record<string, string> = {
  t: '--timeout=',
  f: '--format=',
  d: '--data=',
  h: '--help',
  V: '--version',
  v: '--verbose',
}
const readers = new Set([
  'list-br',
  'br-exists',
  'br-to-vlan',
  'br-to-parent',
  'br-get-external-id',
  'list-ports',
  'list-ifaces',
  'port-to-br',
  'iface-to-br',
  'get-fail-mode',
  'get-controller',
  'get-manager',
  'get-ssl',
  'show',
  'get',
  'list',
  'find',
  'wait-until',
  'comment',
])

/** Reads all words, or says what is wrong with them. */
export const parseCommandLine = (words: readonly string[], commands: VsctlCommands): Parsed | Refused => {
  const global: Global = {
    db: undefined,
    noWait: false,
    dryRun: false,
    oneline: false,
    help: false,
    version: false,
    output: { format: 'list', bare: false, headings: true },
  }
  const known = new Set(Object.values(commands).flatMap(command => command.options ?? []))
  const own: string[] = []
  let at = 0
  for (; at < words.length; at++) {
    const word = words[at] as string
    if (word === '--' || !word.startsWith('-') || word === '-') break
    const read = readGlobal(words, at, known)
    if (typeof read === 'string') return refuse(read)
    if (read.option === undefined) own.push(word)
    else {
      const wrong = apply(global, read.option, read.value)
      if (wrong !== undefined) return refuse(wrong)
    }
    at = read.at
  }
  if (global.help || global.version) return { ok: true, global, steps: [] }
  const steps: Step[] = []
  for (const part of splitAt([...own, ...words.slice(at)])) {
    const step = readStep(part, commands)
    if (typeof step === 'string') return refuse(step)
    if (step !== undefined) steps.push(step)
  }
  if (steps.length === 0) return refuse('missing command name (use --help for help)')
  return { ok: true, global, steps }
}

type Read = { option: string | undefined; value: string; at: number }

/** One option of the first group: a global one, or a command's (`option` undefined). A unique beginning will do. */
const readGlobal = (words: readonly string[], at: number, known: ReadonlySet<string>): Read | string => {
  const word = words[at] as string
  const letter = word[1] as string
  if (letter !== '-') {
    const option = short[letter]
    if (option === undefined) return `invalid option -- '${letter}'`
    if (!option.endsWith('=')) return { option, value: word.slice(2), at }
    if (word.length > 2) return { option, value: word.slice(2), at }
    return at + 1 < words.length
      ? { option, value: words[at + 1] as string, at: at + 1 }
      : `option requires an argument -- '${letter}'`
  }
  const equals = word.indexOf('=')
  const name = equals < 0 ? word : word.slice(0, equals)
  const bare = (option: string): string => option.replace(/=$/, '')
  if ([...known].some(option => bare(option) === name)) return { option: undefined, value: '', at }
  const exact = globalOptions.find(option => bare(option) === name)
  const fit = exact === undefined ? globalOptions.filter(option => option.startsWith(name)) : [exact]
  if (fit.length !== 1) return `unrecognized option '${word}'`
  const option = fit[0] as string
  if (!option.endsWith('=')) return { option, value: '', at }
  if (equals >= 0) return { option, value: word.slice(equals + 1), at }
  return at + 1 < words.length
    ? { option, value: words[at + 1] as string, at: at + 1 }
    : `option '${bare(option)}' requires an argument`
}

const formats: readonly string[] = ['list', 'table', 'csv', 'json', 'html'] satisfies Output['format'][]
const isFormat = (text: string): text is Output['format'] => formats.includes(text)

const apply = (global: Global, option: string, value: string): string | undefined => {
  switch (option) {
    case '--db=':
      global.db = value
      break
    case '--no-wait':
      global.noWait = true
      break
    case '--dry-run':
      global.dryRun = true
      break
    case '--oneline':
      global.oneline = true
      break
    case '--timeout=':
      return /^[1-9][0-9]*$/.test(value) ? undefined : `value ${value} on -t or --timeout is invalid`
    case '--format=':
      if (!isFormat(value)) return `unknown output format "${value}"`
      global.output.format = value
      break
    case '--bare':
      global.output = { format: 'list', bare: true, headings: false }
      break
    case '--no-headings':
      global.output.headings = false
      break
    case '--help':
      global.help = true
      break
    case '--version':
      global.version = true
  }
  return undefined
}

const splitAt = (words: readonly string[]): string[][] => {
  const parts: string[][] = [[]]
  for (const word of words) {
    if (word === '--') parts.push([])
    else parts.at(-1)?.push(word)
  }
  return parts
}

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
  if (args.length > command.max) return `'${name}' command takes at most ${command.max} arguments`
  const wrong = command.check?.(args)
  if (wrong !== undefined) return wrong
  return { command, args, options, text: words.join(' '), changes: !readers.has(name) }
}
