/**
 * The tunnel row: what the outer headers say, as words. On the way out it is what they shall say, and 0 means that the
 * underlay chooses (source address, source port, TTL); on the way in it is what they said.
 */
import { type FlowKey, type TunnelRow, tunnelWords, word } from '../flow/layout.ts'
import { type Ip, isIp6 } from '../wire/address.ts'

/** Places of a tunnel row's words; the names are those of `word`. */
export const at = {
  idHigh: 0,
  id: word.tunIdLow - word.tunIdHigh,
  src: word.tunSrc - word.tunIdHigh,
  dst: word.tunDst - word.tunIdHigh,
  src6: word.tunIpv6Src - word.tunIdHigh,
  dst6: word.tunIpv6Dst - word.tunIdHigh,
  flags: word.tunFlags - word.tunIdHigh,
  transport: word.tunTransport - word.tunIdHigh,
  gbp: word.tunGbp - word.tunIdHigh,
} as const

export const newRow = (): TunnelRow => new Uint32Array(tunnelWords)

/** Copies what a VXLAN tunnel has in its row; the words of IPv6 addresses only where either row has any. */
export const copyRow = (from: TunnelRow, to: TunnelRow): void => {
  to[at.idHigh] = from[at.idHigh]!
  to[at.id] = from[at.id]!
  to[at.src] = from[at.src]!
  to[at.dst] = from[at.dst]!
  to[at.flags] = from[at.flags]!
  to[at.transport] = from[at.transport]!
  to[at.gbp] = from[at.gbp]!
  if ((from[at.src] !== 0 || from[at.dst] !== 0) && to[at.src6] === 0 && to[at.dst6] === 0) return
  for (let i = 0; i < 4; i++) {
    to[at.src6 + i] = from[at.src6 + i]!
    to[at.dst6 + i] = from[at.dst6 + i]!
  }
}

/** What a row says, for those who are not in a hurry. */
export type Outer = {
  vni: number
  src: Ip
  dst: Ip
  tos: number
  ttl: number
  /** Bits of `tunnelFlag`. */
  flags: number
  srcPort: number
  dstPort: number
  gbp: { id: number; flags: number }
}

/** Reads a row that has no more than 32 bits of tunnel ID. An address that is all zero is IPv4's. */
export const readRow = (row: TunnelRow): Outer => ({
  vni: row[at.id]!,
  src: address(row, at.src, at.src6),
  dst: address(row, at.dst, at.dst6),
  tos: (row[at.flags]! >>> 8) & 255,
  ttl: row[at.flags]! & 255,
  flags: row[at.flags]! >>> 16,
  srcPort: row[at.transport]! >>> 16,
  dstPort: row[at.transport]! & 0xffff,
  gbp: { id: row[at.gbp]! & 0xffff, flags: (row[at.gbp]! >>> 16) & 255 },
})

/** A row that says this; what is not given is 0. */
export const writeRow = (outer: Partial<Outer>, row: TunnelRow = newRow()): TunnelRow => {
  row.fill(0)
  row[at.id] = outer.vni ?? 0
  setAddress(row, at.src, at.src6, outer.src ?? 0)
  setAddress(row, at.dst, at.dst6, outer.dst ?? 0)
  row[at.flags] = (((outer.flags ?? 0) << 16) | ((outer.tos ?? 0) << 8) | (outer.ttl ?? 0)) >>> 0
  row[at.transport] = (((outer.srcPort ?? 0) << 16) | (outer.dstPort ?? 0)) >>> 0
  row[at.gbp] = ((outer.gbp?.flags ?? 0) << 16) | (outer.gbp?.id ?? 0)
  return row
}

/** Whether the outer packet is IPv6. */
export const isOuter6 = (row: TunnelRow): boolean =>
  row[at.dst] === 0 && (row[at.dst6]! | row[at.dst6 + 1]! | row[at.dst6 + 2]! | row[at.dst6 + 3]!) !== 0

/** The four words at a place as an IPv6 address. */
export const ip6At = (row: Uint32Array, place: number): bigint => {
  let ip = 0n
  for (let i = 0; i < 4; i++) ip = (ip << 32n) | BigInt(row[place + i]!)
  return ip
}

/** Writes an address into the row's (or, with `word`'s places, a flow key's) IPv4 word or its IPv6 words; clears the other. */
export const setAddress = (row: FlowKey | TunnelRow, place4: number, place6: number, ip: Ip): void => {
  row[place4] = isIp6(ip) ? 0 : ip
  for (let i = 0; i < 4; i++) row[place6 + i] = isIp6(ip) ? Number((ip >> BigInt(96 - 32 * i)) & 0xffffffffn) : 0
}

const address = (row: TunnelRow, place4: number, place6: number): Ip => {
  const ip6 = ip6At(row, place6)
  return ip6 === 0n ? row[place4]! : ip6
}

/** The same two places in a flow key. */
export const keyAddress = (key: FlowKey, place4: number, place6: number): Ip => address(key, place4, place6)
