import { second } from './clock.ts'

const least = second

/**
 * When to try again to reach a peer: at first after a second, then after twice the time, up to the most; a connection that
 * held longer than the wait before it begins anew. Times are ns. With `freeTries`, as for a list of peers, so many
 * attempts in a row do not wait.
 */
export class Backoff {
  private wait = 0
  private deadline = Number.NEGATIVE_INFINITY
  private most: number
  private readonly freeTries: number
  private free: number
  /** How the wait came to be: as that of a beginning, longer than the one before, or the most that there is. */
  grown: 'anew' | 'longer' | 'most' = 'anew'

  constructor(most: number, freeTries = 1) {
    this.most = Math.max(least, most)
    this.freeTries = freeTries
    this.free = freeTries
  }

  /** An attempt begins; gives how long it may take. */
  attempt(now: number): number {
    this.deadline = now + this.wait
    return Math.max(least, this.wait)
  }

  /** The peer is reached. */
  reached(): void {
    this.free = this.freeTries
  }

  /** From the next failure on. */
  setMost(most: number): void {
    this.most = Math.max(least, most)
  }

  /**
   * The attempt or the connection is over; gives when to try again. One that was given up (`timedOut`) took long without
   * being a connection that held.
   */
  failed(now: number, timedOut = false): number {
    this.grown = 'anew'
    if (this.free > 1) {
      this.free--
      this.wait = 0
    } else if (now >= this.deadline && !timedOut) this.wait = least
    else if (this.wait < this.most / 2) {
      this.grown = 'longer'
      this.wait = Math.max(least, 2 * this.wait)
    } else {
      this.grown = 'most'
      this.wait = this.most
    }
    this.deadline = now + this.wait
    return this.deadline
  }
}
