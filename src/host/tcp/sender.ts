/**
 * The sending half of a connection: what the user wrote, what of it is under way, and what may go out next. Places count
 * from our SYN, which is 0; the FIN has the place behind the last byte. It never sends: `next` says what should be sent,
 * and `sent` is told that it was.
 */
import { microsecond, millisecond } from '../../runtime/index.ts'
import type { Congestion } from './congestion.ts'
import { ByteRing } from './ring.ts'
import { RoundTrip } from './rtt.ts'
import { type Block, Scoreboard, type Sent } from './scoreboard.ts'

/** What to send: the places from `from` to `to`, and the record if it was sent before. */
export type Next = { from: number; to: number; again: Sent | undefined }

/** What an acknowledgment did: places newly acknowledged, and whether it told of a loss for the first time. */
export type Progress = { acked: number; recovering: boolean }

/** Round trips in steps of which runs may be half as long each. */
const shortPath = 512 * microsecond

export class Sender {
  /** The first place that is not acknowledged. */
  una = 0
  /** The next place that was never sent. */
  nxt = 0
  /** Behind the last byte that the user wrote. */
  tail = 1
  /** The user has no more: a FIN follows the last byte. */
  closing = false
  /** The right edge of the peer's window. */
  edge = 1
  /** The largest window that the peer ever offered. */
  largestWindow = 0
  /** Data bytes in a full segment. */
  segment: number
  noDelay = false
  congestion: Congestion
  readonly roundTrip = new RoundTrip()
  readonly scoreboard = new Scoreboard()
  /** When the retransmission timer runs out; Infinity while nothing is under way. */
  timeoutAt = Number.POSITIVE_INFINITY
  /** When to try again against a closed window. */
  probeAt = Number.POSITIVE_INFINITY
  /** Timeouts, or probes, since something was heard. */
  tries = 0
  probes = 0
  /** Segments that were sent again, of the whole connection. */
  again = 0
  /** The peer understands SACK. */
  selective = false
  state: 'open' | 'recovery' | 'loss' = 'open'
  /** Recovery ends when everything before this is acknowledged. */
  private recoverUntil = 0
  private readonly ring = new ByteRing(1)
  /** The end of the last segment that was not full (Nagle as Minshall has it). */
  private small = 0
  private limited = false
  private lastSent = 0
  private flight = 0

  constructor(segment: number, congestion: Congestion) {
    this.segment = segment
    this.congestion = congestion
  }

  /** Bytes that are written and not acknowledged. */
  get queued(): number {
    return this.tail - this.ring.base
  }

  /** Everything, the FIN too, is acknowledged. */
  get finished(): boolean {
    return this.closing && this.una > this.tail
  }

  get memory(): number {
    return this.ring.capacity
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    this.ring.write(this.tail, bytes, start, end)
    this.tail += end - start
  }

  /** Copies the data among the places `from` to `to`, which leaves out SYN and FIN. */
  read(from: number, to: number, target: Uint8Array, at: number): void {
    this.ring.read(Math.max(from, 1), Math.min(to, this.tail), target, at)
  }

  /** The place behind the last thing to send. */
  get end(): number {
    return this.tail + (this.closing ? 1 : 0)
  }

  /** Bytes under way, as far as is known. */
  get pipe(): number {
    const { scoreboard } = this
    return this.selective ? scoreboard.pipe : scoreboard.pipe - scoreboard.inferred(this.segment)
  }

  /**
   * How many bytes may go out as a run of segments: what is sent in a millisecond at this pace, more on short paths, and two
   * segments at least, as Linux sizes them (`tcp_tso_autosize`): runs must not make a slow path wait.
   */
  get run(): number {
    const { segment, roundTrip, congestion } = this
    if (roundTrip.smoothed === 0) return Number.POSITIVE_INFINITY
    const pace = (congestion.window < congestion.threshold / 2 ? 2 : 1.2) * congestion.window
    const burst = (pace * millisecond) / roundTrip.smoothed + 65536 / 2 ** Math.floor(roundTrip.least / shortPath)
    return segment * Math.max(2, Math.floor(burst / segment))
  }

  /**
   * What may go out now, in a segment of at most `limit` data bytes, or, of what was never sent, in a run of such of at most
   * `most`. `forced` ignores politeness: a probe of the window.
   */
  next(limit: number, forced = false, most = limit): Next | undefined {
    const room = this.congestion.window - this.pipe
    const first = this.scoreboard.first
    // What is lost goes first; the first lost segment after a loss always may.
    if (room >= Math.min(limit, this.segment) || (first?.lost === true && this.scoreboard.pipe === 0)) {
      const again = this.scoreboard.nextLost(limit)
      if (again !== undefined) return { from: again.from, to: again.to, again }
    }
    if (this.una === 0) return this.nxt === 0 ? { from: 0, to: 1, again: undefined } : undefined
    const waiting = this.end - this.nxt
    if (waiting <= 0) return undefined
    const window = this.edge - this.nxt
    let size = Math.min(limit, waiting, window)
    if (most > limit) {
      // Only full segments run together; what is left over goes by itself.
      const full = Math.min(most, waiting - (this.closing ? 1 : 0), window, room)
      size = Math.max(size, full - (full % limit))
    }
    const to = this.nxt + size
    if (size <= 0) return undefined
    if (room < Math.min(size, this.segment)) {
      this.limited = true
      return undefined
    }
    if (!forced && !this.worthwhile(to, limit)) return undefined
    // The FIN goes with the last data, though it makes the segment one place longer.
    const fin = this.closing && to === this.tail && to < this.edge
    return { from: this.nxt, to: fin ? to + 1 : to, again: undefined }
  }

  /** Silly windows and Nagle (RFC 9293 §3.8.6.2.1, §3.7.4). */
  private worthwhile(to: number, limit: number): boolean {
    const size = to - this.nxt
    if (size >= Math.min(limit, this.segment)) return true
    if (to < this.tail) return size >= this.largestWindow / 2
    if (this.noDelay || this.closing) return true
    return this.small <= this.una
  }

  /** Something that `next` named went out. */
  sent({ from, to, again }: Next, now: number): void {
    this.lastSent = now
    if (again !== undefined) this.scoreboard.resent(again, now)
    else {
      if (to - from < this.segment && from > 0) this.small = to
      this.scoreboard.push(from, to, now)
      this.nxt = to
    }
    if (this.timeoutAt === Number.POSITIVE_INFINITY) this.timeoutAt = now + this.roundTrip.timeout
    this.probeAt = Number.POSITIVE_INFINITY
  }

  /** Before new data after a silence: what was known of the path is old. */
  wakeUp(now: number): void {
    const idle = now - this.lastSent
    if (this.scoreboard.empty && this.lastSent > 0 && idle > this.roundTrip.timeout)
      this.congestion.restarted(idle, this.roundTrip.timeout)
  }

  /**
   * An acknowledgment that is not beyond `nxt`. `bare` if it could be a duplicate: no data, no other window.
   * `echoed` is the round trip by timestamps, for when only what was sent again is acknowledged.
   */
  acknowledge(ack: number, blocks: readonly Block[], bare: boolean, echoed: number | undefined, now: number): Progress {
    const { scoreboard, congestion } = this
    scoreboard.leastRoundTrip = this.roundTrip.least
    this.flight = this.pipe
    const advanced = Math.max(0, ack - this.una)
    const chosen = this.selective
      ? scoreboard.select(
          blocks.filter(({ left, right }) => left >= ack && right <= this.nxt && left < right),
          now,
          this.segment,
        )
      : undefined
    let roundTrip = chosen?.roundTrip
    let data = 0
    if (advanced > 0) {
      const acked = scoreboard.acknowledge(ack, now)
      data = acked.bytes
      roundTrip = acked.roundTrip ?? roundTrip ?? echoed
      this.una = ack
      this.ring.release(Math.min(ack, this.tail))
      this.tries = 0
      this.roundTrip.settle()
      this.timeoutAt = scoreboard.empty ? Number.POSITIVE_INFINITY : now + this.roundTrip.timeout
    }
    if (roundTrip !== undefined) this.roundTrip.sample(Math.max(1, roundTrip))
    if (advanced > 0 && !scoreboard.empty) this.timeoutAt = now + this.roundTrip.timeout
    const duplicate = !this.selective && bare && advanced === 0 && !scoreboard.empty ? scoreboard.duplicate() : 0
    if (this.state !== 'open' && this.una >= this.recoverUntil) this.state = 'open'
    const recovering = this.findLosses(advanced, duplicate, now)
    if (data > 0 && this.state !== 'recovery' && (this.limited || this.flight >= congestion.window / 2)) {
      congestion.acked(data, now, this.roundTrip.smoothed)
      this.limited = false
    }
    return { acked: advanced, recovering }
  }

  private findLosses(advanced: number, duplicate: number, now: number): boolean {
    const { scoreboard } = this
    let lost = false
    if (this.selective)
      lost = scoreboard.judge(this.segment, Math.max(1e6, Math.min(this.roundTrip.least, this.roundTrip.smoothed) / 4))
    else if (duplicate === 3 && this.state === 'open' && this.una >= this.recoverUntil) {
      scoreboard.loseFirst(this.segment)
      lost = true
    } else if (advanced > 0 && this.state === 'recovery') scoreboard.loseFirst(this.segment)
    if (!lost || this.state !== 'open') return false
    this.congestion.lost(Math.max(this.flight, this.segment), now)
    this.state = 'recovery'
    this.recoverUntil = this.nxt
    return true
  }

  /** The retransmission timer ran out (RFC 6298 §5.4 to §5.6). */
  timedOut(now: number): void {
    if (this.state !== 'loss') this.congestion.timedOut(Math.max(this.pipe, this.segment), now)
    else this.congestion.window = Math.min(this.congestion.window, this.segment)
    this.state = 'loss'
    this.recoverUntil = this.nxt
    if (this.scoreboard.first?.sacked === true) this.scoreboard.forgetSelected()
    this.scoreboard.loseAll()
    this.roundTrip.backOff()
    this.tries++
    this.timeoutAt = now + this.roundTrip.timeout
  }

  /** Watches a closed window, if there is something to say and nothing under way that would bring an answer. */
  watch(now: number): void {
    const blocked = this.una > 0 && this.scoreboard.empty && this.end > this.nxt
    if (!blocked) this.probeAt = Number.POSITIVE_INFINITY
    else if (this.probeAt === Number.POSITIVE_INFINITY) this.probeAt = now + this.roundTrip.timeout
  }

  /** A probe went out; the next one waits twice as long. */
  probed(now: number): void {
    this.roundTrip.backOff()
    this.probes++
    this.probeAt = now + this.roundTrip.timeout
  }

  /** The path takes less than was thought: what is under way is cut anew. */
  resize(segment: number): void {
    const smaller = segment < this.segment
    this.segment = segment
    this.congestion.segment = segment
    if (smaller && this.una > 0) this.scoreboard.loseAll()
  }

  clear(): void {
    this.scoreboard.clear()
    this.ring.clear(this.tail)
    this.timeoutAt = Number.POSITIVE_INFINITY
    this.probeAt = Number.POSITIVE_INFINITY
  }
}
