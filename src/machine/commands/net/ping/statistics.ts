/** What a run of ping counts, and the summary that it ends with. Times are nanoseconds of the clock. */
export class PingStatistics {
  transmitted = 0
  received = 0
  duplicates = 0
  errors = 0
  /** The most requests that were under way at once. */
  pipe = 0
  started = 0
  lastSent = 0
  /** Microseconds. */
  longest = 0
  private shortest = Number.POSITIVE_INFINITY
  private sum = 0
  private squares = 0
  private timed = 0
  private average = 0

  /** A request left. */
  sent(now: number): void {
    if (this.transmitted === 0) this.started = now
    this.transmitted++
    this.lastSent = now
  }

  /** Something came back about the request of this number, one of the last 65536. */
  acknowledge(seq: number): void {
    const behind = (this.transmitted - seq) & 0xffff
    if (behind < 0x8000) this.pipe = Math.max(this.pipe, behind + 1)
  }

  /** The round trip of a first answer, in whole microseconds. */
  roundTrip(us: number): void {
    this.shortest = Math.min(this.shortest, us)
    this.longest = Math.max(this.longest, us)
    this.sum += us
    this.squares += us * us
    this.average = this.timed === 0 ? us * 8 : this.average + us - Math.floor(this.average / 8)
    this.timed++
  }

  /** `2 packets transmitted, …` and `rtt …` as they stand below `--- 10.0.0.2 ping statistics ---`. */
  summary(name: string, flood: boolean): string {
    const { transmitted, received, duplicates, errors } = this
    let text = `\n--- ${name} ping statistics ---\n${transmitted} packets transmitted, ${received} received`
    if (duplicates > 0) text += `, +${duplicates} duplicates`
    if (errors > 0) text += `, +${errors} errors`
    if (transmitted > 0) {
      const loss = Number((((transmitted - received) * 100) / transmitted).toPrecision(6))
      text += `, ${loss}% packet loss, time ${Math.floor((this.lastSent - this.started) / 1e6)}ms`
    }
    return `${text}\n${this.times(flood)}\n`
  }

  private times(flood: boolean): string {
    const parts: string[] = []
    if (this.timed > 0) {
      const mean = Math.floor(this.sum / this.timed)
      const square = Math.floor((this.sum * this.sum) / this.timed)
      const variance = Math.max(0, Math.floor((this.squares - square) / this.timed))
      const values = [this.shortest, mean, this.longest, Math.floor(Math.sqrt(variance))]
      parts.push(`rtt min/avg/max/mdev = ${values.map(thousandths).join('/')} ms`)
    }
    if (this.pipe > 1) parts.push(`pipe ${this.pipe}`)
    if (flood && this.received > 0 && this.transmitted > 1) {
      const gap = Math.floor((this.lastSent - this.started) / 1e3 / (this.transmitted - 1))
      parts.push(`ipg/ewma ${thousandths(gap)}/${thousandths(Math.floor(this.average / 8))} ms`)
    }
    return parts.join(', ')
  }
}

const thousandths = (us: number): string => `${Math.floor(us / 1000)}.${String(us % 1000).padStart(3, '0')}`

/** The time of one answer: three digits that count, as `0.286`, `1.23`, `12.3`, `123`. */
export const roundTripText = (us: number): string => {
  if (us >= 99950) return String(Math.floor((us + 500) / 1000))
  if (us >= 9995) return tenths(Math.floor((us + 50) / 100), 1)
  if (us >= 1000) return tenths(Math.floor((us + 5) / 10), 2)
  return tenths(us, 3)
}

const tenths = (value: number, digits: number): string =>
  `${Math.floor(value / 10 ** digits)}.${String(value % 10 ** digits).padStart(digits, '0')}`
