/**
 * Whether actions make sense for the frames that a match lets through, and which protocols can say them. OpenFlow 1.0
 * lets a flow change what its frames may not have (`mod_nw_src` without `ip`) and does nothing then; since 1.1 that is
 * an error. So such a list is not refused, but only 1.0 can carry it.
 */
import { type FieldName, field, fullMask } from '../flow/fields.ts'
import { allows as allowsField, copyMatch, getField, type Match, setField } from '../flow/match.ts'
import { type OfAction, OfPort, type Subfield } from './action.ts'
import { isOutputPort } from './action-text.ts'
import type { Precondition } from './action-version.ts'
import { isWritable } from './field-text.ts'
import { ones } from './number.ts'
import type { Warn } from './port-text.ts'
import { type Protocols, protocol } from './protocol.ts'

/** OpenFlow's name of the error, as in OFPT_ERROR. */
export type ActionError =
  | 'OFPBAC_BAD_OUT_PORT'
  | 'OFPBAC_MATCH_INCONSISTENT'
  | 'OFPBAC_BAD_SET_ARGUMENT'
  | 'OFPBIC_BAD_TABLE_ID'
  | 'OFPBAC_BAD_TAG'
export type ActionCheck = { ok: true; protocols: Protocols } | { ok: false; error: ActionError }

/** What the VLAN and IP parts of a match say, for `seenBy`. */
export const preconditionOf = (match: Match): Precondition => ({
  tagged: isTagged(match),
  ipProtocol: allows(match, 'tcp_src')
    ? 'tcp'
    : allows(match, 'udp_src')
      ? 'udp'
      : allows(match, 'sctp_src')
        ? 'sctp'
        : undefined,
})

/** A VLAN ID may be looked for in untagged frames, but only be written where there is a tag. */
const allows = (match: Match, name: FieldName): boolean => allowsField(match, name === 'vlan_vid' ? 'vlan_pcp' : name)

const isTagged = (match: Match): boolean => allows(match, 'vlan_pcp')

/** Checks a list for flows with this match in this table (undefined if not said). */
export const checkActions = (
  actions: readonly OfAction[],
  match: Match,
  table: number | undefined,
  warn: Warn = () => {},
): ActionCheck => {
  const state: State = { match: copyMatch(match), table, warn, tags: isTagged(match) ? 1 : 0 }
  let protocols: Protocols = protocol.any
  for (const action of actions) {
    const result = checkOne(action, state)
    if (typeof result === 'string') return { ok: false, error: result }
    protocols &= result
  }
  // Some actions only 1.0 can carry, others only later versions.
  return protocols === 0 ? { ok: false, error: 'OFPBAC_MATCH_INCONSISTENT' } : { ok: true, protocols }
}

/** `tags` is how many VLAN tags frames have by now. */
type State = { match: Match; table: number | undefined; warn: Warn; tags: number }
/** Open vSwitch keeps two. */
const mostTags = 2
const of10 = protocol.of10 | protocol.nxm
const extended = protocol.nxm | protocol.oxm

const checkOne = (action: OfAction, state: State): Protocols | ActionError => {
  const { match, table, warn } = state
  switch (action.type) {
    case 'output':
      return isOutputPort(action.port) && action.port !== OfPort.controller ? protocol.any : 'OFPBAC_BAD_OUT_PORT'
    case 'output_reg':
      return readable(action.source, match, warn) ? protocol.any : 'OFPBAC_MATCH_INCONSISTENT'
    case 'set_vlan_vid':
    case 'set_vlan_pcp': {
      const fine = action.push || isTagged(match)
      setTags(state, Math.max(state.tags, 1))
      return fine ? protocol.any : of10
    }
    case 'strip_vlan': {
      const fine = isTagged(match)
      setTags(state, Math.max(state.tags - 1, 0))
      return fine ? protocol.any : of10
    }
    case 'push_vlan':
      if (state.tags >= mostTags) return 'OFPBAC_BAD_TAG'
      setTags(state, state.tags + 1)
      return protocol.of11 | protocol.oxm
    case 'set_transport': {
      const { ipProtocol } = preconditionOf(match)
      return ipProtocol === undefined ? of10 : protocol.any
    }
    case 'dec_ttl':
      return allows(match, 'nw_ttl') ? protocol.any : of10
    case 'set_field':
      return checkSetField(action, state)
    case 'load':
      return checkTarget(action.target, match, warn, 'set_field') ?? protocol.any
    case 'move':
      if (!readable(action.source, match, warn)) return 'OFPBAC_MATCH_INCONSISTENT'
      return checkTarget(action.target, match, warn, 'move') ?? protocol.any
    case 'write_metadata':
      return extended | protocol.of11
    case 'goto_table':
      return table !== undefined && action.table <= table ? 'OFPBIC_BAD_TABLE_ID' : protocol.any
    default:
      return protocol.any
  }
}

const checkSetField = (action: Extract<OfAction, { type: 'set_field' }>, state: State): Protocols | ActionError => {
  const { field: name, as } = action
  const { match, warn } = state
  if (as === 'set_tunnel' || as === 'set_tunnel64') return protocol.any
  if (!allows(match, name)) {
    if (as === 'mod') return of10
    warn('ofp_actions', `set_field ${name} lacks correct prerequisites`)
    return 'OFPBAC_MATCH_INCONSISTENT'
  }
  if (name === 'vlan_tci') setTags(state, (action.value & action.mask & 0x1000n) === 0n ? 0 : Math.max(state.tags, 1))
  if (as === 'mod') return protocol.any
  const row = field(name)
  if (row.of10 !== undefined && !older.has(name)) return protocol.any
  if (always.has(name)) return protocol.any
  if (since11.has(name)) return extended | protocol.of11
  return extended
}

/** Fields that 1.0 and 1.1 have actions for, or loads of which every version takes. */
const always: ReadonlySet<FieldName> = new Set<FieldName>([
  'eth_src',
  'eth_dst',
  'ip_src',
  'ip_dst',
  'ip_dscp',
  'nw_tos',
  'tcp_src',
  'tcp_dst',
  'udp_src',
  'udp_dst',
  'vlan_vid',
  'vlan_pcp',
  'vlan_tci',
  'in_port',
])
const since11: ReadonlySet<FieldName> = new Set<FieldName>([
  'in_port_oxm',
  'nw_ecn',
  'metadata',
  'sctp_src',
  'sctp_dst',
  'mpls_label',
  'mpls_tc',
])
/** In 1.0's match, but not in its actions. */
const older: ReadonlySet<FieldName> = new Set<FieldName>(['nw_ecn', 'nw_ttl'])

const readable = ({ field: name }: Subfield, match: Match, warn: Warn): boolean => {
  if (allows(match, name)) return true
  warn('meta_flow', `source field ${name} lacks correct prerequisites`)
  return false
}

const checkTarget = (
  { field: name }: Subfield,
  match: Match,
  warn: Warn,
  by: 'set_field' | 'move',
): ActionError | undefined => {
  if (!allows(match, name)) {
    if (by === 'set_field') warn('ofp_actions', `set_field ${name} lacks correct prerequisites`)
    else warn('meta_flow', `destination field ${name} lacks correct prerequisites`)
    return 'OFPBAC_MATCH_INCONSISTENT'
  }
  if (isWritable(name)) return undefined
  warn('meta_flow', `destination field ${name} is not writable`)
  return 'OFPBAC_BAD_SET_ARGUMENT'
}

/** From here on frames have this many tags. */
const setTags = (state: State, tags: number): void => {
  state.tags = tags
  setField(state.match, 'vlan_tci', tags > 0 ? 0x1000n : 0n, tags > 0 ? 0x1000n : ones(16))
}

/**
 * What a match alone needs, from the fields that its text named: 1.0's and 1.1's matches are fixed rows, and know few
 * masks. They know no protocols over IPv6.
 */
export const protocolsOfMatch = (match: Match, named: Iterable<FieldName>): Protocols => {
  let protocols: Protocols = protocol.any
  for (const name of named) {
    const { of10: in10, of11: in11 } = field(name)
    const { mask } = getField(match, name)
    if (!fits(in10, mask, fullMask(name))) protocols &= ~protocol.of10
    if (!fits(in11, mask, fullMask(name))) protocols &= ~protocol.of11
  }
  const overIp6 = allows(match, 'ipv6_src') && getField(match, 'nw_proto').mask !== 0n
  return overIp6 ? protocols & extended : protocols
}

const fits = (how: 'exact' | 'cidr' | 'mask' | undefined, mask: bigint, full: bigint): boolean => {
  if (mask === full) return how !== undefined
  if (how === undefined) return mask === 0n
  if (how !== 'cidr') return how === 'mask' || mask === 0n
  const inverse = full & ~mask
  return (inverse & (inverse + 1n)) === 0n
}
