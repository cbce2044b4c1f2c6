import { type FieldName, field, fieldNames } from '../../src/flow/fields.ts'
import type { Version } from '../../src/openflow/protocol.ts'
import { below, type Random } from '../../src/runtime/random.ts'
import { has, isFramed, isIp, type Kind, textOf } from './kinds.ts'
import { chance, drawn, fragmentTexts, maskOf, pick, valueText } from './values.ts'

/** A match as text, a field each, the kind's own name first; and what follows from it for actions. */
export type RandomMatch = { parts: string[]; kind: Kind; tagged: boolean }

/** Only a datapath knows them, or they have no text; `conj_id` is for conjunctions. */
const unasked: ReadonlySet<string> = new Set([
  'dp_hash',
  'recirc_id',
  'packet_type',
  'conj_id',
  'skb_priority',
  'in_port_oxm',
  'eth_type',
  'nw_proto',
  'ip_frag',
  'icmpv6_type',
  'icmpv6_code',
  'nsh_np',
])

export const isOption = (name: string): boolean => name.startsWith('tun_metadata')
/** The options that the tests map: `setup` of a network has the table. */
export const options = ['tun_metadata0', 'tun_metadata1', 'tun_metadata5'] as const

const matchable = fieldNames.filter(
  name => !unasked.has(name) && (!isOption(name) || options.some(option => option === name)),
)

/** Families of fields, of which one is drawn as often as a field that stands alone. */
const familyOf = (name: FieldName): string => name.replace(/^(x*reg|tun_metadata|tun_erspan|tun_gtpu|tun_gbp).*$/, '$1')
const groupBy = (names: readonly FieldName[]): FieldName[][] => {
  const families = new Map<string, FieldName[]>()
  for (const name of names) families.set(familyOf(name), [...(families.get(familyOf(name)) ?? []), name])
  return [...families.values()]
}
const families = groupBy(matchable)

/** A field that packets of this kind have; `wanted` says which are asked for. */
export const randomField = (
  random: Random,
  kind: Kind,
  tagged: boolean,
  wanted: (name: FieldName) => boolean = () => true,
): FieldName | undefined => {
  for (let tries = 0; tries < 20; tries++) {
    const name = pick(random, pick(random, families))
    if (has(kind, name, tagged) && wanted(name)) return name
  }
  return undefined
}

/** Fields that are about the frame in hand are worth more than others. */
const isOfKind = (name: FieldName): boolean => {
  const { needs } = field(name)
  return needs !== undefined && needs !== 'ethernet'
}

export const randomMatch = (
  random: Random,
  kind: Kind,
  version: Version,
  liking: (name: FieldName) => boolean,
): RandomMatch => {
  const parts = textOf(kind) === '' ? [] : [textOf(kind)]
  const named = new Map<string, string>()
  let tagged = false
  if (isFramed(kind) && chance(random, 0.12)) {
    const [text, isTagged] = pick(random, [
      ['dl_vlan=5', true],
      ['dl_vlan=7', true],
      ['vlan_tci=0x1000/0x1000', true],
      ['vlan_tci=0', false],
      ['vlan_tci=0x0005/0x0fff', false],
      ['dl_vlan_pcp=3', true],
    ] as const)
    parts.push(text)
    tagged = isTagged
  }
  if (isIp(kind) && chance(random, 0.06)) parts.push(`nw_frag=${pick(random, fragmentTexts)}`)
  const count = pick(random, [0, 0, 1, 1, 2, 3])
  for (let i = 0; i < count; i++) {
    const how = below(random, 3)
    const name = randomField(random, kind, tagged, how === 0 ? () => true : how === 1 ? isOfKind : liking)
    if (name === undefined || /vlan/.test(name) || (name === 'actset_output' && version < 4)) continue
    if (
      ['ct_nw_proto', 'ct_nw_src', 'ct_nw_dst', 'ct_ipv6_src', 'ct_ipv6_dst', 'ct_tp_src', 'ct_tp_dst'].includes(name)
    )
      named.set('ct_state', 'ct_state=+trk')
    const mask = maskOf(random, name)
    named.set(name, `${name}=${valueText(name, drawn(random, name) & mask, mask)}`)
  }
  return { parts: [...parts, ...named.values()], kind, tagged }
}
