import type { Ip4 } from './address.ts'
import { sum16 } from './checksum.ts'
import type { Frame } from './frame.ts'
import { bit, bits, bits16, header, u8, u16, u32 } from './header.ts'
import { type Parsed, parsed, refused } from './parsed.ts'
import { storeChecksum } from './transport-checksum.ts'

/** RFC 791 §3.1; `tos` holds the DSCP (RFC 2474) and ECN (RFC 3168) bits; `fragmentOffset` counts 8 bytes. */
export const Ipv4Header = header('IPv4', 20, {
  version: [0, bits(4, 4)],
  headerWords: [0, bits(0, 4)],
  tos: [1, u8],
  totalLength: [2, u16],
  id: [4, u16],
  dontFragment: [6, bit(1)],
  moreFragments: [6, bit(2)],
  fragmentOffset: [6, bits16(0, 13)],
  ttl: [8, u8],
  protocol: [9, u8],
  checksum: [10, u16],
  src: [12, u32],
  dst: [16, u32],
})

/** `fragmentOffset` is in bytes, a multiple of 8; `options` are the raw bytes behind the header, a multiple of 4. */
export type Ipv4 = {
  src: Ip4
  dst: Ip4
  protocol: number
  ttl: number
  tos: number
  id: number
  dontFragment: boolean
  moreFragments: boolean
  fragmentOffset: number
  options: Uint8Array
}

const noOptions = new Uint8Array(0)

/**
 * The payload is `payload` to `end`; what lies behind that is padding. Refuses `short`, `version`, and as `length` a
 * header or total length that cannot be. The checksum is not looked at: `isIpv4ChecksumRight`.
 * With `cut` the bytes may stop before the total length, as in the packet that an ICMP error quotes.
 */
export const parseIpv4 = (
  bytes: Uint8Array,
  start: number,
  end: number,
  cut = false,
): Parsed<Ipv4 & { totalLength: number; payload: number; end: number }> => {
  if (start + 20 > end) return refused('short')
  const { at } = Ipv4Header
  if (at.version(bytes, start) !== 4) return refused('version')
  const headerSize = at.headerWords(bytes, start) * 4
  const totalLength = at.totalLength(bytes, start)
  if (headerSize < 20 || totalLength < headerSize) return refused('length')
  if (start + headerSize > end || (start + totalLength > end && !cut)) return refused('short')
  return parsed({
    src: at.src(bytes, start),
    dst: at.dst(bytes, start),
    protocol: at.protocol(bytes, start),
    ttl: at.ttl(bytes, start),
    tos: at.tos(bytes, start),
    id: at.id(bytes, start),
    dontFragment: at.dontFragment(bytes, start),
    moreFragments: at.moreFragments(bytes, start),
    fragmentOffset: at.fragmentOffset(bytes, start) * 8,
    options: headerSize === 20 ? noOptions : bytes.subarray(start + 20, start + headerSize),
    totalLength,
    payload: start + headerSize,
    end: Math.min(start + totalLength, end),
  })
}

/** What must be said of a packet; the rest is zero, but the TTL 64. */
export type Ipv4Fields = Pick<Ipv4, 'src' | 'dst' | 'protocol'> & Partial<Ipv4>

/** Writes the header and its checksum for a payload of this many bytes. Options are filled up to a multiple of 4 bytes. */
export const writeIpv4 = (bytes: Uint8Array, at: number, ip: Ipv4Fields, payloadSize: number): number => {
  const options = ip.options ?? noOptions
  const size = 20 + ((options.length + 3) & ~3)
  if (size > 60) throw new RangeError(`IPv4 options of ${options.length} bytes`)
  Ipv4Header.write(bytes, at, {
    version: 4,
    headerWords: size / 4,
    tos: ip.tos ?? 0,
    totalLength: size + payloadSize,
    id: ip.id ?? 0,
    dontFragment: ip.dontFragment ?? false,
    moreFragments: ip.moreFragments ?? false,
    fragmentOffset: (ip.fragmentOffset ?? 0) / 8,
    ttl: ip.ttl ?? 64,
    protocol: ip.protocol,
    src: ip.src,
    dst: ip.dst,
  })
  bytes.fill(0, at + 20, at + size)
  bytes.set(options, at + 20)
  setIpv4Checksum(bytes, at)
  return size
}

/** Puts an IPv4 header in front of what the frame holds, which becomes its payload. */
export const pushIpv4 = (frame: Frame, ip: Ipv4Fields): Frame => {
  const payloadSize = frame.size
  frame.prepend(20 + (((ip.options?.length ?? 0) + 3) & ~3))
  writeIpv4(frame.bytes, frame.start, ip, payloadSize)
  return frame
}

/** The size of the header at `at`, in bytes. */
export const ipv4HeaderSize = (bytes: Uint8Array, at: number): number => (bytes[at]! & 15) * 4

/** Computes and stores the checksum of the header at `at`. */
export const setIpv4Checksum = (bytes: Uint8Array, at: number): void =>
  storeChecksum(bytes, at + 10, at, at + ipv4HeaderSize(bytes, at), 0)

/** The caller has checked that the whole header is there. */
export const isIpv4ChecksumRight = (bytes: Uint8Array, at: number): boolean =>
  sum16(bytes, at, at + ipv4HeaderSize(bytes, at)) === 0xffff
