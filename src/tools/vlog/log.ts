/** The log of a tool: lines for stderr wait to be printed, those for a file or a syslog daemon are written at once. */
import type { Warn } from '../../openflow/index.ts'
import type { Connect, TextFile } from '../program.ts'
import { formatRecord, type LogRecord } from './pattern.ts'
import { type Destination, destinations, type LogLevel, type LogSettings, levelOf, logLevels } from './settings.ts'

export type Log = {
  /** Lines for the console, oldest first. */
  readonly lines: string[]
  readonly settings: LogSettings
  /** A line of level WARN, unless said otherwise. */
  readonly warn: Warn
  add(module: string, level: LogLevel, text: string): void
  /** Whether lines of this level are written anywhere. */
  shows(module: string, level: LogLevel): boolean
  /** Where lines for the file go, and those for the computer's syslog daemon and others; none without. */
  file: (TextFile & { path: string }) | undefined
  syslog: Syslog | undefined
  readonly syslogs: Syslog[]
  /** A warning that comes before the next line, whatever that is. */
  late: string | undefined
  /** The name of a process that works beside the program, as `monitor`. */
  part: string | undefined
}

/** A syslog daemon and how it wants to be told: a text as one message, in the form of RFC 5424, or a message a line. */
export type Syslog = { form: 'whole' | 'lines'; send(message: string): void }

const wholeMessage = '<%B>1 %D{%Y-%m-%dT%H:%M:%S.###Z} %E %A %P %c - \ufeff%m'
/** The facility of lines is `daemon` until another is chosen. */
const usualFacility = { whole: 16, lines: 3 }

const syslogMessages = (form: Syslog['form'], { patterns, facility }: LogSettings, record: LogRecord): string[] => {
  const own = { ...record, facility: facility ?? usualFacility[form] }
  if (form === 'whole') return [formatRecord(wholeMessage, own)]
  const priority = formatRecord('<%B>', own)
  return formatRecord(patterns.syslog, own)
    .split('\n')
    .map(line => `${priority}${line}`)
}

export const newLog = (
  { wallTime, system }: Pick<Connect, 'wallTime' | 'system'>,
  settings: LogSettings,
  program: string,
): Log => {
  const lines: string[] = []
  let count = 0
  const began = wallTime()
  const goesTo = (destination: Destination, module: string, level: LogLevel): boolean =>
    (destination !== 'file' || log.file !== undefined) &&
    logLevels.indexOf(level) <= logLevels.indexOf(levelOf(settings, destination, module))
  const write: Record<Destination, (record: LogRecord) => void> = {
    console: record => void lines.push(formatRecord(settings.patterns.console, record)),
    file: record => log.file?.write(`${formatRecord(settings.patterns.file, record)}\n`),
    syslog(record) {
      for (const { form, send } of log.syslog === undefined ? log.syslogs : [log.syslog, ...log.syslogs])
        for (const message of syslogMessages(form, settings, record)) send(message)
    },
  }
  const log: Log = {
    lines,
    settings,
    file: undefined,
    syslog: undefined,
    syslogs: [],
    late: undefined,
    part: undefined,
    shows: (module, level) => destinations.some(each => each !== 'syslog' && goesTo(each, module, level)),
    add(module, level, text) {
      const wanted = destinations.filter(each => goesTo(each, module, level))
      if (wanted.length === 0) return
      const { late } = log
      log.late = undefined
      if (late !== undefined) log.warn('vlog', late)
      const about = { module, level, text, count: ++count, wallTime: wallTime(), part: log.part }
      const who = { program, host: system?.hostName ?? 'localhost', pid: system?.pid ?? 0, began }
      const record: LogRecord = { ...about, ...who, facility: settings.facility ?? usualFacility.whole }
      for (const destination of wanted) write[destination](record)
    },
    warn: (module, text, level = 'WARN') => log.add(module, level.toLowerCase() as LogLevel, text),
  }
  return log
}
