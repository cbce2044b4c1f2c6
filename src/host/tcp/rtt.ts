import { millisecond, second } from '../../runtime/index.ts'

const shortestRto = 200 * millisecond
const longestRto = 120 * second

/**
 * The round-trip time and the retransmission timeout (RFC 6298), in nanoseconds. As in Linux the shortest timeout of 200 ms
 * is one for the variation: the timeout is never less than a round trip and 200 ms.
 */
export class RoundTrip {
  /** Smoothed; 0 before the first sample. */
  smoothed = 0
  variation = 0
  /** The least of all samples; Infinity before the first. */
  least = Number.POSITIVE_INFINITY
  latest = 0
  private backoffs = 0

  sample(time: number): void {
    this.latest = time
    this.least = Math.min(this.least, time)
    if (this.smoothed === 0) {
      this.smoothed = Math.max(1, time)
      this.variation = time / 2
    } else {
      this.variation = 0.75 * this.variation + 0.25 * Math.abs(this.smoothed - time)
      this.smoothed = 0.875 * this.smoothed + 0.125 * time
    }
    this.backoffs = 0
  }

  /** What was sent came through, so the next timeout is not doubled any more. */
  settle(): void {
    this.backoffs = 0
  }

  /** Doubles the timeout, since it ran out. */
  backOff(): void {
    this.backoffs++
  }

  get timeout(): number {
    const plain = this.smoothed === 0 ? second : this.smoothed + Math.max(shortestRto, 4 * this.variation)
    return Math.min(longestRto, Math.round(plain) * 2 ** Math.min(this.backoffs, 20))
  }
}
