/** How much a connection may have under way, by what it hears of losses. Sizes are bytes, times nanoseconds. */
export interface Congestion {
  readonly name: 'reno' | 'cubic'
  window: number
  /** Below it the window doubles each round trip. */
  threshold: number
  /** Data was acknowledged while the window was what limited the sender. `roundTrip` is the smoothed one. */
  acked(bytes: number, now: number, roundTrip: number): void
  /** A loss that acknowledgments told of, once a window. `flight` is what was under way. */
  lost(flight: number, now: number): void
  /** The retransmission timer ran out. */
  timedOut(flight: number, now: number): void
  /** The sender had nothing to say for `idle` (RFC 9293 §3.8.6 and RFC 5681 §4.1). */
  restarted(idle: number, timeout: number): void
  /** The largest segment changed. */
  segment: number
}

/** Ten segments (RFC 6928). */
export const initialWindow = (segment: number): number => 10 * segment

/** RFC 5681 with the initial window of RFC 6928. */
export class Reno implements Congestion {
  readonly name: 'reno' | 'cubic' = 'reno'
  window: number
  threshold = Number.POSITIVE_INFINITY
  segment: number
  private counted = 0

  constructor(segment: number) {
    this.segment = segment
    this.window = initialWindow(segment)
  }

  /** Grows by what was acknowledged while below the threshold; gives back what is left for the slow growth. */
  protected slowStart(bytes: number): number {
    if (this.window >= this.threshold) return bytes
    const grown = Math.min(this.window + bytes, this.threshold)
    const rest = bytes - (grown - this.window)
    this.window = grown
    return rest
  }

  acked(bytes: number, _now: number, _roundTrip: number): void {
    this.counted += this.slowStart(bytes)
    if (this.counted < this.window) return
    this.counted -= this.window
    this.window += this.segment
  }

  lost(flight: number, _now: number): void {
    this.threshold = Math.max(flight / 2, 2 * this.segment)
    this.window = this.threshold
    this.counted = 0
  }

  timedOut(flight: number, now: number): void {
    this.lost(flight, now)
    this.window = this.segment
  }

  restarted(idle: number, timeout: number): void {
    // RFC 2861 §3: what was reached once is remembered as the threshold; the window halves with each idle timeout.
    const least = Math.min(this.window, initialWindow(this.segment))
    this.threshold = Math.max(this.threshold, 0.75 * this.window)
    for (let left = idle; left > timeout && this.window > least; left -= timeout) this.window /= 2
    this.window = Math.max(this.window, least)
  }
}
