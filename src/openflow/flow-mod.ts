import { type Match, newMatch } from '../flow/match.ts'
import type { OfAction } from './action.ts'

export type FlowCommand = 'add' | 'modify' | 'modify_strict' | 'delete' | 'delete_strict'

/** A change of flows, as OFPT_FLOW_MOD says it, of whatever version. Timeouts are seconds. */
export type FlowMod = {
  command: FlowCommand
  /** Undefined: table 0 when adding, all tables otherwise. */
  table: number | undefined
  priority: number
  match: Match
  /** The cookie that flows get; undefined leaves it. */
  newCookie: bigint | undefined
  /** The bits of the cookie that flows must have. */
  cookie: bigint
  cookieMask: bigint
  idleTimeout: number
  hardTimeout: number
  importance: number
  outPort: number | undefined
  outGroup?: number | undefined
  sendFlowRemoved: boolean
  checkOverlap: boolean
  resetCounts: boolean
  noPacketCounts: boolean
  noByteCounts: boolean
  actions: readonly OfAction[]
}

export const defaultPriority = 0x8000

/** A flow_mod that says nothing but its command: all flows, no actions. */
export const plainFlowMod = (command: FlowCommand): FlowMod => ({
  command,
  table: undefined,
  priority: defaultPriority,
  match: newMatch(),
  newCookie: undefined,
  cookie: 0n,
  cookieMask: 0n,
  idleTimeout: 0,
  hardTimeout: 0,
  importance: 0,
  outPort: undefined,
  sendFlowRemoved: false,
  checkOverlap: false,
  resetCounts: false,
  noPacketCounts: false,
  noByteCounts: false,
  actions: [],
})
