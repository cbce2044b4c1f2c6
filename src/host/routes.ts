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

/** One table: prefixes by length, longest first, the lowest metric first in each. */
class Table {
  private readonly lengths: (Map<Ip, Route[]> | undefined)[] = []

  at(dst: Ip, length: number): Route[] | undefined {
    return this.lengths[length]?.get(dst)
  }

  insert(route: Route): void {
    let prefixes = this.lengths[route.length]
    if (prefixes === undefined) {
      prefixes = new Map()
      this.lengths[route.length] = prefixes
    }
    const routes = prefixes.get(route.dst)
    if (routes === undefined) prefixes.set(route.dst, [route])
    else {
      const place = routes.findIndex(other => other.metric > route.metric)
      routes.splice(place < 0 ? routes.length : place, 0, route)
    }
  }

  delete(route: Route): boolean {
    const prefixes = this.lengths[route.length]
    const routes = prefixes?.get(route.dst)
    const place = routes?.indexOf(route) ?? -1
    if (prefixes === undefined || routes === undefined || place < 0) return false
    routes.splice(place, 1)
    if (routes.length === 0) prefixes.delete(route.dst)
    return true
  }

  lookup(dst: Ip, link: Link | undefined): Route | undefined {
    for (let length = this.lengths.length - 1; length >= 0; length--) {
      const prefixes = this.lengths[length]
      if (prefixes === undefined || prefixes.size === 0) continue
      const routes = prefixes.get(mask(dst, length))
      if (routes === undefined) continue
      for (const route of routes) if (usable(route, link)) return route
    }
    return undefined
  }

  *all(): Generator<Route> {
    for (const prefixes of this.lengths)
      if (prefixes !== undefined) for (const routes of prefixes.values()) yield* routes
  }
}

const usable = (route: Route, link: Link | undefined): boolean =>
  link === undefined || route.link === undefined || route.link === link || route.type === 'local'

/** The routes of one address family in one namespace. Lookups ask the tables local, main and default in turn. */
export class Routes {
  private readonly tables = new Map<number, Table>()
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
      const route = table.lookup(dst, options.link)
      if (route !== undefined && route.type !== 'throw') return route
    }
    return undefined
  }

  /** Only what the tables main and default say: which interface leads to a source address, for one. */
  lookupMain(dst: Ip, options: LookupOptions = {}): Route | undefined {
    return this.order[1]?.lookup(dst, options.link) ?? this.order[2]?.lookup(dst, options.link)
  }

  /**
   * Adds a route as it stands. A second one of the same prefix and metric is refused with EEXIST; `replace` takes such
   * ones away first.
   */
  add(route: Route, replace = false): Result {
    if (route.length > this.bits || route.length < 0) return failed('EINVAL', 'Invalid prefix length.')
    if (mask(route.dst, route.length) !== route.dst) return failed('EINVAL', 'Invalid prefix for given prefix length.')
    const table = this.table(route.table)
    const same = (table.at(route.dst, route.length) ?? []).filter(other => this.collide(other, route))
    if (same.length > 0 && !replace) return failed('EEXIST')
    for (const other of same) table.delete(other)
    table.insert(route)
    this.onChange()
    return done
  }

  private collide(a: Route, b: Route): boolean {
    if (a.metric !== b.metric) return false
    // What the kernel adds itself stands beside the same prefix on another link.
    if (b.protocol !== 'kernel' && b.protocol !== 'ra') return true
    return a.via === b.via && a.link === b.link && a.type === b.type && a.src === b.src
  }

  /** Removes one that matches all that is given: ESRCH if there is none. */
  remove(wanted: Partial<Route> & Pick<Route, 'dst' | 'length'>): Result {
    const table = this.table(wanted.table ?? RouteTable.main)
    const keys = Object.keys(wanted) as (keyof Route)[]
    const route = table
      .at(wanted.dst, wanted.length)
      ?.find(other => keys.every(key => wanted[key] === undefined || wanted[key] === other[key]))
    if (route === undefined) return failed('ESRCH')
    table.delete(route)
    this.onChange()
    return done
  }

  /** Removes all of which `unwanted` says so. */
  removeWhere(unwanted: (route: Route) => boolean): void {
    let removed = false
    for (const table of this.tables.values())
      for (const route of [...table.all()].filter(unwanted)) removed = table.delete(route) || removed
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
