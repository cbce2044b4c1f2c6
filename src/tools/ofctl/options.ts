import { parseVersions, type Version } from '../../openflow/index.ts'

export type Options = {
  versions: Version[]
  strict: boolean
  /** `--names`, `--no-names`; undefined leaves it to whether stdout is a terminal. */
  names: boolean | undefined
  stats: boolean
  bundle: boolean
  readd: boolean
  sort: { field: string; descending: boolean }[]
  help: boolean
  version: boolean
}

export type Parsed = { ok: true; options: Options; words: string[] } | { ok: false; error: string }
const refuse = (error: string): Parsed => ({ ok: false, error })

/** `=` marks a value, `?` one that may be missing. */
const long = [
  'protocols=',
  'strict',
  'names',
  'no-names',
  'stats',
  'no-stats',
  'bundle',
  'readd',
  'read-only',
  'sort?',
  'rsort?',
  'timeout=',
  'flow-format=',
  'packet-in-format=',
  'more',
  'timestamp',
  'color?',
  'may-create',
  'help',
  'version',
  'verbose?',
]
const short: Record<string, string> = {
  O: 'protocols=',
  t: 'timeout=',
  F: 'flow-format=',
  P: 'packet-in-format=',
  m: 'more',
  h: 'help',
  V: 'version',
  v: 'verbose?',
}

/** Options stand anywhere among the words; after `--` there are none. */
export const parseOptions = (args: readonly string[]): Parsed => {
  const options: Options = {
    versions: [1],
    strict: false,
    names: undefined,
    stats: true,
    bundle: false,
    readd: false,
    sort: [],
    help: false,
    version: false,
  }
  const words: string[] = []
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] as string
    if (arg === '--') {
      words.push(...args.slice(at + 1))
      break
    }
    if (!arg.startsWith('-') || arg === '-') {
      words.push(arg)
      continue
    }
    const found = arg.startsWith('--') ? findLong(arg) : findShort(arg)
    if (typeof found === 'string') return refuse(found)
    let { value } = found
    if (found.option.endsWith('=') && value === undefined) {
      if (++at >= args.length) {
        return refuse(
          arg.startsWith('--')
            ? `option '--${found.option.slice(0, -1)}' requires an argument`
            : `option requires an argument -- '${arg[1]}'`,
        )
      }
      value = args[at]
    }
    const wrong = apply(options, found.option.replace(/[=?]$/, ''), value)
    if (wrong !== undefined) return refuse(wrong)
  }
  return { ok: true, options, words }
}

const findLong = (arg: string): { option: string; value: string | undefined } | string => {
  const equals = arg.indexOf('=')
  const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals)
  const exact = long.find(option => option.replace(/[=?]$/, '') === name)
  const fit = exact === undefined ? long.filter(option => option.startsWith(name)) : [exact]
  if (fit.length !== 1) return `unrecognized option '${arg}'`
  return { option: fit[0] as string, value: equals < 0 ? undefined : arg.slice(equals + 1) }
}

const findShort = (arg: string): { option: string; value: string | undefined } | string => {
  const option = short[arg[1] as string]
  if (option === undefined) return `invalid option -- '${arg[1]}'`
  return { option, value: arg.length > 2 ? arg.slice(2) : undefined }
}

const apply = (options: Options, name: string, value: string | undefined): string | undefined => {
  switch (name) {
    case 'protocols': {
      const versions = parseVersions(value ?? '')
      if (typeof versions === 'string') return `Unknown OpenFlow version: "${versions}"`
      options.versions = versions
      break
    }
    case 'strict':
    case 'bundle':
    case 'readd':
    case 'help':
    case 'version':
      options[name] = true
      break
    case 'names':
      options.names = true
      break
    case 'no-names':
      options.names = false
      break
    case 'stats':
      options.stats = true
      break
    case 'no-stats':
      options.stats = false
      break
    case 'sort':
    case 'rsort': {
      const field = value ?? 'priority'
      options.sort.push({ field, descending: name === 'rsort' })
    }
  }
  return undefined
}
