import { type FieldName, field, fieldNames, fullMask, readField, writeField } from './fields.ts'
import { type FlowKey, keyWords, newKey, word } from './layout.ts'

/** Keys that agree with `key` in the bits of `mask`. `key` has no bit that `mask` has not. */
export type Match = { key: FlowKey; mask: FlowKey }

/** A match that every key fits. */
export const newMatch = (): Match => ({ key: newKey(), mask: newKey() })

export const copyMatch = ({ key, mask }: Match): Match => ({ key: key.slice(), mask: mask.slice() })

/**
 * Matches the bits of `mask` (all by default) of a field, and replaces what the match said of the field. A VLAN ID or
 * priority in OpenFlow 1.0's manner, and a priority in any, says that there is a tag; `dl_vlan` 0xffff, that there is none.
 */
export const setField = (match: Match, name: FieldName, value: bigint, mask = fullMask(name)): void => {
  if (name === 'dl_vlan' && mask !== 0n) {
    setField(match, 'vlan_vid', value === 0xffffn ? 0n : (value & 0xfffn) | 0x1000n)
    if (value === 0xffffn) setField(match, 'vlan_tci', 0n)
    return
  }
  if ((name === 'dl_vlan_pcp' || name === 'vlan_pcp') && mask !== 0n)
    writeField(match.mask, 'vlan_vid', 0x1000n, 0x1000n)
  if ((name === 'dl_vlan_pcp' || name === 'vlan_pcp') && mask !== 0n)
    writeField(match.key, 'vlan_vid', 0x1000n, 0x1000n)
  writeField(match.mask, name, mask)
  writeField(match.key, name, value & mask)
}

/** The value and mask of a field; a mask of zero says that the match does not look. */
export const getField = (match: Match, name: FieldName): { value: bigint; mask: bigint } => ({
  value: readField(match.key, name),
  mask: readField(match.mask, name),
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
  for (let i = 0; i < keyWords; i++) if (a.key[i] !== b.key[i] || a.mask[i] !== b.mask[i]) return false
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
export const fieldsOf = (match: Match): FieldName[] => fieldNames.filter(name => readField(match.mask, name) !== 0n)

const isExactly = (match: Match, name: FieldName, ...values: bigint[]): boolean => {
  const { value, mask } = getField(match, name)
  return mask === fullMask(name) && values.includes(value)
}
const isEthernet = (match: Match): boolean => readField(match.key, 'packet_type') === 0n
const isIp = (match: Match): boolean => isExactly(match, 'eth_type', 0x0800n, 0x86ddn)
const isIcmpv6 = (match: Match, ...types: bigint[]): boolean =>
  isExactly(match, 'eth_type', 0x86ddn) &&
  isExactly(match, 'nw_proto', 58n) &&
  (types.length === 0 || (isExactly(match, 'icmpv6_type', ...types) && isExactly(match, 'icmpv6_code', 0n)))

const prerequisites = {
  ethernet: isEthernet,
  vlan: m => (m.mask[word.vlan]! & m.key[word.vlan]! & 0x1000) !== 0,
  arp: m => isExactly(m, 'eth_type', 0x0806n, 0x8035n),
  ipv4: m => isExactly(m, 'eth_type', 0x0800n),
  ipv6: m => isExactly(m, 'eth_type', 0x86ddn),
  ip: isIp,
  mpls: m => isExactly(m, 'eth_type', 0x8847n, 0x8848n),
  tcp: m => isIp(m) && isExactly(m, 'nw_proto', 6n),
  udp: m => isIp(m) && isExactly(m, 'nw_proto', 17n),
  sctp: m => isIp(m) && isExactly(m, 'nw_proto', 132n),
  icmp: m => isExactly(m, 'eth_type', 0x0800n) && isExactly(m, 'nw_proto', 1n),
  icmpv6: m => isIcmpv6(m),
  nd: m => isIcmpv6(m, 135n, 136n),
  'nd solicit': m => isIcmpv6(m, 135n),
  'nd advert': m => isIcmpv6(m, 136n),
  nsh: m => isExactly(m, 'eth_type', 0x894fn),
  ct: m => isIp(m) && (readField(m.mask, 'ct_state') & readField(m.key, 'ct_state') & 0x20n) !== 0n,
} as const satisfies Record<string, (match: Match) => boolean>

/** Whether what the field needs (ovs-fields(7), "Prerequisites") is in the match. */
export const allows = (match: Match, name: FieldName): boolean => {
  const { needs } = field(name)
  return needs === undefined || prerequisites[needs](match)
}
