import type { Prerequisite } from './field.ts'
import { type FieldName, field, fieldNames, fullMask, readField, writeField } from './fields.ts'
import { type FlowKey, fragment, keyWords, word } from './layout.ts'
import {
  bytesOf,
  hasOption,
  hasOptions,
  markOption,
  optionNumber,
  placed,
  readOption,
  type TlvLayout,
  tlvFields,
  usedSpace,
  writeOption,
} from './tlv.ts'

/**
 * Keys that agree with `key` in the bits of `mask`. `key` has no bit that `mask` has not. `tlv` says where the tunnel
 * options lie, if there are any: the bridge's layout, or one of the match's own.
 */
export type Match = { key: FlowKey; mask: FlowKey; tlv?: TlvLayout | undefined }

/** Four matches share a buffer: a buffer for each row costs four times the time, and more of them would keep each other alive. */
const slabSize = 4 * 2 * keyWords * 4
let slab = new ArrayBuffer(0)
let slabAt = 0

/** A match that every key fits. */
export const newMatch = (tlv?: TlvLayout): Match => {
  if (slabAt === slab.byteLength) {
    slab = new ArrayBuffer(slabSize)
    slabAt = 0
  }
  const key = new Uint32Array(slab, slabAt, keyWords)
  const mask = new Uint32Array(slab, slabAt + 4 * keyWords, keyWords)
  slabAt += 8 * keyWords
  return { key, mask, tlv }
}

export const copyMatch = ({ key, mask, tlv }: Match): Match => {
  const copy = newMatch(tlv)
  copy.key.set(key)
  copy.mask.set(mask)
  return copy
}

/**
 * Matches the bits of `mask` (all by default) of a field, and replaces what the match said of the field. A VLAN ID or
 * priority in OpenFlow 1.0's manner, and a priority in any, says that there is a tag; `dl_vlan` 0xffff, that there is none.
 */
export const setField = (match: Match, name: FieldName, value: bigint, mask = fullMask(name)): void => {
  const option = optionNumber(name)
  if (option !== undefined) {
    setOption(match, option, value, mask)
    return
  }
  if (name === 'dl_vlan' && mask !== 0n) {
    setField(match, 'vlan_vid', value === 0xffffn ? 0n : (value & 0xfffn) | 0x1000n)
    if (value === 0xffffn) setField(match, 'vlan_tci', 0n)
    return
  }
  if ((name === 'dl_vlan_pcp' || name === 'vlan_pcp') && mask !== 0n)
    writeField(match.mask, 'vlan_vid', 0x1000n, 0x1000n)
  if ((name === 'dl_vlan_pcp' || name === 'vlan_pcp') && mask !== 0n)
    writeField(match.key, 'vlan_vid', 0x1000n, 0x1000n)
  writeField(match.mask, name, mask & masks(name, value))
  writeField(match.key, name, value & mask)
  const wide = wideMasks[name]
  if (wide !== undefined && mask === fullMask(name)) match.mask[field(name).at[0]] = wide
}

/**
 * What a match that looks at all of these fields has for a mask: more bits than they have, as in Open vSwitch, so that a
 * megaflow tells what a flow matched from what an action wrote.
 */
export const wideMasks: { readonly [N in FieldName]?: number } = { ipv6_label: 0xffffffff, nd_options_type: 0xffff }

/** Open vSwitch looks only at those bits of these fields that are to be set. */
const looksAtOnes: ReadonlySet<FieldName> = new Set<FieldName>([
  'tun_erspan_ver',
  'tun_erspan_dir',
  'tun_erspan_hwid',
  'tun_gtpu_flags',
  'tun_gtpu_msgtype',
])
const masks = (name: FieldName, value: bigint): bigint => (looksAtOnes.has(name) ? value : -1n)

/**
 * Matches a tunnel option: that it is there, and the bits of `mask` of its value. A match without a layout gives it a place
 * of its own, as long as the mask or else the value needs. False if there is no room, or the bridge's layout has no such option.
 */
export const setOption = (match: Match, option: number, value: bigint, mask: bigint): boolean => {
  const all = fullMask('tun_metadata0')
  if (match.tlv === undefined || match.tlv.own) {
    const tlv = placed(match.tlv, option, optionLength(value, mask), (mask & all) !== all)
    if (tlv === undefined) return false
    match.tlv = tlv
  }
  if (match.tlv.places[option] === undefined) return false
  markOption(match.key, option)
  markOption(match.mask, option)
  writeOption(match.mask, option, mask, -1n, match.tlv)
  writeOption(match.key, option, value & mask, -1n, match.tlv)
  return true
}

/** Bytes that a match's own option takes, and that the wire has: those of the mask, or of the value if the mask is full. */
export const optionLength = (value: bigint, mask: bigint): number => {
  const all = fullMask('tun_metadata0')
  return bytesOf((mask & all) === all ? value & all : mask & all)
}

/** Bytes that a match's own options have. */
export const optionSpace = ({ tlv }: Match): number => (tlv === undefined ? 0 : usedSpace(tlv))

/** The value and mask of a field; a mask of zero says that the match does not look. */
export const getField = (match: Match, name: FieldName): { value: bigint; mask: bigint } => ({
  value: readField(match.key, name, match.tlv),
  mask: readField(match.mask, name, match.tlv),
})

/** A match from values, or pairs of value and mask. */
export const matchOf = (wanted: { readonly [N in FieldName]?: bigint | readonly [bigint, bigint] }): Match => {
  const match = newMatch()
  for (const [name, value] of Object.entries(wanted) as [FieldName, bigint | readonly [bigint, bigint]][])
    if (typeof value === 'bigint') setField(match, name, value)
    else setField(match, name, value[0], value[1])
  return match
}

/** Whether a key fits. */
export const matches = ({ key, mask }: Match, packet: FlowKey): boolean => {
  for (let i = 0; i < keyWords; i++) if (((key[i]! ^ packet[i]!) & mask[i]!) !== 0) return false
  return true
}

export const equals = (a: Match, b: Match): boolean => {
  const moved = a.tlv !== b.tlv && hasOptions(a.mask)
  const words = moved ? word.tunMetadata : keyWords
  for (let i = 0; i < words; i++) if (a.key[i] !== b.key[i] || a.mask[i] !== b.mask[i]) return false
  return !moved || sameOptions(a, b)
}

/** Where the options are the same ones, but may lie elsewhere. */
const sameOptions = (a: Match, b: Match): boolean => {
  for (let i = 0; i < tlvFields; i++) {
    if (!hasOption(a.mask, i)) continue
    if (readOption(a.key, i, a.tlv) !== readOption(b.key, i, b.tlv)) return false
    if (readOption(a.mask, i, a.tlv) !== readOption(b.mask, i, b.tlv)) return false
  }
  return true
}

/** Whether every key that fits `narrow` fits `wide`: what a loose flow_mod selects. */
export const covers = (wide: Match, narrow: Match): boolean => {
  for (let i = 0; i < keyWords; i++) {
    const mask = wide.mask[i]!
    if ((mask & ~narrow.mask[i]!) !== 0 || ((wide.key[i]! ^ narrow.key[i]!) & mask) !== 0) return false
  }
  return true
}

/** Whether one key can fit both: what OFPFF_CHECK_OVERLAP refuses. */
export const overlaps = (a: Match, b: Match): boolean => {
  for (let i = 0; i < keyWords; i++) if (((a.key[i]! ^ b.key[i]!) & a.mask[i]! & b.mask[i]!) !== 0) return false
  return true
}

/** The fields that a match looks at, in the table's order; overlays (`xreg0` of `reg0`) are all listed. */
export const fieldsOf = (match: Match): FieldName[] => fieldNames.filter(name => getField(match, name).mask !== 0n)

/** The EtherType that a match asks for; of a packet type other than Ethernet, that one's. 0 if none. */
export const typeOf = (key: FlowKey): number => {
  const packetType = key[word.packetType]!
  return packetType === 0 ? key[word.ethType]! >>> 16 : packetType >>> 16 === 1 ? packetType & 0xffff : 0
}

const isIp = (type: number): boolean => type === 0x0800 || type === 0x86dd
const isTransport = (key: FlowKey, proto: number): boolean =>
  isIp(typeOf(key)) && (key[word.ip]! & 0xff) === proto && ((key[word.ip]! >>> 24) & fragment.later) === 0
const isIcmpv6 = (key: FlowKey): boolean => typeOf(key) === 0x86dd && (key[word.ip]! & 0xff) === 58
/** Type and code of neighbour discovery, as they lie in the word; the code must be 0. */
const solicit = 135 << 16
const advert = 136 << 16
const isNd = (key: FlowKey, ...kinds: number[]): boolean => isIcmpv6(key) && kinds.includes(key[word.transport]!)
/** States of a connection that is known; `inv` and `trk` alone do not say so, but `+trk-inv` does. */
const knownStates = 0xcf
const [invalid, tracked] = [0x10, 0x20]

const hasConnection = (key: FlowKey, mask: FlowKey): boolean => {
  const states = key[word.ctState]!
  return (
    (states & knownStates) !== 0 ||
    ((states & (tracked | invalid)) === tracked && (mask[word.ctState]! & invalid) !== 0)
  )
}

/** By the key for the most part: a field that is not looked at is zero there. */
const prerequisites = {
  ethernet: key => key[word.packetType] === 0,
  vlan: key => key[word.packetType] === 0 && (key[word.vlan]! & 0x1000) !== 0,
  arp: key => typeOf(key) === 0x0806 || typeOf(key) === 0x8035,
  ipv4: key => typeOf(key) === 0x0800,
  ipv6: key => typeOf(key) === 0x86dd,
  ip: key => isIp(typeOf(key)),
  mpls: key => typeOf(key) === 0x8847 || typeOf(key) === 0x8848,
  tcp: key => isTransport(key, 6),
  udp: key => isTransport(key, 17),
  sctp: key => isTransport(key, 132),
  icmp: key => typeOf(key) === 0x0800 && (key[word.ip]! & 0xff) === 1,
  icmpv6: isIcmpv6,
  nd: key => isNd(key, solicit, advert),
  'nd solicit': key => isNd(key, solicit),
  'nd advert': key => isNd(key, advert),
  nsh: key => typeOf(key) === 0x894f,
  ct: hasConnection,
} as const satisfies Record<Prerequisite, (key: FlowKey, mask: FlowKey) => boolean>

/** Whether what the field needs (ovs-fields(7), "Prerequisites") is in the match. */
export const allows = (match: Match, name: FieldName): boolean => {
  const { needs } = field(name)
  return needs === undefined || prerequisites[needs](match.key, match.mask)
}

/** Whether a match asks for addresses of a connection that are not of its EtherType's family: OFPBAC_MATCH_INCONSISTENT. */
export const hasForeignTuple = ({ key, mask }: Match): boolean => {
  const type = key[word.ethType]! >>> 16
  if (type !== 0x0800 && (mask[word.ctIpv4Src]! | mask[word.ctIpv4Dst]!) !== 0) return true
  if (type === 0x86dd) return false
  for (let i = word.ctIpv6Src; i < word.ctIpv6Src + 8; i++) if (mask[i] !== 0) return true
  return false
}
