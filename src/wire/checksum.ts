/** RFC 1071: the sum of 16-bit words with the carries folded in, not inverted; an odd last byte counts as the high one. */
export const sum16 = (bytes: Uint8Array, start: number, end: number, from = 0): number => {
  let sum = from
  let at = start
  for (; at + 3 < end; at += 4) sum += ((bytes[at]! << 8) | bytes[at + 1]!) + ((bytes[at + 2]! << 8) | bytes[at + 3]!)
  for (; at + 1 < end; at += 2) sum += (bytes[at]! << 8) | bytes[at + 1]!
  if (at < end) sum += bytes[at]! << 8
  // Only 128 KB or more sum up to more than 32 bits.
  if (sum > 0xffffffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return sum
}

/** The internet checksum of bytes whose checksum field holds zero; 0 if the field holds a right one. */
export const checksum = (bytes: Uint8Array, start: number, end: number, from = 0): number =>
  ~sum16(bytes, start, end, from) & 0xffff

/**
 * The sum of the pseudo-header of RFC 768 (addresses of `addressSize` 4) or RFC 8200 §8.1 (16), to start a checksum with.
 * `addresses` is where the source address lies in `bytes`, the destination right behind it, as in both headers.
 */
export const pseudoSum = (
  bytes: Uint8Array,
  addresses: number,
  addressSize: 4 | 16,
  protocol: number,
  length: number,
): number => sum16(bytes, addresses, addresses + 2 * addressSize) + protocol + (length >>> 16) + (length & 0xffff)

/** RFC 1624 §3: a checksum after one 16-bit word under it changed. */
export const updateChecksum = (was: number, oldWord: number, newWord: number): number => {
  let sum = (~was & 0xffff) + (~oldWord & 0xffff) + newWord
  sum = (sum & 0xffff) + (sum >>> 16)
  return ~(sum + (sum >>> 16)) & 0xffff
}
