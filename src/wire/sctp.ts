import { header, u16, u32 } from './header.ts'
import { type Parsed, parsed, refused } from './parsed.ts'

/** RFC 9260 §3.1. */
export const SctpHeader = header('SCTP', 12, { src: [0, u16], dst: [2, u16], tag: [4, u32], checksum: [8, u32] })

export type Sctp = { src: number; dst: number; tag: number; checksum: number }

/** The common header; the chunks are the payload. Refuses only `short`. */
export const parseSctp = (bytes: Uint8Array, start: number, end: number): Parsed<Sctp & { payload: number }> => {
  if (start + 12 > end) return refused('short')
  return parsed({
    src: u16.get(bytes, start),
    dst: u16.get(bytes, start + 2),
    tag: u32.get(bytes, start + 4),
    checksum: u32.get(bytes, start + 8),
    payload: start + 12,
  })
}

/** Writes 12 bytes, the checksum 0: `setSctpChecksum` comes last. */
export const writeSctp = (bytes: Uint8Array, at: number, { src, dst, tag }: Omit<Sctp, 'checksum'>): number => {
  SctpHeader.write(bytes, at, { src, dst, tag })
  return 12
}

/** Castagnoli's polynomial, bits reversed (RFC 9260 appendix A). */
const polynomial = 0x82f63b78

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
  return crc >>> 0
})

/** CRC-32C of the packet with its checksum field taken as zero, as the number a 32-bit field in network order holds. */
export const sctpChecksum = (bytes: Uint8Array, at: number, end: number): number => {
  let crc = 0xffffffff
  for (let i = at; i < end; i++) {
    const byte = i >= at + 8 && i < at + 12 ? 0 : bytes[i]!
    crc = crcTable[(crc ^ byte) & 255]! ^ (crc >>> 8)
  }
  crc = ~crc >>> 0
  // The CRC goes out least significant byte first.
  return ((crc << 24) | ((crc & 0xff00) << 8) | ((crc >>> 8) & 0xff00) | (crc >>> 24)) >>> 0
}

/** Stores the checksum of the packet `at` to `end`. */
export const setSctpChecksum = (bytes: Uint8Array, at: number, end: number): void =>
  SctpHeader.put.checksum(bytes, at, sctpChecksum(bytes, at, end))

export const isSctpChecksumRight = (bytes: Uint8Array, at: number, end: number): boolean =>
  SctpHeader.at.checksum(bytes, at) === sctpChecksum(bytes, at, end)
