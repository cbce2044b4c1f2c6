/** How wget says sizes, speeds and times, and its dots: one for a KiB, ten in a group, fifty in a row. */

const dot = 1024
const group = 10
const row = 50 * dot

/** Below the clock's resolution of 1 ns a transfer takes half of it. */
const leastSeconds = 0.5e-9

/** A number with as many digits as make about three. */
const threeDigits = (value: number): string => value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2)

const scaled = (bytes: number, seconds: number): { value: number; unit: number } => {
  let value = bytes / (seconds === 0 ? leastSeconds : seconds)
  let unit = 0
  for (; value >= 1024 && unit < 4; unit++) value /= 1024
  return { value, unit }
}

/** `153 KB/s`. */
export const speed = (bytes: number, seconds: number): string => {
  const { value, unit } = scaled(bytes, seconds)
  return `${threeDigits(value)} ${['B', 'KB', 'MB', 'GB', 'TB'][unit]}/s`
}

/** `293K`, `2.0K`; less than 1024 as it is. */
export const humanSize = (bytes: number): string => {
  let value = bytes
  let unit = ''
  for (const next of 'KMGT') {
    if (value < 1024) break
    value /= 1024
    unit = next
  }
  return unit === '' ? `${bytes}` : `${value.toFixed(value < 10 ? 1 : 0)}${unit}`
}

/** Seconds with one digit that counts, those above ten without a fraction. */
const decimal = (seconds: number): string => {
  if (seconds >= 9.95) return seconds.toFixed(0)
  if (seconds >= 0.95) return seconds.toFixed(1)
  if (seconds >= 0.001) return `${Number(seconds.toPrecision(1))}`
  return seconds >= 0.0005 ? '0.001' : '0'
}

/** `0.003s`, `1m 40s`, `2h 5m 0s`. */
export const humanTime = (seconds: number): string => {
  if (seconds < 60) return `${decimal(seconds)}s`
  const whole = Math.floor(seconds + 0.5)
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes}m ${whole % 60}s`
  const hours = Math.floor(minutes / 60)
  return hours < 24
    ? `${hours}h ${minutes % 60}m ${whole % 60}s`
    : `${Math.floor(hours / 24)}d ${hours % 24}h ${minutes % 60}m`
}

/** Two units of a time at most: `99s`, `3m5s` or, wide, `3m 5s`. */
const shortTime = (seconds: number, gap: string): string => {
  if (seconds < 100) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 100) return `${minutes}m${gap}${seconds % 60}s`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours}h${gap}${minutes % 60}m` : `${Math.floor(hours / 24)}d${gap}${hours % 24}h`
}

/** The dots of one transfer. Each function gives what is to be printed. */
export class Dots {
  private readonly initial: number
  private readonly total: number | undefined
  private rows: number
  private dots = 0
  private accumulated = 0
  /** Seconds at the end of the row before. */
  private before = 0

  /** `initial` bytes are there already; of `total` all together, if that is known. */
  constructor(initial: number, total: number | undefined) {
    this.initial = initial
    this.total = total
    this.rows = Math.floor(initial / row)
  }

  begin(): string {
    if (this.initial === 0) return ''
    const kilobytes = (this.rows * row) / 1024
    const skipped = this.rows === 0 ? '' : `\n${' '.repeat(8)}[ skipping ${kilobytes}K ]`
    const rest = this.initial % row
    this.accumulated = rest % dot
    let text = `${skipped}\n${`${kilobytes}`.padStart(6)}K`
    for (; this.dots < Math.floor(rest / dot); this.dots++) text += this.dots % group === 0 ? ' ,' : ','
    return text
  }

  /** So many bytes came; `seconds` since the start. */
  draw(bytes: number, seconds: number): string {
    let text = ''
    for (this.accumulated += bytes; this.accumulated >= dot; this.accumulated -= dot) {
      if (this.dots === 0) text += `\n${`${(this.rows * row) / 1024}`.padStart(6)}K`
      text += this.dots % group === 0 ? ' .' : '.'
      this.dots++
      if (this.dots * dot < row) continue
      text += this.statistics(row, seconds, false)
      this.rows++
      this.dots = 0
    }
    return text
  }

  end(seconds: number): string {
    let text = this.dots === 0 ? `\n${`${(this.rows * row) / 1024}`.padStart(6)}K` : ''
    for (let at = this.dots; at < row / dot; at++) text += at % group === 0 ? '  ' : ' '
    return `${text}${this.statistics(this.dots * dot + this.accumulated, seconds, true)}\n\n`
  }

  private statistics(inRow: number, seconds: number, last: boolean): string {
    const shown = this.rows * row + inRow
    const share = this.total === undefined ? '' : `${Math.floor((shown / this.total) * 100)}%`.padStart(4)
    const old = this.rows === Math.floor(this.initial / row) ? this.initial % row : 0
    const { value, unit } = scaled(inRow - old, seconds - this.before)
    this.before = seconds
    const rate = ` ${threeDigits(value).padStart(4)}${' KMGT'[unit]}`
    if (last) return `${share}${rate}=${seconds < 10 ? `${decimal(seconds)}s` : shortTime(Math.round(seconds), ' ')}`
    if (this.total === undefined) return `${share}${rate}`
    const left = Math.floor((seconds * (this.total - shown)) / (shown - this.initial) + 0.5)
    return `${share}${rate} ${shortTime(left, '')}`
  }
}
