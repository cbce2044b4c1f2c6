/**
 * Whether actions make sense for the frames that a match lets through, and which protocols can say them. OpenFlow 1.0
 * lets a flow change what its frames may not have (`mod_nw_src` without `ip`) and does nothing then; since 1.1 that is
 * an error. So such a list is not refused, but only 1.0 can carry it. Each action checks itself (`ActionKind.check`).
 */
import { type FieldName, field, fullMask } from '../flow/fields.ts'
import { word } from '../flow/layout.ts'
import { allows, copyMatch, getField, type Match, newMatch } from '../flow/match.ts'
import { type OfAction, OfPort } from './action.ts'
import type { Precondition } from './action-version.ts'
import type { ActionKind, CheckState } from './actions/codec.ts'
import { kindsByType } from './actions/registry.ts'
import type { OfErrorName } from './error.ts'
import type { Warn } from './port-text.ts'
import { type Protocols, protocol, protocolsOf } from './protocol.ts'

/** OpenFlow's name of the error, as in OFPT_ERROR. */
export type ActionCheck = { ok: true; protocols: Protocols } | { ok: false; error: OfErrorName }

export type CheckOptions = {
  warn?: Warn
  /** First number that is no port; by default all of 16 bits that are not reserved. */
  maxPort?: number
  /** How many tables there are. */
  tables?: number
}

/** What the VLAN and IP parts of a match say, for `seenBy`. */
export const preconditionOf = (match: Match): Precondition => {
  const kind = transports[match.key[word.ip]! & 0xff]
  const known = kind !== undefined && allows(match, `${kind}_src`) ? preconditions[kind] : preconditions.other
  return allows(match, 'vlan_pcp') ? known.tagged : known.untagged
}

const transports: { readonly [proto: number]: 'tcp' | 'udp' | 'sctp' } = { 6: 'tcp', 17: 'udp', 132: 'sctp' }
const bothOf = (ipProtocol: Precondition['ipProtocol']): { tagged: Precondition; untagged: Precondition } => ({
  tagged: { tagged: true, ipProtocol },
  untagged: { tagged: false, ipProtocol },
})
/** One object for each, so that they can be told apart by themselves. */
const preconditions = { tcp: bothOf('tcp'), udp: bothOf('udp'), sctp: bothOf('sctp'), other: bothOf(undefined) }

/**
 * Checks a flow's list, with this match in this table (undefined if not said), as text gave it: `protocols` are those
 * that can say it.
 */
export const checkActions = (
  actions: readonly OfAction[],
  match: Match,
  table: number | undefined,
  warn: Warn = () => {},
  options: Omit<CheckOptions, 'warn'> = {},
): ActionCheck => {
  const checked = checkFrames(actions, match, table, { ...options, warn })
  if (!checked.ok) return checked
  const protocols = checked.protocols & protocolsOfActions(actions)
  // Some actions only 1.0 can carry, others only later versions.
  return protocols === 0 ? { ok: false, error: 'OFPBAC_MATCH_INCONSISTENT' } : { ok: true, protocols }
}

/** Checks a list that came from a peer that speaks `spoken`; undefined if it is good. */
export const checkReceived = (
  actions: readonly OfAction[],
  match: Match,
  table: number | undefined,
  spoken: Protocols,
  options: CheckOptions = {},
): OfErrorName | undefined => {
  const checked = checkFrames(actions, match, table, options)
  if (!checked.ok) return checked.error
  return (checked.protocols & spoken) === 0 ? 'OFPBAC_MATCH_INCONSISTENT' : undefined
}

/** A match kept for the next check, absent during one: actions can hold flows. */
let idle: Match | undefined

/** The protocols in which the list is right for these frames. */
export const checkFrames = (
  actions: readonly OfAction[],
  match: Match,
  table: number | undefined,
  { warn = () => {}, maxPort = OfPort.max, tables = 256 }: CheckOptions,
): ActionCheck => {
  const known = idle ?? newMatch()
  idle = undefined
  known.key.set(match.key)
  known.mask.set(match.mask)
  known.tlv = match.tlv
  const state: CheckState = {
    match: known,
    tags: allows(match, 'vlan_pcp') ? 1 : 0,
    table,
    tables,
    maxPort,
    warn,
    protocols: protocol.any,
    nested(inside) {
      const { match: before, tags } = state
      state.match = copyMatch(before)
      const error = checkList(inside, state)
      state.match = before
      state.tags = tags
      return error
    },
  }
  const error = checkList(actions, state)
  idle = known
  return error === undefined ? { ok: true, protocols: state.protocols } : { ok: false, error }
}

const checkList = (actions: readonly OfAction[], state: CheckState): OfErrorName | undefined => {
  for (const action of actions) {
    const kind = kindsByType[action.type] as ActionKind<OfAction['type']> | undefined
    const error = kind?.check?.(action, state)
    if (error !== undefined) return error
  }
  return undefined
}

/** The protocols whose text may say the list, with the actions inside actions. */
export const protocolsOfActions = (actions: readonly OfAction[]): Protocols => {
  let protocols: Protocols = protocol.any
  for (const action of actions) {
    const kind = kindsByType[action.type] as ActionKind<OfAction['type']> | undefined
    protocols &= kind?.protocols?.(action) ?? protocol.any
    // Open vSwitch's parser forgets at each `clone` what came before it.
    if (action.type === 'clone') protocols = protocolsOfActions(action.actions)
    else if ('actions' in action) protocols &= protocolsOfActions(action.actions)
  }
  return protocols
}

/** The same of a list that no instructions can be in: there a meter is an action, which 1.5 has. */
export const protocolsOfList = (actions: readonly OfAction[]): Protocols =>
  protocolsOfActions(actions) & (actions.some(({ type }) => type === 'meter') ? protocolsOf(6) : protocol.any)

/**
 * What a match alone needs, from the fields that its text named: 1.0's and 1.1's matches are fixed rows, and know few
 * masks. They know no protocols over IPv6.
 */
export const protocolsOfMatch = (match: Match, named: Iterable<FieldName>): Protocols => {
  let protocols: Protocols = protocol.any
  for (const name of named) {
    const { of10: in10, of11: in11, codes } = field(name)
    const { mask } = getField(match, name)
    // What no header stands for, no match can say.
    if (mask !== 0n && in10 === undefined && codes === undefined) return protocol.none
    if (!fits(in10, mask, fullMask(name))) protocols &= ~protocol.of10
    if (!fits(in11, mask, fullMask(name))) protocols &= ~protocol.of11
  }
  const overIp6 = allows(match, 'ipv6_src') && getField(match, 'nw_proto').mask !== 0n
  return overIp6 ? protocols & (protocol.nxm | protocol.oxm) : protocols
}

const fits = (how: 'exact' | 'cidr' | 'mask' | undefined, mask: bigint, full: bigint): boolean => {
  if (mask === full) return how !== undefined
  if (how === undefined) return mask === 0n
  if (how !== 'cidr') return how === 'mask' || mask === 0n
  const inverse = full & ~mask
  return (inverse & (inverse + 1n)) === 0n
}
