import { second } from '../../runtime/index.ts'
import type { Frame } from '../../wire/frame.ts'
import { Bucket } from './bucket.ts'
import { Fifo } from './fifo.ts'
import { CountingQdisc, type Handle, type Place } from './qdisc.ts'

/** Bytes, and bytes a second. `limit` is how many bytes wait; `mtu` is the burst of the peak rate. */
export type TbfOptions = { rate: number; burst: number; limit: number; peak?: { rate: number; mtu: number } }

/** `tbf`: frames leave as tokens allow, at a rate on the average and no faster than a peak rate (tc-tbf(8)). */
export class Tbf extends CountingQdisc {
  readonly kind = 'tbf'
  options: TbfOptions
  readonly classes: Map<Handle, Place>
  private readonly inner: Place
  private bucket: Bucket
  private peak: Bucket | undefined
  private next: Frame | undefined

  constructor(handle: Handle, options: TbfOptions, now: number) {
    super(handle)
    this.options = options
    this.bucket = new Bucket(options.rate, options.burst, now)
    this.peak = options.peak && new Bucket(options.peak.rate, options.peak.mtu, now)
    this.inner = { child: new Fifo('bfifo', 0, options.limit) }
    this.classes = new Map([[handle + 1, this.inner]])
  }

  /** Other numbers, for what waits too. */
  change(options: TbfOptions, now: number): void {
    this.options = options
    this.bucket = this.bucket.changed(options.rate, options.burst, now)
    this.peak = options.peak && new Bucket(options.peak.rate, options.peak.mtu, now)
    if (this.inner.child instanceof Fifo) this.inner.child.limit = options.limit
  }

  enqueue(frame: Frame, now: number): boolean {
    const { size } = frame
    const { burst, peak } = this.options
    // What the bucket can never hold would wait for ever.
    if (size > Math.min(burst, peak?.mtu ?? burst)) {
      this.stats.dropped++
      return false
    }
    const { child } = this.inner
    const before = child.stats.backlogPackets
    const taken = child.enqueue(frame, now)
    if (!taken) this.stats.dropped++
    for (let more = child.stats.backlogPackets - before; more > 0; more--) this.took(size)
    return taken
  }

  dequeue(now: number): Frame | undefined {
    this.next ??= this.inner.child.dequeue(now)
    const frame = this.next
    if (frame === undefined) return undefined
    if (this.wait(frame.size, now) > 0) {
      this.stats.overlimits++
      return undefined
    }
    this.next = undefined
    this.bucket.take(frame.size, now)
    this.peak?.take(frame.size, now)
    this.gave(frame.size)
    return frame
  }

  /** ns until there are tokens for so many bytes. */
  private wait(size: number, now: number): number {
    const { bucket, peak } = this
    const own = bucket.timeOf(size) - bucket.at(now)
    return Math.max(0, Math.ceil(peak === undefined ? own : Math.max(own, peak.timeOf(size) - peak.at(now))))
  }

  readyAt(now: number): number | undefined {
    if (this.next === undefined) return this.inner.child.readyAt(now)
    return now + this.wait(this.next.size, now)
  }

  override reset(): void {
    super.reset()
    this.next = undefined
    this.inner.child.reset()
  }
}

/** What `tc` says of the longest wait: the time that the queue needs beyond the burst, by the slower of both rates, ns. */
export const latencyOf = ({ rate, burst, limit, peak }: TbfOptions): number =>
  Math.max(((limit - burst) * second) / rate, peak === undefined ? 0 : ((limit - peak.mtu) * second) / peak.rate)
