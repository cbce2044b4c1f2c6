import { type Ip, isIp6, isLinkLocal6, mask4, mask6 } from '../wire/address.ts'
import { failed, type Result } from './errno.ts'
import type { Link } from './link.ts'
import {
  isOnLink,
  type Route,
  type RouteProtocol,
  type RouteScope,
  type Routes,
  RouteTable,
  type RouteType,
} from './routes.ts'
import type { Stack } from './stack.ts'

/** A route as a user says it. `dst` 0 or 0n with `length` 0 is the default route. */
export type RouteSpec = {
  dst: Ip
  length: number
  type?: RouteType
  via?: Ip
  link?: Link
  src?: Ip
  metric?: number
  scope?: RouteScope
  protocol?: RouteProtocol
  table?: number
  onlink?: boolean
  mtu?: number
}

const silentTypes: readonly RouteType[] = ['blackhole', 'unreachable', 'prohibit', 'throw']

const routesOf = (stack: Stack, ip: Ip): Routes => (isIp6(ip) ? stack.routes6 : stack.routes4)

/** `ip route add`, or with `replace` `ip route replace`. The errors are the kernel's. */
export const addRoute = (stack: Stack, spec: RouteSpec, replace = false): Result => {
  const six = isIp6(spec.dst)
  const routes = routesOf(stack, spec.dst)
  const type = spec.type ?? 'unicast'
  const common = {
    type,
    dst: spec.dst,
    length: spec.length,
    metric: spec.metric ?? (six ? 1024 : 0),
    protocol: spec.protocol ?? 'boot',
    table: spec.table ?? (type === 'local' || type === 'broadcast' ? RouteTable.local : RouteTable.main),
    ...(spec.mtu === undefined ? {} : { mtu: spec.mtu }),
  } as const
  if (silentTypes.includes(type)) {
    const lo = six ? stack.links.at(1) : undefined
    return routes.add({ ...common, scope: 'global', ...(lo === undefined ? {} : { link: lo }) }, replace)
  }
  let { link } = spec
  if (spec.via !== undefined) {
    const hop = nextHop(stack, spec, spec.via)
    if (!hop.ok) return hop
    link = hop.value
  }
  if (link === undefined) return failed('ENODEV', six ? undefined : 'Device for nexthop is not up.')
  if (!link.up) return failed('ENETDOWN', six ? undefined : 'Device for nexthop is not up.')
  if (spec.src !== undefined && stack.addresses.find(spec.src) === undefined)
    return failed('EINVAL', six ? undefined : 'Invalid prefsrc address.')
  const usual = type === 'local' ? 'host' : six || spec.via !== undefined ? 'global' : 'link'
  const route: Route = {
    ...common,
    link,
    scope: spec.scope ?? usual,
    ...(spec.via === undefined ? {} : { via: spec.via }),
    ...(spec.src === undefined ? {} : { src: spec.src }),
    ...(spec.onlink ? { onlink: true } : {}),
  }
  return routes.add(route, replace)
}

/** The link that leads to a next hop, which must be a neighbour. */
const nextHop = (stack: Stack, spec: RouteSpec, via: Ip): Result<Link> => {
  const six = isIp6(via)
  const invalid = 'Nexthop has invalid gateway.'
  if (isIp6(spec.dst) !== six) return failed('EINVAL')
  if (six && isLinkLocal6(via) && spec.link === undefined) return failed('EINVAL', 'Gateway can not be resolved')
  if (six && stack.addresses.isLocal(via)) return failed('EINVAL', 'Gateway can not be a local address')
  if (spec.onlink) {
    if (spec.link === undefined) return failed('EINVAL', 'Nexthop device required for onlink')
    return { ok: true, value: spec.link }
  }
  const route = isOnLink(routesOf(stack, via), via, spec.link)
  if (route?.link === undefined) return six ? failed('EHOSTUNREACH') : failed('ENETUNREACH', invalid)
  return { ok: true, value: route.link }
}

/** `ip route del`: removes the first that has all that is said. ESRCH. */
export const removeRoute = (stack: Stack, spec: RouteSpec): Result => {
  const { table, ...rest } = spec
  return routesOf(stack, spec.dst).remove({ ...rest, table: table ?? RouteTable.main })
}

/** The prefix with the bits behind its length cleared. */
export const networkOf = (ip: Ip, length: number): Ip => (isIp6(ip) ? ip & mask6(length) : (ip & mask4(length)) >>> 0)
