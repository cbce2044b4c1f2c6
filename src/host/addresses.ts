import type { Cancel } from '../runtime/index.ts'
import { type Ip, type Ip4, type Ip6, inPrefix, isIp6, isLinkLocal6, isMulticastIp, mask4 } from '../wire/address.ts'
import type { Link } from './link.ts'
import type { RouteScope } from './routes.ts'

/** An address of a link. Times are the clock's; `Infinity` is for ever. */
export type Address = {
  readonly link: Link
  readonly ip: Ip
  readonly length: number
  /** The far end of a point-to-point address. */
  readonly peer?: Ip
  readonly broadcast?: Ip4
  readonly scope: RouteScope
  label: string
  /** IPv4: not the first of its subnet on this link. */
  secondary: boolean
  /** IPv6: duplicate address detection has not finished; the address is not used yet (RFC 4862 §5.4). */
  tentative: boolean
  dadFailed: boolean
  /** `ra` made it from an advertised prefix; `kernel` is `::1` and link-local ones. */
  readonly origin: 'user' | 'kernel' | 'ra'
  validUntil: number
  preferredUntil: number
  /** The connected route is not wanted (`noprefixroute`). */
  readonly noPrefixRoute: boolean
  /** IPv6: its routes and its solicited-node group are in place. */
  active: boolean
  /** Ends what is under way for this address: duplicate address detection. */
  cancel: Cancel | undefined
}

/** The scope that an address has by its value (RFC 4291; IPv4 as `ip addr` guesses it). */
export const scopeOf = (ip: Ip): RouteScope => {
  if (!isIp6(ip)) return ip >>> 24 === 127 ? 'host' : ip >>> 16 === 0xa9fe ? 'link' : 'global'
  if (ip === 1n) return 'host'
  if (isLinkLocal6(ip)) return 'link'
  return ip >> 118n === 0x3fbn ? 'site' : 'global'
}

const scopes: Record<RouteScope, number> = { global: 0, site: 200, link: 253, host: 254, nowhere: 255 }

/** The addresses of one namespace, by value and by link. */
export class Addresses {
  /** In the order of `all`, with holes where some were removed. */
  private list: (Address | undefined)[] = []
  private readonly places = new Map<Address, number>()
  private readonly byIp = new Map<Ip, Address[]>()
  private readonly byLink = new Map<Link, Address[]>()

  /** In the order in which they were added; of a link, primary ones first. */
  all(): readonly Address[] {
    if (this.list.length > this.places.size) this.arrange(this.list.filter(a => a !== undefined))
    return this.list as Address[]
  }

  of(link: Link, family?: 4 | 6): Address[] {
    const own = this.byLink.get(link) ?? []
    return family === undefined ? [...own] : own.filter(a => isIp6(a.ip) === (family === 6))
  }

  /** The first with this value, on `link` if given. */
  find(ip: Ip, link?: Link): Address | undefined {
    const found = this.byIp.get(ip)
    return link === undefined ? found?.[0] : found?.find(a => a.link === link)
  }

  /** Whether packets to this address are for us: every address of every link, and all of 127/8. */
  isLocal(ip: Ip): boolean {
    return this.byIp.has(ip) && (!isIp6(ip) || this.find(ip)?.tentative !== true)
  }

  /** Whether this is the broadcast address of a subnet on the link, or 255.255.255.255. */
  isBroadcast(ip: Ip4, link: Link): boolean {
    if (ip === 0xffffffff) return true
    for (const a of this.byLink.get(link) ?? [])
      if (typeof a.ip === 'number' && a.length < 31)
        if (ip === a.broadcast || ip === (a.ip | ~mask4(a.length)) >>> 0) return true
    return false
  }

  insert(address: Address): void {
    const { ip, link } = address
    const own = this.byLink.get(link)
    // Primary addresses come before secondary ones, as `ip addr` lists them; IPv4 before IPv6 is for the one who prints.
    const before = address.secondary ? undefined : own?.find(a => a.secondary)
    if (before === undefined) this.places.set(address, this.list.push(address) - 1)
    else {
      const all = [...this.all()]
      all.splice(all.indexOf(before), 0, address)
      this.arrange(all)
    }
    if (own === undefined) this.byLink.set(link, [address])
    else own.splice(before === undefined ? own.length : own.indexOf(before), 0, address)
    const same = this.byIp.get(ip)
    if (same === undefined) this.byIp.set(ip, [address])
    else same.push(address)
  }

  delete(address: Address): boolean {
    const at = this.places.get(address)
    if (at === undefined) return false
    this.places.delete(address)
    this.list[at] = undefined
    if (this.list.length > 2 * this.places.size + 8) this.all()
    takeOut(this.byLink, address.link, address)
    takeOut(this.byIp, address.ip, address)
    return true
  }

  private arrange(list: Address[]): void {
    this.list = list
    this.places.clear()
    for (const [i, address] of list.entries()) this.places.set(address, i)
  }

  /**
   * The source for a packet that leaves through `link` towards `hop` (0 for none): the primary address whose subnet
   * holds it, else the link's first, else any other link's. 0 if there is none.
   */
  source4(link: Link, hop: Ip4, scope: RouteScope = 'link'): Ip4 {
    let found = 0
    for (const a of this.byLink.get(link) ?? []) {
      if (typeof a.ip !== 'number' || a.secondary || scopes[a.scope] > scopes[scope]) continue
      if (hop === 0 || inPrefix(hop, a.ip, a.length)) return a.ip
      if (found === 0) found = a.ip
    }
    if (found !== 0) return found
    for (const a of this.all())
      if (typeof a.ip === 'number' && !a.secondary && a.scope !== 'link' && scopes[a.scope] <= scopes[scope])
        return a.ip
    return 0
  }

  /**
   * RFC 6724 §5, the rules 1 (same address), 2 (scope), 3 (not deprecated), 5 (outgoing link) and 8 (longest prefix).
   * Undefined if there is no address that could do.
   */
  source6(link: Link | undefined, dst: Ip6, now: number): Ip6 | undefined {
    const wanted = isMulticastIp(dst) ? multicastScope(dst) : scopes[scopeOf(dst)]
    let best: Address | undefined
    let bestRank: number[] = []
    for (const a of this.all()) {
      if (typeof a.ip !== 'bigint' || a.tentative || a.dadFailed) continue
      const own = scopes[a.scope]
      // Link-local and loopback addresses stay on their link.
      if (a.scope === 'link' && link !== undefined && a.link !== link) continue
      if (a.scope === 'host' && a.ip !== dst && !a.link.isLoopback) continue
      const rank = [
        a.ip === dst ? 1 : 0,
        own <= wanted ? own + 1 : -own,
        a.preferredUntil > now ? 1 : 0,
        a.link === link ? 1 : 0,
        commonBits(a.ip, dst),
      ]
      if (best === undefined || beats(rank, bestRank)) {
        best = a
        bestRank = rank
      }
    }
    return best?.ip as Ip6 | undefined
  }
}

const multicastScope = (ip: Ip6): number => {
  const scope = Number((ip >> 112n) & 15n)
  return scope <= 1 ? scopes.host : scope === 2 ? scopes.link : scope === 5 ? scopes.site : scopes.global
}

const beats = (a: number[], b: number[]): boolean => {
  for (const [i, value] of a.entries()) if (value !== b[i]) return value > (b[i] as number)
  return false
}

const commonBits = (a: Ip6, b: Ip6): number => {
  const difference = a ^ b
  return difference === 0n ? 128 : 128 - difference.toString(2).length
}

/** Takes an address out of a list, and the list away when it is empty. Whoever walks the old list is not disturbed. */
const takeOut = <K>(lists: Map<K, Address[]>, key: K, address: Address): void => {
  const left = (lists.get(key) ?? []).filter(a => a !== address)
  if (left.length === 0) lists.delete(key)
  else lists.set(key, left)
}
