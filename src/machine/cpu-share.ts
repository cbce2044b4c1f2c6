import type { Clock, Wait } from '../runtime/index.ts'

/** Processor time of a unit of work (`Process.work`), ns: so a byte that iperf moves takes 2 ns, a command of a shell 4 µs; a turn of a loop takes 100 µs. */
export const unitTime = 4

/** Work is done this long before it is looked at the clock, ns. */
const slice = 1e6

/**
 * A share of the processors for a group of processes, as the kernel's bandwidth control has it: so much processor time in
 * each period, and whoever has used it up waits for the next. Elsewhere programs of a simulated machine take no time. In a
 * group they take what `unitTime` says of their work: commands of a shell, bytes that it and `iperf` move. All else, as what
 * the kernel does for them, takes none. A process uses one processor; several of a group may use several.
 */
export class CpuShare {
  private readonly clock: Clock
  private quota = 0
  private period = 0
  /** What the group may have used up so far in ns, had it begun to use all its time at time 0. */
  private taken = 0
  private pending = 0
  private total = 0

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** `quota` ns of each `period` ns from now on; a quota below 0 is no limit. */
  limit(quota: number, period: number): void {
    this.quota = quota
    this.period = period
    this.taken = 0
  }

  /** Processor time that was used, ns: `cpuacct.usage`. */
  get used(): number {
    return this.total
  }

  /** Counts work; what the one who did it must wait for. */
  spend(units: number): Wait | undefined {
    this.pending += units * unitTime
    if (this.pending < slice) return undefined
    const time = this.pending
    this.pending = 0
    this.total += time
    const end = this.quota < 0 ? this.clock.now() + time : this.endOf(time)
    return resume => this.clock.at(end, resume)
  }

  /** When work of so much processor time that begins now is done. */
  private endOf(time: number): number {
    const { quota, period } = this
    const now = this.clock.now()
    // What was not used of periods gone is lost.
    this.taken = Math.max(this.taken, Math.floor(now / period) * quota) + time
    const last = Math.ceil(this.taken / quota) - 1
    return Math.max(now + time, last * period + (this.taken - last * quota) * Math.min(1, period / quota))
  }
}
