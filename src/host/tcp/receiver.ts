/**
 * The receiving half of a connection: what came, in order or not, the window that is offered, and when to acknowledge.
 * Places count from the peer's SYN, see sequence.ts. Data lies in a ring that the window bounds, so whatever a peer sends,
 * it holds no more than was offered to it.
 */
import { millisecond } from '../../runtime/index.ts'
import { ByteRing } from './ring.ts'
import type { Block } from './scoreboard.ts'

/** How long an acknowledgment may wait for company. */
const delay = 40 * millisecond
/** Runs of bytes out of order that are kept; more than that only a hostile peer makes. */
const longestRuns = 1024

export class Receiver {
  /** The next place that is wanted. */
  next = 1
  /** The right edge of the window as it was offered last; it never moves back. */
  edge = 1
  /** What was acknowledged last. */
  acknowledged = 1
  /** The peer sent its last byte, and all of them came. */
  finished = false
  /** An acknowledgment is due now. */
  due = false
  /** When one is due that may wait; Infinity for never. */
  dueAt = Number.POSITIVE_INFINITY
  /** The largest segment that came; what "full-sized" means for the peer. */
  largest = 536
  /** What was received twice and is reported once (RFC 2883). */
  private twice: Block | undefined
  private readonly ring = new ByteRing(1)
  /** Received, and not next: by place, never touching. */
  private readonly runs: Block[] = []
  /** The run that grew last is reported first (RFC 2018 §4). */
  private lastRun: Block | undefined
  private finAt = Number.POSITIVE_INFINITY
  /** Acknowledge at once for so many segments more: the peer is in slow start. */
  private quick = 16
  /** Bytes that may wait for the reader, and so the window. */
  private space: number
  private largestSpace: number
  private fixed = false
  private measuredAt = 0
  private measuredFrom = 1

  constructor(space: number, largestSpace: number) {
    this.space = space
    this.largestSpace = largestSpace
  }

  /** SO_RCVBUF: the size does not tune itself any more. */
  setSpace(space: number): void {
    this.space = space
    this.largestSpace = space
    this.fixed = true
  }

  get size(): number {
    return this.space
  }

  /** Bytes that can be read now. */
  get readable(): number {
    return this.next - (this.finished ? 1 : 0) - this.ring.base
  }

  get memory(): number {
    return this.ring.capacity
  }

  get outOfOrder(): boolean {
    return this.runs.length > 0
  }

  /**
   * Takes the data of a segment at a place, as much of it as the window has room for. Gives back how many bytes became
   * readable, or undefined if nothing in it was new. `unit` is the size of its packets, if it is a run of them.
   */
  accept(
    at: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    fin: boolean,
    now: number,
    unit = 0,
  ): number | undefined {
    const size = end - start
    const full = unit === 0 ? size : unit
    if (full > this.largest) this.largest = Math.min(full, 65535)
    const last = at + size
    if (fin && last <= this.edge && !this.finished) this.finAt = last
    const from = Math.max(at, this.next)
    const to = Math.min(last, this.edge, this.finAt)
    if (to <= from && !(fin && last === this.next)) {
      if (last <= this.next && size > 0) this.twice = { left: at, right: last }
      this.due = true
      return undefined
    }
    if (this.quick > 0) this.quick--
    const before = this.next
    if (from > this.next) {
      this.due = true
      if (to <= from) return undefined
      if (!this.addRun(from, to)) return undefined
      this.ring.write(from, bytes, start + from - at, start + to - at)
      return undefined
    }
    if (to > from) this.ring.write(from, bytes, start + from - at, start + to - at)
    this.next = Math.max(this.next, to)
    if (this.runs.length > 0) {
      this.due = true
      this.joinRuns()
    }
    const readable = this.next - before
    if (this.next === this.finAt) {
      this.next++
      this.finished = true
      this.due = true
    }
    this.schedule(now)
    return readable
  }

  /** Decides whether what came is acknowledged at once or a little later (RFC 5681 §4.2, RFC 9293 §3.8.6.3). */
  private schedule(now: number): void {
    if (this.quick > 0 || this.next - this.acknowledged > this.largest) this.due = true
    else this.dueAt = Math.min(this.dueAt, now + delay)
  }

  /** Moves readable bytes out, at most `limit`. */
  read(limit: number): Uint8Array {
    const size = Math.min(limit, this.readable)
    const bytes = new Uint8Array(size)
    const { base } = this.ring
    this.ring.read(base, base + size, bytes, 0)
    this.ring.release(base + size)
    return bytes
  }

  /** The reader took data: true if the window grew so much that the peer should hear of it (RFC 9293 §3.8.6.2.2). */
  opened(): boolean {
    if (this.finished) return false
    const grown = this.ring.base + this.space - this.edge
    const left = this.edge - this.next
    return grown >= Math.min(this.space / 2, 2 * this.largest) && grown >= left
  }

  /** Once a round trip: if the reader keeps up, the window becomes twice what came in that time, so that it never limits. */
  tune(now: number, roundTrip: number): void {
    if (this.fixed || roundTrip <= 0) return
    if (now - this.measuredAt < roundTrip) return
    const taken = this.ring.base - this.measuredFrom
    this.measuredAt = now
    this.measuredFrom = this.ring.base
    if (2 * taken > this.space) this.space = Math.min(this.largestSpace, 2 * taken + 16 * this.largest)
  }

  /** The window to offer, in units of `shift`, not over 65535; remembers it. */
  offer(shift: number): number {
    const room = Math.max(0, this.ring.base + this.space - this.next)
    const left = Math.max(0, this.edge - this.next)
    // A window that opens by a crumb would be filled with crumbs.
    const wanted = room - left < Math.min(this.space / 2, this.largest) ? left : Math.max(room, left)
    const units = Math.min(65535, Math.floor(wanted / 2 ** shift))
    // Rounding must not take back what was offered.
    const offered = Math.min(65535, units * 2 ** shift < left ? Math.ceil(left / 2 ** shift) : units)
    this.edge = Math.max(this.edge, this.next + offered * 2 ** shift)
    return offered
  }

  /** A segment that carries the acknowledgment goes out. */
  sent(): void {
    this.acknowledged = this.next
    this.due = false
    this.dueAt = Number.POSITIVE_INFINITY
  }

  /** What is held out of order, the newest first, at most `count` blocks; a repetition before them once. */
  blocks(count: number): Block[] {
    const found: Block[] = []
    if (this.twice !== undefined) found.push(this.twice)
    this.twice = undefined
    if (this.lastRun !== undefined) found.push(this.lastRun)
    for (const run of this.runs) if (run !== this.lastRun && found.length < count) found.push(run)
    return found.slice(0, count)
  }

  get hasBlocks(): boolean {
    return this.twice !== undefined || this.runs.length > 0
  }

  /** Drops everything: nobody will read it. */
  clear(): void {
    this.ring.clear(this.finished ? this.next - 1 : this.next)
    this.runs.length = 0
    this.lastRun = undefined
    this.twice = undefined
  }

  private addRun(left: number, right: number): boolean {
    const { runs } = this
    let first = 0
    while (first < runs.length && (runs[first] as Block).right < left) first++
    let last = first
    const run = { left, right }
    for (; last < runs.length && (runs[last] as Block).left <= right; last++) {
      const other = runs[last] as Block
      if (other.left <= left && other.right >= right) {
        this.twice = { left, right }
        return true
      }
      run.left = Math.min(run.left, other.left)
      run.right = Math.max(run.right, other.right)
    }
    if (last === first && runs.length >= longestRuns) return false
    runs.splice(first, last - first, run)
    this.lastRun = run
    return true
  }

  private joinRuns(): void {
    const { runs } = this
    let joined = 0
    for (; joined < runs.length && (runs[joined] as Block).left <= this.next; joined++)
      this.next = Math.max(this.next, (runs[joined] as Block).right)
    if (joined === 0) return
    const gone = runs.splice(0, joined)
    if (this.lastRun !== undefined && gone.includes(this.lastRun)) this.lastRun = runs[0]
  }
}
