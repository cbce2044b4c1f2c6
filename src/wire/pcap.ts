/**
 * The classic capture file (pcap-savefile(5), draft-ietf-opsawg-pcap): a file header of 24 bytes, then records of 16 bytes
 * and a packet each. The magic number tells the byte order and whether fractions are micro- or nanoseconds.
 */
import type { CapturedPacket, CaptureInterface, CaptureReader } from './captured.ts'
import { LinkType } from './captured.ts'

const microseconds = 0xa1b2c3d4
const nanoseconds = 0xa1b23c4d
const fileHeaderSize = 24
const recordHeaderSize = 16

/** Reads a 32-bit number in the byte order of a file. */
export type Read32 = (bytes: Uint8Array, at: number) => number
export const big32: Read32 = (b, i) => ((b[i]! << 24) | (b[i + 1]! << 16) | (b[i + 2]! << 8) | b[i + 3]!) >>> 0
export const little32: Read32 = (b, i) => ((b[i + 3]! << 24) | (b[i + 2]! << 16) | (b[i + 1]! << 8) | b[i]!) >>> 0

const format = (bytes: Uint8Array): { read: Read32; tick: bigint } | undefined => {
  if (bytes.length < 4) return undefined
  for (const read of [big32, little32]) {
    if (read(bytes, 0) === microseconds) return { read, tick: 1000n }
    if (read(bytes, 0) === nanoseconds) return { read, tick: 1n }
  }
  return undefined
}

export const isPcap = (bytes: Uint8Array): boolean => format(bytes) !== undefined

/** Reads a pcap file. Stops with `version` if it is none, `short` at a torn tail, `length` at a record that contradicts itself. */
export function* readPcap(bytes: Uint8Array): CaptureReader {
  const found = format(bytes)
  if (found === undefined) return bytes.length < 4 ? 'short' : 'version'
  if (bytes.length < fileHeaderSize) return 'short'
  const { read, tick } = found
  const port: CaptureInterface = {
    // The upper bits tell of frame check sequences, not of the link.
    linkType: read(bytes, 20) & 0x03ffffff,
    snapLength: read(bytes, 16),
  }
  let at = fileHeaderSize
  while (at < bytes.length) {
    if (at + recordHeaderSize > bytes.length) return 'short'
    const kept = read(bytes, at + 8)
    const size = read(bytes, at + 12)
    const start = at + recordHeaderSize
    if (kept > bytes.length - start) return 'short'
    if (kept > size) return 'length'
    const time = BigInt(read(bytes, at)) * 1_000_000_000n + BigInt(read(bytes, at + 4)) * tick
    yield { time, interface: port, bytes: bytes.subarray(start, start + kept), size } satisfies CapturedPacket
    at = start + kept
  }
  return undefined
}

/** A pcap file of these packets, with nanoseconds, big-endian. `time` is nanoseconds since 1970. */
export const writePcap = (
  packets: readonly { time: bigint; bytes: Uint8Array; size?: number }[],
  linkType: number = LinkType.ethernet,
): Uint8Array => {
  let total = fileHeaderSize
  for (const packet of packets) total += recordHeaderSize + packet.bytes.length
  const file = new Uint8Array(total)
  let at = 0
  const put = (value: number): void => {
    file[at] = value >>> 24
    file[at + 1] = value >>> 16
    file[at + 2] = value >>> 8
    file[at + 3] = value
    at += 4
  }
  // Version 2.4, no time zone, no accuracy, the snap length that tcpdump takes for "all".
  for (const word of [nanoseconds, 0x00020004, 0, 0, 262144, linkType]) put(word)
  for (const { time, bytes, size = bytes.length } of packets) {
    put(Number((time / 1_000_000_000n) & 0xffffffffn))
    put(Number(time % 1_000_000_000n))
    put(bytes.length)
    put(size)
    file.set(bytes, at)
    at += bytes.length
  }
  return file
}
