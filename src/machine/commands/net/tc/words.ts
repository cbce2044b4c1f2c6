/** Numbers with units, as tc(8) reads and prints them. */
import { type Handle, majorOf, minorOf } from '../../../../host/index.ts'

/** What is wrong with a command line: lines for stderr, and the status to end with. */
export class TcError extends Error {
  readonly status: number

  constructor(text: string, status = 1) {
    super(text)
    this.status = status
  }
}

/** What the kernel refuses. */
export const refused = (text: string): TcError => new TcError(text, 2)

export const incomplete = (): TcError => new TcError('Command line is not complete. Try option "help"', 255)

/** Words of a command line, one after the other. */
export class Words {
  private at = 0
  private readonly words: readonly string[]

  constructor(words: readonly string[]) {
    this.words = words
  }

  get peek(): string | undefined {
    return this.words[this.at]
  }

  take(): string | undefined {
    return this.words[this.at++]
  }

  /** The value of a word. */
  value(): string {
    const word = this.take()
    if (word === undefined) throw incomplete()
    return word
  }

  /** The next word as a number, if it is one. */
  maybe<T>(read: (word: string) => T | undefined): T | undefined {
    const value = this.peek === undefined ? undefined : read(this.peek)
    if (value !== undefined) this.at++
    return value
  }
}

const scaled = (text: string, units: Readonly<Record<string, number>>, plain: number): number | undefined => {
  const [, digits, unit = ''] = /^([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?)([a-z]*)$/i.exec(text) ?? []
  if (digits === undefined) return undefined
  const factor = unit === '' ? plain : units[unit.toLowerCase()]
  const value = factor === undefined ? undefined : Number(digits) * factor
  return value === undefined || value < 0 || !Number.isFinite(value) ? undefined : value
}

const rateUnits: Readonly<Record<string, number>> = Object.fromEntries(
  ['', 'k', 'm', 'g', 't'].flatMap((prefix, power) => [
    [`${prefix}bit`, 1000 ** power / 8],
    [`${prefix}bps`, 1000 ** power],
    ...(prefix === ''
      ? []
      : [
          [`${prefix}ibit`, 1024 ** power / 8],
          [`${prefix}ibps`, 1024 ** power],
        ]),
    ...(prefix === '' ? [] : [[prefix, 1000 ** power / 8]]),
  ]),
)
/** Bytes a second of `10mbit`, `5.5Mbit`, `100kbps`; a number alone is bit/s. */
export const rateOf = (text: string): number | undefined => scaled(text, rateUnits, 1 / 8)

const sizeUnits = {
  b: 1,
  k: 1024,
  kb: 1024,
  m: 1024 ** 2,
  mb: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1024 ** 3,
  kbit: 128,
  mbit: 131072,
  gbit: 2 ** 27,
}
/** Bytes of `15k`, `1600`, `1mb`. */
export const sizeOf = (text: string): number | undefined => {
  const size = scaled(text, sizeUnits, 1)
  return size === undefined ? undefined : Math.floor(size)
}

const timeUnits = {
  s: 1e9,
  sec: 1e9,
  secs: 1e9,
  ms: 1e6,
  msec: 1e6,
  msecs: 1e6,
  us: 1e3,
  usec: 1e3,
  usecs: 1e3,
  ns: 1,
  nsec: 1,
  nsecs: 1,
}
/** ns of `10ms`; a number alone is µs. */
export const timeOf = (text: string): number | undefined => {
  const time = scaled(text, timeUnits, 1e3)
  return time === undefined ? undefined : Math.round(time)
}

/** 0 to 1 of `25%`, or `25`. */
export const percentOf = (text: string): number | undefined => {
  const value = scaled(text.endsWith('%') ? text.slice(0, -1) : text, {}, 1)
  return value === undefined || value > 100 ? undefined : value / 100
}

export const countOf = (text: string): number | undefined => {
  const value = /^0x[0-9a-f]+$/i.test(text) || /^[0-9]+$/.test(text) ? Number(text) : Number.NaN
  return value <= 0xffffffff ? value : undefined
}

const hex16 = (text: string): number | undefined =>
  /^(0x)?[0-9a-f]{1,4}$/i.test(text) ? Number.parseInt(text, 16) : undefined

/** `5:` or `5:0`, a discipline's number. */
export const qdiscHandleOf = (text: string): Handle | undefined => {
  const major = hex16(text.replace(/:0*$/, ''))
  return major === undefined ? undefined : major * 0x10000
}

/** `5:1`, `5:`, `:1`. */
export const classHandleOf = (text: string): Handle | undefined => {
  const [, major, minor] = /^([^:]*):(.*)$/.exec(text) ?? []
  if (major === undefined || minor === undefined) return hex16(text)
  const high = major === '' ? 0 : hex16(major)
  const low = minor === '' ? 0 : hex16(minor)
  return high === undefined || low === undefined ? undefined : high * 0x10000 + low
}

/** `5:1`; `5:` for a discipline. */
export const formatHandle = (handle: Handle): string => {
  const minor = minorOf(handle)
  return `${(majorOf(handle) / 0x10000).toString(16)}:${minor === 0 ? '' : minor.toString(16)}`
}

/** Bytes a second as `10Mbit`, `1500Kbit`. */
export const formatRate = (rate: number): string => {
  const units = ['', 'K', 'M', 'G', 'T']
  let value = Math.round(rate * 8)
  let power = 0
  while (power < 4 && value >= 1000 && (value % 1000 === 0 || value >= 1_000_000)) {
    value = Math.floor(value / 1000)
    power++
  }
  return `${value}${units[power]}bit`
}

export const formatSize = (size: number): string => {
  const near = (unit: number, slack: number): boolean =>
    size >= unit && Math.abs(unit * Math.round(size / unit) - size) < slack
  if (near(1024 ** 2, 1024)) return `${Math.round(size / 1024 ** 2)}Mb`
  return near(1024, 16) ? `${Math.round(size / 1024)}Kb` : `${Math.floor(size)}b`
}

/** With three digits, as `%.3g` has it. */
const threeDigits = (value: number): string => String(Number(value.toPrecision(3)))

/** `24ms`, `1.5s`, `40us`. */
export const formatTime = (time: number): string => {
  if (time >= 1e9) return `${threeDigits(time / 1e9)}s`
  if (time >= 1e6) return `${threeDigits(time / 1e6)}ms`
  return time >= 1e3 ? `${threeDigits(time / 1e3)}us` : `${time}ns`
}

/** `1%`, `0.3%`. */
export const formatPercent = (probability: number): string => `${Number((probability * 100).toPrecision(6))}%`

/** How many ticks of the kernel's clock a microsecond has. */
const ticksPerMicrosecond = 15.625

/** A burst as the kernel is told it: as a time, in whole microseconds and then in whole ticks. */
export const burstAsTime = (burst: number, rate: number): number => {
  const ticks = Math.floor(Math.floor((burst * 1e6) / rate) * ticksPerMicrosecond)
  return Math.floor((rate * (ticks / ticksPerMicrosecond)) / 1e6)
}
