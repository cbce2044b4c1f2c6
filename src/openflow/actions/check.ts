/** What the checks of single actions have in common. */
import { type FieldName, readNumber } from '../../flow/fields.ts'
import { allows, setField } from '../../flow/match.ts'
import type { Subfield } from '../action.ts'
import type { OfErrorName } from '../error.ts'
import { isWritable } from '../field-text.ts'
import { ones } from '../number.ts'
import { protocol } from '../protocol.ts'
import type { CheckState } from './codec.ts'

/**
 * Whether a frame has this field for certain. A VLAN ID may be looked for in untagged frames, but only be written where
 * there is a tag.
 */
export const knows = (state: CheckState, name: FieldName): boolean =>
  allows(state.match, name === 'vlan_vid' ? 'vlan_pcp' : name)

/** The action does nothing to some of the frames: only 1.0 lets that pass. */
export const inconsistent = (state: CheckState): void => {
  state.protocols &= protocol.of10 | protocol.nxm
}

/** Checks the bits that an action reads. */
export const checkSource = ({ field }: Subfield, { match, warn }: CheckState): OfErrorName | undefined => {
  if (allows(match, field)) return undefined
  warn('meta_flow', `source field ${field} lacks correct prerequisites`)
  return 'OFPBAC_MATCH_INCONSISTENT'
}

/** Checks the bits that an action writes. */
export const checkTarget = ({ field }: Subfield, state: CheckState): OfErrorName | undefined => {
  if (!allows(state.match, field)) {
    state.warn('meta_flow', `destination field ${field} lacks correct prerequisites`)
    return 'OFPBAC_MATCH_INCONSISTENT'
  }
  if (isWritable(field)) return undefined
  state.warn('meta_flow', `destination field ${field} is not writable`)
  return 'OFPBAC_BAD_SET_ARGUMENT'
}

/** Whether frames have a VLAN tag where the action stands. */
export const isTagged = ({ match }: CheckState): boolean => (readNumber(match.key, 'vlan_tci') & 0x1000) !== 0

const outer = 1
const inner = 2

/** From here on frames have an outer tag, or none in its place. */
export const setOuterTag = (state: CheckState, isThere: boolean): void =>
  setTags(state, isThere ? state.tags | outer : state.tags & ~outer)

/** The tag that is there moves inside; false if there is no room, since Open vSwitch keeps two. */
export const pushTag = (state: CheckState): boolean => {
  if ((state.tags & inner) !== 0) return false
  setTags(state, (state.tags << 1) | outer)
  return true
}

/** The outer tag goes; an inner one whose outer one was written away stays where it is. */
export const popTag = (state: CheckState): void => {
  if ((state.tags & outer) !== 0) setTags(state, state.tags >> 1)
}

const setTags = (state: CheckState, tags: number): void => {
  state.tags = tags
  const isTag = (tags & outer) !== 0
  setField(state.match, 'vlan_tci', isTag ? 0x1000n : 0n, isTag ? 0x1000n : ones(16))
}
