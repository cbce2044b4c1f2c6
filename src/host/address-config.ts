/**
 * Addresses come and go, and with them the routes that the kernel keeps for them: the local one, the one to the subnet,
 * the broadcast one. IPv4 routes follow the link's administrative state, IPv6 addresses its carrier too.
 */
import { second } from '../runtime/index.ts'
import {
  type Ip,
  type Ip4,
  type Ip6,
  inPrefix,
  isIp6,
  isMulticastIp,
  linkLocal,
  mask4,
  mask6,
  solicitedNode,
} from '../wire/address.ts'
import { type Address, scopeOf } from './addresses.ts'
import { startDad } from './dad.ts'
import { done, failed, made, type Result } from './errno.ts'
import { allRouters6 } from './groups.ts'
import type { Link } from './link.ts'
import { solicitRouters } from './router-discovery.ts'
import { type RouteScope, RouteTable } from './routes.ts'
import type { Stack } from './stack.ts'

/** What a user says of a new address; the rest is Linux's default. Lifetimes are seconds. */
export type AddressSpec = {
  ip: Ip
  length: number
  peer?: Ip
  broadcast?: Ip4
  scope?: RouteScope
  label?: string
  /** No duplicate address detection. */
  noDad?: boolean
  noPrefixRoute?: boolean
  validLifetime?: number
  preferredLifetime?: number
  origin?: Address['origin']
}

/** EEXIST, EINVAL for what is no host's address, EACCES where IPv6 is switched off. */
export const addAddress = (stack: Stack, link: Link, spec: AddressSpec): Result<Address> => {
  const six = isIp6(spec.ip)
  if (spec.length < 0 || spec.length > (six ? 128 : 32)) return failed('EINVAL')
  if (six && isMulticastIp(spec.ip))
    return failed('EINVAL', 'ipv6: Cannot assign multicast address without "IFA_F_MCAUTOJOIN" flag.')
  if (six && (spec.ip === 0n || (spec.ip === 1n && !link.isLoopback))) return failed('EADDRNOTAVAIL')
  if (six && stack.settings.of(link.name).disable_ipv6 !== 0)
    return failed('EACCES', 'ipv6: IPv6 is disabled on this device')
  const own = stack.addresses.of(link, six ? 6 : 4)
  const net = (a: { ip: Ip; length: number }, b: Ip): boolean => inPrefix(b, a.ip, a.length)
  const siblings = own.filter(a => a.length === spec.length && net(a, spec.peer ?? spec.ip))
  if (six ? own.some(a => a.ip === spec.ip) : siblings.some(a => a.ip === spec.ip))
    return failed('EEXIST', six ? 'ipv6: address already assigned.' : 'ipv4: Address already assigned.')
  const now = stack.clock.now()
  const until = (seconds: number | undefined): number =>
    seconds === undefined ? Number.POSITIVE_INFINITY : now + seconds * second
  const address: Address = {
    link,
    ip: spec.ip,
    length: spec.length,
    ...(spec.peer === undefined ? {} : { peer: spec.peer }),
    ...(spec.broadcast === undefined ? {} : { broadcast: spec.broadcast }),
    scope: spec.scope ?? scopeOf(spec.ip),
    label: spec.label ?? link.name,
    secondary: !six && siblings.length > 0,
    tentative: six && spec.noDad !== true && link.resolves,
    dadFailed: false,
    origin: spec.origin ?? 'user',
    validUntil: until(spec.validLifetime),
    preferredUntil: until(spec.preferredLifetime ?? spec.validLifetime),
    noPrefixRoute: spec.noPrefixRoute ?? false,
    active: false,
    cancel: undefined,
  }
  stack.addresses.insert(address)
  stack.generation++
  if (six) bringUp6(stack, address)
  else addRoutes4(stack, address)
  if (address.validUntil < Number.POSITIVE_INFINITY) expireLater(stack, address)
  return made(address)
}

const expireLater = (stack: Stack, address: Address): void => {
  stack.clock.at(address.validUntil, () => {
    if (stack.addresses.find(address.ip, address.link) !== address) return
    if (address.validUntil > stack.clock.now()) expireLater(stack, address)
    else forget(stack, address)
  })
}

/** EADDRNOTAVAIL if the link has no such address. Removing a primary IPv4 address removes its secondaries. */
export const removeAddress = (stack: Stack, link: Link, ip: Ip, length?: number): Result => {
  const six = isIp6(ip)
  const address = stack.addresses.of(link).find(a => a.ip === ip && (length === undefined || a.length === length))
  if (address === undefined)
    return failed('EADDRNOTAVAIL', `ipv${six ? '6: address not found' : '4: Address not found'}.`)
  forget(stack, address)
  return done
}

const forget = (stack: Stack, address: Address): void => {
  const { link, ip, length } = address
  if (!stack.addresses.delete(address)) return
  address.cancel?.()
  stack.generation++
  if (isIp6(ip)) {
    removeRoutes6(stack, address)
    return
  }
  if (!address.secondary)
    for (const other of stack.addresses.of(link, 4))
      if (other.secondary && other.length === length && inPrefix(other.ip, ip, length)) forget(stack, other)
  removeRoutes4(stack, address)
  if (stack.addresses.of(link, 4).length === 0) stack.routes4.removeOf(link)
}

const network4 = (a: Address): { dst: Ip4; length: number } => ({
  dst: (((a.peer ?? a.ip) as Ip4) & mask4(a.length)) >>> 0,
  length: a.length,
})

const addRoutes4 = (stack: Stack, address: Address): void => {
  const { link } = address
  const src = address.ip as Ip4
  const common = { link, src, metric: 0, protocol: 'kernel' } as const
  const local = { ...common, type: 'local', scope: 'host', table: RouteTable.local } as const
  stack.routes4.add({ ...local, dst: src, length: 32 })
  if (!link.up || address.secondary || address.length === 32) {
    if (link.up && address.peer !== undefined && address.length === 32) addPrefix4(stack, address)
    return
  }
  if (link.isLoopback) stack.routes4.add({ ...local, ...network4(address) })
  else addPrefix4(stack, address)
  if (address.length >= 31) return
  const last = ((src & mask4(address.length)) | ~mask4(address.length)) >>> 0
  for (const dst of new Set([last, address.broadcast ?? last]))
    if (dst !== 0xffffffff)
      stack.routes4.add({ ...common, type: 'broadcast', scope: 'link', table: RouteTable.local, dst, length: 32 })
}

const addPrefix4 = (stack: Stack, address: Address): void => {
  if (address.noPrefixRoute) return
  const { link, ip } = address
  const route = {
    type: 'unicast',
    link,
    src: ip,
    metric: 0,
    protocol: 'kernel',
    scope: 'link',
    table: RouteTable.main,
  } as const
  stack.routes4.add({ ...route, ...network4(address) })
}

const removeRoutes4 = (stack: Stack, address: Address): void => {
  const { link, ip } = address
  const gone = stack.addresses.find(ip) === undefined
  if (gone) stack.routes4.removeWhere(route => route.src === ip)
  else if (!needed(stack, link, ip))
    stack.routes4.removeOf(link, ({ protocol, src }) => protocol === 'kernel' && src === ip)
}

const needed = (stack: Stack, link: Link, ip: Ip): boolean => stack.addresses.find(ip, link) !== undefined

/** IPv4 when a link goes up: the routes of its addresses. */
export const up4 = (stack: Stack, link: Link): void => {
  if (link.isLoopback && stack.addresses.find(0x7f000001, link) === undefined)
    addAddress(stack, link, { ip: 0x7f000001, length: 8, scope: 'host' })
  for (const address of stack.addresses.of(link, 4)) addRoutes4(stack, address)
}

/** IPv4 when a link goes down: all its routes but the local ones go, also those that a user added. */
export const down4 = (stack: Stack, link: Link): void => stack.routes4.removeOf(link, ({ type }) => type !== 'local')

/** IPv6 when a link is up and has carrier: a link-local address (RFC 4862 §5.3), and the others are tried. */
export const up6 = (stack: Stack, link: Link): void => {
  if (stack.settings.of(link.name).disable_ipv6 !== 0) return
  if (link.isLoopback) {
    if (stack.addresses.find(1n, link) === undefined)
      addAddress(stack, link, { ip: 1n, length: 128, origin: 'kernel', noPrefixRoute: true })
    return
  }
  if (link.kind !== 'dummy')
    stack.routes6.add({
      type: 'multicast',
      dst: 0xffn << 120n,
      length: 8,
      link,
      metric: 256,
      scope: 'global',
      protocol: 'kernel',
      table: RouteTable.local,
    })
  const own = linkLocal(link.mac)
  // One that a user gave to the link while it was down does not replace the link's own; one that is in use does.
  if (!stack.addresses.of(link, 6).some(a => a.scope === 'link' && a.active))
    addAddress(stack, link, { ip: own, length: 64, origin: 'kernel' })
  for (const address of stack.addresses.of(link, 6)) if (address.ip !== own) bringUp6(stack, address)
}

/** IPv6 when a link goes down: its addresses go, unless keep_addr_on_down. */
export const down6 = (stack: Stack, link: Link, removed = false): void => {
  const keep = !removed && stack.settings.of(link.name).keep_addr_on_down !== 0
  for (const address of stack.addresses.of(link, 6))
    if (!keep || address.scope === 'link') forget(stack, address)
    else {
      address.cancel?.()
      if (address.active) stack.groups.leave(link, solicitedNode(address.ip as Ip6))
      address.active = false
      address.tentative = link.resolves
    }
  stack.routes6.removeOf(link)
}

const bringUp6 = (stack: Stack, address: Address): void => {
  const { link, length } = address
  const ip = address.ip as Ip6
  if (!link.running || address.dadFailed || address.active) return
  address.active = true
  const prefix = { dst: ip & mask6(length), length }
  const route = {
    type: 'unicast',
    link,
    metric: 256,
    scope: 'global',
    protocol: 'kernel',
    table: RouteTable.main,
  } as const
  if (!address.noPrefixRoute && length < 128) stack.routes6.add({ ...route, ...prefix })
  stack.groups.join(link, solicitedNode(ip))
  const ready = (): void => {
    address.tentative = false
    stack.generation++
    const local = { type: 'local', metric: 0, scope: 'host', protocol: 'kernel', table: RouteTable.local } as const
    stack.routes6.add({ ...local, dst: ip, length: 128, link })
    if (address.scope === 'link' && link.resolves) solicitRouters(stack, link)
  }
  if (address.tentative) startDad(stack, address, ready)
  else ready()
}

const removeRoutes6 = (stack: Stack, address: Address): void => {
  const { link, length } = address
  const ip = address.ip as Ip6
  if (address.active) stack.groups.leave(link, solicitedNode(ip))
  stack.routes6.removeOf(link, ({ table, type, dst }) => table === RouteTable.local && type === 'local' && dst === ip)
  const others = stack.addresses.of(link, 6).some(a => a.length === length && inPrefix(a.ip, ip, length))
  if (!others)
    stack.routes6.removeOf(
      link,
      route =>
        route.protocol === 'kernel' &&
        route.length === length &&
        route.table === RouteTable.main &&
        route.dst === (ip & mask6(length)),
    )
}

/** A router hears what is sent to all routers (RFC 4291 §2.8). */
export const followForwarding = (stack: Stack, link: Link): void => {
  const router = stack.settings.of(link.name).forwarding6 !== 0
  const member = stack.groups.has(link, allRouters6)
  if (router && !member) stack.groups.join(link, allRouters6)
  if (!router && member) stack.groups.leave(link, allRouters6)
}
