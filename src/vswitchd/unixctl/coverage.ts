import { type Cancel, type Clock, second } from '../../runtime/index.ts'
import { hashText } from '../../switch/name-order.ts'

type Totals = ReadonlyMap<string, number>

/** How often the counts are looked at, and for how long each look is remembered: an hour. */
const interval = 5 * second
const looks = 720

/**
 * `coverage/show` and `coverage/read-counter` (ovs-appctl(8)): how often things happened, by name, since the start and lately.
 * What is known and never happened is counted, not listed. Rates are of the looks that `keepLooking` takes; without, they are 0.
 */
export class Coverage {
  private readonly totals: () => Iterable<readonly [name: string, count: number]>
  /** The youngest look comes last. Before the first one nothing had happened. */
  private readonly history: Totals[] = [new Map()]

  /** `totals` gives all counts there are, those that are 0 too; counts of one name are added up. */
  constructor(totals: () => Iterable<readonly [name: string, count: number]>) {
    this.totals = totals
  }

  /** Looks every five seconds, until it is told to stop. */
  keepLooking(clock: Clock): Cancel {
    let cancel: Cancel
    const look = (): void => {
      cancel = clock.at(clock.now() + interval, look)
      this.history.push(this.now())
      if (this.history.length > looks + 1) this.history.shift()
    }
    cancel = clock.at(clock.now() + interval, look)
    return () => cancel()
  }

  /** The count of a name; undefined if there is no such. */
  read(name: string): number | undefined {
    return this.now().get(name)
  }

  show(): string {
    const all = [...this.now()].sort(([a], [b]) => (a < b ? -1 : 1))
    const hit = all.filter(([, count]) => count > 0)
    const hash = hashText(hit.map(([name]) => name).join(' '))
      .toString(16)
      .padStart(8, '0')
    return [
      `Event coverage, avg rate over last: 5 seconds, last minute, last hour,  hash=${hash}:\n`,
      ...hit.map(([name, count]) => this.line(name, count)),
      `${all.length - hit.length} events never hit\n`,
    ].join('')
  }

  private line(name: string, count: number): string {
    const lately = this.rate(name, 1).toFixed(1).padStart(5)
    const minute = this.rate(name, 12).toFixed(3).padStart(9)
    const hour = this.rate(name, looks).toFixed(4).padStart(13)
    return `${name.padEnd(24)} ${lately}/sec ${minute}/sec ${hour}/sec   total: ${count}\n`
  }

  /** A second, over the last so many looks; when there were fewer, nothing happened before. */
  private rate(name: string, count: number): number {
    const last = this.history.length - 1
    const happened = (this.history[last]?.get(name) ?? 0) - (this.history[Math.max(0, last - count)]?.get(name) ?? 0)
    return happened / ((count * interval) / second)
  }

  private now(): Totals {
    const sums = new Map<string, number>()
    for (const [name, count] of this.totals()) sums.set(name, (sums.get(name) ?? 0) + count)
    return sums
  }
}
