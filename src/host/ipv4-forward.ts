import type { Ip4 } from '../wire/address.ts'
import { IcmpType, IcmpUnreachable } from '../wire/icmp.ts'
import { segmentSize } from '../wire/tcp-segments.ts'
import { icmpError } from './icmp-error.ts'
import { decrementTtl, emit4, forwardPath4, route4 } from './ipv4-output.ts'
import type { Path4 } from './path.ts'
import type { Received } from './received.ts'
import { redirect4 } from './redirect4.ts'
import type { Stack } from './stack.ts'

const most = 4096

/** The path on which packets to `dst` were passed on before; undefined if that must be found out anew. */
export const knownPath4 = (stack: Stack, dst: Ip4): Path4 | undefined => {
  const known = stack.forwardPaths
  if (known.generation === stack.generation) return known.paths.get(dst)
  known.paths.clear()
  known.generation = stack.generation
  return undefined
}

/** Passes a packet on that is not for this host (RFC 1812 §5.2), or says by ICMP why not. */
export const forward4 = (stack: Stack, packet: Received): void => {
  const { counters } = stack
  const { link, dst4: dst } = packet
  if (stack.settings.of(link.name).forwarding === 0) {
    count(stack, 'Ip.InAddrErrors')
    return
  }
  const route = stack.routes4.lookup(dst)
  if (route === undefined) {
    counters.add('IpExt.InNoRoutes')
    noRoute(stack, packet, IcmpUnreachable.net)
    return
  }
  if (route.type === 'unreachable' || route.type === 'prohibit') {
    const code = route.type === 'prohibit' ? IcmpUnreachable.communicationProhibited : IcmpUnreachable.host
    counters.add('Ip.InAddrErrors')
    noRoute(stack, packet, code)
    return
  }
  const path = route.type === 'unicast' ? forwardPath4(route, dst) : undefined
  if (path === undefined) {
    count(stack, 'Ip.InDiscards')
    return
  }
  const { paths } = stack.forwardPaths
  // Bounded: a sweep through many addresses starts over instead of growing.
  if (paths.size >= most) paths.clear()
  paths.set(dst, path)
  forwardOver4(stack, packet, path)
}

/** Passes a packet on over a path. */
export const forwardOver4 = (stack: Stack, packet: Received, path: Path4): void => {
  const { counters } = stack
  const { frame, link } = packet
  if (stack.settings.of(link.name).forwarding === 0) {
    count(stack, 'Ip.InAddrErrors')
    return
  }
  // A frame that every station got must not be forwarded by each of them (RFC 1122 §3.3.6).
  if (((frame.bytes[frame.start] as number) & 1) === 1) {
    count(stack, 'Ip.InDiscards')
    return
  }
  if (packet.ttl <= 1) {
    counters.add('Ip.InHdrErrors')
    icmpError(stack, packet, IcmpType.timeExceeded, 0, 0)
    return
  }
  if (!path.link.up) {
    count(stack, 'Ip.OutDiscards')
    return
  }
  frame.start = packet.ip
  if (segmentSize(frame, frame.start) > path.mtu && ((frame.bytes[packet.ip + 6] as number) & 0x40) !== 0) {
    counters.add('Ip.FragFails')
    icmpError(stack, packet, IcmpType.unreachable, IcmpUnreachable.fragmentationNeeded, path.mtu)
    return
  }
  const verdict = stack.filter?.forward(packet, path.link.name)
  if (verdict === 'DROP' || verdict === 'REJECT') {
    if (verdict === 'REJECT') icmpError(stack, packet, IcmpType.unreachable, IcmpUnreachable.port, 0)
    return
  }
  decrementTtl(frame.bytes, packet.ip)
  if (path.link === link) redirect4(stack, packet, path)
  counters.add('Ip.ForwDatagrams')
  if (stack.filter?.leaving(packet, path.link.name, () => ownAddress(stack, packet.dst4, path)) === false) return
  emit4(stack, frame, path)
}

/** The address that this host has on a way out. */
const ownAddress = (stack: Stack, dst: Ip4, { link }: Path4): Ip4 | undefined => {
  const own = route4(stack, dst, 0, link)
  return typeof own === 'string' ? undefined : own.src
}

const noRoute = (stack: Stack, packet: Received, code: number): void => {
  // Linux limits these twice over: once for what cannot be routed, once as ICMP errors.
  if (!stack.errorLimit.charge(packet.src4, 1000)) stack.counters.add('Icmp.OutRateLimitHost')
  else icmpError(stack, packet, IcmpType.unreachable, code, 0)
}

const count = (stack: Stack, name: string): void => stack.counters.add(name)
