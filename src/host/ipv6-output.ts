/** IPv6 on its way out; the twin of ipv4-output.ts without broadcast, and with fragments only by the sender. */
import { type Ip6, isLinkLocal6, isMulticastIp, multicastMac } from '../wire/address.ts'
import { EtherType } from '../wire/ethernet.ts'
import type { Frame } from '../wire/frame.ts'
import { Ipv6Header, pushIpv6 } from '../wire/ipv6.ts'
import { segmentSize } from '../wire/tcp-segments.ts'
import type { Errno } from './errno.ts'
import { fragment6 } from './fragment.ts'
import type { Link } from './link.ts'
import { writeLinkHeader } from './neighbour.ts'
import type { Path6 } from './path.ts'
import { type Route, RouteTable, routeErrno } from './routes.ts'
import type { Stack } from './stack.ts'

/** What a sender says of its packet. `src` undefined lets RFC 6724 choose; `0n` is the unspecified address itself. */
export type Send6 = {
  src: Ip6 | undefined
  dst: Ip6
  protocol: number
  hopLimit?: number | undefined
  trafficClass?: number
  /** Never in fragments: EMSGSIZE. */
  dontFragment?: boolean
  link?: Link | undefined
  multicastLoop?: boolean
  probe?: boolean
  /** The next hop is known to answer. */
  confirm?: boolean
}

/** The link's MTU for IPv6: what its router advertised, if that is less. */
export const mtuOf6 = (stack: Stack, link: Link): number => {
  const { mtu6 } = stack.settings.of(link.name)
  return mtu6 === 0 ? link.mtu : Math.min(link.mtu, mtu6)
}

/** Finds the way of a packet from here. Link-local and multicast destinations need a link where several are up. */
export const route6 = (stack: Stack, dst: Ip6, src: Ip6 | undefined, link?: Link): Path6 | Errno => {
  if (link !== undefined && !link.up) return 'ENETDOWN'
  if (src !== undefined && src !== 0n && !stack.addresses.isLocal(src)) return 'EADDRNOTAVAIL'
  const scoped = isLinkLocal6(dst) || isMulticastIp(dst)
  const local = stack.addresses.find(dst, isLinkLocal6(dst) ? link : undefined)
  if (local !== undefined && !local.tentative) {
    const lo = stack.links.at(1)
    if (lo === undefined) return 'ENETUNREACH'
    return { link: lo, hop: dst, src: src ?? dst, mtu: lo.mtu, cast: 'local' }
  }
  const route = stack.routes6.lookup(dst, link === undefined ? {} : { link })
  if (route === undefined) return 'ENETUNREACH'
  const refusal = routeErrno(route)
  if (refusal !== undefined) return refusal
  const out = scoped && link !== undefined ? link : route.link
  if (out === undefined || !out.up) return 'ENETUNREACH'
  const chosen = src ?? (route.src as Ip6 | undefined) ?? stack.addresses.source6(out, dst, stack.clock.now())
  if (chosen === undefined) return 'EADDRNOTAVAIL'
  const via = route.via as Ip6 | undefined
  const mtu = mtuOf6(stack, out)
  return {
    link: out,
    hop: via === undefined ? dst : ((stack.redirects6.hop(dst, out) as Ip6 | undefined) ?? via),
    src: chosen,
    mtu: Math.min(mtu, route.mtu ?? mtu),
    cast: isMulticastIp(dst) ? 'multicast' : 'unicast',
  }
}

/** Sends what the frame holds as the payload of a new packet. Owns the frame, also when it gives an error. */
export const send6 = (stack: Stack, frame: Frame, packet: Send6): Errno | undefined => {
  const path = route6(stack, packet.dst, packet.src, packet.link)
  if (typeof path === 'string') {
    stack.counters.add('Ip6.OutNoRoutes')
    return path
  }
  return send6Over(stack, frame, packet, path)
}

/** As `send6`, over a path that was found before: the checksum of the payload needed its source. */
export const send6Over = (stack: Stack, frame: Frame, packet: Send6, path: Path6): Errno | undefined => {
  pushIpv6(frame, {
    src: path.src,
    dst: packet.dst,
    nextHeader: packet.protocol,
    hopLimit: packet.hopLimit ?? (path.cast === 'multicast' ? 1 : stack.settings.of(path.link.name).hop_limit),
    trafficClass: packet.trafficClass ?? 0,
  })
  stack.counters.add('Ip6.OutRequests')
  if (path.cast === 'multicast' && packet.multicastLoop !== false && stack.groups.has(path.link, packet.dst)) {
    const copy = frame.copy()
    writeLinkHeader(copy, path.link.mac, path.link.mac, EtherType.ipv6)
    stack.loop(path.link, copy)
  }
  const mtu = packet.probe === true ? path.mtu : stack.pathMtu.of(packet.dst, path.mtu)
  if (frame.size <= mtu || segmentSize(frame, frame.start) <= mtu) {
    emit6(stack, frame, path)
    if (packet.confirm === true && path.cast === 'unicast') {
      const neighbour = stack.nd.find(path.link, path.hop)
      if (neighbour !== undefined) stack.nd.confirm(neighbour)
    }
    return undefined
  }
  const pieces = packet.dontFragment === true ? undefined : fragment6(frame, mtu, Math.floor(stack.random() * 2 ** 32))
  if (pieces === undefined) {
    stack.counters.add('Ip6.FragFails')
    return 'EMSGSIZE'
  }
  stack.counters.add('Ip6.FragOKs')
  stack.counters.add('Ip6.FragCreates', pieces.length)
  for (const piece of pieces) emit6(stack, piece, path)
  return undefined
}

/** Sends a packet that starts with its IPv6 header over a path. */
export const emit6 = (stack: Stack, frame: Frame, path: Path6): void => {
  const { link } = path
  if (path.cast === 'unicast') stack.nd.output(link, path.hop, frame)
  else {
    const dst = path.cast === 'local' ? 0 : multicastMac(Ipv6Header.at.dst(frame.bytes, frame.start))
    writeLinkHeader(frame, link.isLoopback ? 0 : dst, link.mac, EtherType.ipv6)
    link.transmit(frame)
  }
}

/** The path of a packet that passes through. */
export const forwardPath6 = (stack: Stack, route: Route, dst: Ip6): Path6 | undefined =>
  route.link === undefined || route.table === RouteTable.local
    ? undefined
    : {
        link: route.link,
        hop: (route.via as Ip6 | undefined) ?? dst,
        src: 0n,
        mtu: Math.min(mtuOf6(stack, route.link), route.mtu ?? route.link.mtu),
        cast: 'unicast',
      }
