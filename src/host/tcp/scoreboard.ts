/**
 * What was sent and is not acknowledged: one record a segment, or a run of them, in the order of the stream, each with what is known of it
 * (RFC 6675's scoreboard). `pipe` is how many bytes are taken to be under way.
 *
 * A segment is lost when three segments' worth after it has been received (RFC 6675 §4), or, if it was sent again, when
 * something sent clearly later than that has been received (RFC 8985's rule): the second loss of the same segment.
 */
export type Sent = {
  from: number
  to: number
  /** When it was sent last. */
  time: number
  /** The receiver said that it has it. */
  sacked: boolean
  lost: boolean
  /** It was sent more than once, so an acknowledgment does not say which one it is for. */
  again: boolean
}

/** What an acknowledgment said. `roundTrip` is that of the newest segment that was sent once, or undefined. */
export type Acked = { bytes: number; roundTrip: number | undefined }

/** A block of RFC 2018, in numbers of the connection. */
export type Block = { left: number; right: number }

const weigh = ({ from, to }: Sent): number => to - from

export class Scoreboard {
  /** Bytes under way: sent, not acknowledged in any way, and not taken for lost. */
  pipe = 0
  lostBytes = 0
  /** The shortest round trip, ns: an answer that comes sooner after a repetition is one to the original. */
  leastRoundTrip = Number.POSITIVE_INFINITY
  private sackedBytes = 0
  private records: Sent[] = []
  private head = 0
  /** Every record before this place was looked at by the rule of three. */
  private judged = 0
  /** Records before this place are not lost, or were sent again. */
  private cursor = 0
  /** When the newest segment that is known to have come through was sent. */
  private newest = 0
  private duplicates = 0
  /** Some record before `cursor` was sent again and is under way. */
  private repeated = false

  get empty(): boolean {
    return this.head === this.records.length
  }

  get first(): Sent | undefined {
    return this.records[this.head]
  }

  get count(): number {
    return this.records.length - this.head
  }

  push(from: number, to: number, time: number): void {
    this.records.push({ from, to, time, sacked: false, lost: false, again: false })
    this.pipe += to - from
  }

  /** Everything before `ack` was received. */
  acknowledge(ack: number, now: number): Acked {
    let bytes = 0
    let roundTrip: number | undefined
    for (let record = this.first; record !== undefined && record.from < ack; record = this.first) {
      if (record.to > ack) this.split(this.head, ack)
      bytes += weigh(record)
      if (!record.sacked && !record.again) roundTrip = now - record.time
      this.delivered(record, now)
      if (record.sacked) this.sackedBytes -= weigh(record)
      this.head++
    }
    if (bytes > 0) this.duplicates = 0
    this.cursor = Math.max(this.cursor, this.head)
    this.judged = Math.max(this.judged, this.head)
    if (this.head > 64 && this.head * 2 > this.records.length) this.compact()
    return { bytes, roundTrip }
  }

  /** The receiver has these blocks. A run is cut where a block begins or ends, but not finer than in segments. */
  select(blocks: readonly Block[], now: number, segment: number): Acked {
    let bytes = 0
    let roundTrip: number | undefined
    for (const { left, right } of blocks) {
      this.cut(this.find(left) - 1, left, segment, 'up')
      for (let i = this.find(left); i < this.records.length; i++) {
        const record = this.records[i] as Sent
        if (record.to > right && !this.cut(i, right, segment, 'down')) break
        if (record.sacked || record.from < left) continue
        if (!record.again) roundTrip = now - record.time
        this.delivered(record, now)
        record.sacked = true
        bytes += weigh(record)
        this.sackedBytes += weigh(record)
      }
    }
    return { bytes, roundTrip }
  }

  /** An acknowledgment that acknowledges nothing, of a receiver without SACK: one segment more has left the path. */
  duplicate(): number {
    return ++this.duplicates
  }

  /** What duplicates say has been received, in bytes; for receivers without SACK. */
  inferred(segment: number): number {
    return Math.min(this.duplicates * segment, this.pipe)
  }

  /** Finds what is lost by now. True if that is more than before. `margin` is how late, in ns, reordering may bring a segment. */
  judge(segment: number, margin: number): boolean {
    const before = this.lostBytes
    let above = 0
    let from = this.sackedBytes === 0 ? this.judged : this.records.length
    while (from > this.judged && above < 3) {
      const record = this.records[--from] as Sent
      if (record.sacked) above += Math.max(1, Math.floor(weigh(record) / segment))
    }
    if (above >= 3)
      for (; this.judged < from; this.judged++) {
        const record = this.records[this.judged] as Sent
        if (!record.sacked && !record.again) this.lose(this.judged)
      }
    if (this.repeated) {
      let more = false
      for (let i = this.head; i < this.records.length && i < this.cursor; i++) {
        const record = this.records[i] as Sent
        if (record.sacked || !record.again || record.lost) continue
        if (record.time + margin < this.newest) this.lose(i)
        else more = true
      }
      this.repeated = more
    }
    return this.lostBytes > before
  }

  /** Takes the first segment for lost: what three duplicates, or an acknowledgment of only a part, mean without SACK. */
  loseFirst(segment: number): void {
    const { first } = this
    if (first === undefined || first.sacked) return
    if (weigh(first) > segment) this.split(this.head, first.from + segment)
    this.lose(this.head)
  }

  /** The timer ran out: everything not known to have been received is lost. */
  loseAll(): void {
    this.duplicates = 0
    this.cursor = this.head
    for (let i = this.head; i < this.records.length; i++) {
      const record = this.records[i] as Sent
      if (!record.sacked) this.lose(i)
    }
    this.judged = this.records.length
  }

  /** A receiver may take back what it selected (RFC 2018 §8): after a timeout it is not relied on. */
  forgetSelected(): void {
    for (let i = this.head; i < this.records.length; i++) {
      const record = this.records[i] as Sent
      if (!record.sacked) continue
      record.sacked = false
      this.pipe += weigh(record)
    }
    this.sackedBytes = 0
  }

  /** The first lost segment that was not sent again since, at most `limit` bytes of it. */
  nextLost(limit: number): Sent | undefined {
    if (this.lostBytes === 0) return undefined
    for (; this.cursor < this.records.length; this.cursor++) {
      const record = this.records[this.cursor] as Sent
      if (!record.lost) continue
      if (weigh(record) > limit) this.split(this.cursor, record.from + limit)
      return record
    }
    return undefined
  }

  /** A segment goes out again. */
  resent(record: Sent, now: number): void {
    if (record.lost) {
      record.lost = false
      this.lostBytes -= weigh(record)
      this.pipe += weigh(record)
    }
    record.again = true
    record.time = now
    this.repeated = true
  }

  clear(): void {
    this.records = []
    this.head = this.judged = this.cursor = 0
    this.pipe = this.sackedBytes = this.lostBytes = 0
  }

  private lose(at: number): void {
    const record = this.records[at] as Sent
    if (record.lost) return
    record.lost = true
    this.lostBytes += weigh(record)
    this.pipe -= weigh(record)
    if (at < this.cursor) this.cursor = at
  }

  /** Takes a record out of what is under way. */
  private delivered(record: Sent, now: number): void {
    if (record.sacked) return
    if (record.lost) {
      record.lost = false
      this.lostBytes -= weigh(record)
    } else this.pipe -= weigh(record)
    if (!record.again || now - record.time >= this.leastRoundTrip) this.newest = Math.max(this.newest, record.time)
  }

  /** Cuts a run near a place, at the next multiple of a segment `up` or `down`; false if there is none inside. */
  private cut(at: number, where: number, segment: number, direction: 'up' | 'down'): boolean {
    const record = this.records[at]
    if (at < this.head || record === undefined || record.sacked || where <= record.from || where >= record.to)
      return false
    const count = (where - record.from) / segment
    const place = record.from + segment * (direction === 'up' ? Math.ceil(count) : Math.floor(count))
    if (place <= record.from || place >= record.to) return false
    this.split(at, place)
    return true
  }

  /** Cuts the record at a place in two. */
  private split(at: number, where: number): void {
    const record = this.records[at] as Sent
    this.records.splice(at + 1, 0, { ...record, from: where })
    record.to = where
    if (this.judged > at) this.judged++
    if (this.cursor > at) this.cursor++
  }

  /** The place of the first record that begins at `from` or later. */
  private find(from: number): number {
    let low = this.head
    let high = this.records.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.records[middle] as Sent).from < from) low = middle + 1
      else high = middle
    }
    return low
  }

  private compact(): void {
    this.records.splice(0, this.head)
    this.judged -= this.head
    this.cursor -= this.head
    this.head = 0
  }
}
