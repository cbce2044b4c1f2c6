/**
 * IPv6 (RFC 8200). Between the header and what it carries may stand a chain of extension headers, each naming the next.
 * `parseIpv6` walks it, within the packet's bytes and within `mostExtensions`, and stops at the first header that is none
 * of them, at a fragment that is not the first (what follows is the middle of something), and at ESP (what follows is secret).
 */
import type { Ip6 } from './address.ts'
import type { Frame } from './frame.ts'
import { bit, bits, bits16, bits32, header, u8, u16, u32, u128 } from './header.ts'
import { IpProtocol } from './ip-protocol.ts'
import { type Parsed, parsed, refused } from './parsed.ts'

export const Ipv6Header = header('IPv6', 40, {
  version: [0, bits(4, 4)],
  trafficClass: [0, bits16(4, 8)],
  flowLabel: [0, bits32(0, 20)],
  payloadLength: [4, u16],
  nextHeader: [6, u8],
  hopLimit: [7, u8],
  src: [8, u128],
  dst: [24, u128],
})

/** RFC 8200 §4.5; `offset` counts 8 bytes. */
export const Ipv6FragmentHeader = header('IPv6 fragment', 8, {
  nextHeader: [0, u8],
  offset: [2, bits16(3, 13)],
  more: [3, bit(7)],
  id: [4, u32],
})

/** `nextHeader` is what follows the 40 bytes; `trafficClass` holds the DSCP and ECN bits. */
export type Ipv6 = {
  src: Ip6
  dst: Ip6
  nextHeader: number
  hopLimit: number
  trafficClass: number
  flowLabel: number
}

/** A packet's place in the whole; `offset` is in bytes, a multiple of 8. */
export type Ipv6Fragment = { offset: number; more: boolean; id: number }

/** An extension header: its protocol number, where it begins, and its size in bytes. */
export type Ipv6Extension = { protocol: number; at: number; size: number }

/** What the chain of extension headers says: `protocol` is the upper layer's and begins at `payload`. */
export type Ipv6Chain = {
  protocol: number
  payload: number
  extensions: Ipv6Extension[]
  fragment?: Ipv6Fragment
  /** A routing header with stops left: the destination is not the last one, and no checksum can be judged. */
  routed?: true
}

/** More extension headers than this are refused; RFC 8504 §5.3 lets a node set such a bound. */
export const mostExtensions = 16

/**
 * The payload behind all extension headers is `payload` to `end`, what lies behind that is padding. Refuses `short`,
 * `version`, and `loop` for a chain longer than `mostExtensions`. With `cut` the bytes may stop early.
 */
export const parseIpv6 = (
  bytes: Uint8Array,
  start: number,
  end: number,
  cut = false,
): Parsed<Ipv6 & Ipv6Chain & { payloadLength: number; end: number }> => {
  if (start + 40 > end) return refused('short')
  const { at } = Ipv6Header
  if (at.version(bytes, start) !== 6) return refused('version')
  const payloadLength = at.payloadLength(bytes, start)
  if (start + 40 + payloadLength > end && !cut) return refused('short')
  const nextHeader = at.nextHeader(bytes, start)
  const packetEnd = Math.min(start + 40 + payloadLength, end)
  const chain = walkExtensions(bytes, start + 40, packetEnd, nextHeader)
  if (!chain.ok) return chain
  return parsed({
    src: at.src(bytes, start),
    dst: at.dst(bytes, start),
    nextHeader,
    hopLimit: at.hopLimit(bytes, start),
    trafficClass: at.trafficClass(bytes, start),
    flowLabel: at.flowLabel(bytes, start),
    payloadLength,
    ...chain.value,
    end: packetEnd,
  })
}

/** Follows extension headers from `start`, where one of type `first` stands. Refuses `short` and `loop`. */
export const walkExtensions = (bytes: Uint8Array, start: number, end: number, first: number): Parsed<Ipv6Chain> => {
  const chain: Ipv6Chain = { protocol: first, payload: start, extensions: [] }
  while (isIpv6Extension(chain.protocol)) {
    const { protocol, payload: at } = chain
    if (chain.extensions.length === mostExtensions) return refused('loop')
    if (at + 8 > end) return refused('short')
    const size = extensionSize(bytes, at, protocol)
    if (at + size > end) return refused('short')
    chain.extensions.push({ protocol, at, size })
    chain.protocol = bytes[at]!
    chain.payload = at + size
    if (protocol === IpProtocol.routing && bytes[at + 3] !== 0) chain.routed = true
    if (protocol === IpProtocol.fragment) {
      const field = Ipv6FragmentHeader.at
      chain.fragment = { offset: field.offset(bytes, at) * 8, more: field.more(bytes, at), id: field.id(bytes, at) }
      if (chain.fragment.offset !== 0) break
    }
  }
  return parsed(chain)
}

/** Whether a next-header value names an extension header that can be skipped. */
export const isIpv6Extension = (protocol: number): boolean =>
  protocol === IpProtocol.hopByHop ||
  protocol === IpProtocol.routing ||
  protocol === IpProtocol.fragment ||
  protocol === IpProtocol.ah ||
  protocol === IpProtocol.destination ||
  protocol === IpProtocol.mobility

/** The size in bytes of the extension header at `at`, of which eight bytes are there. */
export const extensionSize = (bytes: Uint8Array, at: number, protocol: number): number => {
  if (protocol === IpProtocol.fragment) return 8
  // RFC 4302 §2.2: AH alone counts words of four bytes, less two.
  if (protocol === IpProtocol.ah) return Math.max(8, (bytes[at + 1]! + 2) * 4)
  return (bytes[at + 1]! + 1) * 8
}

/** What must be said of a packet; the rest is zero, but the hop limit 64. */
export type Ipv6Fields = Pick<Ipv6, 'src' | 'dst' | 'nextHeader'> & Partial<Ipv6>

/** Writes the 40 bytes for what follows them, extension headers included. */
export const writeIpv6 = (bytes: Uint8Array, at: number, ip: Ipv6Fields, payloadSize: number): number => {
  Ipv6Header.write(bytes, at, {
    version: 6,
    trafficClass: ip.trafficClass ?? 0,
    flowLabel: ip.flowLabel ?? 0,
    payloadLength: payloadSize,
    nextHeader: ip.nextHeader,
    hopLimit: ip.hopLimit ?? 64,
    src: ip.src,
    dst: ip.dst,
  })
  return 40
}

/** Puts an IPv6 header in front of what the frame holds. */
export const pushIpv6 = (frame: Frame, ip: Ipv6Fields): Frame => {
  const payloadSize = frame.size
  frame.prepend(40)
  writeIpv6(frame.bytes, frame.start, ip, payloadSize)
  return frame
}

/** Puts a fragment header in front of a piece of a payload. */
export const pushIpv6Fragment = (frame: Frame, nextHeader: number, { offset, more, id }: Ipv6Fragment): Frame => {
  frame.prepend(8)
  Ipv6FragmentHeader.write(frame.bytes, frame.start, { nextHeader, offset: offset / 8, more, id })
  return frame
}
