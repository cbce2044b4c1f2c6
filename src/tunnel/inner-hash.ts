import { hashAdd, hashFinish } from '../flow/hash.ts'
import type { Frame } from '../wire/frame.ts'

/**
 * A hash of what makes a flow inside a tunnel: IP addresses, protocol and ports, or, of what is not IP, the stations. So
 * an underlay with several paths spreads flows and keeps each on one (RFC 7348 §5). All fragments of a packet count
 * as one flow. From 0 to 2^32 - 1.
 */
export const hashInner = ({ bytes, start, end }: Frame): number => {
  if (start + 14 > end) return 0
  let at = start + 12
  // 0x8100 and 0x88a8: at most two tags are looked behind.
  for (let i = 0; i < 2 && at + 6 <= end && isTag(bytes[at]!, bytes[at + 1]!); i++) at += 4
  const type = (bytes[at]! << 8) | bytes[at + 1]!
  at += 2
  if (type === 0x0800 && at + 20 <= end) {
    const hash = hashAdd(four(bytes, at + 12), four(bytes, at + 16))
    const whole = ((bytes[at + 6]! & 0x3f) | bytes[at + 7]!) === 0
    return ports(hash, bytes, at + (bytes[at]! & 15) * 4, end, bytes[at + 9]!, whole)
  }
  let hash = hashAdd(four(bytes, start), four(bytes, start + 4))
  if (type !== 0x86dd || at + 40 > end) return hashFinish(hashAdd(hash, four(bytes, start + 8)), 3) >>> 0
  hash = 0
  for (let i = 8; i < 40; i += 4) hash = hashAdd(hash, four(bytes, at + i))
  return ports(hash, bytes, at + 40, end, bytes[at + 6]!, true)
}

const four = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!

const isTag = (high: number, low: number): boolean => (high === 0x81 && low === 0) || (high === 0x88 && low === 0xa8)

/** Ends a hash with the protocol, and the ports of TCP, UDP and SCTP. */
const ports = (hash: number, bytes: Uint8Array, at: number, end: number, protocol: number, whole: boolean): number => {
  const hasPorts = protocol === 6 || protocol === 17 || protocol === 132
  const words = whole && hasPorts && at + 4 <= end ? hashAdd(hash, four(bytes, at)) : hash
  return hashFinish(words, protocol) >>> 0
}
