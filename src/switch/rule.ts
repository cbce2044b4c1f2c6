import type { Match } from '../flow/match.ts'
import type { OfAction } from '../openflow/action.ts'
import type { Written } from './translate/written.ts'

/** OpenFlow's flags of a flow. */
export type FlowFlags = {
  /** Tell when it goes. */
  sendFlowRemoved: boolean
  checkOverlap: boolean
  resetCounts: boolean
  noPacketCounts: boolean
  noByteCounts: boolean
}

export const noFlags: FlowFlags = {
  sendFlowRemoved: false,
  checkOverlap: false,
  resetCounts: false,
  noPacketCounts: false,
  noByteCounts: false,
}

/** A flow to put into a table; what is left out is zero, empty or false. Timeouts are seconds, 0 means never. */
export type FlowSpec = {
  table?: number
  priority?: number
  match: Match
  actions: readonly OfAction[]
  cookie?: bigint
  idleTimeout?: number
  hardTimeout?: number
  importance?: number
  flags?: Partial<FlowFlags>
}

/**
 * A flow in a table. Its statistics are right when the switch has pulled them: `Bridge.flows` does, and so does
 * `Switch.syncStats`. Times are the clock's nanoseconds.
 */
export type Rule = {
  readonly table: number
  readonly priority: number
  readonly match: Match
  actions: readonly OfAction[]
  /** What `prepare` makes of the actions. */
  written: readonly (Written | undefined)[]
  cookie: bigint
  idleTimeout: number
  hardTimeout: number
  importance: number
  flags: FlowFlags
  created: number
  /** When it was added or its actions last changed: hard timeouts count from here. */
  modified: number
  /** When a packet last hit it, or it was added. */
  used: number
  packets: number
  bytes: number
  /** Goes true once, when it leaves its table: statistics may still arrive. */
  removed: boolean
}

/** Why a flow went: `OFPRR_IDLE_TIMEOUT`, `OFPRR_HARD_TIMEOUT`, `OFPRR_DELETE`, `OFPRR_EVICTION`. */
export type RemovedReason = 'idle' | 'hard' | 'delete' | 'eviction'

/** What to look for among flows; what is left out does not matter. */
export type FlowFilter = {
  /** Undefined for all tables. */
  table?: number | undefined
  /** Non-strict: flows whose match is equal or more specific. Strict: equal, with the same priority. */
  match?: Match
  priority?: number
  strict?: boolean
  cookie?: bigint
  cookieMask?: bigint
  /** Only flows with an `output` to this port. */
  outPort?: number
}

export type FlowAggregate = { packets: number; bytes: number; flows: number }
