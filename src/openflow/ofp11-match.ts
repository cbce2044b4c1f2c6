/** The fixed match of OpenFlow 1.1, 88 bytes (struct ofp_match, OpenFlow 1.1.0 §A.2.3). Masks have a bit where not to look. */
import { word } from '../flow/layout.ts'
import type { Match } from '../flow/match.ts'
import type { Reader, Writer } from './bytes.ts'
import { type Decoded, decoded, refused } from './error.ts'
import { type MatchPool, matchFrom } from './match-pool.ts'
import { settlePacketType } from './ofp10-match.ts'
import { fromPort11, toPort11 } from './port-number.ts'
import type { Warn } from './port-text.ts'

/** Bytes of the row, with its type and length. */
export const ofp11MatchSize = 88

/** OFPFW_* of 1.1. */
const wild = {
  inPort: 1 << 0,
  vlan: 1 << 1,
  pcp: 1 << 2,
  ethType: 1 << 3,
  tos: 1 << 4,
  proto: 1 << 5,
  tpSrc: 1 << 6,
  tpDst: 1 << 7,
  mplsLabel: 1 << 8,
  mplsTc: 1 << 9,
} as const
/** OFPVID_NONE: no tag; OFPVID_ANY: a tag with any ID. */
const noVlan = 0xffff
const anyVlan = 0xfffe

const set = ({ key, mask }: Match, index: number, value: number, bits: number): void => {
  key[index] = (key[index]! & ~bits) | (value & bits)
  mask[index] = mask[index]! | bits
}

/** Reads what follows type and length. */
export const decodeOfp11Match = (bytes: Reader, warn?: Warn, pool?: MatchPool): Decoded<Match> => {
  const match = matchFrom(pool)
  const port = bytes.u32()
  const wildcards = bytes.u32()
  const looks = (bit: number): boolean => (wildcards & bit) === 0
  if (looks(wild.inPort)) {
    const number = fromPort11(port, warn)
    if (number === undefined) return refused('OFPBMC_BAD_VALUE')
    set(match, word.inPort, number, 0xffffffff)
  }
  const [srcHigh, srcLow, srcHighWild, srcLowWild] = [bytes.u16(), bytes.u32(), bytes.u16(), bytes.u32()]
  set(match, word.ethernet1, srcHigh, ~srcHighWild & 0xffff)
  set(match, word.ethernet2, srcLow, ~srcLowWild)
  const [dstHigh, dstLow, dstHighWild, dstLowWild] = [bytes.u32(), bytes.u16(), bytes.u32(), bytes.u16()]
  set(match, word.ethernet, dstHigh, ~dstHighWild)
  set(match, word.ethernet1, dstLow << 16, ~(dstLowWild << 16) & 0xffff0000)
  const [vid, pcp] = [bytes.u16(), bytes.u8()]
  bytes.skip(1)
  if (looks(wild.vlan) && !setVlan(match, vid, looks(wild.pcp) ? pcp : undefined)) return refused('OFPBMC_BAD_VALUE')
  const type = bytes.u16()
  if (looks(wild.ethType)) set(match, word.ethType, type << 16, 0xffff0000)
  const dlType = looks(wild.ethType) ? type : 0
  const isIp = dlType === 0x0800
  const [tos, proto] = [bytes.u8(), bytes.u8()]
  if (isIp && looks(wild.tos)) {
    if ((tos & 3) !== 0) return refused('OFPBMC_BAD_VALUE')
    set(match, word.ip, tos << 16, 0xfc0000)
  }
  const [src, srcWild, dst, dstWild] = [bytes.u32(), bytes.u32(), bytes.u32(), bytes.u32()]
  if (isIp || dlType === 0x0806 || dlType === 0x8035) {
    if (looks(wild.proto)) set(match, word.ip, proto, 0xff)
    set(match, word.ipv4Src, src, ~srcWild)
    set(match, word.ipv4Dst, dst, ~dstWild)
  }
  const [tpSrc, tpDst] = [bytes.u16(), bytes.u16()]
  if (isIp) {
    const wrong = setPorts(match, looks(wild.tpSrc) ? tpSrc : undefined, looks(wild.tpDst) ? tpDst : undefined)
    if (wrong) return refused('OFPBMC_BAD_FIELD')
  }
  const [label, tc] = [bytes.u32(), bytes.u8()]
  bytes.skip(3)
  if (dlType === 0x8847 || dlType === 0x8848) {
    if (looks(wild.mplsLabel)) set(match, word.mpls, label << 12, 0xfffff000)
    if (looks(wild.mplsTc)) set(match, word.mpls, tc << 9, 0xe00)
  }
  const [high, low, highWild, lowWild] = [bytes.u32(), bytes.u32(), bytes.u32(), bytes.u32()]
  set(match, word.metadataHigh, high, ~highWild)
  set(match, word.metadataLow, low, ~lowWild)
  settlePacketType(match)
  return decoded(match)
}

/** False for an ID or priority that there cannot be. */
const setVlan = (match: Match, vid: number, pcp: number | undefined): boolean => {
  if (vid === noVlan) {
    set(match, word.vlan, 0, 0xffff)
    return true
  }
  if (vid === anyVlan) set(match, word.vlan, 0x1000, 0x1000)
  else if (vid < 4096) set(match, word.vlan, 0x1000 | vid, 0x1fff)
  else return false
  if (pcp === undefined) return true
  if (pcp > 7) return false
  set(match, word.vlan, pcp << 13, 0xe000)
  return true
}

/** True if an ICMP type or code is more than a byte. Of other protocols than TCP, UDP, SCTP and ICMP nothing is looked at. */
const setPorts = (match: Match, src: number | undefined, dst: number | undefined): boolean => {
  const proto = match.key[word.ip]! & 0xff
  if (proto !== 6 && proto !== 17 && proto !== 132 && proto !== 1) return false
  if (proto === 1 && ((src ?? 0) > 255 || (dst ?? 0) > 255)) return true
  if (src !== undefined) set(match, word.transport, src << 16, 0xffff0000)
  if (dst !== undefined) set(match, word.transport, dst, 0xffff)
  return false
}

export const encodeOfp11Match = (out: Writer, { key, mask }: Match): void => {
  const vlan = vlanOf(key[word.vlan]!, mask[word.vlan]!)
  let wildcards = vlan.wildcards
  /** The value if the match looks at it. */
  const ifLooked = (looks: number, bit: number, value: number): number => {
    if (looks !== 0) return value
    wildcards |= bit
    return 0
  }
  const ip = mask[word.ip]!
  const inPort = ifLooked(mask[word.inPort]!, wild.inPort, toPort11(key[word.inPort]!))
  const type = ifLooked(mask[word.ethType]! >>> 16, wild.ethType, key[word.ethType]! >>> 16)
  const tos = ifLooked(ip & 0xfc0000, wild.tos, (key[word.ip]! >>> 16) & 0xfc)
  const proto = ifLooked(ip & 0xff, wild.proto, key[word.ip]! & 0xff)
  const tpSrc = ifLooked(mask[word.transport]! >>> 16, wild.tpSrc, key[word.transport]! >>> 16)
  const tpDst = ifLooked(mask[word.transport]! & 0xffff, wild.tpDst, key[word.transport]! & 0xffff)
  const label = ifLooked(mask[word.mpls]! >>> 12, wild.mplsLabel, key[word.mpls]! >>> 12)
  const tc = ifLooked(mask[word.mpls]! & 0xe00, wild.mplsTc, (key[word.mpls]! >>> 9) & 7)
  out.u16(0)
  out.u16(ofp11MatchSize)
  out.u32(inPort)
  out.u32(wildcards)
  out.u16(key[word.ethernet1]! & 0xffff)
  out.u32(key[word.ethernet2]!)
  out.u16(~mask[word.ethernet1]! & 0xffff)
  out.u32(~mask[word.ethernet2]!)
  out.u32(key[word.ethernet]!)
  out.u16(key[word.ethernet1]! >>> 16)
  out.u32(~mask[word.ethernet]!)
  out.u16(~mask[word.ethernet1]! >>> 16)
  out.u16(vlan.vid)
  out.u8(vlan.pcp)
  out.u8(0)
  out.u16(type)
  out.u8(tos)
  out.u8(proto)
  out.u32(key[word.ipv4Src]!)
  out.u32(~mask[word.ipv4Src]!)
  out.u32(key[word.ipv4Dst]!)
  out.u32(~mask[word.ipv4Dst]!)
  out.u16(tpSrc)
  out.u16(tpDst)
  out.u32(label)
  out.u8(tc)
  out.zeros(3)
  out.u32(key[word.metadataHigh]!)
  out.u32(key[word.metadataLow]!)
  out.u32(~mask[word.metadataHigh]!)
  out.u32(~mask[word.metadataLow]!)
}

const vlanOf = (tci: number, mask: number): { vid: number; pcp: number; wildcards: number } => {
  if ((mask & 0xffff) === 0) return { vid: 0, pcp: 0, wildcards: wild.vlan | wild.pcp }
  if ((mask & 0x1000) !== 0 && (tci & 0x1000) === 0) return { vid: noVlan, pcp: 0, wildcards: wild.pcp }
  const hasPcp = (mask & 0xe000) !== 0
  return {
    vid: (mask & 0xfff) === 0 ? anyVlan : tci & 0xfff,
    pcp: hasPcp ? (tci >>> 13) & 7 : 0,
    wildcards: hasPcp ? 0 : wild.pcp,
  }
}
