import type { Subfield } from './bits.ts'

/** One piece of a learned flow: a match on a field, a `load` into one, or an output to the port that a field holds. */
export type LearnSpec = {
  /** A field of the frame, or a constant of `count` bits. */
  source: Subfield | { value: bigint; count: number }
  target: { type: 'match'; field: Subfield } | { type: 'load'; field: Subfield } | { type: 'output' }
}

/** What the `learn` action adds to a table (ovs-actions(7), "The learn action"). Timeouts are seconds. */
export type Learn = {
  table: number
  priority: number
  idleTimeout: number
  hardTimeout: number
  finIdleTimeout: number
  finHardTimeout: number
  cookie: bigint
  sendFlowRemoved: boolean
  /** Whether the learned flows go when the flow that has the action goes. */
  deleteLearned: boolean
  /** How many flows with this cookie it may make; 0 for no limit. */
  limit: number
  /** One bit that says whether the flow was learned or there already. */
  result: Subfield | undefined
  specs: readonly LearnSpec[]
}
