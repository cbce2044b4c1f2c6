import { type Random, second } from '../../runtime/index.ts'
import { updateChecksum } from '../../wire/checksum.ts'
import type { Frame } from '../../wire/frame.ts'
import { Fifo } from './fifo.ts'
import { CountingQdisc, type Handle, type Place } from './qdisc.ts'

/** Bytes, but `burst`, which is frames of the average size `average`; `bandwidth` is bytes a second. */
export type RedOptions = {
  limit: number
  min: number
  max: number
  average: number
  burst: number
  bandwidth: number
  probability: number
  ecn: boolean
  hardDrop: boolean
}

/**
 * How fast the average follows the queue, as the power of two by which a difference is divided, so that a burst passes
 * (tc-red(8)); undefined if none does.
 */
export const followOf = ({
  min,
  burst,
  average,
}: Pick<RedOptions, 'min' | 'burst' | 'average'>): number | undefined => {
  const excess = burst + 1 - min / average
  if (excess < 1) return undefined
  for (let log = 1, weight = 0.5; log < 32; log++, weight /= 2)
    if (excess <= (1 - (1 - weight) ** burst) / weight) return log
  return undefined
}

/**
 * `red`: before the queue is full, frames are dropped, or marked where they may be (RFC 3168), the more likely the longer
 * the queue was on the average (Floyd and Jacobson, 1993).
 */
export class Red extends CountingQdisc {
  readonly kind = 'red'
  options: RedOptions
  readonly classes: Map<Handle, Place>
  /** Marks, early drops, and frames for which there was no room at all. */
  marked = 0
  early = 0
  full = 0
  private readonly inner: Place
  private readonly random: Random
  private weight: number
  private average = 0
  /** Frames since the last that was dropped or marked; -1: none may be yet. */
  private count = -1
  private chance = 0
  private idleSince: number | undefined = 0

  constructor(handle: Handle, options: RedOptions, random: Random) {
    super(handle)
    this.options = options
    this.random = random
    this.weight = 2 ** -(followOf(options) ?? 1)
    this.inner = { child: new Fifo('bfifo', 0, options.limit) }
    this.classes = new Map([[handle + 1, this.inner]])
  }

  change(options: RedOptions): void {
    this.options = options
    this.weight = 2 ** -(followOf(options) ?? 1)
    if (this.inner.child instanceof Fifo) this.inner.child.limit = options.limit
  }

  enqueue(frame: Frame, now: number): boolean {
    this.follow(now)
    const verdict = this.judge()
    if (verdict !== 'pass') {
      this.stats.overlimits++
      const mayMark = this.options.ecn && !(verdict === 'hard' && this.options.hardDrop)
      if (mayMark && mark(frame)) this.marked++
      else {
        this.early++
        this.stats.dropped++
        return false
      }
    }
    const { child } = this.inner
    const { size } = frame
    const before = child.stats.backlogPackets
    const taken = child.enqueue(frame, now)
    if (!taken) {
      this.full++
      this.stats.dropped++
    }
    for (let more = child.stats.backlogPackets - before; more > 0; more--) this.took(size)
    return taken
  }

  /** The average takes the queue in, or decays by as many frames as could have gone while there were none. */
  private follow(now: number): void {
    const { average, bandwidth } = this.options
    if (this.idleSince !== undefined) {
      const frames = ((now - this.idleSince) * bandwidth) / (average * second)
      this.average *= (1 - this.weight) ** frames
      this.idleSince = undefined
    } else this.average += (this.inner.child.stats.backlogBytes - this.average) * this.weight
  }

  private judge(): 'pass' | 'early' | 'hard' {
    const { min, max, probability } = this.options
    if (this.average < min) {
      this.count = -1
      return 'pass'
    }
    if (this.average >= max) {
      this.count = -1
      return 'hard'
    }
    this.count++
    if (this.count === 0) {
      this.chance = this.random()
      return 'pass'
    }
    if (((probability * (this.average - min)) / (max - min)) * this.count < this.chance) return 'pass'
    this.count = 0
    this.chance = this.random()
    return 'early'
  }

  dequeue(now: number): Frame | undefined {
    const frame = this.inner.child.dequeue(now)
    if (frame !== undefined) this.gave(frame.size)
    if (this.stats.backlogPackets === 0) this.idleSince ??= now
    return frame
  }

  readyAt(now: number): number | undefined {
    return this.inner.child.readyAt(now)
  }

  override reset(): void {
    super.reset()
    this.inner.child.reset()
    this.average = 0
    this.count = -1
  }
}

/** Sets "congestion experienced"; false for a frame whose sender does not know of marks. */
export const mark = ({ bytes, start }: Frame): boolean => {
  const type = ((bytes[start + 12] as number) << 8) | (bytes[start + 13] as number)
  if (type === 0x0800) {
    const tos = bytes[start + 15] as number
    if ((tos & 3) === 0) return false
    bytes[start + 15] = tos | 3
    const sum = ((bytes[start + 24] as number) << 8) | (bytes[start + 25] as number)
    const head = (bytes[start + 14] as number) << 8
    const fresh = updateChecksum(sum, head | tos, head | tos | 3)
    bytes[start + 24] = fresh >> 8
    bytes[start + 25] = fresh & 0xff
    return true
  }
  if (type !== 0x86dd || ((bytes[start + 15] as number) & 0x30) === 0) return false
  bytes[start + 15] = (bytes[start + 15] as number) | 0x30
  return true
}
