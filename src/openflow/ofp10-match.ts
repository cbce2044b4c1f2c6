/** The fixed match of OpenFlow 1.0, 40 bytes (struct ofp_match, OpenFlow 1.0.0 §5.2.3), and what it cannot say left out. */
import { type FlowKey, word } from '../flow/layout.ts'
import type { Match } from '../flow/match.ts'
import type { Reader, Writer } from './bytes.ts'
import { type MatchPool, matchFrom } from './match-pool.ts'

/** Bytes of the row. */
export const ofp10MatchSize = 40

/** OFPFW_*: a bit that is set says not to look. Addresses have the count of their low bits that are not looked at. */
export const wild = {
  inPort: 1 << 0,
  vlan: 1 << 1,
  ethSrc: 1 << 2,
  ethDst: 1 << 3,
  ethType: 1 << 4,
  proto: 1 << 5,
  tpSrc: 1 << 6,
  tpDst: 1 << 7,
  pcp: 1 << 20,
  tos: 1 << 21,
} as const
const srcShift = 8
const dstShift = 14
/** OFP_VLAN_NONE: no tag. */
const noVlan = 0xffff

const netmask = (wildcards: number, shift: number): number => {
  const low = (wildcards >>> shift) & 63
  return low >= 32 ? 0 : (-1 << low) >>> 0
}

/** Bits of the mask that are not looked at; of one that is not a prefix, those behind its last one. */
const wildBits = (mask: number): number => (mask === 0 ? 32 : 31 - Math.clz32(mask & -mask))

/** Reads the row, which must be there whole. */
export const decodeOfp10Match = (reader: Reader, pool?: MatchPool): Match => {
  const match = matchFrom(pool)
  const { bytes, at } = reader
  reader.skip(ofp10MatchSize)
  const looks = ~u32(bytes, at)
  if (looks & wild.inPort) set(match, word.inPort, u16(bytes, at + 4), 0xffffffff)
  if (looks & wild.ethSrc) {
    set(match, word.ethernet1, u16(bytes, at + 6), 0xffff)
    set(match, word.ethernet2, u32(bytes, at + 8), 0xffffffff)
  }
  if (looks & wild.ethDst) {
    set(match, word.ethernet, u32(bytes, at + 12), 0xffffffff)
    set(match, word.ethernet1, u16(bytes, at + 16) << 16, 0xffff0000)
  }
  const vid = u16(bytes, at + 18)
  if (looks & wild.vlan && vid === noVlan) set(match, word.vlan, 0, 0xffff)
  else if (looks & (wild.vlan | wild.pcp)) {
    const looksAt = (looks & wild.pcp ? 0xf000 : 0) | (looks & wild.vlan ? 0x1fff : 0)
    set(match, word.vlan, (vid & 0xfff) | ((bytes[at + 20]! & 7) << 13) | 0x1000, looksAt)
  }
  if (looks & wild.ethType) set(match, word.ethType, u16(bytes, at + 22) << 16, 0xffff0000)
  if (looks & wild.tos) set(match, word.ip, bytes[at + 24]! << 16, 0xfc0000)
  if (looks & wild.proto) set(match, word.ip, bytes[at + 25]!, 0xff)
  set(match, word.ipv4Src, u32(bytes, at + 28), netmask(~looks, srcShift))
  set(match, word.ipv4Dst, u32(bytes, at + 32), netmask(~looks, dstShift))
  if (looks & wild.tpSrc) set(match, word.transport, u16(bytes, at + 36) << 16, 0xffff0000)
  if (looks & wild.tpDst) set(match, word.transport, u16(bytes, at + 38), 0xffff)
  settlePacketType(match)
  return match
}

/** Protocols of IP whose ports, or type and code, a match can look at. */
const transports4: ReadonlySet<number> = new Set([1, 6, 17, 132])
const transports6: ReadonlySet<number> = new Set([6, 17, 58, 132])

/**
 * The match of a packet that looks at all that 1.0 can, but for what OFPFW_* bits say not to look at, and for what its lower
 * layers do not say is there.
 */
export const matchOfPacket = (key: FlowKey, wildcards: number, pool?: MatchPool): Match => {
  const match = matchFrom(pool)
  const looks = ~wildcards
  const copy = (index: number, bits: number): void => set(match, index, key[index]!, bits)
  if (looks & wild.inPort) copy(word.inPort, 0xffffffff)
  if (looks & wild.ethSrc) {
    copy(word.ethernet1, 0xffff)
    copy(word.ethernet2, 0xffffffff)
  }
  if (looks & wild.ethDst) {
    copy(word.ethernet, 0xffffffff)
    copy(word.ethernet1, 0xffff0000)
  }
  if (looks & wild.vlan) copy(word.vlan, 0x1fff)
  if (looks & wild.pcp) copy(word.vlan, 0xf000)
  if (looks & wild.ethType) copy(word.ethType, 0xffff0000)
  const type = looks & wild.ethType ? key[word.ethType]! >>> 16 : 0
  const isIp = type === 0x0800 || type === 0x86dd
  const isArp = type === 0x0806 || type === 0x8035
  if (looks & wild.tos && isIp) copy(word.ip, 0xfc0000)
  if (looks & wild.proto && (isIp || isArp)) copy(word.ip, 0xff)
  if (type === 0x0800 || isArp) {
    copy(word.ipv4Src, netmask(wildcards, srcShift))
    copy(word.ipv4Dst, netmask(wildcards, dstShift))
  }
  const transports = type === 0x86dd ? transports6 : transports4
  if (isIp && looks & wild.proto && transports.has(key[word.ip]! & 0xff)) {
    if (looks & wild.tpSrc) copy(word.transport, 0xffff0000)
    if (looks & wild.tpDst) copy(word.transport, 0xffff)
  }
  settlePacketType(match)
  return match
}

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!
const u32 = (bytes: Uint8Array, at: number): number => ((u16(bytes, at) << 16) | u16(bytes, at + 2)) >>> 0

/** Who looks at anything in a frame looks whether it is an Ethernet frame. */
export const settlePacketType = ({ mask }: Match): void => {
  for (let i = 0; i < mask.length; i++)
    if (mask[i] !== 0 && !beside.has(i)) {
      mask[word.packetType] = 0xffffffff
      return
    }
}
const beside: ReadonlySet<number> = new Set([word.inPort, word.metadataHigh, word.metadataLow])

const set = ({ key, mask }: Match, index: number, value: number, bits: number): void => {
  key[index] = (key[index]! & ~bits) | (value & bits)
  mask[index] = mask[index]! | bits
}

export const encodeOfp10Match = (out: Writer, { key, mask }: Match): void => {
  const vlan = vlanOf(key[word.vlan]!, mask[word.vlan]!)
  let wildcards = vlan.wildcards
  const unless = (looks: number, bit: number): void => {
    if (looks === 0) wildcards |= bit
  }
  unless(mask[word.inPort]!, wild.inPort)
  unless((mask[word.ethernet1]! & 0xffff) | mask[word.ethernet2]!, wild.ethSrc)
  unless(mask[word.ethernet]! | (mask[word.ethernet1]! >>> 16), wild.ethDst)
  unless(mask[word.ethType]! & 0xffff0000, wild.ethType)
  unless(mask[word.ip]! & 0xfc0000, wild.tos)
  unless(mask[word.ip]! & 0xff, wild.proto)
  unless(mask[word.transport]! >>> 16, wild.tpSrc)
  unless(mask[word.transport]! & 0xffff, wild.tpDst)
  wildcards |= (wildBits(mask[word.ipv4Src]!) << srcShift) | (wildBits(mask[word.ipv4Dst]!) << dstShift)
  out.u32(wildcards)
  out.u16(key[word.inPort]!)
  out.u16(key[word.ethernet1]! & 0xffff)
  out.u32(key[word.ethernet2]!)
  out.u32(key[word.ethernet]!)
  out.u16(key[word.ethernet1]! >>> 16)
  out.u16(vlan.vid)
  out.u8(vlan.pcp)
  out.u8(0)
  out.u16(key[word.ethType]! >>> 16)
  out.u8((key[word.ip]! >>> 16) & 0xfc)
  out.u8(key[word.ip]! & 0xff)
  out.u16(0)
  out.u32(key[word.ipv4Src]!)
  out.u32(key[word.ipv4Dst]!)
  out.u32(key[word.transport]!)
}

/** A tag in two fields; "no tag" is a number of its own. */
const vlanOf = (tci: number, mask: number): { vid: number; pcp: number; wildcards: number } => {
  if ((mask & 0xffff) === 0) return { vid: 0, pcp: 0, wildcards: wild.vlan | wild.pcp }
  if ((mask & 0x1000) !== 0 && (tci & 0x1000) === 0) return { vid: noVlan, pcp: 0, wildcards: 0 }
  const hasVid = (mask & 0xfff) !== 0
  const hasPcp = (mask & 0xe000) !== 0
  return {
    vid: hasVid ? tci & 0xfff : 0,
    pcp: hasPcp ? (tci >>> 13) & 7 : 0,
    wildcards: (hasVid ? 0 : wild.vlan) | (hasPcp ? 0 : wild.pcp),
  }
}
