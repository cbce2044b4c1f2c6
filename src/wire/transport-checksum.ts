/**
 * The checksums that TCP, UDP and ICMPv6 compute over their own bytes and a pseudo-header of IP addresses
 * (RFC 768, RFC 9293 §3.1, RFC 8200 §8.1). They start from the IP header's place in the same bytes, or from addresses.
 */
import { type Ip, isIp6 } from './address.ts'
import { checksum, pseudoSum, sum16 } from './checksum.ts'

/** The two IP addresses of a packet, both of one family. */
export type Ends = { src: Ip; dst: Ip }

/** The pseudo-header's sum, with the addresses of the IPv4 or IPv6 header at `ip`. `size` is the transport's, in bytes. */
export const transportSum = (bytes: Uint8Array, ip: number, protocol: number, size: number): number =>
  bytes[ip]! >> 4 === 6 ? pseudoSum(bytes, ip + 8, 16, protocol, size) : pseudoSum(bytes, ip + 12, 4, protocol, size)

const addressSum = (ip: Ip): number => {
  if (!isIp6(ip)) return (ip >>> 16) + (ip & 0xffff)
  let sum = 0
  for (let rest = ip; rest > 0n; rest >>= 16n) sum += Number(rest & 0xffffn)
  return sum
}

/** The pseudo-header's sum for addresses that are not in the bytes yet. */
export const endsSum = ({ src, dst }: Ends, protocol: number, size: number): number =>
  addressSum(src) + addressSum(dst) + protocol + (size >>> 16) + (size & 0xffff)

/** Computes the checksum of `at` to `end`, starting from a pseudo-header's `sum`, and stores it at `field`. */
export const storeChecksum = (bytes: Uint8Array, field: number, at: number, end: number, sum: number): void => {
  bytes[field] = 0
  bytes[field + 1] = 0
  const value = checksum(bytes, at, end, sum)
  bytes[field] = value >>> 8
  bytes[field + 1] = value
}

/** Whether bytes with their checksum in place, and the pseudo-header, sum up as they must. */
export const sumsUp = (bytes: Uint8Array, at: number, end: number, sum: number): boolean =>
  sum16(bytes, at, end, sum) === 0xffff
