/** IPv6 packets on their way through: the twin of ipv4-forward.ts, without fragments. */
import { type Ip6, isLinkLocal6 } from '../wire/address.ts'
import { Icmp6Type, Icmp6Unreachable } from '../wire/icmp6.ts'
import { segmentSize } from '../wire/tcp-segments.ts'
import { icmp6Error } from './icmp6-error.ts'
import { emit6, forwardPath6 } from './ipv6-output.ts'
import type { Path6 } from './path.ts'
import type { Received } from './received.ts'
import { redirect6 } from './redirect6.ts'
import type { Stack } from './stack.ts'

const most = 4096

/** The path on which packets to `dst` were passed on before; undefined if that must be found out anew. */
export const knownPath6 = (stack: Stack, dst: Ip6): Path6 | undefined => {
  const known = stack.forwardPaths6
  if (known.generation === stack.generation) return known.paths.get(dst)
  known.paths.clear()
  known.generation = stack.generation
  return undefined
}

/** Passes a packet on that is not for this host (RFC 8200 §3), or says by ICMPv6 why not. */
export const forward6 = (stack: Stack, packet: Received): void => {
  const { counters } = stack
  const { dst6: dst } = packet
  if (!mayPass(stack, packet)) return
  const route = stack.routes6.lookup(dst)
  if (route === undefined || route.type === 'unreachable') {
    counters.add('Ip6.InNoRoutes')
    icmp6Error(stack, packet, Icmp6Type.unreachable, Icmp6Unreachable.noRoute, 0)
    return
  }
  if (route.type === 'prohibit') {
    counters.add('Ip6.InNoRoutes')
    icmp6Error(stack, packet, Icmp6Type.unreachable, Icmp6Unreachable.prohibited, 0)
    return
  }
  const path = route.type === 'unicast' ? forwardPath6(stack, route, dst) : undefined
  if (path === undefined) {
    counters.add('Ip6.InDiscards')
    return
  }
  // What a link-local address means depends on the link.
  if (!isLinkLocal6(dst)) {
    const { paths } = stack.forwardPaths6
    // Bounded: a sweep through many addresses starts over instead of growing.
    if (paths.size >= most) paths.clear()
    paths.set(dst, path)
  }
  passOn(stack, packet, path)
}

/** Passes a packet on over a path. */
export const forwardOver6 = (stack: Stack, packet: Received, path: Path6): void => {
  if (mayPass(stack, packet)) passOn(stack, packet, path)
}

const mayPass = (stack: Stack, packet: Received): boolean => {
  const { counters } = stack
  const { frame, link } = packet
  if (stack.settings.of(link.name).forwarding6 === 0) {
    counters.add('Ip6.InAddrErrors')
    return false
  }
  if (((frame.bytes[frame.start] as number) & 1) === 1 || packet.src6 === 0n) {
    counters.add('Ip6.InDiscards')
    return false
  }
  if (packet.ttl <= 1) {
    counters.add('Ip6.InHdrErrors')
    icmp6Error(stack, packet, Icmp6Type.timeExceeded, 0, 0)
    return false
  }
  return true
}

const passOn = (stack: Stack, packet: Received, path: Path6): void => {
  const { counters } = stack
  const { frame, ip } = packet
  const { bytes } = frame
  if (!path.link.up) {
    counters.add('Ip6.InDiscards')
    return
  }
  if (isLinkLocalAt(bytes, ip + 8) || isLinkLocalAt(bytes, ip + 24)) {
    counters.add('Ip6.InAddrErrors')
    icmp6Error(stack, packet, Icmp6Type.unreachable, Icmp6Unreachable.beyondScope, 0)
    return
  }
  if (path.link === packet.link) redirect6(stack, packet, path)
  frame.start = ip
  if (segmentSize(frame, frame.start) > path.mtu) {
    counters.add('Ip6.InTooBigErrors')
    icmp6Error(stack, packet, Icmp6Type.packetTooBig, 0, path.mtu)
    return
  }
  bytes[ip + 7] = packet.ttl - 1
  counters.add('Ip6.OutForwDatagrams')
  emit6(stack, frame, path)
}

const isLinkLocalAt = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === 0xfe && ((bytes[at + 1] as number) & 0xc0) === 0x80
