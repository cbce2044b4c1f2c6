import type { Frame } from '../../wire/frame.ts'
import { Curve, type ServiceCurve } from './curve.ts'
import { Fifo } from './fifo.ts'
import { CountingQdisc, type Handle, newStats, type Place, type Qdisc } from './qdisc.ts'

/** A class's curves: what it is promised in real time, its share of the rest, and what it never exceeds. */
export type HfscClassOptions = {
  realTime: ServiceCurve | undefined
  share: ServiceCurve | undefined
  limit: ServiceCurve | undefined
}

/** A class of HFSC. Its curves run from when it last began to have frames. */
export class HfscClass implements Place {
  readonly handle: Handle
  readonly parent: HfscClass | undefined
  readonly stats = newStats()
  child: Qdisc
  children = 0
  options: HfscClassOptions
  /** Bytes served, and those of them by the promise. */
  total = 0
  promised = 0
  private realTime: Curve | undefined
  private eligible: Curve | undefined
  private share: Curve | undefined
  private limit: Curve | undefined

  constructor(handle: Handle, parent: HfscClass | undefined, options: HfscClassOptions, length: number) {
    this.handle = handle
    this.parent = parent
    this.options = options
    this.child = new Fifo('pfifo', 0, length)
  }

  change(options: HfscClassOptions, now: number): void {
    this.options = options
    this.realTime = undefined
    this.eligible = undefined
    this.share = undefined
    this.limit = undefined
    this.begin(now, 0)
  }

  /** It has frames again. `virtual` is how far the shares of the others are. */
  begin(now: number, virtual: number): void {
    const { realTime, share, limit } = this.options
    if (realTime !== undefined) {
      this.realTime ??= new Curve(realTime, now, this.promised)
      this.realTime.lower(now, this.promised)
      // Who is promised more later may be served ahead of its promise at once, by what is promised then.
      const shape =
        realTime.first <= realTime.later ? { first: realTime.later, duration: 0, later: realTime.later } : realTime
      this.eligible ??= new Curve(shape, now, this.promised)
      this.eligible.lower(now, this.promised)
    }
    if (share !== undefined) {
      this.share ??= new Curve(share, virtual, this.total)
      this.share.lower(virtual, this.total)
    }
    if (limit !== undefined) {
      this.limit ??= new Curve(limit, now, this.total)
      this.limit.lower(now, this.total)
    }
  }

  /** From when on the promise has it sent, and by when. */
  eligibleAt(): number {
    return this.eligible?.timeOf(this.promised) ?? Number.POSITIVE_INFINITY
  }

  deadline(size: number): number {
    return this.realTime?.timeOf(this.promised + size) ?? Number.POSITIVE_INFINITY
  }

  /** From when on it may have a share of the rest: neither it nor those above are over their limits. */
  fitsAt(): number {
    if (this.options.share === undefined) return Number.POSITIVE_INFINITY
    const own = this.limit?.timeOf(this.total) ?? 0
    return this.parent === undefined ? own : Math.max(own, this.parent.limitedUntil())
  }

  private limitedUntil(): number {
    const own = this.limit?.timeOf(this.total) ?? 0
    return this.parent === undefined ? own : Math.max(own, this.parent.limitedUntil())
  }

  /** How far its share is: whose is least far goes next. */
  virtualTime(): number {
    return this.share?.timeOf(this.total) ?? 0
  }

  serve(size: number, byPromise: boolean): void {
    if (byPromise) this.promised += size
    for (let each: HfscClass | undefined = this; each !== undefined; each = each.parent) {
      each.total += size
      each.stats.bytes += size
      each.stats.packets++
    }
  }
}

/**
 * `hfsc` (tc-hfsc(7), tc-hfsc(8)): leaves with a real-time curve are served in time; what is left is shared by the
 * link-sharing curves, as far as the limits let. Among shares only leaves are compared, not groups of them.
 */
export class Hfsc extends CountingQdisc {
  readonly kind = 'hfsc'
  defaultClass: number
  readonly classes = new Map<Handle, HfscClass>()
  private readonly length: number
  private readonly active = new Set<HfscClass>()

  /** `length` is how many frames wait in a class. */
  constructor(handle: Handle, defaultClass: number, length: number) {
    super(handle)
    this.defaultClass = defaultClass
    this.length = length
  }

  add(handle: Handle, parent: HfscClass | undefined, options: HfscClassOptions, now: number): HfscClass {
    const made = new HfscClass(handle, parent, options, this.length)
    if (parent !== undefined) {
      parent.children++
      this.forget(parent)
      parent.begin(now, 0)
    }
    this.classes.set(handle, made)
    return made
  }

  /** False for a class that has children. */
  remove(which: HfscClass): boolean {
    if (which.children > 0) return false
    this.forget(which)
    if (which.parent !== undefined) which.parent.children--
    this.classes.delete(which.handle)
    return true
  }

  private forget(which: HfscClass): void {
    const { backlogBytes, backlogPackets } = which.child.stats
    this.stats.backlogBytes -= backlogBytes
    this.stats.backlogPackets -= backlogPackets
    this.active.delete(which)
    which.child.reset()
  }

  enqueue(frame: Frame, now: number): boolean {
    const leaf = this.classes.get(this.handle + this.defaultClass)
    // Unlike HTB, it has no place for frames of no class.
    if (leaf === undefined || leaf.children > 0) {
      this.stats.dropped++
      return false
    }
    const { size } = frame
    const before = leaf.child.stats.backlogPackets
    const taken = leaf.child.enqueue(frame, now)
    if (!taken) {
      this.stats.dropped++
      leaf.stats.dropped++
    }
    for (let more = leaf.child.stats.backlogPackets - before; more > 0; more--) this.took(size)
    if (leaf.child.stats.backlogPackets > 0 && !this.active.has(leaf)) {
      leaf.begin(now, Math.max(0, ...[...this.active].map(each => each.virtualTime())))
      this.active.add(leaf)
    }
    return taken
  }

  dequeue(now: number): Frame | undefined {
    const ready = [...this.active].filter(({ child }) => (child.readyAt(now) ?? Number.POSITIVE_INFINITY) <= now)
    const urgent = least(
      ready.filter(each => each.eligibleAt() <= now),
      each => each.deadline(0),
    )
    const leaf =
      urgent ??
      least(
        ready.filter(each => each.fitsAt() <= now),
        each => each.virtualTime(),
      )
    if (leaf === undefined) {
      if (this.active.size > 0) this.stats.overlimits++
      return undefined
    }
    const frame = leaf.child.dequeue(now)
    if (leaf.child.stats.backlogPackets === 0) this.active.delete(leaf)
    if (frame === undefined) return undefined
    leaf.serve(frame.size, urgent !== undefined)
    this.gave(frame.size)
    return frame
  }

  readyAt(now: number): number | undefined {
    let soonest = Number.POSITIVE_INFINITY
    for (const leaf of this.active) {
      const ready = leaf.child.readyAt(now) ?? Number.POSITIVE_INFINITY
      soonest = Math.min(soonest, Math.max(ready, Math.min(leaf.eligibleAt(), leaf.fitsAt())))
    }
    return soonest === Number.POSITIVE_INFINITY ? undefined : Math.max(now, Math.ceil(soonest))
  }

  override reset(): void {
    super.reset()
    this.active.clear()
    for (const each of this.classes.values()) each.child.reset()
  }
}

const least = <T>(list: readonly T[], by: (each: T) => number): T | undefined => {
  let best: T | undefined
  for (const each of list) if (best === undefined || by(each) < by(best)) best = each
  return best
}
