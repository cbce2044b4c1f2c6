import { type Random, second } from '../../runtime/index.ts'
import type { Frame } from '../../wire/frame.ts'
import { correlated, type Distribution, deviationOf } from './chance.ts'
import { Fifo } from './fifo.ts'
import { CountingQdisc, type Handle, type Place } from './qdisc.ts'

/** A probability from 0 to 1 and how much each draw is like the one before. */
export type Likelihood = { probability: number; correlation: number }

/** Times in ns; `limit` is frames. */
export type NetemOptions = {
  limit: number
  delay: number
  jitter: number
  delayCorrelation: number
  distribution: Distribution
  loss: Likelihood
  /** Loss in bursts, of Gilbert and Elliott: chances to turn bad and good, and of a loss in either state. */
  bursts: { toBad: number; toGood: number; lossWhenBad: number; lossWhenGood: number } | undefined
  duplicate: Likelihood
  reorder: Likelihood
  /** Every so many-th frame may overtake others; 0 for none. */
  gap: number
  corrupt: Likelihood
  /** Bytes a second; 0 for no limit. */
  rate: number
  /** Bytes that each frame counts more at that rate. */
  overhead: number
}

export const usualNetem: NetemOptions = {
  limit: 1000,
  delay: 0,
  jitter: 0,
  delayCorrelation: 0,
  distribution: 'uniform',
  loss: { probability: 0, correlation: 0 },
  bursts: undefined,
  duplicate: { probability: 0, correlation: 0 },
  reorder: { probability: 0, correlation: 0 },
  gap: 0,
  corrupt: { probability: 0, correlation: 0 },
  rate: 0,
  overhead: 0,
}

type Waiting = { frame: Frame; when: number }

/**
 * `netem`: what a network does to frames (tc-netem(8)). Frames that are to be late wait in the order of when they are due,
 * so jitter puts them in another order. Chance comes from the namespace's generator.
 */
export class Netem extends CountingQdisc {
  readonly kind = 'netem'
  readonly classes: Map<Handle, Place>
  /** What frames that are due go through; by itself it holds nothing back. */
  private readonly inner: Place
  private chosen: NetemOptions
  private readonly random: Random
  /** The soonest first. */
  private waiting: Waiting[] = []
  private draws: Record<'delay' | 'loss' | 'duplicate' | 'reorder' | 'corrupt', Random>
  /** Frames lost on the way, of which whoever gave them knows nothing. */
  lost = 0
  private isBad = false
  /** Frames since one has overtaken others. */
  private counter = 0

  constructor(handle: Handle, options: NetemOptions, random: Random) {
    super(handle)
    this.random = random
    this.chosen = options
    this.draws = this.drawsOf(options)
    this.inner = { child: new Fifo('pfifo', 0, Number.POSITIVE_INFINITY) }
    this.classes = new Map([[handle + 1, this.inner]])
  }

  get options(): NetemOptions {
    return this.chosen
  }

  /** From the next frame on. */
  change(options: NetemOptions): void {
    this.chosen = options
    this.draws = this.drawsOf(options)
  }

  private drawsOf(options: NetemOptions): Netem['draws'] {
    const { random } = this
    return {
      delay: correlated(random, options.delayCorrelation),
      loss: correlated(random, options.loss.correlation),
      duplicate: correlated(random, options.duplicate.correlation),
      reorder: correlated(random, options.reorder.correlation),
      corrupt: correlated(random, options.corrupt.correlation),
    }
  }

  private happens(what: 'loss' | 'duplicate' | 'reorder' | 'corrupt'): boolean {
    const { probability } = this.chosen[what]
    return probability > 0 && this.draws[what]() < probability
  }

  private isLost(): boolean {
    const { bursts } = this.chosen
    if (bursts === undefined) return this.happens('loss')
    const turns = this.random() < (this.isBad ? bursts.toGood : bursts.toBad)
    if (turns) this.isBad = !this.isBad
    return this.random() < (this.isBad ? bursts.lossWhenBad : bursts.lossWhenGood)
  }

  enqueue(frame: Frame, now: number): boolean {
    const copies = (this.happens('duplicate') ? 2 : 1) - (this.isLost() ? 1 : 0)
    if (copies === 0) {
      this.lost++
      this.stats.dropped++
      return true
    }
    const second = copies === 2 ? frame.copy() : undefined
    const taken = this.take(frame, now)
    if (second !== undefined) this.take(second, now)
    return taken
  }

  private take(frame: Frame, now: number): boolean {
    if (this.happens('corrupt')) this.damage(frame)
    if (this.waiting.length >= this.chosen.limit) {
      this.stats.dropped++
      return false
    }
    this.took(frame.size)
    this.insert({ frame, when: this.due(frame, now) })
    return true
  }

  /** One bit is the other way round. */
  private damage(frame: Frame): void {
    const bit = Math.floor(this.random() * frame.size * 8)
    const at = frame.start + (bit >> 3)
    frame.bytes[at] = (frame.bytes[at] as number) ^ (1 << (bit & 7))
  }

  private due(frame: Frame, now: number): number {
    const { gap, delay, jitter, distribution, rate, overhead } = this.chosen
    if (gap > 0 && this.counter >= gap - 1 && this.happens('reorder')) {
      this.counter = 0
      return now
    }
    this.counter++
    const late = jitter === 0 ? delay : delay + Math.round(jitter * deviationOf(distribution, this.draws.delay()))
    if (rate === 0) return now + Math.max(0, late)
    // The line is busy until the last frame is out; it need not wait for what it waited behind that.
    const free = Math.max(now, this.waiting.at(-1)?.when ?? now)
    return free + Math.max(0, late - (free - now)) + Math.round(((frame.size + overhead) * second) / rate)
  }

  private insert(entry: Waiting): void {
    const { waiting } = this
    let at = waiting.length
    while (at > 0 && (waiting[at - 1] as Waiting).when > entry.when) at--
    if (at === waiting.length) waiting.push(entry)
    else waiting.splice(at, 0, entry)
  }

  dequeue(now: number): Frame | undefined {
    const { inner } = this
    for (let first = this.waiting[0]; first !== undefined && first.when <= now; first = this.waiting[0]) {
      this.waiting.shift()
      const { size } = first.frame
      if (inner.child.enqueue(first.frame, now)) continue
      this.lost++
      this.stats.dropped++
      this.stats.backlogPackets--
      this.stats.backlogBytes -= size
    }
    const frame = inner.child.dequeue(now)
    if (frame !== undefined) this.gave(frame.size)
    return frame
  }

  readyAt(now: number): number | undefined {
    const inside = this.inner.child.readyAt(now)
    const due = this.waiting[0]?.when
    return inside === undefined || due === undefined ? (inside ?? due) : Math.min(inside, due)
  }

  override reset(): void {
    super.reset()
    this.waiting = []
    this.inner.child.reset()
  }
}
