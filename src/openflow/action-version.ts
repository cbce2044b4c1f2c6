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
import type { OfAction } from './action.ts'
import type { ActionKind, SeenState } from './actions/codec.ts'
import { kindsByType } from './actions/registry.ts'
import type { Version } from './protocol.ts'

/** What matters about the frames that a flow matches: whether they have a VLAN tag, and their IP protocol if known. */
export type Precondition = { tagged: boolean; ipProtocol: 'tcp' | 'udp' | 'sctp' | undefined }

/** Of frames of which nothing is known. */
export const unknownFrames: Precondition = { tagged: false, ipProtocol: undefined }

/** The actions as a peer of `version` sees them: the same list if it has words for all of them. */
export const seenBy = (
  version: Version,
  actions: readonly OfAction[],
  before: Precondition = unknownFrames,
): readonly OfAction[] => translate(version, actions, stateOf(version, before))

const stateOf = (version: Version, before: Precondition): SeenState => {
  const state: SeenState = {
    ipProtocol: before.ipProtocol,
    tagged: before.tagged,
    nested(actions) {
      const { tagged } = state
      const seen = translate(version, actions, state)
      state.tagged = tagged
      return seen
    },
  }
  return state
}

const translate = (version: Version, actions: readonly OfAction[], state: SeenState): readonly OfAction[] => {
  let out: OfAction[] | undefined
  for (let i = 0; i < actions.length; i++) {
    const action = actions[i]!
    const kind = kindsByType[action.type] as ActionKind<OfAction['type']> | undefined
    const seen = kind?.seenBy?.(action, version, state) ?? action
    if (seen === action) {
      out?.push(action)
      continue
    }
    out ??= actions.slice(0, i)
    if (Array.isArray(seen)) out.push(...(seen as readonly OfAction[]))
    else out.push(seen as OfAction)
  }
  return out ?? actions
}
