import { type Random, second } from '../../runtime/index.ts'

/** How long a client waits before it asks again, as ISC's dhclient does; times are nanoseconds. */
export class Backoff {
  private readonly random: Random
  private interval = 0

  constructor(random: Random) {
    this.random = random
  }

  /** The next question is the first one. */
  reset(): void {
    this.interval = 0
  }

  /**
   * Whole seconds as a time: 3 to 8 at first, then up to three times as long, and about a quarter of a minute from there on
   * (RFC 2131 §4.1 doubles up to 64 s, which is long for a lease of minutes). `most` bounds it.
   */
  next(most: number): number {
    const draw = (below: number): number => Math.floor(this.random() * below)
    this.interval = this.interval === 0 ? 3 + draw(6) : this.interval + draw(2 * this.interval)
    if (this.interval > 15) this.interval = 7 + draw(15)
    return Math.min(this.interval * second, most)
  }
}
