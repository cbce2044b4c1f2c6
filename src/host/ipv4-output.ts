/**
 * IPv4 on its way out: route, header, fragments, next hop. `send4` is for packets that begin here, `emit4` for those that
 * have their header already.
 */
import { type Ip4, isMulticastIp, multicastMac } from '../wire/address.ts'
import { EtherType } from '../wire/ethernet.ts'
import type { Frame } from '../wire/frame.ts'
import { Ipv4Header, pushIpv4 } from '../wire/ipv4.ts'
import { segmentSize } from '../wire/tcp-segments.ts'
import type { Errno } from './errno.ts'
import { fragment4 } from './fragment.ts'
import type { Link } from './link.ts'
import { writeLinkHeader } from './neighbour.ts'
import type { Path4 } from './path.ts'
import { type Route, routeErrno } from './routes.ts'
import type { Stack } from './stack.ts'

/** What a sender says of its packet. `src` 0 lets the route choose. */
export type Send4 = {
  src: Ip4
  dst: Ip4
  protocol: number
  ttl?: number | undefined
  tos?: number
  dontFragment?: boolean
  /** The only link to use. */
  link?: Link | undefined
  options?: Uint8Array
  /** The sender may send to broadcast addresses (SO_BROADCAST). */
  broadcast?: boolean
  /** Listeners on this host get a copy of a multicast packet. */
  multicastLoop?: boolean
  /** The path MTU cache does not count. */
  probe?: boolean
  id?: number
  /** The next hop is known to answer. */
  confirm?: boolean
}

/** Finds the way of a packet from here. The error is what a socket would get. */
export const route4 = (stack: Stack, dst: Ip4, src: Ip4, link?: Link): Path4 | Errno => {
  if (link !== undefined && !link.up) return 'ENETDOWN'
  if (src !== 0 && !stack.addresses.isLocal(src) && src >>> 24 !== 127) return 'EINVAL'
  const limited = dst === 0xffffffff
  const multicast = isMulticastIp(dst)
  const route = stack.routes4.lookup(dst === 0 ? 0x7f000001 : dst, link === undefined ? {} : { link })
  if (route === undefined) {
    if (link === undefined) return 'ENETUNREACH'
    // Told which link to use and no route through it: the destination is taken to be on it.
    const cast = limited ? 'broadcast' : multicast ? 'multicast' : 'unicast'
    return { link, hop: dst, src: src || stack.addresses.source4(link, 0), mtu: link.mtu, cast }
  }
  const refusal = routeErrno(route)
  if (refusal !== undefined) return refusal
  const out = route.link
  if (out === undefined) return 'ENETUNREACH'
  if (route.type === 'local') {
    const lo = stack.links.at(1) ?? out
    // With lo down the packet is lost without a word, as on Linux.
    return { link: lo, hop: dst, src: src || (route.src as Ip4 | undefined) || dst, mtu: lo.mtu, cast: 'local' }
  }
  if (!out.up) return 'ENETUNREACH'
  const via = route.via as Ip4 | undefined
  const hop = via === undefined ? dst : ((stack.redirects4.hop(dst, out) as Ip4 | undefined) ?? via)
  const cast = limited || route.type === 'broadcast' ? 'broadcast' : multicast ? 'multicast' : 'unicast'
  return {
    link: out,
    hop,
    src: src || (route.src as Ip4 | undefined) || stack.addresses.source4(out, hop),
    mtu: Math.min(out.mtu, route.mtu ?? out.mtu),
    cast,
  }
}

/** Sends what the frame holds as the payload of a new packet. Owns the frame, also when it gives an error. */
export const send4 = (stack: Stack, frame: Frame, packet: Send4): Errno | undefined => {
  const path = route4(stack, packet.dst, packet.src, packet.link)
  if (typeof path === 'string') {
    stack.counters.add('Ip.OutNoRoutes')
    return path
  }
  return send4Over(stack, frame, packet, path)
}

/** The same, for a sender that knows the way. */
export const send4Over = (stack: Stack, frame: Frame, packet: Send4, path: Path4): Errno | undefined => {
  if (path.cast === 'broadcast' && packet.broadcast !== true) return 'EACCES'
  const ttl = packet.ttl ?? (path.cast === 'multicast' ? 1 : stack.settings.value('net.ipv4.ip_default_ttl'))
  pushIpv4(frame, {
    src: path.src,
    dst: packet.dst === 0 ? 0x7f000001 : packet.dst,
    protocol: packet.protocol,
    ttl,
    tos: packet.tos ?? 0,
    dontFragment: packet.dontFragment ?? false,
    id: packet.id ?? stack.nextId(),
    ...(packet.options === undefined ? {} : { options: packet.options }),
  })
  stack.counters.add('Ip.OutRequests')
  const verdict = stack.filter?.output(frame.bytes, frame.start, frame.end, path.link.name)
  if (verdict === 'DROP' || verdict === 'REJECT') return 'EPERM'
  if (path.cast === 'multicast' || path.cast === 'broadcast') loopBack(stack, frame, path, packet)
  if (path.cast === 'multicast' && ttl === 0) return undefined
  const mtu = packet.probe === true ? path.mtu : stack.pathMtu.of(packet.dst, path.mtu)
  const error = emit4(stack, frame, path, mtu)
  if (packet.confirm === true && path.cast === 'unicast') {
    const neighbour = stack.arp.find(path.link, path.hop)
    if (neighbour !== undefined) stack.arp.confirm(neighbour)
  }
  return error
}

/** Sends a packet that starts with its IPv4 header over a path, in fragments if it must. EMSGSIZE if it must not. */
export const emit4 = (stack: Stack, frame: Frame, path: Path4, mtu = path.mtu): Errno | undefined => {
  if (frame.size <= mtu || segmentSize(frame, frame.start) <= mtu) {
    forwardTo(stack, frame, path)
    return undefined
  }
  if (Ipv4Header.at.dontFragment(frame.bytes, frame.start)) {
    stack.counters.add('Ip.FragFails')
    return 'EMSGSIZE'
  }
  const pieces = fragment4(frame, mtu)
  if (pieces === undefined) {
    stack.counters.add('Ip.FragFails')
    return 'EMSGSIZE'
  }
  stack.counters.add('Ip.FragOKs')
  stack.counters.add('Ip.FragCreates', pieces.length)
  for (const piece of pieces) forwardTo(stack, piece, path)
  return undefined
}

const forwardTo = (stack: Stack, frame: Frame, path: Path4): void => {
  const { link } = path
  if (path.cast === 'unicast') stack.arp.output(link, path.hop, frame)
  else {
    const dst =
      path.cast === 'local'
        ? 0
        : path.cast === 'broadcast'
          ? 0xffffffffffff
          : multicastMac(Ipv4Header.at.dst(frame.bytes, frame.start))
    writeLinkHeader(frame, link.isLoopback ? 0 : dst, link.mac, EtherType.ipv4)
    link.transmit(frame)
  }
}

/** Listeners here hear what this host sends to all or to their group. */
const loopBack = (stack: Stack, frame: Frame, path: Path4, packet: Send4): void => {
  if (path.link.isLoopback) return
  const wanted =
    path.cast === 'broadcast' || (packet.multicastLoop !== false && stack.groups.has(path.link, packet.dst))
  if (!wanted) return
  const copy = frame.copy()
  writeLinkHeader(copy, path.link.mac, path.link.mac, EtherType.ipv4)
  stack.loop(path.link, copy)
}

/** One hop less to live, with the checksum kept right. */
export const decrementTtl = (bytes: Uint8Array, at: number): void => {
  bytes[at + 8] = (bytes[at + 8] as number) - 1
  // RFC 1624: the word that holds the TTL fell by 0x0100, so the sum's complement rises by as much.
  let sum = (((bytes[at + 10] as number) << 8) | (bytes[at + 11] as number)) + 0x0100
  sum = (sum & 0xffff) + (sum >>> 16)
  bytes[at + 10] = sum >>> 8
  bytes[at + 11] = sum
}

/** The path of a packet that passes through: no source is chosen. */
export const forwardPath4 = (route: Route, dst: Ip4): Path4 | undefined =>
  route.link === undefined
    ? undefined
    : {
        link: route.link,
        hop: (route.via as Ip4 | undefined) ?? dst,
        src: 0,
        mtu: Math.min(route.link.mtu, route.mtu ?? route.link.mtu),
        cast: 'unicast',
      }
