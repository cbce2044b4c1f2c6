/** Counts up from a value, as the timers of IEEE 802.1D-1998 §8.5 do; it knows when it began, not when it ends. */
export class Timer {
  private began: number | undefined

  /** `value`, in ns, is what it shows at the start. */
  start(now: number, value = 0): void {
    this.began = now - value
  }

  stop(): void {
    this.began = undefined
  }

  get isRunning(): boolean {
    return this.began !== undefined
  }

  /** What it shows, ns; 0 if it stands. */
  value(now: number): number {
    return this.began === undefined ? 0 : now - this.began
  }

  /** What is left until it shows `limit`, ns; 0 if it stands. */
  left(now: number, limit: number): number {
    return this.began === undefined ? 0 : Math.max(0, this.began + limit - now)
  }

  /** When it will show `limit`. */
  due(limit: number): number {
    return this.began === undefined ? Number.POSITIVE_INFINITY : this.began + limit
  }

  /** Whether it has come to `limit`; then it stands. */
  expired(now: number, limit: number): boolean {
    if (this.due(limit) > now) return false
    this.stop()
    return true
  }
}
