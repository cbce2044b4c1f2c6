import { type Clock, microsecond } from '../runtime/index.ts'
import type { Frame } from '../wire/frame.ts'

/** Who takes a frame out of the backlog. */
export interface Receiver {
  process(frame: Frame): void
}

/**
 * Frames between the links of one kernel. The first to hand a frame over works off all that follow from it, so a chain of
 * links needs no deeper call stack than one link. A loop in the network would never end; so after `budget` frames the
 * rest waits for as long as a real kernel would have needed, and beyond `limit` frames (net.core.netdev_max_backlog)
 * what comes is dropped and counted.
 */
export class Backlog {
  dropped = 0
  private readonly limit: number
  private readonly budget = 300
  private readonly clock: Clock
  private readonly receivers: (Receiver | undefined)[]
  private readonly frames: (Frame | undefined)[]
  private head = 0
  private count = 0
  private busy = false
  private resting = false

  constructor(clock: Clock, limit = 1000) {
    this.clock = clock
    this.limit = limit
    this.receivers = new Array(limit).fill(undefined)
    this.frames = new Array(limit).fill(undefined)
  }

  /** Frames that wait. */
  get size(): number {
    return this.count
  }

  /** Passes ownership of the frame; false if it was dropped. */
  hand(to: Receiver, frame: Frame): boolean {
    if (!this.busy && this.count === 0) {
      this.busy = true
      try {
        to.process(frame)
      } finally {
        this.busy = false
      }
      if (this.count > 0) this.drain()
      return true
    }
    if (this.count === this.limit) {
      this.dropped++
      return false
    }
    const tail = (this.head + this.count) % this.limit
    this.receivers[tail] = to
    this.frames[tail] = frame
    this.count++
    if (!this.busy && !this.resting) this.drain()
    return true
  }

  private drain(): void {
    this.busy = true
    try {
      for (let left = this.budget; left > 0 && this.count > 0; left--) {
        const { head } = this
        const to = this.receivers[head] as Receiver
        const frame = this.frames[head] as Frame
        this.receivers[head] = undefined
        this.frames[head] = undefined
        this.head = (head + 1) % this.limit
        this.count--
        to.process(frame)
      }
    } finally {
      this.busy = false
    }
    if (this.count === 0 || this.resting) return
    this.resting = true
    this.clock.at(this.clock.now() + this.budget * microsecond, () => {
      this.resting = false
      if (this.count > 0) this.drain()
    })
  }
}
