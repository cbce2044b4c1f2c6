import { second } from '../../runtime/index.ts'

const least = second

/**
 * When to try again to reach a peer: at first after a second, then after twice the time, up to the most; a connection that
 * held longer than the wait before it begins anew. Times are ns.
 */
export class Backoff {
  private wait = 0
  private deadline = Number.NEGATIVE_INFINITY
  private readonly most: number

  constructor(most: number) {
    this.most = Math.max(least, most)
  }

  /** An attempt begins; gives how long it may take. */
  attempt(now: number): number {
    this.deadline = now + this.wait
    return Math.max(least, this.wait)
  }

  /** The attempt or the connection is over; gives when to try again. */
  failed(now: number): number {
    if (now >= this.deadline) this.wait = least
    else this.wait = this.wait < this.most / 2 ? Math.max(least, 2 * this.wait) : this.most
    this.deadline = now + this.wait
    return this.deadline
  }
}
