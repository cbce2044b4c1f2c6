/**
 * What a list of actions becomes when a peer of some OpenFlow version is told of it. Versions have different words for
 * the same effect: 1.0 has an action for each header field (`mod_dl_src`), 1.2 one for all (`set_field`), Nicira's
 * extension of 1.0 writes bits of fields (`load`). Open vSwitch stores what the wire said and translates to the version
 * of whoever asks, so a flow added with `set_field:5->reg0` is shown to a 1.0 client as `load:0x5->NXM_NX_REG0[]`.
 *
 * The effect on packets stays the same, apart from what a version cannot say at all: those lists are refused by
 * `checkActions` before they come here, or lose what 1.0 has implicitly (`push_vlan` before setting a VLAN).
 * The rules were observed with `ovs-ofctl parse-flow -O …` (test/interop/flow-text.test.ts).
 */
import { type FieldName, fullMask } from '../flow/fields.ts'
import type { OfAction } from './action.ts'
import { ones, runs } from './number.ts'
import type { Version } from './protocol.ts'

type SetField = Extract<OfAction, { type: 'set_field' }>

/** What matters about the frames that a flow matches: whether they have a VLAN tag, and their IP protocol if known. */
export type Precondition = { tagged: boolean; ipProtocol: 'tcp' | 'udp' | 'sctp' | undefined }

/** Of frames of which nothing is known. */
export const unknownFrames: Precondition = { tagged: false, ipProtocol: undefined }

/** The actions as a peer of `version` sees them. */
export const seenBy = (version: Version, actions: readonly OfAction[], before: Precondition): OfAction[] => {
  const out: OfAction[] = []
  let tagged = before.tagged
  for (const action of actions) {
    if (version >= 2 && needsTag(version, action) && !tagged) out.push({ type: 'push_vlan', ethType: 0x8100 })
    out.push(...translated(version, action, before))
    if (action.type === 'strip_vlan') tagged = false
    else if (action.type === 'push_vlan' || setsTag(action)) tagged = true
  }
  return out
}

const needsTag = (version: Version, action: OfAction): boolean =>
  setsTag(action) && (action.type === 'set_field' ? version === 2 : action.push)

/** Actions after which a frame has a tag, if it did not have one. */
const setsTag = (
  action: OfAction,
): action is Extract<OfAction, { type: 'set_vlan_vid' | 'set_vlan_pcp' | 'set_field' }> =>
  action.type === 'set_vlan_vid' ||
  action.type === 'set_vlan_pcp' ||
  (action.type === 'set_field' && action.field === 'vlan_tci' && isWhole(action))

const translated = (version: Version, action: OfAction, before: Precondition): OfAction[] => {
  switch (action.type) {
    case 'set_field':
      return version <= 2 ? oldSetField(version, action) : newSetField(version, action)
    case 'load':
      return version === 6
        ? [loadAsSetField(action)]
        : splitLoad(action.target.field, action.value << BigInt(action.target.start), bitsOf(action.target))
    case 'set_transport':
      return version >= 3 && before.ipProtocol !== undefined
        ? [setWhole(`${before.ipProtocol}_${action.side}`, BigInt(action.port))]
        : [action]
    case 'set_vlan_vid':
      return version >= 3 ? [setWhole('vlan_vid', BigInt(action.vid | 0x1000))] : [{ ...action, push: version === 1 }]
    case 'set_vlan_pcp':
      return version >= 3 ? [setWhole('vlan_pcp', BigInt(action.pcp))] : [{ ...action, push: version === 1 }]
    case 'strip_vlan':
      return [version === 1 ? { type: 'strip_vlan' } : { type: 'strip_vlan', as: 'pop_vlan' }]
    case 'push_vlan':
      return version === 1 ? [] : [action]
    case 'goto_table':
      return version === 1 ? [{ type: 'resubmit', port: undefined, table: action.table }] : [action]
    default:
      return [action]
  }
}

const setWhole = (field: FieldName, value: bigint): OfAction => ({
  type: 'set_field',
  field,
  value,
  mask: fullMask(field),
})

const bitsOf = (target: { start: number; count: number }): bigint => ones(target.count) << BigInt(target.start)

const isWhole = (action: SetField): boolean => action.mask === fullMask(action.field)

/**
 * 1.0 and 1.1: the action of the field if it has one, else loads. The original forgets the mask of a field that has an
 * action, and overwrites all of it; here a part of a field is always loads.
 */
const oldSetField = (version: Version, action: SetField): OfAction[] => {
  const { field, value, mask } = action
  if (!isWhole(action)) return splitLoad(field, value, mask)
  switch (field) {
    case 'eth_src':
    case 'eth_dst':
    case 'ip_src':
    case 'ip_dst':
    case 'ip_dscp':
      return [{ ...action, mask: fullMask(field), as: 'mod' }]
    case 'nw_tos':
      return [{ type: 'set_field', field: 'ip_dscp', value: value >> 2n, mask: ones(6), as: 'mod' }]
    case 'nw_ecn':
      return version === 2 ? [{ ...action, as: 'mod' }] : splitLoad(field, value, mask)
    case 'nw_ttl':
      return version === 2 && action.as === 'mod' ? [action] : splitLoad(field, value, mask)
    case 'tcp_src':
    case 'udp_src':
    case 'sctp_src':
      return [{ type: 'set_transport', side: 'src', port: Number(value) }]
    case 'tcp_dst':
    case 'udp_dst':
    case 'sctp_dst':
      return [{ type: 'set_transport', side: 'dst', port: Number(value) }]
    case 'vlan_vid':
      return [{ type: 'set_vlan_vid', vid: Number(value & 0xfffn), push: version === 1 }]
    case 'vlan_pcp':
      return [{ type: 'set_vlan_pcp', pcp: Number(value), push: version === 1 }]
    case 'vlan_tci':
      return [
        { type: 'set_vlan_vid', vid: Number(value & 0xfffn), push: version === 1 },
        { type: 'set_vlan_pcp', pcp: Number(value >> 13n), push: version === 1 },
      ]
    default:
      return action.as === undefined ? splitLoad(field, value, mask) : [action]
  }
}

/** 1.2 and later: `set_field`, but a part of a field is loads before 1.5. */
const newSetField = (version: Version, action: SetField): OfAction[] => {
  if (action.field === 'nw_ttl' && action.as === 'mod') return [action]
  if (!isWhole(action) && version < 6) return splitLoad(action.field, action.value, action.mask)
  return [{ type: 'set_field', field: action.field, value: action.value, mask: action.mask }]
}

const loadAsSetField = ({ target, value }: Extract<OfAction, { type: 'load' }>): OfAction => ({
  type: 'set_field',
  field: target.field,
  value: value << BigInt(target.start),
  mask: bitsOf(target),
})

/** One `load` for each run of bits, of at most 64; `value` has the bits of `mask` in place. */
const splitLoad = (field: FieldName, value: bigint, mask: bigint): OfAction[] =>
  runs(mask).map(({ start, count }) => ({
    type: 'load',
    target: { field, start, count },
    value: (value >> BigInt(start)) & ones(count),
  }))
