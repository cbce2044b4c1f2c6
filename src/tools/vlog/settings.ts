/** What is logged, how and where to (ovs-appctl(8), "vlog"): levels by module and destination, patterns, the syslog facility. */

/** From the gravest; `off` shows none. */
export const logLevels = ['off', 'emer', 'err', 'warn', 'info', 'dbg'] as const
export type LogLevel = (typeof logLevels)[number]

export const destinations = ['console', 'syslog', 'file'] as const
export type Destination = (typeof destinations)[number]

/** Numbers of syslog's facilities (RFC 5424 §6.2.1). */
const facilities: Readonly<Record<string, number>> = {
  kern: 0,
  user: 1,
  mail: 2,
  daemon: 3,
  auth: 4,
  syslog: 5,
  lpr: 6,
  news: 7,
  uucp: 8,
  clock: 9,
  ftp: 11,
  ntp: 12,
  audit: 13,
  alert: 14,
  clock2: 15,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
}

export type LogSettings = {
  /** The modules that there are. */
  readonly modules: readonly string[]
  /** What modules without a level of their own have. */
  readonly common: Record<Destination, LogLevel>
  readonly own: Record<Destination, Map<string, LogLevel>>
  readonly patterns: Record<Destination, string>
  /** Of syslog; undefined leaves it to the way of telling it. */
  facility: number | undefined
}

export const newLogSettings = (modules: readonly string[]): LogSettings => ({
  modules,
  common: { console: 'info', syslog: 'info', file: 'info' },
  own: { console: new Map(), syslog: new Map(), file: new Map() },
  patterns: {
    syslog: 'ovs|%05N|%c%T|%p|%m',
    console: '%D{%Y-%m-%dT%H:%M:%SZ}|%05N|%c%T|%p|%m',
    file: '%D{%Y-%m-%dT%H:%M:%S.###Z}|%05N|%c%T|%p|%m',
  },
  facility: undefined,
})

export const levelOf = ({ common, own }: LogSettings, destination: Destination, module: string): LogLevel =>
  own[destination].get(module) ?? common[destination]

const isLevel = (word: string): word is LogLevel => (logLevels as readonly string[]).includes(word)
const isDestination = (word: string): word is Destination => (destinations as readonly string[]).includes(word)

/** Sets a level of all modules or one, for all destinations or one. */
export const setLevel = (
  settings: LogSettings,
  module: string | undefined,
  where: Destination | undefined,
  level: LogLevel,
): void => {
  for (const destination of where === undefined ? destinations : [where]) {
    if (module !== undefined) settings.own[destination].set(module, level)
    else {
      settings.common[destination] = level
      settings.own[destination].clear()
    }
  }
}

/**
 * Takes `-v[SPEC]` and the words of `vlog/set`: words for a module, a destination and a level in any order, or
 * `PATTERN:DESTINATION:PATTERN`, or `FACILITY:NAME`. A text is what is wrong; then nothing is set.
 */
export const setLogLevels = (settings: LogSettings, spec: string | undefined): string | undefined => {
  if (spec === undefined) {
    setLevel(settings, undefined, undefined, 'dbg')
    return undefined
  }
  const [first = '', ...rest] = spec.split(/[ :]+/).filter(word => word !== '')
  if (first.toUpperCase() === 'PATTERN') return setPattern(settings, spec, rest[0])
  if (first.toUpperCase() === 'FACILITY') return setFacility(settings, rest[0])
  let level: LogLevel | undefined
  let module: string | undefined
  let destination: Destination | undefined
  for (const whole of spec.split(/[ :,]+/).filter(word => word !== '')) {
    const word = whole.toLowerCase()
    const name = word.replaceAll('-', '_')
    if (word === 'any') continue
    if (isDestination(word)) {
      if (destination !== undefined) return 'cannot specify multiple destinations'
      destination = word
    } else if (isLevel(word)) {
      if (level !== undefined) return 'cannot specify multiple levels'
      level = word
    } else if (settings.modules.includes(name)) {
      if (module !== undefined) return 'cannot specify multiple modules'
      module = name
    } else return `no destination, level, or module "${whole}"`
  }
  setLevel(settings, module, destination, level ?? 'dbg')
  return undefined
}

const setPattern = (settings: LogSettings, spec: string, name: string | undefined): string | undefined => {
  if (name === undefined) return 'missing destination'
  const word = name.toLowerCase()
  if (word !== 'any' && !isDestination(word)) return `unknown destination "${name}"`
  const [, pattern = ''] = /^[ :]*[^ :]+[ :]+[^ :]+[ :](.*)$/s.exec(spec) ?? []
  for (const destination of word === 'any' ? destinations : [word]) settings.patterns[destination] = pattern
  return undefined
}

const setFacility = (settings: LogSettings, name: string | undefined): string | undefined => {
  const facility = name !== undefined && Object.hasOwn(facilities, name) ? facilities[name] : undefined
  if (facility === undefined) return 'invalid facility'
  settings.facility = facility
  return undefined
}

/** `vlog/list`. */
export const listLevels = (settings: LogSettings): string => {
  const rows = [...settings.modules].sort().map(module => {
    const [console, syslog, file] = destinations.map(each => levelOf(settings, each, module).toUpperCase())
    return `${module.padEnd(16)}  ${console!.padStart(4)}       ${syslog!.padStart(4)}       ${file!.padStart(4)}\n`
  })
  return `                 console    syslog    file\n                 -------    ------    ------\n${rows.join('')}`
}

/** `vlog/list-pattern`. */
export const listPatterns = ({ patterns }: LogSettings): string =>
  [
    '         prefix                            format\n',
    '         ------                            ------\n',
    `SYSLOG   <%B> %D{%h %e %T} %E %A:          ${patterns.syslog}\n`,
    `CONSOLE  none                              ${patterns.console}\n`,
    `FILE     none                              ${patterns.file}\n`,
  ].join('')
