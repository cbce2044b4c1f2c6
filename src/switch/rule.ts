import type { Match } from '../flow/match.ts'
import type { MatchRows, Seated } from '../flow/match-rows.ts'
import type { OfAction } from '../openflow/action.ts'
import { defaultPriority } from '../openflow/flow-mod.ts'
import { prepare, type Written } from './translate/written.ts'

/** OpenFlow's flags of a flow. */
export type FlowFlags = {
  /** Tell when it goes. */
  sendFlowRemoved: boolean
  checkOverlap: boolean
  resetCounts: boolean
  noPacketCounts: boolean
  noByteCounts: boolean
}

export const noFlags: Readonly<FlowFlags> = {
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
  cookie?: bigint | undefined
  idleTimeout?: number
  hardTimeout?: number
  importance?: number
  flags?: Partial<FlowFlags>
}

/**
 * A flow in a table. Its statistics are right when the switch has pulled them: `Bridge.flows` does, and so does
 * `Switch.syncStats`. Times are the clock's nanoseconds. A million of them must fit in memory: the match is kept by the
 * table's classifier, and what is the same for many is shared.
 */
export class Rule implements Seated {
  readonly table: number
  readonly priority: number
  rows: MatchRows | undefined = undefined
  row = 0
  actions: readonly OfAction[]
  /** What `written` gives, once it was asked for. */
  private prepared: readonly (Written | undefined)[] | undefined = undefined
  cookie: bigint
  idleTimeout: number
  hardTimeout: number
  importance: number
  /** Shared by all rules with the same. */
  flags: Readonly<FlowFlags>
  created: number
  /** When it was added or its actions last changed: hard timeouts count from here. */
  modified: number
  /** When a packet last hit it, or it was added. */
  used: number
  packets = 0
  bytes = 0
  /** Goes true once, when it leaves its table: statistics may still arrive. */
  removed = false
  /** Its places among the rules that time out and those that can be evicted; -1 for none. Theirs to write. */
  timer = -1
  seat = -1

  constructor(spec: FlowSpec, now: number) {
    this.table = spec.table ?? 0
    this.priority = spec.priority ?? defaultPriority
    this.actions = spec.actions
    this.cookie = spec.cookie || 0n
    this.idleTimeout = spec.idleTimeout ?? 0
    this.hardTimeout = spec.hardTimeout ?? 0
    this.importance = spec.importance ?? 0
    this.flags = sharedFlags(spec.flags)
    this.created = now
    this.modified = now
    this.used = now
  }

  /** What `prepare` makes of the actions; may be shorter. Most of a million flows never see a frame, and are not asked. */
  get written(): readonly (Written | undefined)[] {
    this.prepared ??= preparedOf(this.actions)
    return this.prepared
  }

  /** Gives it other actions. */
  act(actions: readonly OfAction[]): void {
    this.actions = actions
    this.prepared = undefined
  }

  /** A copy. */
  get match(): Match {
    return (this.rows as MatchRows).match(this.row)
  }

  /** Makes a match that fits every key that of the rule. */
  spreadMatch(match: Match): void {
    ;(this.rows as MatchRows).spread(this.row, match)
  }

  /** Whether it is the switch's own: controllers neither see nor change it. */
  get isHidden(): boolean {
    return this.priority > 0xffff
  }
}

/** Why a flow went: OFPRR_*. */
export type RemovedReason = 'idle' | 'hard' | 'delete' | 'group_delete' | 'meter_delete' | 'eviction'

/** Who asks for a change: a controller's connection, and the number of its message. */
export type Requestor = { readonly connection: object; readonly xid: number }

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
  outPort?: number | undefined
  /** Only flows with an action to this group. */
  outGroup?: number | undefined
}

export type FlowAggregate = { packets: number; bytes: number; flows: number }

const flagSets: Readonly<FlowFlags>[] = []

/** One object for all rules with the same flags. */
const sharedFlags = (flags: Partial<FlowFlags> | undefined): Readonly<FlowFlags> => {
  if (flags === undefined) return noFlags
  const { sendFlowRemoved = false, checkOverlap = false, resetCounts = false } = flags
  const { noPacketCounts = false, noByteCounts = false } = flags
  const bits =
    (sendFlowRemoved ? 1 : 0) |
    (checkOverlap ? 2 : 0) |
    (resetCounts ? 4 : 0) |
    (noPacketCounts ? 8 : 0) |
    (noByteCounts ? 16 : 0)
  flagSets[bits] ??= { sendFlowRemoved, checkOverlap, resetCounts, noPacketCounts, noByteCounts }
  return flagSets[bits]
}

const nothingWritten: readonly (Written | undefined)[] = []

/** What `prepare` gives, or one empty list for all actions that write no constants, as most flows' do. */
export const preparedOf = (actions: readonly OfAction[]): readonly (Written | undefined)[] => {
  const written = prepare(actions)
  return written.every(words => words === undefined) ? nothingWritten : written
}
