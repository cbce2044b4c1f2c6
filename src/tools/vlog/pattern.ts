/** Lines of a log as a pattern says (ovs-appctl(8), "vlog/set PATTERN"). */
import type { LogLevel } from './settings.ts'

/** What a line is about and who writes it. */
export type LogRecord = {
  module: string
  level: LogLevel
  text: string
  /** From 1. */
  count: number
  /** Milliseconds since 1970 in UTC. */
  wallTime: number
  /** Of the program: its name, host, number, and when it began, in ms since 1970. */
  program: string
  host: string
  pid: number
  began: number
  /** A part of the program that runs beside it, such as `monitor`. */
  part?: string | undefined
  facility: number
}

/** Severities of syslog (RFC 5424 §6.2.1). */
const severities: Readonly<Record<LogLevel, number>> = { off: 0, emer: 1, err: 3, warn: 4, info: 5, dbg: 7 }

const conversion = /%(-?)(0?)([0-9]*)(?:([dD])(?:\{([^}]*)\})?|([A-Za-z%]))/g

/** A line, without the end of it. */
export const formatRecord = (pattern: string, record: LogRecord): string =>
  pattern.replace(conversion, (_, left: string, zero: string, width: string, date, format, letter) => {
    const text = date === undefined ? textOf(letter as string, record) : dateText(format as string, record.wallTime)
    const size = Math.min(Number(width), 1000)
    if (left !== '') return text.padEnd(size)
    return text.padStart(size, zero === '' ? ' ' : '0')
  })

const textOf = (letter: string, record: LogRecord): string => {
  const { module, level, text, count, wallTime, program, host, pid, began, part, facility } = record
  switch (letter) {
    case 'A':
      return program
    case 'B':
      return String(facility * 8 + severities[level])
    case 'c':
      return module
    case 'E':
      return host
    case 'm':
      return text
    case 'N':
      return String(count)
    case 'n':
      return '\n'
    case 'p':
      return level.toUpperCase()
    case 'P':
      return String(pid)
    case 'r':
      return String(wallTime - began)
    case 't':
      return part ?? 'main'
    case 'T':
      return part === undefined ? '' : `(${part})`
    default:
      return letter
  }
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months = 'January February March April May June July August September October November December'.split(' ')

/** As strftime(3) in the locale C, in UTC; `###` is milliseconds. */
export const dateText = (format: string | undefined, wallTime: number): string => {
  const date = new Date(wallTime)
  const two = (value: number, fill = '0'): string => String(value).padStart(2, fill)
  const [hour, day] = [date.getUTCHours(), date.getUTCDate()]
  const hour12 = hour % 12 === 0 ? 12 : hour % 12
  const [month, weekday] = [months[date.getUTCMonth()] as string, days[date.getUTCDay()] as string]
  const yearDay = Math.floor((wallTime - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1
  const values: Readonly<Record<string, string>> = {
    Y: String(date.getUTCFullYear()),
    y: two(date.getUTCFullYear() % 100),
    m: two(date.getUTCMonth() + 1),
    d: two(day),
    e: two(day, ' '),
    H: two(hour),
    I: two(hour12),
    M: two(date.getUTCMinutes()),
    S: two(date.getUTCSeconds()),
    p: hour < 12 ? 'AM' : 'PM',
    a: weekday.slice(0, 3),
    A: weekday,
    b: month.slice(0, 3),
    h: month.slice(0, 3),
    B: month,
    j: String(yearDay).padStart(3, '0'),
    s: String(Math.floor(wallTime / 1000)),
    Z: 'UTC',
    z: '+0000',
    n: '\n',
    t: '\t',
    '%': '%',
  }
  const milliseconds = String(date.getUTCMilliseconds()).padStart(3, '0')
  return (format ?? '%Y-%m-%d %H:%M:%S.###')
    .replaceAll('%T', '%H:%M:%S')
    .replaceAll('%F', '%Y-%m-%d')
    .replaceAll('%R', '%H:%M')
    .replaceAll(/%([A-Za-z%])/g, (whole, letter: string) => values[letter] ?? whole)
    .replaceAll('###', milliseconds)
}
