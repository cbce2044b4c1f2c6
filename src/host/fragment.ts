import { Frame } from '../wire/frame.ts'
import { IpProtocol } from '../wire/ip-protocol.ts'
import { Ipv4Header, ipv4HeaderSize, setIpv4Checksum } from '../wire/ipv4.ts'
import { Ipv6FragmentHeader, Ipv6Header } from '../wire/ipv6.ts'

/**
 * Cuts an IPv4 packet, itself perhaps a fragment, into frames that start at their IP header and are at most `mtu` bytes
 * (RFC 791 §3.2). Options that must not be copied become no-operations in all but the first. Undefined if `mtu` leaves
 * no room for eight bytes.
 */
export const fragment4 = (frame: Frame, mtu: number): Frame[] | undefined => {
  const { bytes, start, end } = frame
  const headerSize = ipv4HeaderSize(bytes, start)
  const room = (mtu - headerSize) & ~7
  if (room < 8) return undefined
  const offset = Ipv4Header.at.fragmentOffset(bytes, start) * 8
  const moreAfter = Ipv4Header.at.moreFragments(bytes, start)
  const pieces: Frame[] = []
  for (let at = start + headerSize; at < end; at += room) {
    const stop = Math.min(at + room, end)
    const piece = Frame.of(headerSize + stop - at)
    const to = piece.start
    piece.bytes.set(bytes.subarray(start, start + headerSize), to)
    piece.bytes.set(bytes.subarray(at, stop), to + headerSize)
    Ipv4Header.put.totalLength(piece.bytes, to, headerSize + stop - at)
    Ipv4Header.put.fragmentOffset(piece.bytes, to, (offset + at - start - headerSize) / 8)
    Ipv4Header.put.moreFragments(piece.bytes, to, stop < end || moreAfter)
    if (pieces.length > 0) blankOptions(piece.bytes, to + 20, to + headerSize)
    setIpv4Checksum(piece.bytes, to)
    pieces.push(piece)
  }
  return pieces
}

const blankOptions = (bytes: Uint8Array, from: number, to: number): void => {
  for (let at = from; at < to; ) {
    const type = bytes[at] as number
    if (type === 0) return
    const size = type === 1 ? 1 : (bytes[at + 1] as number)
    if (size < 1 || (type !== 1 && size < 2) || at + size > to) return
    if ((type & 0x80) === 0) bytes.fill(1, at, at + size)
    at += size
  }
}

/** Cuts an IPv6 packet without extension headers, as only its sender may (RFC 8200 §4.5). */
export const fragment6 = (frame: Frame, mtu: number, id: number): Frame[] | undefined => {
  const { bytes, start, end } = frame
  const room = (mtu - 48) & ~7
  if (room < 8) return undefined
  const nextHeader = Ipv6Header.at.nextHeader(bytes, start)
  const pieces: Frame[] = []
  for (let at = start + 40; at < end; at += room) {
    const stop = Math.min(at + room, end)
    const piece = Frame.of(48 + stop - at)
    const to = piece.start
    piece.bytes.set(bytes.subarray(start, start + 40), to)
    piece.bytes.set(bytes.subarray(at, stop), to + 48)
    Ipv6Header.put.payloadLength(piece.bytes, to, 8 + stop - at)
    Ipv6Header.put.nextHeader(piece.bytes, to, IpProtocol.fragment)
    const offset = (at - start - 40) / 8
    Ipv6FragmentHeader.write(piece.bytes, to + 40, { nextHeader, offset, more: stop < end, id })
    pieces.push(piece)
  }
  return pieces
}
