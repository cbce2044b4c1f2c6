import { type Clock, millisecond } from '../runtime/index.ts'
import type { Ip } from '../wire/address.ts'

type Bucket = { tokens: number; last: number }

/**
 * Linux's limit on ICMP errors: to one address, one each `interval` ms after a burst of six (net.ipv4.icmp_ratelimit);
 * in all, a thousand a second after a burst of fifty (icmp_msgs_per_sec, icmp_msgs_burst).
 */
export class RateLimit {
  private readonly peers = new Map<Ip, Bucket>()
  private readonly global: Bucket = { tokens: 50, last: 0 }
  private readonly clock: Clock
  private readonly most = 4096

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** Takes a token if there is one. An interval of 0 has no limit. */
  allow(peer: Ip, interval: number): boolean {
    if (interval <= 0) return true
    const now = this.clock.now()
    this.global.tokens = Math.min(50, this.global.tokens + (now - this.global.last) / millisecond)
    this.global.last = now
    if (this.global.tokens < 1 || !this.charge(peer, interval, 6)) return false
    this.global.tokens--
    return true
  }

  /** Takes a token of the peer alone. Linux does so for what it cannot route, with a burst of 5, before `allow` counts too. */
  charge(peer: Ip, interval: number, burst = 5): boolean {
    const now = this.clock.now()
    let bucket = this.peers.get(peer)
    if (bucket === undefined) {
      if (this.peers.size >= this.most) this.peers.delete(this.peers.keys().next().value as Ip)
      bucket = { tokens: 6, last: now }
      this.peers.set(peer, bucket)
    }
    const gained = interval > 0 ? (now - bucket.last) / (interval * millisecond) : burst
    bucket.tokens = Math.min(burst, bucket.tokens + gained)
    bucket.last = now
    if (bucket.tokens < 1) return false
    bucket.tokens--
    return true
  }
}
