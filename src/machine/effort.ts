import type { Clock, Wait } from '../runtime/index.ts'

/** Units of work that fit into one instant: bytes moved, and a thousand for each command of a shell. */
const most = 1 << 20
const pause = 1e6

/**
 * The time that work takes. A program of a simulated machine takes none while it does not wait, so one that never waits
 * (`yes > /dev/null`, `f() { f; f; }`) would hold the clock, and with it the lab and Ctrl-C, for ever. What a machine does
 * in one instant is counted here, and when it was too much, all who want to do more wait a millisecond. Ordinary commands never meet it.
 */
export class Effort {
  private readonly clock: Clock
  private since = 0
  private done = 0

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** Counts work; what the one who did it must wait for, if it was too much. */
  spend(work: number): Wait | undefined {
    const now = this.clock.now()
    if (now !== this.since) {
      this.since = now
      this.done = 0
    }
    this.done += work
    if (this.done < most) return undefined
    return resume => this.clock.at(now + pause, resume)
  }
}
