/** The parts of an IPv4 packet that decide which connection it is of, read and written where they lie. */
import type { Ip4 } from '../../wire/address.ts'
import { checksum, updateChecksum } from '../../wire/checksum.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { hasPorts } from './rules.ts'

const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
const u32 = (bytes: Uint8Array, at: number): number => (u16(bytes, at) * 65536 + u16(bytes, at + 2)) >>> 0

/** A packet's way: for ICMP echoes both ports are the identifier. */
export type Flow = { protocol: number; src: Ip4; dst: Ip4; sourcePort: number; destinationPort: number }

/** Where the header of a packet's protocol begins. */
export const payloadAt = (bytes: Uint8Array, ip: number): number => ip + ((bytes[ip] as number) & 15) * 4

/** How many bytes the first of them is in; 0 for a packet that is no fragment, or the first one. */
export const fragmentOffset = (bytes: Uint8Array, ip: number): number => (u16(bytes, ip + 6) & 0x1fff) * 8
export const isFragment = (bytes: Uint8Array, ip: number): boolean => (u16(bytes, ip + 6) & 0x3fff) !== 0
export const identification = (bytes: Uint8Array, ip: number): number => u16(bytes, ip + 4)

/** ICMP's types of echoes and the other questions that have an identifier. */
const withIdentifier: ReadonlySet<number> = new Set([0, 8, 13, 14, 17, 18])
/** ICMP's types that quote a packet. */
const quoting: ReadonlySet<number> = new Set([3, 4, 5, 11, 12])

/** The way of a packet; undefined if its protocol's header is not all there. */
export const flowOf = (bytes: Uint8Array, ip: number, end: number): Flow | undefined => {
  if (ip + 20 > end) return undefined
  const at = payloadAt(bytes, ip)
  const protocol = bytes[ip + 9] as number
  const [src, dst] = [u32(bytes, ip + 12), u32(bytes, ip + 16)]
  if (fragmentOffset(bytes, ip) > 0) return { protocol, src, dst, sourcePort: 0, destinationPort: 0 }
  if (protocol === IpProtocol.icmp) {
    if (at + 8 > end) return undefined
    const id = withIdentifier.has(bytes[at] as number) ? u16(bytes, at + 4) : 0
    return { protocol, src, dst, sourcePort: id, destinationPort: id }
  }
  if (!hasPorts(protocol)) return { protocol, src, dst, sourcePort: 0, destinationPort: 0 }
  if (at + 8 > end) return undefined
  return { protocol, src, dst, sourcePort: u16(bytes, at), destinationPort: u16(bytes, at + 2) }
}

/** Where the packet begins that an ICMP error quotes; undefined if the packet is no error. */
export const quotedAt = (bytes: Uint8Array, ip: number, end: number): number | undefined => {
  const at = payloadAt(bytes, ip)
  if (bytes[ip + 9] !== IpProtocol.icmp || fragmentOffset(bytes, ip) > 0 || at + 8 + 20 > end) return undefined
  return quoting.has(bytes[at] as number) ? at + 8 : undefined
}

/** Where the checksum of a packet's protocol lies; undefined if there is none to keep right. */
const checksumAt = (bytes: Uint8Array, ip: number, end: number): number | undefined => {
  const at = payloadAt(bytes, ip)
  const protocol = bytes[ip + 9]
  const where =
    protocol === IpProtocol.tcp
      ? at + 16
      : protocol === IpProtocol.udp
        ? at + 6
        : protocol === IpProtocol.icmp
          ? at + 2
          : 0
  if (where === 0 || where + 2 > end || fragmentOffset(bytes, ip) > 0) return undefined
  // A UDP checksum of 0 says that there is none.
  return protocol === IpProtocol.udp && u16(bytes, where) === 0 ? undefined : where
}

/** Writes a word, and keeps checksums right that it is under. */
const write = (bytes: Uint8Array, at: number, value: number, sums: readonly (number | undefined)[]): void => {
  const old = u16(bytes, at)
  bytes[at] = value >> 8
  bytes[at + 1] = value & 255
  for (const sum of sums) {
    if (sum === undefined) continue
    const fresh = updateChecksum(u16(bytes, sum), old, value)
    bytes[sum] = fresh >> 8
    bytes[sum + 1] = fresh & 255
  }
}

/** Gives a packet another source or destination. */
export const rewrite = (
  bytes: Uint8Array,
  ip: number,
  end: number,
  end2end: 'source' | 'destination',
  address: Ip4,
  port: number | undefined,
): void => {
  const field = ip + (end2end === 'source' ? 12 : 16)
  const protocol = bytes[ip + 9] as number
  const own = checksumAt(bytes, ip, end)
  // ICMP has no addresses under its checksum.
  const sums = [ip + 10, ...(protocol === IpProtocol.icmp ? [] : [own])]
  write(bytes, field, address >>> 16, sums)
  write(bytes, field + 2, address & 0xffff, sums)
  if (port === undefined || fragmentOffset(bytes, ip) > 0) return
  const at = payloadAt(bytes, ip)
  if (protocol === IpProtocol.icmp) {
    if (withIdentifier.has(bytes[at] as number)) write(bytes, at + 4, port, [own])
  } else if (hasPorts(protocol)) write(bytes, at + (end2end === 'source' ? 0 : 2), port, [own])
}

/** SYN, FIN and RST of a TCP packet. */
export const tcpFlags = (bytes: Uint8Array, ip: number, end: number): number => {
  const at = payloadAt(bytes, ip) + 13
  return bytes[ip + 9] === IpProtocol.tcp && fragmentOffset(bytes, ip) === 0 && at < end ? (bytes[at] as number) : 0
}

/** Makes the checksum of an ICMP message right again, when what it quotes is another packet. */
export const setIcmpChecksum = (bytes: Uint8Array, ip: number, end: number): void => {
  const at = payloadAt(bytes, ip)
  bytes[at + 2] = 0
  bytes[at + 3] = 0
  const sum = checksum(bytes, at, end)
  bytes[at + 2] = sum >> 8
  bytes[at + 3] = sum & 255
}
