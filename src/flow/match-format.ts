import type { Field } from './field.ts'
import { formatFieldNumber, formatFieldValue, formatMaskedMac, hex } from './field-text.ts'
import { type FieldName, field, fullMask, readNumber } from './fields.ts'
import { formatFlags } from './flags.ts'
import { type FlowKey, word } from './layout.ts'
import { getField, type Match, wideMasks } from './match.ts'
import { type Paint, plain } from './paint.ts'
import type { PortName } from './port-text.ts'
import { hasOption, hasOptions, optionMask, plainLayout, readOption, tlvFields } from './tlv.ts'

export type FormatOptions = {
  /** Ports by name instead of number (`--names`). */
  portName?: PortName
  /** Takes which item each field is in, by the name that a match of any protocol has for its place. */
  places?: Map<FieldName, number>
  /** Without colours if not said. */
  paint?: Paint
}

const shortByProto: Readonly<Record<string, readonly [v4: string, v6: string]>> = {
  1: ['icmp', ''],
  6: ['tcp', 'tcp6'],
  17: ['udp', 'udp6'],
  58: ['', 'icmp6'],
  132: ['sctp', 'sctp6'],
}
const shortByType: Readonly<Record<number, string>> = {
  2048: 'ip',
  34525: 'ipv6',
  2054: 'arp',
  32821: 'rarp',
  34887: 'mpls',
  34888: 'mplsm',
}

/** The EtherType that a match is sure of; of a packet type other than Ethernet, that one's. */
export const exactType = ({ key, mask }: Match): number | undefined => {
  if (key[word.packetType]! >>> 16 === 1) return key[word.packetType]! & 0xffff
  return mask[word.ethType]! >>> 16 === 0xffff ? key[word.ethType]! >>> 16 : undefined
}

/** A match as ovs-ofctl prints it: `tcp,in_port=1,nw_dst=10.0.0.0/8,tp_dst=80`; empty if it fits all. */
export const formatMatch = (match: Match, options: FormatOptions = {}): string => matchItems(match, options).join(',')

/** The same, one item after the other. */
export const matchItems = (match: Match, options: FormatOptions = {}): string[] => {
  const { mask, key } = match
  const out: string[] = []
  const { portName, places, paint = plain } = options
  const named = (name: string): string => paint.param(`${name}=`)
  const has = (name: FieldName): boolean => looksAt(mask, field(name))
  const put = (name: FieldName, label: string = name, bareLead?: string): void => {
    const row: Field = field(name)
    if (!looksAt(mask, row)) return
    places?.set(name, out.length)
    const lead = bareLead ?? named(label)
    if (row.at[1] + row.bits <= 32)
      out.push(`${lead}${formatFieldNumber(name, readNumber(key, name), readNumber(mask, name), portName)}`)
    else if (row.format === 'ethernet') out.push(`${lead}${formatMaskedMac(macIn(key, row), macIn(mask, row))}`)
    else {
      const { value, mask: bits } = getField(match, name)
      out.push(`${lead}${formatFieldValue(name, value, bits, portName)}`)
    }
  }
  const type = exactType(match)
  const proto = mask[word.ip]! & 0xff ? readNumber(key, 'nw_proto') : undefined

  // A dump of flows asks this of very many: whole groups of fields that a match does not look at are passed over.
  if (anySet(mask, word.skbPriority, word.ctState) || anySet(mask, word.actsetOutput, word.tunMetadataPresent))
    for (const name of firstFields) put(name, name, name === 'conj_id' ? `${paint.param(name)}=` : undefined)
  if (anySet(mask, word.ctState, word.tunIdHigh)) {
    put('ct_state')
    exactDecimal(match, 'ct_zone', named, out)
    for (const name of ctFields) put(name)
    // Ports are told where the protocol is looked at, and then that whole.
    if (has('ct_nw_proto')) {
      out.push(`${named('ct_nw_proto')}${readNumber(key, 'ct_nw_proto')}`)
      for (const name of ['ct_tp_src', 'ct_tp_dst'] as const) put(name)
    }
  }

  if (key[word.packetType] !== 0) put('packet_type', 'packet_type', 'packet_type=')
  else if (mask[word.recircId] !== 0 && (mask[word.packetType] !== 0 || looksAtEthernet(mask)))
    out.push(paint.value('eth'))
  // What a packet without Ethernet is, its packet type says; a megaflow says it twice.
  let short = type === undefined || mask[word.ethType]! >>> 16 === 0 ? undefined : shortByType[type]
  if (short === 'ip' || short === 'ipv6') short = shortByProto[proto ?? -1]?.[short === 'ip' ? 0 : 1] || short
  if (short !== undefined) out.push(paint.value(short))
  if (anySet(mask, word.regs, word.actsetOutput)) for (const name of registers) put(name)
  if (anySet(mask, word.tunIdHigh, word.metadataHigh) || hasOptions(mask)) tunnel(match, out, named, put)
  for (const name of ['metadata', 'in_port'] as const) put(name)
  places?.set('vlan_tci', out.length)
  vlan(mask[word.vlan]! & 0xffff, key[word.vlan]! & 0xffff, '', named, out)
  // The original stops at a tag of which nothing is looked at.
  if ((mask[word.vlan]! & 0xffff) !== 0) vlan(mask[word.vlan1]! & 0xffff, key[word.vlan1]! & 0xffff, '1', named, out)
  put('eth_src', 'dl_src')
  put('eth_dst', 'dl_dst')
  if (short === undefined && has('eth_type'))
    out.push(`${named('dl_type')}0x${(type ?? readNumber(key, 'eth_type')).toString(16).padStart(4, '0')}`)
  if (type === 0x894f)
    for (const name of nshFields) if (!name.startsWith('nsh_c') || readNumber(key, 'nsh_mdtype') === 1) put(name)

  const isArp = type === 0x0806 || type === 0x8035
  if (type === 0x86dd) {
    put('ipv6_src')
    put('ipv6_dst')
    const bits = mask[word.ipv6Label]!
    if (bits !== 0) {
      const five = (label: number): string => `0x${label.toString(16).padStart(5, '0')}`
      out.push(
        `${named('ipv6_label')}${five(key[word.ipv6Label]!)}${bits === wideMasks.ipv6_label ? '' : `/${five(bits)}`}`,
      )
    }
  } else {
    put('ip_src', isArp ? 'arp_spa' : 'nw_src')
    put('ip_dst', isArp ? 'arp_tpa' : 'nw_dst')
  }
  const saidProto = short !== undefined && short !== shortByType[type ?? 0] && proto !== undefined
  // The original prints these without their masks.
  if (!saidProto && (mask[word.ip]! & 0xff) !== 0)
    out.push(`${named(isArp ? 'arp_op' : 'nw_proto')}${readNumber(key, 'nw_proto')}`)
  if (isArp) {
    put('arp_sha')
    put('arp_tha')
  }
  // And these.
  for (const [at, names] of bareFields)
    if (mask[at] !== 0) for (const name of names) if (has(name)) out.push(`${named(name)}${readNumber(key, name)}`)
  for (let i = 1; i < 3; i++) {
    const bits = mask[word.mpls + i]!
    const label = key[word.mpls + i]!
    if (bits !== 0) out.push(`${named(`mpls_lse${i}`)}${bits === 0xffffffff ? label : `${hex8(label)}/${hex8(bits)}`}`)
  }
  if (mask[word.ip] !== 0) put('ip_frag', 'nw_frag')
  if (anySet(mask, word.transport, word.mpls)) {
    transport(type, proto, put)
    if (type === 0x86dd && proto === 58) neighbour(match, named, out)
    if (proto === 6) put('tcp_flags')
  }
  return out
}

const firstFields = ['pkt_mark', 'recirc_id', 'dp_hash', 'conj_id', 'skb_priority', 'actset_output'] as const
const registers = Array.from({ length: 16 }, (_, i) => `reg${i}` as FieldName)
const bareFields = [
  [word.ip, ['nw_tos', 'nw_ecn', 'nw_ttl']],
  [word.mpls, ['mpls_label', 'mpls_tc', 'mpls_ttl', 'mpls_bos']],
] as const
const ctFields = ['ct_mark', 'ct_label', 'ct_nw_src', 'ct_nw_dst', 'ct_ipv6_src', 'ct_ipv6_dst'] as const
const nshFields = [
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
] as const

const hex8 = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`

const anySet = (mask: FlowKey, from: number, to: number): boolean => {
  for (let i = from; i < to; i++) if (mask[i] !== 0) return true
  return false
}

const looksAtEthernet = (mask: FlowKey): boolean => anySet(mask, word.ethernet, word.packetType)

/** Whether a mask has a bit of a field, but for those of tunnel options. */
const looksAt = (mask: FlowKey, { at, bits, valid }: Field): boolean => {
  // Not taken apart in one: this is asked for every field of every flow of a dump.
  const index = at[0]
  const low = at[1]
  if (low + bits <= 32) return ((mask[index]! >>> low) & (valid ?? 2 ** bits - 1)) !== 0
  if (mask[index]! >>> low !== 0) return true
  let rest = bits - (32 - low)
  for (let i = index - 1; rest > 0; i--, rest -= 32)
    if ((rest < 32 ? mask[i]! & (2 ** rest - 1) : mask[i]) !== 0) return true
  return false
}

/** A MAC, which lies in a word and half of the one before or behind. */
const macIn = (row: FlowKey, { at: [index, low] }: Field): number =>
  low === 0 ? (row[index - 1]! & 0xffff) * 0x100000000 + row[index]! : row[index - 1]! * 0x10000 + (row[index]! >>> 16)

const exactDecimal = (match: Match, name: FieldName, named: Named, out: string[]): void => {
  const { value, mask } = getField(match, name)
  if (mask !== 0n) out.push(`${named(name)}${mask === fullMask(name) ? value : `0x${value.toString(16)}/${hex(mask)}`}`)
}

/** Writes a name and what parts it from its value. */
type Named = (name: string) => string

/** All flags of `word.tunFlags`; of these, OpenFlow matches the first. */
const tunnelFlagNames = ['oam', 'df', 'csum', 'key']

const tunnel = (match: Match, out: string[], named: Named, put: (name: FieldName, label?: string) => void): void => {
  // The original prints these without their masks.
  const bare = (name: FieldName, label: string = name): void => {
    const { value, mask } = getField(match, name)
    if (mask !== 0n) out.push(`${label}=${formatFieldValue(name, value, fullMask(name))}`)
  }
  for (const name of ['tun_id', 'tun_src', 'tun_dst', 'tun_ipv6_src', 'tun_ipv6_dst', 'tun_gbp_id'] as const) put(name)
  bare('tun_gbp_flags')
  // In hexadecimal, though nothing says so.
  if (getField(match, 'tun_tos').mask !== 0n)
    out.push(`${named('tun_tos')}${readNumber(match.key, 'tun_tos').toString(16)}`)
  put('tun_ttl')
  bare('tun_erspan_ver')
  const version = readNumber(match.key, 'tun_erspan_ver')
  if (version === 1) bare('tun_erspan_idx')
  if (version === 2) {
    bare('tun_erspan_dir')
    bare('tun_erspan_hwid')
  }
  bare('tun_gtpu_flags', 'gtpu_flags')
  bare('tun_gtpu_msgtype', 'gtpu_msgtype')
  const { key, mask } = match
  const flags = mask[word.tunFlags]! >>> 16
  if (flags !== 0)
    out.push(`${named('tun_flags')}${formatFlags(BigInt(key[word.tunFlags]! >>> 16), BigInt(flags), tunnelFlagNames)}`)
  if (hasOptions(mask)) options(match, out)
}

const options = ({ key, mask, tlv = plainLayout }: Match, out: string[]): void => {
  for (let i = 0; i < tlvFields; i++) {
    if (!hasOption(mask, i)) continue
    if (!hasOption(key, i)) {
      out.push(`tun_metadata${i}=NP`)
      continue
    }
    const bits = readOption(mask, i, tlv)
    const full = optionMask(i, tlv)
    const masked = tlv.own ? tlv.places[i]?.masked === true : bits !== full
    const value = hex(readOption(key, i, tlv))
    out.push(`tun_metadata${i}${masked && bits === 0n ? '' : bits === full ? `=${value}` : `=${value}/${hex(bits)}`}`)
  }
}
/** One tag: `dl_vlan` and `dl_vlan_pcp` where they say all that the mask says, else the bare `vlan_tci`. */
const vlan = (mask: number, tci: number, suffix: string, named: Named, out: string[]): void => {
  if (mask === 0) return
  const vid = mask & 0xfff
  const pcp = mask & 0xe000
  if ((mask & tci & 0x1000) !== 0 && mask !== 0x1000 && (vid === 0 || vid === 0xfff) && (pcp === 0 || pcp === 0xe000)) {
    if (vid !== 0) out.push(`${named(`dl_vlan${suffix}`)}${tci & 0xfff}`)
    if (pcp !== 0) out.push(`${named(`dl_vlan_pcp${suffix}`)}${tci >>> 13}`)
    return
  }
  const four = (value: number): string => `0x${value.toString(16).padStart(4, '0')}`
  out.push(`${named(`vlan_tci${suffix}`)}${four(tci)}${mask === 0xffff ? '' : `/${four(mask)}`}`)
}

const transport = (
  type: number | undefined,
  proto: number | undefined,
  put: (name: FieldName, label?: string) => void,
): void => {
  const icmp = (type === 0x0800 && proto === 1) || (type === 0x86dd && proto === 58)
  if (icmp) {
    put('icmp_type')
    put('icmp_code')
  } else {
    put('tcp_src', 'tp_src')
    put('tcp_dst', 'tp_dst')
  }
  if (icmp && type === 0x86dd) {
    put('nd_target')
    put('nd_sll')
    put('nd_tll')
  }
}

/** What Open vSwitch added to neighbour discovery's fields, each in a format of its own. */
const neighbour = ({ key, mask }: Match, named: Named, out: string[]): void => {
  const put = (label: string, value: number, bits: number, full: number, digits: number): void => {
    const text = (number: number): string => `0x${number.toString(16).padStart(digits, '0')}`
    if (bits !== 0) out.push(`${named(label)}${bits === full ? value : `${text(value)}/${text(bits)}`}`)
  }
  put('nd_reserved', key[word.ndReserved]!, mask[word.ndReserved]!, 0xffffffff, 8)
  put('nd_options_type', key[word.ndOptionsType]!, mask[word.ndOptionsType]!, wideMasks.nd_options_type ?? 0, 0)
}
