import type { Command } from '../command.ts'
import { byName, parseOptions, usage } from '../options.ts'

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/** date(1): the machine's wall time in UTC, by default as the C locale shows it; `+FORMAT`, `-u`, `-R`, `-I`. */
export const date: Command = function* (process) {
  const parsed = parseOptions(process.args.slice(1), {
    u: 'none',
    utc: 'none',
    R: 'none',
    'rfc-email': 'none',
    I: 'optional',
    d: 'required',
    date: 'required',
  })
  if (!parsed.ok) return yield* usage(process, parsed.error)
  const given = byName(parsed.options)
  const [format, extra] = parsed.operands
  if (extra !== undefined) return yield* usage(process, `extra operand '${extra}'`)
  if (format !== undefined && !format.startsWith('+')) return yield* process.fail(`date: invalid date '${format}'`)
  let time = process.machine.wallTime()
  const text = given.get('d') ?? given.get('date')
  if (text !== undefined) {
    const parsedTime = text.startsWith('@')
      ? Number(text.slice(1)) * 1000
      : Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`)
    if (Number.isNaN(parsedTime)) return yield* process.fail(`date: invalid date '${text}'`)
    time = parsedTime
  }
  const chosen =
    given.has('R') || given.has('rfc-email')
      ? '%a, %d %b %Y %H:%M:%S +0000'
      : given.has('I')
        ? isoFormats[given.get('I') ?? 'date']
        : '%a %b %e %H:%M:%S UTC %Y'
  yield* process.print(`${formatDate(format === undefined ? (chosen ?? '%F') : format.slice(1), time)}\n`)
  return 0
}

const isoFormats: Record<string, string> = {
  date: '%F',
  seconds: '%FT%T+00:00',
  s: '%FT%T+00:00',
  minutes: '%FT%H:%M+00:00',
  ns: '%FT%T,%N+00:00',
}

/** strftime(3) in UTC and the C locale, with GNU's `%N` (nanoseconds) and `%s`. `time` is milliseconds since 1970. */
export const formatDate = (format: string, time: number): string => {
  const at = new Date(Math.floor(time))
  const two = (value: number): string => String(value).padStart(2, '0')
  const hour = at.getUTCHours()
  const start = Date.UTC(at.getUTCFullYear(), 0, 1)
  const values: Record<string, () => string> = {
    Y: () => String(at.getUTCFullYear()),
    y: () => two(at.getUTCFullYear() % 100),
    C: () => two(Math.floor(at.getUTCFullYear() / 100)),
    m: () => two(at.getUTCMonth() + 1),
    d: () => two(at.getUTCDate()),
    e: () => String(at.getUTCDate()).padStart(2),
    H: () => two(hour),
    I: () => two(hour % 12 || 12),
    k: () => String(hour).padStart(2),
    M: () => two(at.getUTCMinutes()),
    S: () => two(at.getUTCSeconds()),
    N: () => String(Math.floor((time % 1000) * 1e6)).padStart(9, '0'),
    s: () => String(Math.floor(time / 1000)),
    p: () => (hour < 12 ? 'AM' : 'PM'),
    a: () => (days[at.getUTCDay()] as string).slice(0, 3),
    A: () => days[at.getUTCDay()] as string,
    b: () => (months[at.getUTCMonth()] as string).slice(0, 3),
    B: () => months[at.getUTCMonth()] as string,
    u: () => String(at.getUTCDay() || 7),
    w: () => String(at.getUTCDay()),
    j: () => String(Math.floor((at.getTime() - start) / 86_400_000) + 1).padStart(3, '0'),
    z: () => '+0000',
    Z: () => 'UTC',
    n: () => '\n',
    t: () => '\t',
    '%': () => '%',
    F: () => formatDate('%Y-%m-%d', time),
    T: () => formatDate('%H:%M:%S', time),
    R: () => formatDate('%H:%M', time),
    D: () => formatDate('%m/%d/%y', time),
    c: () => formatDate('%a %b %e %H:%M:%S %Y', time),
  }
  return format.replace(/%(.)/g, (whole, letter: string) => values[letter]?.() ?? whole)
}
