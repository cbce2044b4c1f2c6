import { EtherType } from '../../wire/ethernet.ts'
import type { Frame } from '../../wire/frame.ts'
import { u16 } from '../../wire/header.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { extensionSize, isIpv6Extension, mostExtensions } from '../../wire/ipv6.ts'
import { isVlanType } from '../../wire/vlan.ts'

/** Where the headers of a frame lie, as indices into its bytes; -1 for what it has not, or not whole. */
export type Places = {
  /** The type field before the network header, behind VLAN tags; -1 for a frame without an Ethernet header. */
  type: number
  etherType: number
  /** The first label stack entry. */
  mpls: number
  ipv4: number
  ipv6: number
  nsh: number
  /** ARP or RARP for IPv4 over Ethernet. */
  arp: number
  /** The transport header of an unfragmented packet or a first fragment. */
  transport: number
  protocol: number
  /** Whether a routing header still has somewhere to go: then the checksum is not over the address in the header. */
  routed: boolean
}

export const places = (): Places => ({
  type: 12,
  etherType: 0,
  mpls: -1,
  ipv4: -1,
  ipv6: -1,
  nsh: -1,
  arp: -1,
  transport: -1,
  protocol: 0,
  routed: false,
})

/** Finds the headers. Anything may be in the frame; nothing behind its end is looked at. */
export const locate = ({ bytes, start, end, packetType }: Frame, to: Places): void => {
  to.mpls = to.ipv4 = to.ipv6 = to.arp = to.nsh = to.transport = -1
  to.protocol = 0
  to.routed = false
  if (packetType !== 0) {
    to.type = -1
    to.etherType = packetType & 0xffff
    locateNetwork(bytes, start, end, to)
    return
  }
  let at = start + 12
  to.type = at
  to.etherType = 0
  if (at + 2 > end) return
  while (isVlanType(u16.get(bytes, at)) && at + 6 <= end) at += 4
  to.type = at
  to.etherType = u16.get(bytes, at)
  locateNetwork(bytes, at + 2, end, to)
}

const locateNetwork = (bytes: Uint8Array, at: number, end: number, to: Places): void => {
  const { etherType: type } = to
  if (type === EtherType.ipv4) locateIpv4(bytes, at, end, to)
  else if (type === EtherType.ipv6) locateIpv6(bytes, at, end, to)
  else if (type === EtherType.arp || type === EtherType.rarp) {
    if (at + 28 <= end) to.arp = at
  } else if (type === EtherType.mpls || type === EtherType.mplsMulticast) {
    if (at + 4 <= end) to.mpls = at
  } else if (type === EtherType.nsh) to.nsh = wholeNsh(bytes, at, end)
}

/** RFC 8300 §2.2: the length is in words of four bytes. */
const wholeNsh = (bytes: Uint8Array, at: number, end: number): number => {
  if (at + 8 > end) return -1
  const size = (bytes[at + 1]! & 0x3f) * 4
  return size >= 8 && at + size <= end ? at : -1
}

const locateIpv4 = (bytes: Uint8Array, at: number, end: number, to: Places): void => {
  if (at + 20 > end) return
  const size = (bytes[at]! & 15) * 4
  if (size < 20 || at + size > end) return
  to.ipv4 = at
  to.protocol = bytes[at + 9]!
  const first = (u16.get(bytes, at + 6) & 0x1fff) === 0
  if (first) to.transport = whole(at + size, end, to.protocol)
}

const locateIpv6 = (bytes: Uint8Array, start: number, end: number, to: Places): void => {
  if (start + 40 > end) return
  to.ipv6 = start
  let protocol = bytes[start + 6]!
  let at = start + 40
  for (let i = 0; i < mostExtensions && isIpv6Extension(protocol); i++) {
    if (at + 8 > end) return
    const next = bytes[at]!
    const later = protocol === IpProtocol.fragment && (u16.get(bytes, at + 2) & 0xfff8) !== 0
    if (protocol === IpProtocol.routing && bytes[at + 3] !== 0) to.routed = true
    at += extensionSize(bytes, at, protocol)
    protocol = next
    to.protocol = protocol
    if (later) return
  }
  to.protocol = protocol
  to.transport = whole(at, end, protocol)
}

/** The transport header's place if it is all there. */
const whole = (at: number, end: number, protocol: number): number => {
  const size =
    protocol === IpProtocol.tcp ? 20 : protocol === IpProtocol.sctp ? 12 : protocol === IpProtocol.icmp6 ? 4 : 8
  return at + size <= end ? at : -1
}
