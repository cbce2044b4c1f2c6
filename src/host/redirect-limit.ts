import { type Clock, millisecond } from '../runtime/index.ts'
import type { Ip4 } from '../wire/address.ts'

/**
 * How often Linux tells one host of a better way: each time twice as late as the last, from 20 ms on
 * (net.ipv4.route.redirect_load), and no more after nine that were not followed (redirect_number), until 20.48 seconds of
 * silence (redirect_silence) show that the host has heard, or has gone.
 */
export class RedirectLimit {
  private readonly told = new Map<Ip4, { count: number; last: number }>()
  private readonly clock: Clock
  private readonly most = 4096

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** Whether to tell this host now; counts it if so. */
  allow(host: Ip4): boolean {
    const now = this.clock.now()
    let told = this.told.get(host)
    if (told === undefined || now > told.last + silence) {
      this.told.delete(host)
      if (this.told.size >= this.most) this.told.delete(this.told.keys().next().value as Ip4)
      told = { count: 0, last: now }
      this.told.set(host, told)
    } else if (told.count >= most) {
      told.last = now
      return false
    } else if (now <= told.last + load * 2 ** told.count) return false
    told.count++
    told.last = now
    return true
  }
}

const load = 20 * millisecond
const most = 9
const silence = 20480 * millisecond
