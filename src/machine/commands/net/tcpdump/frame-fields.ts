/** What a capture filter reads of a frame. Reads past the end give 0, as if the frame went on with zeros. */
import { type Ip, type Ip6, parseIp, parseIp4 } from '../../../../wire/address.ts'
import { maskLength } from '../ip/prefix.ts'

export const u16 = (bytes: Uint8Array, at: number, end: number): number =>
  at + 2 > end ? 0 : (bytes[at]! << 8) | bytes[at + 1]!

export const u32 = (bytes: Uint8Array, at: number, end: number): number =>
  at + 4 > end ? 0 : ((u16(bytes, at, end) << 16) | u16(bytes, at + 2, end)) >>> 0

export const mac = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 8) | bytes[at + 1]!) * 2 ** 32 + u32(bytes, at + 2, bytes.length)

export const ip6 = (bytes: Uint8Array, at: number): Ip6 => {
  let value = 0n
  for (let i = 0; i < 16; i += 4) value = (value << 32n) | BigInt(u32(bytes, at + i, bytes.length))
  return value
}

/** The IP protocol, or the first next header of IPv6; -1 for what is neither. `type` is where the ethertype is. */
export const protocolOf = (bytes: Uint8Array, start: number, end: number, type: number): number => {
  const etherType = u16(bytes, start + type, end)
  const l3 = start + type + 2
  if (etherType === 0x0800 && l3 + 20 <= end) return bytes[l3 + 9]!
  return etherType === 0x86dd && l3 + 40 <= end ? bytes[l3 + 6]! : -1
}

/** Where TCP, UDP or SCTP begins, of the protocol if one is given; undefined without ports, as in a later fragment. */
export const transport = (
  bytes: Uint8Array,
  start: number,
  end: number,
  type: number,
  wanted: number | undefined,
): number | undefined => {
  const protocol = protocolOf(bytes, start, end, type)
  if (wanted === undefined ? protocol !== 6 && protocol !== 17 && protocol !== 132 : protocol !== wanted)
    return undefined
  const l3 = start + type + 2
  if (u16(bytes, start + type, end) === 0x86dd) return l3 + 40
  return (u16(bytes, l3 + 6, end) & 0x1fff) === 0 ? l3 + (bytes[l3]! & 15) * 4 : undefined
}

/** An address in digits. */
export const numericHost = (text: string): Ip | undefined => parseIp(text)

/** A word without a qualifier must be an address. */
export const looksLikeAddress = (text: string): boolean => parseIp(text) !== undefined

/** The length of the mask behind `net A mask M`. */
export const maskBits = (text: string): number | undefined =>
  parseIp4(text) === undefined ? undefined : maskLength(text)
