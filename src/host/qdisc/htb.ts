import type { Frame } from '../../wire/frame.ts'
import { FrameQueue } from './fifo.ts'
import { HtbClass, type HtbClassOptions } from './htb-class.ts'
import { CountingQdisc, type Handle } from './qdisc.ts'

/** `r2q` makes a class's quantum of its rate; frames of no class wait in a queue of `directLimit`. */
export type HtbOptions = { defaultClass: number; r2q: number; directLimit: number }

/**
 * `htb` (tc-htb(8)): a tree of classes. Frames wait in the leaves; a leaf with tokens sends at its rate, one without may
 * borrow what its parent has left, up to its ceiling. Of those that may send, the lowest priority number goes first, and
 * those of one priority take turns by their quanta. Frames of no class are not slowed down.
 */
export class Htb extends CountingQdisc {
  readonly kind = 'htb'
  options: HtbOptions
  readonly classes = new Map<Handle, HtbClass>()
  /** Frames that belonged to no class. */
  directPackets = 0
  private readonly direct = new FrameQueue()
  /** Leaves that have frames, in the order of their turns. */
  private readonly active = new Set<HtbClass>()

  constructor(handle: Handle, options: HtbOptions) {
    super(handle)
    this.options = options
  }

  /** Makes a class below another, or below the root. */
  add(handle: Handle, parent: HtbClass | undefined, options: HtbClassOptions, now: number): HtbClass {
    const made = new HtbClass(handle, parent, options, this.options.directLimit, now)
    if (parent !== undefined) {
      parent.children++
      this.forget(parent)
    }
    this.classes.set(handle, made)
    return made
  }

  /** False for a class that has children. */
  remove(which: HtbClass): boolean {
    if (which.children > 0) return false
    this.forget(which)
    if (which.parent !== undefined) which.parent.children--
    this.classes.delete(which.handle)
    return true
  }

  /** What waits in a leaf that is to be none is lost. */
  private forget(which: HtbClass): void {
    const { backlogBytes, backlogPackets } = which.child.stats
    this.stats.backlogBytes -= backlogBytes
    this.stats.backlogPackets -= backlogPackets
    this.active.delete(which)
    which.child.reset()
  }

  enqueue(frame: Frame, now: number): boolean {
    const { size } = frame
    const leaf = this.classes.get(this.handle + this.options.defaultClass)
    if (leaf === undefined || leaf.children > 0) return this.enqueueDirect(frame)
    const before = leaf.child.stats.backlogPackets
    const taken = leaf.child.enqueue(frame, now)
    const more = leaf.child.stats.backlogPackets - before
    if (!taken) {
      this.stats.dropped++
      leaf.stats.dropped++
    }
    for (let i = 0; i < more; i++) this.took(size)
    if (more > 0) this.active.add(leaf)
    return taken
  }

  private enqueueDirect(frame: Frame): boolean {
    if (this.direct.length >= this.options.directLimit) {
      this.stats.dropped++
      return false
    }
    this.direct.push(frame)
    this.directPackets++
    this.took(frame.size)
    return true
  }

  dequeue(now: number): Frame | undefined {
    const direct = this.direct.shift()
    if (direct !== undefined) {
      this.gave(direct.size)
      return direct
    }
    for (;;) {
      const leaf = this.choose(now)
      if (leaf === undefined) {
        if (this.active.size > 0) this.stats.overlimits++
        return undefined
      }
      const frame = leaf.child.dequeue(now)
      if (leaf.child.stats.backlogPackets === 0) this.active.delete(leaf)
      if (frame === undefined) continue
      const { size } = frame
      leaf.deficit -= size
      if (leaf.deficit < 0 && this.active.delete(leaf)) {
        leaf.deficit += leaf.options.quantum
        this.active.add(leaf)
      }
      if (size > 1600) leaf.giants++
      leaf.charge(size, now)
      this.gave(size)
      return frame
    }
  }

  /** The leaf whose turn it is, of those that may send and have something that is ready. */
  private choose(now: number): HtbClass | undefined {
    let best: HtbClass | undefined
    for (const leaf of this.active) {
      if (best !== undefined && best.options.priority <= leaf.options.priority) continue
      if (leaf.wait(now) > 0) continue
      const ready = leaf.child.readyAt(now)
      if (ready !== undefined && ready <= now) best = leaf
    }
    return best
  }

  readyAt(now: number): number | undefined {
    if (this.direct.length > 0) return now
    let soonest: number | undefined
    for (const leaf of this.active) {
      const ready = leaf.child.readyAt(now)
      if (ready === undefined) continue
      const when = Math.max(ready, now + Math.ceil(leaf.wait(now)))
      if (soonest === undefined || when < soonest) soonest = when
    }
    return soonest
  }

  override reset(): void {
    super.reset()
    this.direct.clear()
    this.active.clear()
    for (const each of this.classes.values()) each.child.reset()
  }
}
