/** IPv6 packets that come in: checks, extension headers, the choice between this host and the next, reassembly. */
import { isLinkLocal6, isMulticastIp } from '../wire/address.ts'
import { Frame } from '../wire/frame.ts'
import { u128 } from '../wire/header.ts'
import { Icmp6Type } from '../wire/icmp6.ts'
import { IpProtocol } from '../wire/ip-protocol.ts'
import { extensionSize, Ipv6FragmentHeader, Ipv6Header, mostExtensions } from '../wire/ipv6.ts'
import { icmp6Error } from './icmp6-error.ts'
import { forward6, forwardOver6, knownPath6 } from './ipv6-forward.ts'
import type { Link } from './link.ts'
import type { Received } from './received.ts'
import type { Stack } from './stack.ts'

/** Takes a frame whose Ethernet payload is IPv6; owns it. */
export const receive6 = (stack: Stack, packet: Received, link: Link, frame: Frame): void => {
  const { counters } = stack
  const { bytes } = frame
  const ip = frame.start + 14
  counters.add('Ip6.InReceives')
  if (ip + 40 > frame.end) {
    counters.add('Ip6.InTruncatedPkts')
    return
  }
  if ((bytes[ip] as number) >> 4 !== 6) {
    counters.add('Ip6.InHdrErrors')
    return
  }
  const end = ip + 40 + (((bytes[ip + 4] as number) << 8) | (bytes[ip + 5] as number))
  if (end > frame.end) {
    counters.add('Ip6.InTruncatedPkts')
    return
  }
  if (stack.settings.of(link.name).disable_ipv6 !== 0) {
    counters.add('Ip6.InDiscards')
    return
  }
  frame.end = end

  packet.family = 6
  packet.link = link
  packet.frame = frame
  packet.ip = ip
  packet.payload = ip + 40
  packet.src6 = u128.get(bytes, ip + 8)
  packet.dst6 = u128.get(bytes, ip + 24)
  packet.protocol = bytes[ip + 6] as number
  packet.ttl = bytes[ip + 7] as number
  packet.tos = Ipv6Header.at.trafficClass(bytes, ip)
  packet.cast = isMulticastIp(packet.dst6) ? 'multicast' : 'unicast'

  const { src6: src, dst6: dst } = packet
  // RFC 4291 §2.5.3, §2.7: no group is a source, and ::1 stays at home.
  const home = link.isLoopback || stack.looping
  if (isMulticastIp(src) || (!home && (src === 1n || dst === 1n))) {
    counters.add('Ip6.InAddrErrors')
    return
  }
  if (packet.cast === 'multicast') {
    if (!stack.groups.has(link, dst)) {
      counters.add('Ip6.InDiscards')
      return
    }
    walk(stack, packet)
    return
  }
  const path = knownPath6(stack, dst)
  if (path !== undefined) {
    forwardOver6(stack, packet, path)
    return
  }
  const own = stack.addresses.find(dst, isLinkLocal6(dst) && !home ? link : undefined)
  if (own !== undefined) {
    own.tentative ? counters.add('Ip6.InDiscards') : walk(stack, packet)
    return
  }
  if (stack.routes6.lookup(dst)?.type === 'local') {
    walk(stack, packet)
    return
  }
  forward6(stack, packet)
}

const problem = (stack: Stack, packet: Received, code: number, at: number): void => {
  stack.counters.add('Ip6.InHdrErrors')
  icmp6Error(stack, packet, Icmp6Type.parameterProblem, code, at - packet.ip)
}

/** Follows the extension headers of a packet for this host to what it carries. */
const walk = (stack: Stack, packet: Received): void => {
  const { frame } = packet
  const { bytes, end } = frame
  let next = packet.ip + 6
  for (let count = 0; count <= mostExtensions; count++) {
    const protocol = bytes[next] as number
    const at = packet.payload
    packet.protocol = protocol
    const extension =
      protocol === IpProtocol.hopByHop ||
      protocol === IpProtocol.destination ||
      protocol === IpProtocol.routing ||
      protocol === IpProtocol.fragment
    if (!extension) {
      deliver6(stack, packet, next)
      return
    }
    if (at + 8 > end || at + extensionSize(bytes, at, protocol) > end) {
      stack.counters.add('Ip6.InTruncatedPkts')
      return
    }
    if (protocol === IpProtocol.hopByHop && count > 0) {
      problem(stack, packet, 1, next)
      return
    }
    if (protocol === IpProtocol.fragment) {
      reassemble(stack, packet)
      return
    }
    // RFC 5095: source routes are not followed, and refused where stops are left.
    if (protocol === IpProtocol.routing && bytes[at + 3] !== 0) {
      problem(stack, packet, 0, at + 2)
      return
    }
    if (protocol !== IpProtocol.routing && !options(stack, packet, at)) return
    next = at
    packet.payload = at + extensionSize(bytes, at, protocol)
  }
  stack.counters.add('Ip6.InHdrErrors')
}

/** RFC 8200 §4.2: the two high bits of an option that is not known say what to do. False if the packet is dropped. */
const options = (stack: Stack, packet: Received, header: number): boolean => {
  const { bytes } = packet.frame
  const end = header + ((bytes[header + 1] as number) + 1) * 8
  for (let at = header + 2; at < end; ) {
    const type = bytes[at] as number
    if (type === 0) {
      at++
      continue
    }
    if (at + 2 > end || at + 2 + (bytes[at + 1] as number) > end) {
      stack.counters.add('Ip6.InHdrErrors')
      return false
    }
    // Padding, router alert, and jumbo payloads that nobody here sends.
    if (type !== 1 && type !== 5 && type >> 6 !== 0) {
      if (type >> 6 === 1) stack.counters.add('Ip6.InHdrErrors')
      else if (type >> 6 === 2 || packet.cast !== 'multicast') problem(stack, packet, 2, at)
      else stack.counters.add('Ip6.InHdrErrors')
      return false
    }
    at += 2 + (bytes[at + 1] as number)
  }
  return true
}

const reassemble = (stack: Stack, packet: Received): void => {
  const { counters } = stack
  const { frame, payload: at } = packet
  const { bytes } = frame
  counters.add('Ip6.ReasmReqds')
  const { id, offset, more, nextHeader } = Ipv6FragmentHeader.read(bytes, at) as {
    id: number
    offset: number
    more: boolean
    nextHeader: number
  }
  const piece = bytes.subarray(at + 8, frame.end)
  if (more && piece.length % 8 !== 0) {
    problem(stack, packet, 0, packet.ip + 4)
    return
  }
  const header = bytes.slice(packet.ip, packet.ip + 40)
  header[6] = nextHeader
  const key = `${packet.src6} ${packet.dst6} ${id}`
  const result = stack.reassembly6.add(key, { offset: offset * 8, more, bytes: piece, header, link: packet.link })
  if (result.kind === 'waiting') return
  if (result.kind === 'dropped') {
    counters.add('Ip6.ReasmFails')
    return
  }
  counters.add('Ip6.ReasmOKs')
  const whole = Frame.of(54 + result.payload.length)
  const ip = whole.start + 14
  whole.bytes.set(result.header, ip)
  whole.bytes.set(result.payload, ip + 40)
  Ipv6Header.put.payloadLength(whole.bytes, ip, result.payload.length)
  packet.frame = whole
  packet.ip = ip
  packet.payload = ip + 40
  // A fragment within what was put together is refused: it has no honest use.
  if (result.header[6] === IpProtocol.fragment) {
    counters.add('Ip6.ReasmFails')
    return
  }
  walk(stack, packet)
}

const deliver6 = (stack: Stack, packet: Received, next: number): void => {
  const { counters } = stack
  counters.add('Ip6.InDelivers')
  let heard = false
  if (stack.raw.size > 0)
    for (const raw of stack.raw)
      if (raw.family === 6 && raw.protocol === packet.protocol) {
        raw.received(packet)
        heard = true
      }
  const handler = stack.protocols6.get(packet.protocol)
  if (handler !== undefined) {
    handler(packet)
    return
  }
  if (heard || packet.protocol === IpProtocol.noNext) return
  counters.add('Ip6.InUnknownProtos')
  icmp6Error(stack, packet, Icmp6Type.parameterProblem, 1, next - packet.ip)
}
