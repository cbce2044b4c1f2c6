import { second } from './clock.ts'
import type { Level, Log } from './log.ts'

/**
 * Lets so many lines a minute into the log, and as many at once; a line that comes when there is room again is told of those
 * that were left out, in the words of ovs-vswitchd.
 */
export class LogLimit {
  private readonly perMinute: number
  private tokens: number
  private filled: number
  private dropped: { count: number; first: number; last: number } | undefined

  constructor(perMinute: number, now: number) {
    this.perMinute = perMinute
    this.filled = now
    this.tokens = perMinute
  }

  /** Logs at time `now`, ns, or leaves it. */
  log(log: Log, now: number, module: string, level: Level, text: string): void {
    if (this.tokens < 1) this.fill(now)
    const seconds = Math.floor(now / second)
    if (this.tokens < 1) {
      this.dropped ??= { count: 0, first: seconds, last: seconds }
      this.dropped.count++
      this.dropped.last = seconds
      return
    }
    this.tokens--
    if (this.dropped !== undefined) {
      const { count, first, last } = this.dropped
      const ago = `in last ${seconds - first} seconds (most recently, ${seconds - last} seconds ago)`
      log(module, level, `Dropped ${count} log messages ${ago} due to excessive rate`)
      this.dropped = undefined
    }
    log(module, level, text)
  }

  /** Only when there is no room left, as ovs-vswitchd does it: then all of the time since the last time counts. */
  private fill(now: number): void {
    this.tokens = Math.min(this.perMinute, this.tokens + ((now - this.filled) / (60 * second)) * this.perMinute)
    this.filled = now
  }
}
