import { type Ip, inPrefix, isIp6, mask4, mask6 } from '../wire/address.ts'
import { done, type Errno, failed, type Result } from './errno.ts'
import type { Link } from './link.ts'

export type RouteType =
  | 'unicast'
  | 'local'
  | 'broadcast'
  | 'multicast'
  | 'blackhole'
  | 'unreachable'
  | 'prohibit'
  | 'throw'
export type RouteScope = 'global' | 'site' | 'link' | 'host' | 'nowhere'
export type RouteProtocol = 'unspec' | 'redirect' | 'kernel' | 'boot' | 'static' | 'ra' | 'dhcp'

/** Table numbers by the names of iproute2. */
export const RouteTable = { default: 253, main: 254, local: 255 } as const

/** One route. Prefixes are masked; `metric` is 0 for none (IPv4) and 1024 for what a user adds to IPv6. */
export type Route = {
  readonly type: RouteType
  readonly dst: Ip
  readonly length: number
  readonly via?: Ip
  readonly link?: Link
  /** The source address for those who did not choose one. */
  readonly src?: Ip
  readonly metric: number
  readonly scope: RouteScope
  readonly protocol: RouteProtocol
  readonly table: number
  readonly onlink?: boolean
  readonly mtu?: number
  /** When it goes away, in the clock's time: routes from router advertisements. */
  readonly expires?: number
}

/** What a lookup may say about a packet besides its destination. */
export type LookupOptions = { src?: Ip; link?: Link; mark?: number }

const refusals: Partial<Record<RouteType, Errno>> = {
  blackhole: 'EINVAL',
  unreachable: 'EHOSTUNREACH',
  prohibit: 'EACCES',
}

/** The error that a packet meets on a route that carries nothing. */
export const routeErrno = (route: Route): Errno | undefined => refusals[route.type]

const mask = (ip: Ip, length: number): Ip => (isIp6(ip) ? ip & mask6(length) : (ip & mask4(length)) >>> 0)

/** From so many routes on, those of one link are looked for among the link's. */
const crowd = 16

/** The routes of one prefix in one table, the lowest metric first; those of the same metric as they were added. */
class Prefix {
  routes = new Set<Route>()
  /** Those that a packet may take whatever link it is bound to. */
  private unbound = 0
  private highest = 0

  get isEmpty(): boolean {
    return this.routes.size === 0
  }

  insert(route: Route): void {
    if (isUnbound(route)) this.unbound++
    if (this.routes.size > 0 && route.metric < this.highest) {
      const all = [...this.routes]
      const place = all.findIndex(other => other.metric > route.metric)
      all.splice(place < 0 ? all.length : place, 0, route)
      this.routes = new Set(all)
      return
    }
    this.highest = route.metric
    this.routes.add(route)
  }

  delete(route: Route): boolean {
    if (!this.routes.delete(route)) return false
    if (isUnbound(route)) this.unbound--
    return true
  }

  /** The first that a packet bound to `link` may take, given the routes of each link. */
  lookup(link: Link | undefined, ofLinks: ReadonlyMap<Link | undefined, ReadonlySet<Route>>): Route | undefined {
    if (link === undefined || this.unbound > 0 || this.routes.size <= crowd) {
      for (const route of this.routes) if (usable(route, link)) return route
      return undefined
    }
    let best: Route | undefined
    for (const route of ofLinks.get(link) ?? [])
      if (this.routes.has(route) && (best === undefined || route.metric < best.metric)) best = route
    return best
  }
}

/** One table: prefixes by length, longest first. */
class Table {
  private readonly lengths: (Map<Ip, Prefix> | undefined)[] = []

  at(dst: Ip, length: number): Iterable<Route> {
    return this.lengths[length]?.get(dst)?.routes ?? []
  }

  insert(route: Route): void {
    let prefixes = this.lengths[route.length]
    if (prefixes === undefined) {
      prefixes = new Map()
      this.lengths[route.length] = prefixes
    }
    let prefix = prefixes.get(route.dst)
    if (prefix === undefined) {
      prefix = new Prefix()
      prefixes.set(route.dst, prefix)
    }
    prefix.insert(route)
  }

  delete(route: Route): boolean {
    const prefixes = this.lengths[route.length]
    const prefix = prefixes?.get(route.dst)
    if (prefix?.delete(route) !== true) return false
    if (prefix.isEmpty) prefixes?.delete(route.dst)
    return true
  }

  lookup(dst: Ip, link: Link | undefined, ofLinks: ReadonlyMap<Link | undefined, ReadonlySet<Route>>) {
    for (let length = this.lengths.length - 1; length >= 0; length--) {
      const prefixes = this.lengths[length]
      if (prefixes === undefined || prefixes.size === 0) continue
      const found = prefixes.get(mask(dst, length))?.lookup(link, ofLinks)
      if (found !== undefined) return found
    }
    return undefined
  }

  *all(): Generator<Route> {
    for (const prefixes of this.lengths)
      if (prefixes !== undefined) for (const { routes } of prefixes.values()) yield* routes
  }
}

const isUnbound = (route: Route): boolean => route.link === undefined || route.type === 'local'

const usable = (route: Route, link: Link | undefined): boolean =>
  link === undefined || route.link === undefined || route.link === link || route.type === 'local'

/** The routes of one address family in one namespace. Lookups ask the tables local, main and default in turn. */
export class Routes {
  private readonly tables = new Map<number, Table>()
  /** A switch's machine has thousands of links with the same prefixes. */
  private readonly ofLinks = new Map<Link | undefined, Set<Route>>()
  private readonly order: Table[]
  private readonly bits: 32 | 128
  private readonly onChange: () => void

  constructor(bits: 32 | 128, onChange: () => void = () => {}) {
    this.bits = bits
    this.onChange = onChange
    this.order = [RouteTable.local, RouteTable.main, RouteTable.default].map(id => this.table(id))
  }

  /** Longest prefix, then lowest metric; with a link, only routes through it. Routes that refuse are found too. */
  lookup(dst: Ip, options: LookupOptions = {}): Route | undefined {
    for (const table of this.order) {
      const route = table.lookup(dst, options.link, this.ofLinks)
      if (route !== undefined && route.type !== 'throw') return route
    }
    return undefined
  }

  /** Only what the tables main and default say: which interface leads to a source address, for one. */
  lookupMain(dst: Ip, options: LookupOptions = {}): Route | undefined {
    const { ofLinks } = this
    return this.order[1]?.lookup(dst, options.link, ofLinks) ?? this.order[2]?.lookup(dst, options.link, ofLinks)
  }

  /**
   * Adds a route as it stands. A second one of the same prefix and metric is refused with EEXIST; `replace` takes such
   * ones away first.
   */
  add(route: Route, replace = false): Result {
    if (route.length > this.bits || route.length < 0) return failed('EINVAL', 'Invalid prefix length.')
    if (mask(route.dst, route.length) !== route.dst) return failed('EINVAL', 'Invalid prefix for given prefix length.')
    const table = this.table(route.table)
    const same = this.colliding(table, route)
    if (same.length > 0 && !replace) return failed('EEXIST')
    for (const other of same) this.drop(table, other)
    table.insert(route)
    let ofLink = this.ofLinks.get(route.link)
    if (ofLink === undefined) {
      ofLink = new Set()
      this.ofLinks.set(route.link, ofLink)
    }
    ofLink.add(route)
    this.onChange()
    return done
  }

  private colliding(table: Table, b: Route): Route[] {
    // What the kernel adds itself stands beside the same prefix on another link.
    if (b.protocol !== 'kernel' && b.protocol !== 'ra')
      return [...table.at(b.dst, b.length)].filter(a => a.metric === b.metric)
    const same = (a: Route): boolean =>
      a.table === b.table && a.dst === b.dst && a.length === b.length && a.metric === b.metric
    return [...(this.ofLinks.get(b.link) ?? [])].filter(
      a => same(a) && a.via === b.via && a.type === b.type && a.src === b.src,
    )
  }

  private drop(table: Table, route: Route): boolean {
    if (!table.delete(route)) return false
    const ofLink = this.ofLinks.get(route.link) as Set<Route>
    ofLink.delete(route)
    if (ofLink.size === 0) this.ofLinks.delete(route.link)
    return true
  }

  /** Removes one that matches all that is given: ESRCH if there is none. */
  remove(wanted: Partial<Route> & Pick<Route, 'dst' | 'length'>): Result {
    const table = this.table(wanted.table ?? RouteTable.main)
    const keys = Object.keys(wanted) as (keyof Route)[]
    const route = [...table.at(wanted.dst, wanted.length)].find(other =>
      keys.every(key => wanted[key] === undefined || wanted[key] === other[key]),
    )
    if (route === undefined) return failed('ESRCH')
    this.drop(table, route)
    this.onChange()
    return done
  }

  /** Removes all of which `unwanted` says so. */
  removeWhere(unwanted: (route: Route) => boolean): void {
    let removed = false
    for (const table of this.tables.values())
      for (const route of [...table.all()].filter(unwanted)) removed = this.drop(table, route) || removed
    if (removed) this.onChange()
  }

  /** The same for the routes through one link. */
  removeOf(link: Link, unwanted: (route: Route) => boolean = () => true): void {
    let removed = false
    for (const route of [...(this.ofLinks.get(link) ?? [])].filter(unwanted))
      removed = this.drop(this.table(route.table), route) || removed
    if (removed) this.onChange()
  }

  /**
   * Of one table, in the order in which `ip route` lists them: IPv4 by address, the longer prefix first; IPv6 as its tree
   * is walked, each prefix behind those within it; then by metric.
   */
  list(table: number = RouteTable.main): Route[] {
    const order = this.bits === 32 ? order4 : order6
    return [...this.table(table).all()].sort((a, b) => order(a, b) || a.metric - b.metric)
  }

  private table(id: number): Table {
    let table = this.tables.get(id)
    if (table === undefined) {
      table = new Table()
      this.tables.set(id, table)
    }
    return table
  }
}

const order4 = (a: Route, b: Route): number => compare(a.dst, b.dst) || b.length - a.length

const order6 = (a: Route, b: Route): number => {
  if (a.length !== b.length && inPrefix(a.dst, b.dst, Math.min(a.length, b.length))) return b.length - a.length
  return compare(a.dst, b.dst)
}

const compare = (a: Ip, b: Ip): number => (a < b ? -1 : a > b ? 1 : 0)

/** The route by which an address is a neighbour, as a next hop must be: on a link, or (IPv4) our own; else undefined. */
export const isOnLink = (routes: Routes, via: Ip, link: Link | undefined): Route | undefined => {
  const route = routes.lookup(via, link === undefined ? {} : { link })
  if (route?.link === undefined || route.via !== undefined) return undefined
  return route.type === 'unicast' || (route.type === 'local' && !isIp6(via)) ? route : undefined
}
