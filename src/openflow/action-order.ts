/**
 * Which actions may stand together. Since OpenFlow 1.1 a flow has instructions, each at most once and in one order;
 * all plain actions together are one of them, `apply_actions`. Open vSwitch holds 1.0's flows to the same.
 */
import type { FieldName } from '../flow/fields.ts'
import type { ActionOf, OfAction } from './action.ts'
import type { Outer } from './actions/codec.ts'
import type { OfErrorName } from './error.ts'
import type { Version } from './protocol.ts'

const instructions = [
  'meter',
  'apply_actions',
  'clear_actions',
  'write_actions',
  'write_metadata',
  'goto_table',
] as const
const apply = 1

/** Which instruction an action belongs to, as its place in the order; in 1.5 a meter is an action. */
export const instructionOf = (type: OfAction['type'], version?: Version): number => {
  switch (type) {
    case 'meter':
      return version === 6 ? apply : 0
    case 'clear_actions':
      return 2
    case 'write_actions':
      return 3
    case 'write_metadata':
      return 4
    case 'goto_table':
      return 5
    default:
      return apply
  }
}

/** What is wrong with a list: the name of the error, and ovs-ofctl's words for it. */
export type Misplaced = { error: OfErrorName; words: string }
const misplacedAs = (error: OfErrorName, words: string): Misplaced => ({ error, words })

/** The field that an action writes, if it writes one. */
export const writtenField = (action: OfAction): FieldName | undefined => {
  switch (action.type) {
    case 'set_field':
      return action.as === undefined ? action.field : undefined
    case 'load':
    case 'move':
      return action.target.field
    default:
      return undefined
  }
}

/** Checks the order of a list, and what stands inside `outer` if that is said; `onlyActions`: no other instruction. */
export const misplaced = (
  actions: readonly OfAction[],
  outer: Outer | undefined,
  onlyActions: boolean,
  version?: Version,
): Misplaced | undefined => {
  let last = -1
  for (const action of actions) {
    const { type } = action
    if (type === 'conjunction') return besideConjunction(actions)
    const wrong = misnested(action, outer)
    if (wrong !== undefined) return wrong
    const next = instructionOf(type, version)
    if (outer !== undefined && type === 'meter' && next !== apply) {
      return misplacedAs('OFPBAC_BAD_ARGUMENT', `${outer} action doesn't support nested action meter`)
    }
    if (last >= 0 && (last === apply ? next < last : next <= last)) return misordered(last, next)
    // A meter is read as an action too, which 1.5 has.
    if (onlyActions && next !== apply && type !== 'meter') {
      return misplacedAs('OFPBIC_UNSUP_INST', `${instructions[next]} instruction not allowed here`)
    }
    last = next
  }
  return undefined
}

const misordered = (last: number, next: number): Misplaced =>
  misplacedAs(
    'OFPBAC_UNSUPPORTED_ORDER',
    next === last
      ? `duplicate ${instructions[last]} instruction not allowed, for OpenFlow 1.1+ compatibility`
      : `invalid instruction ordering: ${instructions[next]} must appear before ${instructions[last]}, for OpenFlow 1.1+ compatibility`,
  )

const besideConjunction = (actions: readonly OfAction[]): Misplaced | undefined => {
  const other = actions.find(({ type }) => type !== 'conjunction' && type !== 'note')
  if (other === undefined) return undefined
  return misplacedAs(
    'NXBAC_BAD_CONJUNCTION',
    `"conjunction" actions may be used along with "note" but not any other kind of action (such as the "${nameOf(other)}" action used here)`,
  )
}

/** Fields that only a connection tracker writes. */
const isOfConnection = (name: FieldName): boolean => name === 'ct_mark' || name === 'ct_label'

/** Only a connection tracker's own fields and `nat` may stand in `ct(exec(…))`, and only there. */
const misnested = (action: OfAction, outer: Outer | undefined): Misplaced | undefined => {
  const written = writtenField(action)
  if (written !== undefined && isOfConnection(written) && outer !== 'ct') {
    return misplacedAs('OFPBAC_BAD_SET_ARGUMENT', 'cannot set CT fields outside of ct action')
  }
  if (action.type === 'nat') {
    if (outer === 'ct') return undefined
    return misplacedAs('OFPBAC_BAD_SET_ARGUMENT', 'Cannot have NAT action outside of "ct" action')
  }
  if (outer !== 'ct') return undefined
  if (written === undefined) {
    return misplacedAs('OFPBAC_BAD_ARGUMENT', `ct action doesn't support nested action ${nameOf(action)}`)
  }
  if (isOfConnection(written)) return undefined
  return misplacedAs('OFPBAC_BAD_ARGUMENT', `ct action doesn't support nested modification of ${written}`)
}

/** Older actions that set one field, by the field. */
const modNames: { readonly [N in FieldName]?: string } = {
  eth_src: 'mod_dl_src',
  eth_dst: 'mod_dl_dst',
  ip_src: 'mod_nw_src',
  ip_dst: 'mod_nw_dst',
  ip_dscp: 'mod_nw_tos',
  nw_ecn: 'mod_nw_ecn',
  nw_ttl: 'mod_nw_ttl',
}

/** Whether it is no more than an output to the reserved port. */
const isOutput = ({ reason, controllerId, userdata, pause, meter, as }: ActionOf<'controller'>): boolean =>
  reason === 'action' && controllerId === 0 && [userdata, pause, meter, as].every(part => part === undefined)

/** The action's name in messages: one name an action, whatever the text was. */
export const nameOf = (action: OfAction): string => {
  switch (action.type) {
    case 'set_transport':
      return `mod_tp_${action.side}`
    case 'load':
      return 'set_field'
    case 'controller':
      return isOutput(action) ? 'output' : 'controller'
    case 'set_field':
      if (action.as === 'set_tunnel' || action.as === 'set_tunnel64') return 'set_tunnel'
      return (action.as === 'mod' ? modNames[action.field] : undefined) ?? 'set_field'
    default:
      return action.type
  }
}
