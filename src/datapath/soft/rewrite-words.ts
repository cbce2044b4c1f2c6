import type { Frame } from '../../wire/frame.ts'
import { u16 } from '../../wire/header.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import type { Places } from './locate.ts'

/** Writes bits of a 16-bit number in place. Gives what RFC 1624 adds to a checksum over it: ~old + new. */
export const masked16 = (bytes: Uint8Array, at: number, value: number, mask: number): number => {
  const old = (bytes[at]! << 8) | bytes[at + 1]!
  const now = (old & ~mask) | (value & mask)
  bytes[at] = now >>> 8
  bytes[at + 1] = now
  return (~old & 0xffff) + (now & 0xffff)
}

/** The same for 32 bits. */
export const masked32 = (bytes: Uint8Array, at: number, value: number, mask: number): number =>
  masked16(bytes, at, value >>> 16, mask >>> 16) + masked16(bytes, at + 2, value & 0xffff, mask & 0xffff)

/** RFC 1624 §3: HC' = ~(~HC + ~m + m'). */
const mend = (bytes: Uint8Array, at: number, change: number): void => {
  let sum = (~u16.get(bytes, at) & 0xffff) + change
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  u16.set(bytes, at, ~sum & 0xffff)
}

/** Mends the header checksum of the IPv4 header at `at`. */
export const mendIpv4 = (bytes: Uint8Array, at: number, change: number): void => mend(bytes, at + 10, change)

/** Mends the transport's checksum, if it has one and the frame holds its place. SCTP's is of another kind. */
export const mendTransport = ({ bytes, end }: Frame, at: Places, change: number): void => {
  const { transport, protocol } = at
  if (transport < 0) return
  if (protocol === IpProtocol.tcp) mend(bytes, transport + 16, change)
  else if (protocol === IpProtocol.udp) {
    // RFC 768: zero says that there is none, so a sum that comes out as zero is sent as all ones.
    if (u16.get(bytes, transport + 6) === 0) return
    mend(bytes, transport + 6, change)
    if (u16.get(bytes, transport + 6) === 0) u16.set(bytes, transport + 6, 0xffff)
  } else if (protocol === IpProtocol.icmp || protocol === IpProtocol.icmp6) {
    if (transport + 4 > end) return
    mend(bytes, transport + 2, change)
    if (u16.get(bytes, transport + 2) === 0 && isZero(bytes, transport, end)) u16.set(bytes, transport + 2, 0xffff)
  }
}

/** RFC 1624 §3 cannot tell the two zeros of one's complement apart; only bytes that are all zero sum up to the other one. */
const isZero = (bytes: Uint8Array, start: number, end: number): boolean => {
  for (let at = start; at < end; at++) if (bytes[at] !== 0) return false
  return true
}
