import type { OfAction } from '../openflow/action.ts'
import type { RemovedReason, Requestor, Rule } from './rule.ts'

/**
 * What happened to a flow. Events come in order, after the flow_mod or the whole bundle that caused them is done; `by` is
 * who asked, undefined for the switch itself (a timeout, a learned flow).
 */
export type FlowEvent =
  | { what: 'added'; rule: Rule; by: Requestor | undefined }
  /** `before`: what the flow was. */
  | {
      what: 'modified'
      rule: Rule
      by: Requestor | undefined
      before: { actions: readonly OfAction[]; cookie: bigint }
    }
  | { what: 'removed'; rule: Rule; by: Requestor | undefined; reason: RemovedReason }
  /** A table became too full, or has room again (OFPTR_VACANCY_DOWN, _UP). */
  | { what: 'vacancy'; table: number; reason: 'vacancy_down' | 'vacancy_up' }
