import type { Action } from '../../datapath/action.ts'
import type { FlowKey } from '../../flow/layout.ts'
import type { OfAction } from '../../openflow/action.ts'
import type { BridgePort } from '../port.ts'
import type { Rule } from '../rule.ts'
import type { BridgeView, SwitchView } from '../view.ts'
import type { Failure, Recorder, Step } from './recorder.ts'
import type { Credit, Effect } from './translation.ts'
import type { Written } from './written.ts'

/** Open vSwitch's limits: nested look-ups, and look-ups in all. */
export const maxDepth = 64
export const maxResubmits = 4096

/**
 * A translation on its way. `flow` is the key as the actions so far have made it, `base` is what the datapath's frame
 * would look like if it were sent now: they differ by what `commit` has not written out yet.
 */
export type Context = {
  readonly view: SwitchView
  bridge: BridgeView
  readonly flow: FlowKey
  readonly base: FlowKey
  readonly mask: FlowKey
  /** The tunnel row that the datapath has been told, if any. */
  tunnel: Uint32Array | undefined
  readonly actions: Action[]
  readonly effects: Effect[]
  readonly credits: Credit[]
  readonly macTags: string[]
  readonly recorder: Recorder | undefined
  /** Whether effects will be applied: a trace that only looks does not say that it learned. */
  readonly learning: boolean
  /** The table and rule whose actions are being run; no rule for a packet-out. */
  table: number
  rule: Rule | undefined
  depth: number
  resubmits: number
  /** Set by an action after which no other runs, until the table is left: a TTL that ran out. */
  stopped: boolean
  failure: Failure | undefined
  /** A limit that was reached behind a patch port: only that branch was given up. */
  limit: Failure | undefined
  dropReason: string | undefined
  /** The parts that call each other in a circle; `translate.ts` closes it. */
  readonly lookUp: LookUp
}

/**
 * Looks up `table` of the context's bridge and runs what it finds. `viaPatch`: the frame just came in from another
 * bridge. `inPort` is the port that the look-up sees, if another than the key's.
 */
export type LookUp = (context: Context, table: number, viaPatch: boolean, inPort?: number) => void

/** Runs one action; `written` is what it writes, if it writes constants. */
export type Run<T extends OfAction['type']> = (
  context: Context,
  action: Extract<OfAction, { type: T }>,
  written: Written | undefined,
) => void

export const record = (context: Context, step: Step): void => context.recorder?.step(step)

/** Gives the translation up; nothing is forwarded then. */
export const fail = (context: Context, failure: Failure): void => {
  context.failure ??= failure
  record(context, { kind: 'detail', detail: { what: 'failed', failure } })
}

/** A reason why the frame goes nowhere; the first one counts. */
export const dropped = (context: Context, reason: string): void => {
  context.dropReason ??= reason
}

/** The port with this number on the context's bridge. */
export const portOf = (context: Context, ofport: number): BridgePort | undefined => context.bridge.ports.get(ofport)

export const isStopped = (context: Context): boolean => context.stopped || context.failure !== undefined
