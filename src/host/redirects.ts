import { type Cancel, type Clock, second } from '../runtime/index.ts'
import type { Ip } from '../wire/address.ts'
import type { Link } from './link.ts'

/** A better next hop towards one address, that a router told of. */
export type Redirect = { readonly dst: Ip; readonly link: Link; readonly via: Ip; readonly until: number }

/**
 * The next hops that routers told us to use (ICMP redirects), by destination. Each is forgotten after five minutes, as on
 * Linux; the table is bounded, the oldest goes first and is learned again.
 */
export class Redirects {
  private readonly entries = new Map<Ip, Redirect & { cancel: Cancel }>()
  private readonly clock: Clock
  private readonly limit = 1024
  private readonly onChange: () => void

  constructor(clock: Clock, onChange: () => void) {
    this.clock = clock
    this.onChange = onChange
  }

  /** The next hop towards `dst` through the link; undefined if nobody told of one. */
  hop(dst: Ip, link: Link): Ip | undefined {
    if (this.entries.size === 0) return undefined
    const entry = this.entries.get(dst)
    return entry?.link === link ? entry.via : undefined
  }

  find(dst: Ip): Redirect | undefined {
    return this.entries.get(dst)
  }

  learn(dst: Ip, link: Link, via: Ip, seconds = 300): void {
    this.forget(dst)
    if (this.entries.size >= this.limit) this.forget(this.entries.keys().next().value as Ip)
    const until = this.clock.now() + seconds * second
    const cancel = this.clock.at(until, () => this.forget(dst))
    this.entries.set(dst, { dst, link, via, until, cancel })
    this.onChange()
  }

  private forget(dst: Ip): void {
    const entry = this.entries.get(dst)
    if (entry === undefined) return
    entry.cancel()
    this.entries.delete(dst)
    this.onChange()
  }

  /** Forgets all that go by way of this next hop: it does not answer. */
  forgetHop(link: Link, via: Ip): void {
    for (const entry of [...this.entries.values()]) if (entry.link === link && entry.via === via) this.forget(entry.dst)
  }

  /** Forgets all of a link: it is down or gone. */
  forgetLink(link: Link): void {
    for (const entry of [...this.entries.values()]) if (entry.link === link) this.forget(entry.dst)
  }

  all(): readonly Redirect[] {
    return [...this.entries.values()]
  }
}
