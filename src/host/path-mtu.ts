import { type Clock, second } from '../runtime/index.ts'
import { type Ip, isIp6 } from '../wire/address.ts'

/**
 * Path MTUs that routers reported (RFC 1191, RFC 8201), in bytes of the IP packet; each is forgotten after ten minutes.
 * The cache is bounded: the oldest goes first, and is learned again.
 */
export class PathMtu {
  private readonly entries = new Map<Ip, { mtu: number; until: number }>()
  private readonly clock: Clock
  private readonly limit = 1024
  private readonly onChange: () => void

  constructor(clock: Clock, onChange: () => void) {
    this.clock = clock
    this.onChange = onChange
  }

  /** The MTU towards `dst`, at most `mtu`. */
  of(dst: Ip, mtu: number): number {
    if (this.entries.size === 0) return mtu
    const entry = this.entries.get(dst)
    if (entry === undefined) return mtu
    if (entry.until <= this.clock.now()) {
      this.entries.delete(dst)
      this.onChange()
      return mtu
    }
    return Math.min(entry.mtu, mtu)
  }

  /** When what `of` says expires; Infinity if nothing is known. */
  until(dst: Ip): number {
    return this.entries.get(dst)?.until ?? Number.POSITIVE_INFINITY
  }

  /** Only ever less than before; never under 552 (IPv4, net.ipv4.route.min_pmtu) or 1280 (RFC 8200 §5). */
  learn(dst: Ip, mtu: number, seconds = 600): void {
    const least = isIp6(dst) ? 1280 : 552
    const entry = this.entries.get(dst)
    const value = Math.max(least, mtu)
    if (entry !== undefined && entry.mtu < value && entry.until > this.clock.now()) return
    this.entries.delete(dst)
    if (this.entries.size >= this.limit) this.entries.delete(this.entries.keys().next().value as Ip)
    this.entries.set(dst, { mtu: value, until: this.clock.now() + seconds * second })
    this.onChange()
  }

  all(): { dst: Ip; mtu: number; until: number }[] {
    return [...this.entries].map(([dst, entry]) => ({ dst, ...entry }))
  }

  flush(): void {
    this.entries.clear()
    this.onChange()
  }
}
