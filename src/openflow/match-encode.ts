/**
 * The flexible match, written. The order of the fields, and which of a field's headers a version gets, are Open vSwitch's: it
 * is no part of the protocol, but controllers' tests compare bytes.
 */
import type { FieldName } from '../flow/fields.ts'
import { type FlowKey, word } from '../flow/layout.ts'
import { type Match, typeOf } from '../flow/match.ts'
import { hasOption, hasOptions, optionMask, plainLayout, readOption, tlvFields } from '../flow/tlv.ts'
import type { Writer } from './bytes.ts'
import { cookieHeader, cookieMaskHeader, isMac, type OxmField, type OxmVersion, oxmField } from './oxm-fields.ts'
import { toPort11 } from './port-number.ts'

/** The cookie that a match on flows says beside the fields; a mask of 0 is none. */
export type MatchCookie = { cookie: bigint; cookieMask: bigint }

const fieldsOf = (...names: FieldName[]): readonly OxmField[] => names.map(oxmField)
const numbered = (family: string, count: number): FieldName[] =>
  Array.from({ length: count }, (_, i) => `${family}${i}` as FieldName)

const lists = {
  origin: fieldsOf('dp_hash', 'recirc_id', 'conj_id'),
  ethernet: fieldsOf('eth_src', 'eth_dst', 'eth_type'),
  mpls: fieldsOf('mpls_tc', 'mpls_bos', 'mpls_ttl', 'mpls_label'),
  arp: fieldsOf('arp_op', 'arp_spa', 'arp_tpa', 'arp_sha', 'arp_tha'),
  ipv4: fieldsOf('ip_src', 'ip_dst', 'ip_frag'),
  ipv6: fieldsOf('ipv6_src', 'ipv6_dst', 'ip_frag'),
  traffic: fieldsOf('nw_ecn', 'nw_ttl', 'ipv6_label', 'nw_proto'),
  tcp: fieldsOf('tcp_src', 'tcp_dst', 'tcp_flags'),
  udp: fieldsOf('udp_src', 'udp_dst'),
  sctp: fieldsOf('sctp_src', 'sctp_dst'),
  icmp: fieldsOf('icmp_type', 'icmp_code'),
  icmpv6: fieldsOf('icmpv6_type', 'icmpv6_code'),
  nd: fieldsOf('nd_reserved', 'nd_target', 'nd_options_type'),
  tunnel: fieldsOf(
    'tun_id',
    'tun_flags',
    'tun_src',
    'tun_dst',
    'tun_ipv6_src',
    'tun_ipv6_dst',
    'tun_gbp_id',
    'tun_gbp_flags',
  ),
  erspan: fieldsOf(
    'tun_erspan_idx',
    'tun_erspan_ver',
    'tun_erspan_dir',
    'tun_erspan_hwid',
    'tun_gtpu_flags',
    'tun_gtpu_msgtype',
  ),
  nsh: fieldsOf(
    'nsh_flags',
    'nsh_ttl',
    'nsh_mdtype',
    'nsh_np',
    'nsh_spi',
    'nsh_si',
    'nsh_c1',
    'nsh_c2',
    'nsh_c3',
    'nsh_c4',
  ),
  regs: fieldsOf(...numbered('reg', 16)),
  xregs: fieldsOf(...numbered('xreg', 8)),
  ct: fieldsOf(
    'pkt_mark',
    'ct_state',
    'ct_zone',
    'ct_mark',
    'ct_label',
    'ct_nw_src',
    'ct_ipv6_src',
    'ct_nw_dst',
    'ct_ipv6_dst',
  ),
  ctTransport: fieldsOf('ct_nw_proto', 'ct_tp_src', 'ct_tp_dst'),
} as const

const only = {
  inPort: oxmField('in_port'),
  inPortOxm: oxmField('in_port_oxm'),
  actsetOutput: oxmField('actset_output'),
  packetType: oxmField('packet_type'),
  vlanTci: oxmField('vlan_tci'),
  vlanVid: oxmField('vlan_vid'),
  vlanPcp: oxmField('vlan_pcp'),
  tos: oxmField('nw_tos'),
  dscp: oxmField('ip_dscp'),
  sll: oxmField('nd_sll'),
  tll: oxmField('nd_tll'),
  metadata: oxmField('metadata'),
} as const
const optionFields = numbered('tun_metadata', tlvFields).map(oxmField)

/** Writes the header of a field; `size` is that of the value alone. */
export const putHead = (out: Writer, it: OxmField, version: OxmVersion, masked: boolean, size: number): void => {
  const { first, experimenter } = it.heads[version]!
  const payload = masked ? 2 * size + 0x100 : size
  if (experimenter === 0) out.u32(first + payload)
  else {
    out.u32(first + payload + 4)
    out.u32(experimenter)
  }
}

const putSized = (out: Writer, value: number, size: number): void => {
  if (size === 1) out.u8(value)
  else if (size === 2) out.u16(value)
  else out.u32(value)
}

/** One field of a match, if the match looks at it; gives whether it said that the frame is Ethernet. */
const put = (out: Writer, it: OxmField, { key, mask }: Match, version: OxmVersion): boolean => {
  if (it.kind === 'wide') return isMac(it) ? put48(out, it, key, mask, version) : putWide(out, it, key, mask, version)
  const bits = (mask[it.index]! >>> it.low) & it.keeps
  if (bits === 0) return false
  const masked = it.maskable && (bits & it.full) >>> 0 !== it.full
  const value = (key[it.index]! >>> it.low) & it.keeps
  putHead(out, it, version, masked, it.size)
  putSized(out, it.kind === 'port' && it.size === 4 ? toPort11(value >>> 0) : value, it.size)
  if (masked) putSized(out, bits, it.size)
  return it.row.needs !== undefined
}

const putAll = (out: Writer, list: readonly OxmField[], match: Match, version: OxmVersion): boolean => {
  let said = false
  for (let i = 0; i < list.length; i++) said = put(out, list[i]!, match, version) || said
  return said
}

const upper48 = (row: FlowKey, { index, low }: OxmField): number =>
  low === 0 ? row[index - 1]! & 0xffff : row[index - 1]! >>> 16
const lower48 = (row: FlowKey, { index, low }: OxmField): number =>
  low === 0 ? row[index]! : ((row[index - 1]! << 16) | (row[index]! >>> 16)) >>> 0

const put48 = (out: Writer, it: OxmField, key: FlowKey, mask: FlowKey, version: OxmVersion): boolean => {
  const [high, low] = [upper48(mask, it), lower48(mask, it)]
  if (high === 0 && low === 0) return false
  const masked = high !== 0xffff || low !== 0xffffffff
  putHead(out, it, version, masked, 6)
  out.u16(upper48(key, it))
  out.u32(lower48(key, it))
  if (masked) {
    out.u16(high)
    out.u32(low)
  }
  return it.row.needs !== undefined
}

const putWide = (out: Writer, it: OxmField, key: FlowKey, mask: FlowKey, version: OxmVersion): boolean => {
  const from = it.index - it.size / 4 + 1
  let any = 0
  let all = -1
  for (let i = from; i <= it.index; i++) {
    any |= mask[i]!
    all &= mask[i]!
  }
  if (any === 0) return false
  putHead(out, it, version, all !== -1, it.size)
  for (let i = from; i <= it.index; i++) out.u32(key[i]!)
  if (all !== -1) for (let i = from; i <= it.index; i++) out.u32(mask[i]!)
  return it.row.needs !== undefined
}

/** A field with a value that is not as the key has it; its mask is full unless it is given. */
const putNumber = (out: Writer, it: OxmField, version: OxmVersion, value: number, mask = it.full): boolean => {
  const masked = mask !== it.full
  putHead(out, it, version, masked, it.size)
  putSized(out, value, it.size)
  if (masked) putSized(out, mask, it.size)
  return true
}

const putVlan = (out: Writer, match: Match, version: OxmVersion): boolean => {
  if (version === 0) return put(out, only.vlanTci, match, version)
  const mask = match.mask[word.vlan]! & 0xffff
  const tci = match.key[word.vlan]! & 0xffff
  if (mask === 0) return false
  let said = false
  if (mask & 0x1fff) said = putNumber(out, only.vlanVid, version, tci & 0x1fff, mask & 0x1fff)
  if (tci & 0x1fff && mask & 0xe000) said = putNumber(out, only.vlanPcp, version, tci >>> 13)
  return said
}

const putIp = (out: Writer, match: Match, version: OxmVersion, type: number): boolean => {
  const { key, mask } = match
  let said = putAll(out, type === 0x0800 ? lists.ipv4 : lists.ipv6, match, version)
  if (mask[word.ip]! & 0xfc0000) said = put(out, version === 0 ? only.tos : only.dscp, match, version)
  said = putAll(out, lists.traffic, match, version) || said
  const proto = (mask[word.ip]! & 0xff) === 0 ? 0 : key[word.ip]! & 0xff
  if (proto === 6) putAll(out, lists.tcp, match, version)
  else if (proto === 17) putAll(out, lists.udp, match, version)
  else if (proto === 132) putAll(out, lists.sctp, match, version)
  else if (proto === 1 && type === 0x0800) putAll(out, lists.icmp, match, version)
  else if (proto === 58 && type === 0x86dd) putIcmpv6(out, match, version)
  return said
}

const putIcmpv6 = (out: Writer, match: Match, version: OxmVersion): void => {
  putAll(out, lists.icmpv6, match, version)
  const kind = match.key[word.transport]! >>> 16
  if ((kind !== 135 && kind !== 136) || (match.key[word.transport]! & 0xffff) !== 0) return
  putAll(out, lists.nd, match, version)
  put(out, kind === 135 ? only.sll : only.tll, match, version)
}

const putOptions = (out: Writer, { key, mask, tlv = plainLayout }: Match, version: OxmVersion): void => {
  if (!hasOptions(mask)) return
  for (let i = 0; i < tlvFields; i++) {
    const place = tlv.places[i]
    if (!hasOption(mask, i) || place === undefined) continue
    const bits = readOption(mask, i, tlv)
    const masked = tlv.own ? place.masked === true : place.length === 0 || bits !== optionMask(i, tlv)
    putHead(out, optionFields[i]!, version, masked, place.length)
    out.big(readOption(key, i, tlv), place.length)
    if (masked) out.big(bits, place.length)
  }
}

const anySet = (mask: FlowKey, from: number, to: number): boolean => {
  for (let i = from; i < to; i++) if (mask[i] !== 0) return true
  return false
}

/** Writes the fields alone, and the cookie if there is one; gives how many bytes. */
export const putFields = (out: Writer, match: Match, version: OxmVersion, cookie?: MatchCookie): number => {
  const start = out.at
  const { key, mask } = match
  if (mask[word.packetType] !== 0 && key[word.packetType] !== 0) put(out, only.packetType, match, version)
  let ethernet = false
  if (mask[word.recircId] || mask[word.dpHash] || mask[word.conjId]) putAll(out, lists.origin, match, version)
  put(out, version === 0 ? only.inPort : only.inPortOxm, match, version)
  put(out, only.actsetOutput, match, version)
  ethernet = putAll(out, lists.ethernet, match, version) || ethernet
  ethernet = putVlan(out, match, version) || ethernet
  const type = typeOf(key)
  if (type === 0x8847 || type === 0x8848) ethernet = putAll(out, lists.mpls, match, version) || ethernet
  else if (type === 0x0800 || type === 0x86dd) ethernet = putIp(out, match, version, type) || ethernet
  else if (type === 0x0806 || type === 0x8035) ethernet = putAll(out, lists.arp, match, version) || ethernet
  if (anySet(mask, word.tunIdHigh, word.metadataHigh)) putAll(out, lists.tunnel, match, version)
  putOptions(out, match, version)
  if (anySet(mask, word.tunErspan, word.metadataHigh)) putAll(out, lists.erspan, match, version)
  if (anySet(mask, word.nsh, word.packetType)) ethernet = putAll(out, lists.nsh, match, version) || ethernet
  if (anySet(mask, word.regs, word.actsetOutput)) putAll(out, version < 6 ? lists.regs : lists.xregs, match, version)
  if (anySet(mask, word.pktMark, word.tunIdHigh)) {
    ethernet = putAll(out, lists.ct, match, version) || ethernet
    if (key[word.ctProto] !== 0) ethernet = putAll(out, lists.ctTransport, match, version) || ethernet
  }
  put(out, only.metadata, match, version)
  if (cookie !== undefined && cookie.cookieMask !== 0n) putCookie(out, cookie)
  if (!ethernet && mask[word.packetType] === 0xffffffff && key[word.packetType] === 0) putFirst(out, start, version)
  return out.at - start
}

const putCookie = (out: Writer, { cookie, cookieMask }: MatchCookie): void => {
  const masked = cookieMask !== 0xffffffffffffffffn
  out.u32(masked ? cookieMaskHeader : cookieHeader)
  out.u64(cookie & cookieMask)
  if (masked) out.u64(cookieMask)
}

/** A match that is on Ethernet and says so by no field gets the packet type before all others. */
const putFirst = (out: Writer, start: number, version: OxmVersion): void => {
  const rest = out.bytes.slice(start, out.at)
  out.at = start
  putNumber(out, only.packetType, version, 0)
  out.raw(rest)
}
