import type { Action } from '../../datapath/action.ts'
import { actionSize } from '../../datapath/action-size.ts'
import type { FlowKey } from '../../flow/layout.ts'
import type { OfAction } from '../../openflow/action.ts'
import type { Frame } from '../../wire/frame.ts'
import type { FrozenState } from '../frozen.ts'
import type { Mirror } from '../mirrors.ts'
import type { TunnelNews } from '../native-tunnels.ts'
import type { BridgePort } from '../port.ts'
import type { Rule } from '../rule.ts'
import type { BridgeView, SwitchView } from '../view.ts'
import type { Failure, Recorder, Step } from './recorder.ts'
import type { Freezing, Pushed, PutBy, Runnable } from './runnable.ts'
import type { Taught } from './taught.ts'
import type { Credit, Effect, MacTag, SlowReason } from './translation.ts'
import type { Written } from './written.ts'

/** Open vSwitch's limits: nested look-ups, and look-ups in all. */
export const maxDepth = 64
export const maxResubmits = 4096
/** Bytes on the stack at which a translation is given up. */
export const maxStack = 65536

export type { Freezing, Pushed, PutBy, Runnable } from './runnable.ts'

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
  /** The bridge that the frame came to; only of this one a miss has words in a trace. */
  readonly start: BridgeView
  /** The port by which it came there, if that is known and no patch port. */
  readonly receivedOn: string | undefined
  /** The key that was asked for, before anything changed it. */
  readonly asked: FlowKey
  /** The tunnel that the datapath has been told, if any, with its options. */
  tunnel: Uint32Array | undefined
  /** Whether the key's tunnel is the one that the frame came in by, as far as no action has written to it. */
  hasOwnTunnel: boolean
  /** Where datapath actions go: the list itself, or that of a datapath action with a list of its own. */
  actions: Action[]
  /** Bytes of all of them, in whatever list, as Open vSwitch keeps them: `actionSize`. */
  size: number
  readonly effects: Effect[]
  readonly credits: Credit[]
  readonly tunnelNews: TunnelNews[]
  readonly macTags: MacTag[]
  readonly slow: Set<SlowReason>
  /** Why the switch must see each of these frames itself, if it must. */
  eachFrame: SlowReason | undefined
  /** The frame itself, where there is one. */
  readonly frame: Frame | undefined
  /** Numbers of recirculations that the datapath actions mention. */
  readonly recircs: number[]
  readonly recorder: Recorder | undefined
  /** Takes pipelines that start again behind a connection tracker, for a trace to follow. */
  readonly forks: Fork[] | undefined
  /** Whether there is a frame, and effects will be applied: a trace that only looks does not say that it learned. */
  readonly learning: boolean
  /** Flows that this frame made; undefined if it makes none. */
  readonly taught: Taught | undefined
  /** Whether these are a controller's own actions. */
  readonly isPacketOut: boolean
  /** What this translation goes on from. */
  readonly frozen: FrozenState | undefined
  /** The table and rule whose actions are being run; no rule for a packet-out. */
  table: number
  rule: Rule | undefined
  cookie: bigint
  depth: number
  resubmits: number
  stack: Pushed[]
  actionSet: OfAction[]
  actionSetHasGroup: boolean
  inActionSet: boolean
  /** The first bridge's tables are through; the action set is what is left. */
  atEnd: boolean
  /** No more actions, up to the bridge, bucket or clone that began. */
  exited: boolean
  /** What becomes of the rest: it is put by until the frame comes again. */
  freezing: Freezing | undefined
  putBy: PutBy
  conntracked: boolean
  /** Labels were taken off, and what is below them is not known. */
  wasMpls: boolean
  /** Headers that the next commit puts on or takes off. */
  pendingEncap: PendingEncap | undefined
  pendingDecap: boolean
  /** What the `ct` being run has as its `nat`. */
  nat: Extract<OfAction, { type: 'nat' }> | undefined
  /** Mirrors of the bridge that have seen the frame. */
  mirrored: Set<Mirror>
  /** What a mirror's copy is cut to, bytes, while one is sent. */
  snapLength: number | undefined
  failure: Failure | undefined
  /** A limit that was reached behind a patch port or in a bucket: only that branch was given up. */
  limit: Failure | undefined
  dropReason: string | undefined
  /** The parts that call each other in a circle; `translate.ts` closes it. */
  readonly lookUp: LookUp
  readonly run: RunList
  /** Makes the copies of a frame that has gone out of a port. */
  readonly mirrorTo: (context: Context, port: BridgePort) => void
}

/** `tlvs`: context headers of NSH. */
export type PendingEncap = { tlvs: readonly number[] }

/** A pipeline that starts again: the key it starts with. */
export type Fork = { id: number; key: FlowKey; bridge: BridgeView; nat: Context['nat'] }

export type LookUpOptions = {
  /** The frame just came in from another bridge. */
  viaPatch?: boolean
  /** The port that the look-up sees, if another than the key's. */
  inPort?: number
  /** Whether a miss does what the table is set up to do. */
  honoursMiss?: boolean
  /** The connection's own addresses stand in for the frame's. */
  ct?: boolean
  /** Nothing is done to the frame afterwards. */
  last?: boolean
  /** What is done when the rule is known, before its actions are. */
  before?: () => void
  /** What ends the pipeline that begins with this look-up. */
  atEnd?: () => void
}

/** Looks up `table` of the context's bridge and runs what it finds. */
export type LookUp = (context: Context, table: number, options?: LookUpOptions) => void

/** Runs a list of actions; `written` is what `prepare` made of them. */
export type RunList = (
  context: Context,
  actions: readonly Runnable[],
  written: readonly (Written | undefined)[],
  how: { last: boolean; inBucket?: boolean },
) => void

/** Where an action stands. */
export type Place = {
  /** What it writes, if it writes constants. */
  written: Written | undefined
  /** Nothing is done to the frame afterwards. */
  last: boolean
  /** It is a group's. */
  inBucket: boolean
  /** The list it stands in, and where. */
  list: readonly Runnable[]
  index: number
}

/**
 * What comes after an action. Nothing said: the next one. `stop`: the rest of its list is not run. `next`: if the
 * rest is frozen, it begins behind this action, not with it. `nested`: actions it ran may have frozen the rest of theirs.
 */
export type After = 'stop' | 'next' | 'nested' | undefined

/** Runs one action. */
export type Run<T extends Runnable['type']> = (
  context: Context,
  action: Extract<Runnable, { type: T }>,
  place: Place,
  // biome-ignore lint/suspicious/noConfusingVoidType: most actions return nothing
) => After | void

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

/** Adds a datapath action of so many bytes; lists in it have been counted already. */
export const put = (context: Context, action: Action, size = actionSize(action)): void => {
  context.actions.push(action)
  context.size += size
}

/** Puts datapath actions that `run` makes into a list of their own, before which there are `head` bytes. */
export const gather = (context: Context, head: number, run: () => void): Action[] => {
  const { actions } = context
  const own: Action[] = []
  context.actions = own
  context.size += head
  run()
  context.actions = actions
  return own
}

/** Forgets the datapath actions from `count` on of a list, when there were so many bytes. */
export const forget = (context: Context, count: number, size: number): void => {
  context.actions.length = count
  context.size = size
}

/** Runs with a stack and an action set whose changes are forgotten afterwards. */
export const withOwnState = (context: Context, run: () => void): void => {
  const { stack, actionSet } = context
  context.stack = [...stack]
  context.actionSet = [...actionSet]
  run()
  context.stack = stack
  context.actionSet = actionSet
}
