import { second } from '../../runtime/index.ts'

/**
 * Tokens of a rate, counted in the nanoseconds that it takes to send what they are for; so no rounding adds up.
 * Below zero is debt, which time pays.
 */
export class Bucket {
  /** Bytes a second. */
  readonly rate: number
  /** Bytes that may come at once. */
  readonly burst: number
  private readonly most: number
  private tokens: number
  private updated: number

  constructor(rate: number, burst: number, now: number) {
    this.rate = rate
    this.burst = burst
    this.most = this.timeOf(burst)
    this.tokens = this.most
    this.updated = now
  }

  /** ns that so many bytes take. */
  timeOf(bytes: number): number {
    return (bytes * second) / this.rate
  }

  /** Tokens at this time, ns. */
  at(now: number): number {
    return Math.min(this.most, this.tokens + (now - this.updated))
  }

  /** Takes what so many bytes need, into debt if need be. */
  take(bytes: number, now: number): void {
    this.tokens = Math.max(this.at(now) - this.timeOf(bytes), -60 * second)
    this.updated = now
  }

  /** A bucket with other numbers, as full as this one. */
  changed(rate: number, burst: number, now: number): Bucket {
    const other = new Bucket(rate, burst, now)
    other.tokens = Math.min(other.most, this.at(now))
    return other
  }
}
