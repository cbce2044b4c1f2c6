import { fullMask } from '../../flow/fields.ts'
import type { OfAction } from '../action.ts'
import { decoded } from '../error.ts'
import { parseUpTo } from '../number.ts'
import type { Version } from '../protocol.ts'
import { protocol } from '../protocol.ts'
import { inconsistent, isTagged, popTag, pushTag, setOuterTag } from './check.ts'
import { type ActionKind, type ActionParser, begin, type CheckState, type SeenState } from './codec.ts'
import { badArgument, standard, useSetField } from './form.ts'

const vid =
  (push: boolean): ActionParser =>
  argument => {
    const number = parseUpTo(argument, 0xffff)
    if (number === undefined) return `invalid VLAN VID "${argument}"`
    if (number > 4095) return `${argument}: not a valid VLAN VID`
    return { type: 'set_vlan_vid', vid: number, push }
  }

const pcp =
  (push: boolean): ActionParser =>
  argument => {
    const number = parseUpTo(argument, 0xff)
    if (number === undefined) return `invalid VLAN PCP "${argument}"`
    if (number > 7) return `${argument}: not a valid VLAN PCP`
    return { type: 'set_vlan_pcp', pcp: number, push }
  }

/** A tag that 1.0 has implicitly: later versions must be told of it. */
const withTag = (actions: OfAction[], push: boolean, version: Version, state: SeenState): OfAction[] => {
  const implied = version > 1 && push && !state.tagged
  state.tagged = true
  return implied ? [{ type: 'push_vlan', ethType: 0x8100 }, ...actions] : actions
}

const checkTag = ({ push }: { push: boolean }, state: CheckState): undefined => {
  if (!push && !isTagged(state)) inconsistent(state)
  setOuterTag(state, true)
}

/** The VLAN ID; with `push` a frame without a tag gets one. */
export const setVlanVid: ActionKind<'set_vlan_vid'> = {
  type: 'set_vlan_vid',
  parsers: { mod_vlan_vid: vid(true), set_vlan_vid: vid(false) },
  format: (action, { paint }) => `${paint.param(`${action.push ? 'mod' : 'set'}_vlan_vid:`)}${action.vid}`,
  forms: [
    standard(
      'OFPAT_SET_VLAN_VID',
      1,
      8,
      (bytes, { version }) => {
        const number = bytes.u16()
        return number > 4095 ? badArgument() : decoded({ type: 'set_vlan_vid', vid: number, push: version === 1 })
      },
      useSetField,
    ),
  ],
  encode(action, out) {
    const end = begin(out, 1)
    out.u16(action.vid)
    end()
  },
  seenBy(action, version, state) {
    const { push } = action
    if (version < 3) return withTag([{ ...action, push: version === 1 }], push, version, state)
    const value = BigInt(action.vid | 0x1000)
    return withTag([{ type: 'set_field', field: 'vlan_vid', value, mask: fullMask('vlan_vid') }], push, version, state)
  },
  check: checkTag,
}

/** The VLAN priority; with `push` a frame without a tag gets one. */
export const setVlanPcp: ActionKind<'set_vlan_pcp'> = {
  type: 'set_vlan_pcp',
  parsers: { mod_vlan_pcp: pcp(true), set_vlan_pcp: pcp(false) },
  format: (action, { paint }) => `${paint.param(`${action.push ? 'mod' : 'set'}_vlan_pcp:`)}${action.pcp}`,
  forms: [
    standard(
      'OFPAT_SET_VLAN_PCP',
      2,
      8,
      (bytes, { version }) => {
        const number = bytes.u8()
        return number > 7 ? badArgument() : decoded({ type: 'set_vlan_pcp', pcp: number, push: version === 1 })
      },
      useSetField,
    ),
  ],
  encode(action, out) {
    const end = begin(out, 2)
    out.u8(action.pcp)
    end()
  },
  seenBy(action, version, state) {
    const { push } = action
    if (version < 3) return withTag([{ ...action, push: version === 1 }], push, version, state)
    const value = BigInt(action.pcp)
    return withTag([{ type: 'set_field', field: 'vlan_pcp', value, mask: fullMask('vlan_pcp') }], push, version, state)
  },
  check: checkTag,
}

/** Takes the outer tag off. */
export const stripVlan: ActionKind<'strip_vlan'> = {
  type: 'strip_vlan',
  parsers: {
    strip_vlan: () => ({ type: 'strip_vlan' }),
    pop_vlan: () => ({ type: 'strip_vlan', as: 'pop_vlan' }),
  },
  format: ({ as }, { paint }) => paint.value(as ?? 'strip_vlan'),
  forms: [
    standard('OFPAT_STRIP_VLAN', 3, 8, () => decoded({ type: 'strip_vlan' }), { to: 1 }),
    standard('OFPAT_POP_VLAN', 18, 8, () => decoded({ type: 'strip_vlan', as: 'pop_vlan' }), { from: 2 }),
  ],
  encode: (_, out, { version }) => begin(out, version === 1 ? 3 : 18)(),
  seenBy(_, version, state) {
    state.tagged = false
    return version === 1 ? { type: 'strip_vlan' } : { type: 'strip_vlan', as: 'pop_vlan' }
  },
  check(_, state) {
    if (!isTagged(state)) inconsistent(state)
    popTag(state)
    return undefined
  },
}

const isVlan = (ethType: number): boolean => ethType === 0x8100 || ethType === 0x88a8

/** Puts a tag in front; 1.0 has it only implied by what sets the tag. */
export const pushVlan: ActionKind<'push_vlan'> = {
  type: 'push_vlan',
  parsers: {
    push_vlan: argument => {
      const ethType = parseUpTo(argument, 0xffff)
      if (ethType === undefined) return `invalid ethertype "${argument}"`
      return isVlan(ethType) ? { type: 'push_vlan', ethType } : `${argument}: not a valid VLAN ethertype`
    },
  },
  format: ({ ethType }, { paint }) => `${paint.param('push_vlan:')}0x${ethType.toString(16).padStart(4, '0')}`,
  forms: [
    standard(
      'OFPAT_PUSH_VLAN',
      17,
      8,
      bytes => {
        const ethType = bytes.u16()
        return isVlan(ethType) ? decoded({ type: 'push_vlan', ethType }) : badArgument()
      },
      { from: 2 },
    ),
  ],
  encode({ ethType }, out) {
    const end = begin(out, 17)
    out.u16(ethType)
    end()
  },
  seenBy(action, version, state) {
    state.tagged = true
    return version === 1 ? [] : action
  },
  protocols: () => protocol.of11 | protocol.oxm,
  check: (_, state) => (pushTag(state) ? undefined : 'OFPBAC_BAD_TAG'),
}
