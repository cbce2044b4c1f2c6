import type { VirtualClock } from '../runtime/index.ts'

/**
 * Lets a virtual clock keep up with the real one, for labs that meet the outside world: `enter` brings it to now before
 * something from outside happens, and it is woken when its next entry is due. Timers of Node are a millisecond coarse, so
 * what is due within one is waited for by asking again.
 */
export class Pace {
  private readonly clock: VirtualClock
  private readonly realStart: bigint
  private virtualStart: number
  /** Where the clock stands, if it does not follow the real one any more. */
  private halted: number | undefined
  private timer: NodeJS.Timeout | undefined
  private soon: NodeJS.Immediate | undefined
  /** When the clock's next entry is due that is waited for. */
  private awaited: number | undefined
  private stopped = false

  constructor(clock: VirtualClock) {
    this.clock = clock
    this.realStart = process.hrtime.bigint()
    this.virtualStart = clock.now()
    this.plan()
  }

  /** Runs what is due, then `happen` at the present time; what `happen` causes runs when it is due. */
  enter<T>(happen: () => T): T {
    this.clock.runUntil(this.now())
    const result = happen()
    this.plan()
    return result
  }

  /** The clock stands still from now on; `warp` alone moves it. */
  halt(): void {
    this.enter(() => {
      this.halted = this.clock.now()
    })
  }

  /** Lets so much time pass at once, ns, with all that is due in it. */
  warp(duration: number): void {
    if (this.halted === undefined) this.virtualStart += duration
    else this.halted += duration
    this.enter(() => {})
  }

  stop(): void {
    this.stopped = true
    this.forget()
  }

  private now(): number {
    return this.halted ?? this.virtualStart + Number(process.hrtime.bigint() - this.realStart)
  }

  private readonly wake = (): void => {
    this.awaited = undefined
    this.clock.runUntil(this.now())
    this.plan()
  }

  private plan(): void {
    const next = this.stopped ? undefined : this.clock.next()
    // To set a timer again for every packet that comes in would cost more than many a packet.
    if (next === this.awaited) return
    this.forget()
    this.awaited = next
    if (next === undefined) return
    const wait = (next - this.now()) / 1e6
    if (this.halted !== undefined && wait > 0) return
    if (wait < 1.5) this.soon = setImmediate(this.wake)
    else this.timer = setTimeout(this.wake, Math.min(wait - 1, 2 ** 31 - 1))
  }

  private forget(): void {
    this.awaited = undefined
    if (this.timer !== undefined) clearTimeout(this.timer)
    if (this.soon !== undefined) clearImmediate(this.soon)
    this.timer = undefined
    this.soon = undefined
  }
}
