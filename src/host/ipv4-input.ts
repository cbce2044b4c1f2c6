/** IPv4 packets that come in: checks, the choice between this host and the next, reassembly, the upper protocols. */
import { isMulticastIp } from '../wire/address.ts'
import { Frame } from '../wire/frame.ts'
import { IcmpType, IcmpUnreachable } from '../wire/icmp.ts'
import { IpProtocol } from '../wire/ip-protocol.ts'
import { Ipv4Header, isIpv4ChecksumRight, setIpv4Checksum } from '../wire/ipv4.ts'
import { icmpError } from './icmp-error.ts'
import { forward4, forwardOver4, knownPath4 } from './ipv4-forward.ts'
import type { Link } from './link.ts'
import type { Received } from './received.ts'
import type { Stack } from './stack.ts'

/** Takes a frame whose Ethernet payload is IPv4; owns it. */
export const receive4 = (stack: Stack, packet: Received, link: Link, frame: Frame): void => {
  const { counters } = stack
  const { bytes } = frame
  const ip = frame.start + 14
  counters.add('Ip.InReceives')
  if (ip + 20 > frame.end) {
    counters.add('IpExt.InTruncatedPkts')
    return
  }
  const headerSize = ((bytes[ip] as number) & 15) * 4
  if ((bytes[ip] as number) >> 4 !== 4 || headerSize < 20) {
    counters.add('Ip.InHdrErrors')
    return
  }
  const total = ((bytes[ip + 2] as number) << 8) | (bytes[ip + 3] as number)
  if (ip + headerSize > frame.end || total < headerSize) {
    counters.add('Ip.InHdrErrors')
    return
  }
  if (!isIpv4ChecksumRight(bytes, ip)) {
    counters.add('IpExt.InCsumErrors')
    counters.add('Ip.InHdrErrors')
    return
  }
  if (ip + total > frame.end) {
    counters.add('IpExt.InTruncatedPkts')
    return
  }
  frame.end = ip + total

  packet.family = 4
  packet.link = link
  packet.frame = frame
  packet.ip = ip
  packet.payload = ip + headerSize
  packet.src4 = Ipv4Header.at.src(bytes, ip)
  packet.dst4 = Ipv4Header.at.dst(bytes, ip)
  packet.protocol = bytes[ip + 9] as number
  packet.ttl = bytes[ip + 8] as number
  packet.tos = bytes[ip + 1] as number
  packet.cast = 'unicast'

  if (!sane(stack, packet)) return
  stack.filter?.incoming(packet)
  const path = knownPath4(stack, packet.dst4)
  if (path !== undefined) {
    forwardOver4(stack, packet, path)
    return
  }
  if (!forThisHost(stack, packet)) {
    forward4(stack, packet)
    return
  }
  if (((bytes[ip + 6] as number) & 0x3f) !== 0 || bytes[ip + 7] !== 0) {
    reassemble(stack, packet)
    return
  }
  deliver4(stack, packet)
}

/** Addresses that cannot be on this link at all: Linux's martians, and reverse path filtering where it is on. */
const sane = (stack: Stack, packet: Received): boolean => {
  const { src4: src, dst4: dst, link } = packet
  if (link.isLoopback || stack.looping) return true
  const limited = dst === 0xffffffff
  const bad =
    src >>> 28 >= 0xe ||
    src >>> 24 === 127 ||
    dst >>> 24 === 127 ||
    dst >>> 24 === 0 ||
    (src >>> 24 === 0 && !(src === 0 && (limited || isMulticastIp(dst)))) ||
    (stack.addresses.isLocal(src) && stack.settings.of(link.name).accept_local === 0)
  if (bad) {
    stack.counters.add('IpExt.InMartians')
    return false
  }
  const filter = Math.max(stack.settings.all.rp_filter, stack.settings.of(link.name).rp_filter)
  if (filter === 0 || src === 0) return true
  const back = stack.routes4.lookupMain(src)
  if (back?.link !== undefined && (filter === 2 || back.link === link)) return true
  stack.counters.add('TcpExt.IPReversePathFilter')
  return false
}

/** Sets `packet.cast` as the destination says. */
const forThisHost = (stack: Stack, packet: Received): boolean => {
  const { dst4: dst, link } = packet
  if (stack.addresses.isLocal(dst)) return true
  if (isMulticastIp(dst)) {
    packet.cast = 'multicast'
    return true
  }
  if (stack.addresses.isBroadcast(dst, link)) {
    packet.cast = 'broadcast'
    return true
  }
  const route = stack.routes4.lookup(dst)
  if (route?.type === 'broadcast') packet.cast = 'broadcast'
  return route?.type === 'local' || route?.type === 'broadcast'
}

const reassemble = (stack: Stack, packet: Received): void => {
  const { bytes } = packet.frame
  const { counters } = stack
  counters.add('Ip.ReasmReqds')
  const id = Ipv4Header.at.id(bytes, packet.ip)
  const result = stack.reassembly4.add(`${packet.src4} ${packet.dst4} ${id} ${packet.protocol}`, {
    offset: Ipv4Header.at.fragmentOffset(bytes, packet.ip) * 8,
    more: Ipv4Header.at.moreFragments(bytes, packet.ip),
    bytes: bytes.subarray(packet.payload, packet.frame.end),
    header: bytes.subarray(packet.ip, packet.payload),
  })
  if (result.kind === 'waiting') return
  if (result.kind === 'dropped' || result.header.length + result.payload.length > 65535) {
    counters.add('Ip.ReasmFails')
    return
  }
  counters.add('Ip.ReasmOKs')
  const size = result.header.length
  const frame = Frame.of(14 + size + result.payload.length)
  const ip = frame.start + 14
  frame.bytes.set(result.header, ip)
  frame.bytes.set(result.payload, ip + size)
  Ipv4Header.put.totalLength(frame.bytes, ip, size + result.payload.length)
  Ipv4Header.put.moreFragments(frame.bytes, ip, false)
  setIpv4Checksum(frame.bytes, ip)
  packet.frame = frame
  packet.ip = ip
  packet.payload = ip + size
  deliver4(stack, packet)
}

/** Gives a whole packet for this host to raw sockets and to its protocol. */
export const deliver4 = (stack: Stack, packet: Received): void => {
  const { counters } = stack
  // Groups that nobody here joined are filtered by IP; what arrives by a tunnel's hook too.
  if (packet.cast === 'multicast' && !hears4(stack, packet)) {
    counters.add('Ip.InDiscards')
    return
  }
  const verdict = stack.filter?.input(packet)
  if (verdict === 'DROP' || verdict === 'REJECT') {
    if (verdict === 'REJECT') icmpError(stack, packet, IcmpType.unreachable, IcmpUnreachable.port, 0)
    return
  }
  counters.add('Ip.InDelivers')
  let heard = false
  if (stack.raw.size > 0)
    for (const raw of stack.raw)
      if (raw.family === 4 && raw.protocol === packet.protocol) {
        raw.received(packet)
        heard = true
      }
  const handler = stack.protocols4.get(packet.protocol)
  if (handler !== undefined) {
    handler(packet)
    return
  }
  if (heard) return
  counters.add('Ip.InUnknownProtos')
  icmpError(stack, packet, IcmpType.unreachable, IcmpUnreachable.protocol, 0)
}

/** Whether this packet's group is heard from its source; IGMP, which is about groups, from all. */
const hears4 = ({ groups }: Stack, { link, dst4, src4, protocol }: Received): boolean =>
  protocol === IpProtocol.igmp ? groups.has(link, dst4) : groups.hears(link, dst4, src4)
