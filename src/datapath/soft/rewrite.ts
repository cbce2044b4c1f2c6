/**
 * The `set` action: bits of a flow key's words written into a frame's headers, with the checksums over them mended
 * (RFC 1624) and not computed anew. A checksum that was wrong stays wrong by as much, so an error on the way in is
 * still seen at the end.
 *
 * A word that does not apply to the frame at hand (a UDP port of an ARP packet) writes nothing.
 */
import { word } from '../../flow/layout.ts'
import type { Frame } from '../../wire/frame.ts'
import { u16 } from '../../wire/header.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { SctpHeader, sctpChecksum } from '../../wire/sctp.ts'
import type { SparseKey } from '../action.ts'
import { locate, type Places, places } from './locate.ts'
import { neighbour } from './rewrite-neighbour.ts'
import { masked16, masked32, mendIpv4, mendTransport } from './rewrite-words.ts'

/** Writes into a frame's headers. */
export type Rewrite = (frame: Frame) => void

type Step = (frame: Frame, at: Places) => void

const inWords = (place: number, first: number, count: number): boolean => place >= first && place < first + count

/** Whether a word of the key is the datapath's own, kept beside the frame and not in it. */
export const isMetadata = (place: number): boolean => place === word.skbPriority || place === word.pktMark

/** Compiles the words of a `set` that lie in the frame. Throws for a word that no datapath can set. */
export const compileRewrite = (key: SparseKey, mask: SparseKey): Rewrite => {
  const values = new Map(key.map(([place, value]) => [place, value]))
  const steps: Step[] = []
  for (const [place, bits] of mask) {
    if (isMetadata(place) || bits === 0) continue
    steps.push(stepFor(place, values.get(place) ?? 0, bits))
  }
  const at = places()
  return frame => {
    locate(frame, at)
    for (const step of steps) step(frame, at)
  }
}

const stepFor = (place: number, value: number, mask: number): Step => {
  if (inWords(place, word.ethernet, 3))
    return ({ bytes, start, end, packetType }) => {
      if (packetType === 0 && start + 12 <= end) masked32(bytes, start + 4 * (place - word.ethernet), value, mask)
    }
  if (place === word.vlan) return (frame, at) => tag(frame, at, 0, value, mask)
  if (place === word.vlan1) return (frame, at) => tag(frame, at, 1, value, mask)
  if (place === word.ip) return (frame, at) => ip(frame, at, value, mask)
  if (place === word.ipv4Src) return (frame, at) => ipv4Address(frame, at, 12, value, mask)
  if (place === word.ipv4Dst) return (frame, at) => ipv4Address(frame, at, 16, value, mask)
  if (place === word.transport) return (frame, at) => transport(frame, at, value, mask)
  if (inWords(place, word.ipv6Src, 8))
    return (frame, at) => ipv6Address(frame, at, 8 + 4 * (place - word.ipv6Src), value, mask)
  if (place === word.ipv6Label)
    return (frame, at) => {
      if (at.ipv6 >= 0) masked32(frame.bytes, at.ipv6, value, mask & 0xfffff)
    }
  if (inWords(place, word.arpSha, 9)) return (frame, at) => neighbour(frame, at, place, value, mask)
  if (inWords(place, word.mpls, 3))
    return ({ bytes, end }, { mpls }) => {
      const entry = mpls + 4 * (place - word.mpls)
      if (mpls >= 0 && entry + 4 <= end) masked32(bytes, entry, value, mask)
    }
  if (inWords(place, word.nsh, 6)) return (frame, at) => serviceHeader(frame, at, place, value, mask)
  throw new RangeError(`a datapath cannot set word ${place} of the flow key`)
}

/** Flags, TTL, path and context; how the header is built and what it carries is fixed. */
const serviceHeader = ({ bytes }: Frame, { nsh }: Places, place: number, value: number, mask: number): void => {
  if (nsh < 0) return
  if (place === word.nsh) masked16(bytes, nsh, flagsAndTtl(value), flagsAndTtl(mask))
  else if (place === word.nshPath) masked32(bytes, nsh + 4, value, mask)
  else if ((bytes[nsh + 2]! & 0xf) === 1 && (bytes[nsh + 1]! & 0x3f) === 6)
    masked32(bytes, nsh + 8 + 4 * (place - word.nshContext), value, mask)
}

/** From the word of a flow key to the header's first two bytes. */
const flagsAndTtl = (bits: number): number => ((bits & 0x03000000) >>> 12) | ((bits & 0x003f0000) >>> 10)

/** The tag control of the outer or the inner VLAN tag; the CFI bit of the key only says that a tag is there. */
const tag = ({ bytes, start }: Frame, { type }: Places, depth: number, value: number, mask: number): void => {
  const at = start + 12 + 4 * depth
  if (at < type) masked32(bytes, at, value, mask & ~0x1000)
}

/** TOS and TTL; nw_proto is writable in ARP only, where it is the low byte of the operation. */
const ip = ({ bytes }: Frame, at: Places, value: number, mask: number): void => {
  const tos = (value >>> 16) & 255
  const tosMask = (mask >>> 16) & 255
  const ttl = (value >>> 8) & 255
  const ttlMask = (mask >>> 8) & 255
  if (at.ipv4 >= 0) {
    const { ipv4 } = at
    const sum = masked16(bytes, ipv4, tos, tosMask) + masked16(bytes, ipv4 + 8, ttl << 8, ttlMask << 8)
    mendIpv4(bytes, ipv4, sum)
  } else if (at.ipv6 >= 0) {
    masked16(bytes, at.ipv6, tos << 4, tosMask << 4)
    masked16(bytes, at.ipv6 + 6, ttl, ttlMask)
  } else if (at.arp >= 0) masked16(bytes, at.arp + 6, operation(value & 255), operation(mask & 255))
}

/** ARP's 16 bits of the 8 that a key has of them, as Open vSwitch has it: all ones are all ones. */
const operation = (bits: number): number => (bits === 255 ? 0xffff : bits)

const ipv4Address = (frame: Frame, at: Places, offset: number, value: number, mask: number): void => {
  const { bytes } = frame
  if (at.ipv4 >= 0) {
    const sum = masked32(bytes, at.ipv4 + offset, value, mask)
    mendIpv4(bytes, at.ipv4, sum)
    if (at.protocol !== IpProtocol.icmp) mendTransport(frame, at, sum)
  } else if (at.arp >= 0) masked32(bytes, at.arp + (offset === 12 ? 14 : 24), value, mask)
}

const ipv6Address = (frame: Frame, at: Places, offset: number, value: number, mask: number): void => {
  if (at.ipv6 < 0) return
  const sum = masked32(frame.bytes, at.ipv6 + offset, value, mask)
  // RFC 8200 §8.1: with stops left, the checksum is over the last one's address and not the header's.
  if (offset < 24 || !at.routed) mendTransport(frame, at, sum)
}

/** Ports, or an ICMP type and code, which are a byte each. */
const transport = (frame: Frame, at: Places, value: number, mask: number): void => {
  const { bytes } = frame
  const { transport: start, protocol } = at
  if (start < 0) return
  if (protocol === IpProtocol.tcp || protocol === IpProtocol.udp)
    mendTransport(frame, at, masked32(bytes, start, value, mask))
  else if (protocol === IpProtocol.icmp || protocol === IpProtocol.icmp6) {
    const typeAndCode = ((value >>> 8) & 0xff00) | (value & 255)
    mendTransport(frame, at, masked16(bytes, start, typeAndCode, ((mask >>> 8) & 0xff00) | (mask & 255)))
  } else if (protocol === IpProtocol.sctp) {
    const packetEnd = Math.min(frame.end, ipEnd(bytes, at))
    const wrong = SctpHeader.at.checksum(bytes, start) ^ sctpChecksum(bytes, start, packetEnd)
    masked32(bytes, start, value, mask)
    SctpHeader.put.checksum(bytes, start, sctpChecksum(bytes, start, packetEnd) ^ wrong)
  }
}

/** Where the IP packet ends by its own account; what follows is padding. */
const ipEnd = (bytes: Uint8Array, { ipv4, ipv6 }: Places): number =>
  ipv4 >= 0 ? ipv4 + u16.get(bytes, ipv4 + 2) : ipv6 + 40 + u16.get(bytes, ipv6 + 4)
