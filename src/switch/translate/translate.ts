import type { KeyPool } from '../../flow/key-pool.ts'
import { type FlowKey, fragment, hasTunnel, newKey, passingCopy, word } from '../../flow/layout.ts'
import { typeOf } from '../../flow/match.ts'
import { type OfAction, OfPort } from '../../openflow/action.ts'
import { markTunnel } from '../../tunnel/ports.ts'
import { EtherType } from '../../wire/ethernet.ts'
import type { Frame } from '../../wire/frame.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { type FrozenState, restoreMetadata } from '../frozen.ts'
import type { BridgePort } from '../port.ts'
import type { Rule } from '../rule.ts'
import type { BridgeView, SwitchView } from '../view.ts'
import { runActions } from './actions.ts'
import { runCloned, unwrapLast } from './clone.ts'
import { type Context, dropped, type Fork, fail, forget, type LookUp, type Runnable, record } from './context.ts'
import { sendToController } from './controller.ts'
import { clearConnection } from './ct-clear.ts'
import { canSwap, swapConnection } from './ct-swap.ts'
import { finishFreezing, nothingPutBy, triggerFreeze } from './freeze.ts'
import { hasRoom, isTooMuch } from './limits.ts'
import { mirrorFrom, mirrorTo } from './mirror.ts'
import { isMpls } from './mpls-labels.ts'
import { whyRefused } from './reception.ts'
import type { Internal, Recorder } from './recorder.ts'
import { Taught } from './taught.ts'
import type { Translation } from './translation.ts'
import { onlyLearns } from './tree.ts'
import { vlanPresent } from './vlan-tag.ts'
import { addToSet, runActionSet } from './write-actions.ts'
import { prepare, preparedOnce, type Written } from './written.ts'

export type TranslateOptions = {
  recorder?: Recorder | undefined
  /** Whether the caller will apply the effects; true unless it only wants to look. */
  learning?: boolean
  /** Whether there is a frame that does all this now, not a question what frames would do: `learn` makes flows. */
  teaches?: boolean
  /** Where pipelines go that start again behind a connection tracker. */
  forks?: Fork[] | undefined
  /** The actions are a controller's own. */
  isPacketOut?: boolean
  /** The frame itself: what it says to the switch is heard. */
  frame?: Frame | undefined
  /** Where the keys of `translate` and `translateActions` come from, if nobody needs the translation for longer than they are lent. */
  rows?: KeyPool
}

/**
 * From a flow key to what the datapath does with all frames like it.
 *
 * The key runs through the OpenFlow tables once. On the way, `mask` gathers every bit that any decision looked at: the
 * classifiers', the fields that actions read or write, the addresses that NORMAL looks up. All frames that agree with
 * the key under that mask would have gone the same way, so the resulting list of actions is theirs too. A bit set for
 * nothing splits a megaflow in two; a bit forgotten sends frames the wrong way, so in doubt a bit is set. Since fields
 * may be rewritten and matched afterwards, bits can be set that only the rewritten value mattered for: also safe.
 *
 * Translation reads the world and changes nothing: what a frame does (teach a MAC, count on a flow) comes back as lists,
 * because it must be done again each time the datapath reports that more frames took this way. But flows that the frame
 * itself teaches are made on the way (`taught.ts`), since it may meet them behind a patch port.
 */
export const translate = (view: SwitchView, key: FlowKey, options: TranslateOptions = {}): Translation => {
  const { rows } = options
  const mask = rows?.take() ?? newKey()
  const ref = view.inputPort(key, mask)
  if (ref === undefined) {
    finishMask(key, key, mask, true)
    return { ...nothing, mask, finalKey: key, failure: undefined, limit: undefined, dropReason: 'no_port' }
  }
  const flow = rows?.copy(key) ?? passingCopy(key)
  flow[word.inPort] = ref.port.ofport
  return enter(newContext(view, ref.bridge, flow, mask, options), key)
}

const nothing: Pick<
  Translation,
  'actions' | 'isMaskWhole' | 'effects' | 'credits' | 'tunnelNews' | 'macTags' | 'recircs' | 'slow' | 'eachFrame'
> = {
  actions: [],
  isMaskWhole: true,
  effects: [],
  credits: [],
  tunnelNews: [],
  macTags: [],
  recircs: [],
  slow: new Set(),
  eachFrame: undefined,
}

/** As `translate`, for a frame that came to a bridge by a port that may not exist; `key` has OpenFlow's port number. */
export const translateIn = (
  view: SwitchView,
  bridge: BridgeView,
  key: FlowKey,
  options: TranslateOptions = {},
): Translation => enter(newContext(view, bridge, passingCopy(key), newKey(), options), key)

const enter = (context: Context, key: FlowKey): Translation => {
  const { flow, mask, bridge, frozen } = context
  const port = bridge.ports.get(flow[word.inPort]!)
  if (hasTunnel(flow)) markTunnel(flow, mask)
  context.recorder?.enter({ kind: 'bridge', name: bridge.name })
  if (flow[word.recircId] !== 0) {
    if (frozen === undefined) {
      record(context, { kind: 'detail', detail: { what: 'no_state', id: flow[word.recircId]! } })
      context.failure = 'no_state'
    } else goOn(context, frozen)
  } else receive(context, port)
  context.recorder?.leave()
  return finish(context, key)
}

/** A frame that came in at a port goes through the tables, or through `actions` if a controller gave it some. */
const receive = (context: Context, port: BridgePort | undefined, actions?: readonly OfAction[]): void => {
  // What comes in at a device counts there when it comes; what a controller sends did not come.
  if (port !== undefined && (actions === undefined || port.type === 'vxlan'))
    context.credits.push({ type: 'receive', port })
  const refusal = whyRefused(context, context.bridge, port)
  if (refusal !== undefined) {
    refuse(context, refusal, port, actions === undefined ? 0 : undefined)
    return
  }
  const before = (): void => mirrorFrom(context)
  if (actions !== undefined) runOwn(context, actions, prepare(actions), before)
  else lookUp(context, 0, { honoursMiss: true, last: true, before, atEnd: () => endPipeline(context) })
  if (port !== undefined && onlyLearns(port)) forget(context, 0, 0)
}

/** Runs what is no flow's: a look-up in there, and `before`, is a nested one. */
const runOwn = (
  context: Context,
  actions: readonly Runnable[],
  written: readonly (Written | undefined)[],
  before?: () => void,
): void => {
  context.resubmits = 0
  before?.()
  runActions(context, actions, written, { last: true })
  endPipeline(context)
}

/** Open vSwitch looks into the table first, if there are no actions yet, and then refuses: the trace has the rule. */
const refuse = (context: Context, why: string, port: BridgePort | undefined, first: number | undefined): void => {
  if (first !== undefined) {
    const { table, rule, what } = find(context, first, undefined, true)
    context.recorder?.enter({ kind: 'table', table, rule, internal: internalOf(context, what) })
  }
  if (why === 'mirror_port') record(context, { kind: 'detail', detail: { what: why, port: port?.name ?? '' } })
  if (first !== undefined) context.recorder?.leave()
  dropped(context, why)
}

const endPipeline = (context: Context): void => {
  if (context.failure !== undefined) return
  context.atEnd = true
  if (context.freezing === undefined) runActionSet(context)
  finishFreezing(context)
}

/** Takes up a pipeline that was frozen, where it stopped. */
const goOn = (context: Context, frozen: FrozenState): void => {
  const { flow } = context
  context.recorder?.enter({ kind: 'thaw' })
  const bridge = context.view.bridge(frozen.bridge)
  if (bridge === undefined) {
    fail(context, 'bridge_gone')
    context.recorder?.leave()
    return
  }
  context.bridge = bridge
  context.table = frozen.table
  record(context, { kind: 'thawed', detail: { what: 'resuming', table: frozen.table } })
  context.conntracked = frozen.conntracked
  context.mirrored = new Set(bridge.mirrors.filter(({ options }) => frozen.mirrored?.includes(options.uuid)))
  if (!frozen.conntracked) clearConnection(context)
  restoreMetadata(frozen.metadata, flow)
  context.stack = [...frozen.stack]
  if (frozen.actionSet.length > 0) {
    record(context, { kind: 'thawed', detail: { what: 'restoring_set', actions: frozen.actionSet } })
    addToSet(context, frozen.actionSet)
  }
  if (frozen.actions.length > 0)
    record(context, { kind: 'thawed', detail: { what: 'restoring_actions', actions: frozen.actions } })
  context.recorder?.leave()
  // Of a frame that froze in another bridge than it came to, Open vSwitch takes the port there for one of the first.
  const port = context.start.ports.get(flow[word.inPort]!)
  const refusal = whyRefused(context, context.start, port)
  if (refusal !== undefined) {
    refuse(context, refusal, port, frozen.actions.length > 0 ? undefined : frozen.table)
    return
  }
  // Nor has it been seen at its own.
  const before = (): void => mirrorFrom(context)
  if (frozen.actions.length > 0) runOwn(context, frozen.actions, preparedOnce(frozen.actions), before)
  else lookUp(context, frozen.table, { honoursMiss: true, last: true, before, atEnd: () => endPipeline(context) })
}

/** As `translate`, for actions of a packet-out; `key` has OpenFlow's port number. */
export const translateActions = (
  view: SwitchView,
  bridge: BridgeView,
  key: FlowKey,
  actions: readonly OfAction[],
  options: TranslateOptions = {},
): Translation => {
  const { rows } = options
  const mask = rows?.take() ?? newKey()
  const context = newContext(view, bridge, rows?.copy(key) ?? passingCopy(key), mask, options)
  if (hasTunnel(context.flow)) markTunnel(context.flow, mask)
  context.recorder?.enter({ kind: 'bridge', name: bridge.name })
  if (key[word.recircId] === 0) receive(context, bridge.ports.get(key[word.inPort]!), actions)
  else {
    // A frame that comes back has actions of its own to go on with.
    context.recorder?.enter({ kind: 'thaw' })
    fail(context, 'conflict')
    context.recorder?.leave()
  }
  context.recorder?.leave()
  return finish(context, key)
}

/** As `translate`, for a frame whose pipeline a controller was given and lets go on: `key` as the datapath has it. */
export const translateFrozen = (
  view: SwitchView,
  frozen: FrozenState,
  key: FlowKey,
  options: TranslateOptions = {},
): Translation => {
  const bridge = view.bridge(frozen.bridge)
  if (bridge === undefined)
    return {
      ...nothing,
      mask: newKey(),
      finalKey: key,
      failure: 'bridge_gone',
      limit: undefined,
      dropReason: 'bridge_gone',
    }
  const context = newContext(view, bridge, passingCopy(key), newKey(), options)
  context.recorder?.enter({ kind: 'bridge', name: bridge.name })
  goOn(context, frozen)
  context.recorder?.leave()
  return finish(context, key)
}

const newContext = (
  view: SwitchView,
  bridge: BridgeView,
  flow: FlowKey,
  mask: FlowKey,
  options: TranslateOptions,
): Context => {
  const { rows } = options
  const asked = rows?.copy(flow) ?? passingCopy(flow)
  flow[word.actsetOutput] = OfPort.unset
  const recircId = flow[word.recircId]!
  const port = bridge.ports.get(flow[word.inPort]!)
  return {
    view,
    bridge,
    start: bridge,
    receivedOn: port?.type === 'patch' ? undefined : port?.name,
    flow,
    base: rows?.copy(flow) ?? passingCopy(flow),
    mask,
    asked,
    tunnel: undefined,
    hasOwnTunnel: recircId === 0,
    actions: [],
    size: 0,
    effects: [],
    credits: [],
    tunnelNews: [],
    macTags: [],
    slow: new Set(),
    eachFrame: undefined,
    frame: options.frame,
    recircs: [],
    recorder: options.recorder,
    forks: options.forks,
    learning: options.learning ?? true,
    taught: options.teaches === true ? new Taught() : undefined,
    isPacketOut: options.isPacketOut ?? false,
    frozen: recircId === 0 ? undefined : view.thaw(recircId),
    table: 0,
    rule: undefined,
    cookie: noCookie,
    depth: 0,
    // The first look-up is not a nested one.
    resubmits: -1,
    stack: [],
    actionSet: [],
    actionSetHasGroup: false,
    inActionSet: false,
    atEnd: false,
    exited: false,
    freezing: undefined,
    putBy: nothingPutBy(),
    conntracked: (flow[word.ctState]! & tracked) !== 0,
    wasMpls: false,
    pendingEncap: undefined,
    pendingDecap: false,
    nat: undefined,
    mirrored: new Set(),
    snapLength: undefined,
    failure: undefined,
    limit: undefined,
    dropReason: undefined,
    lookUp,
    run: runActions,
    mirrorTo,
  }
}

/** `trk` of `ct_state`. */
const tracked = 0x20
/** What a packet-in says that no flow sent. */
const noCookie = 0xffffffffffffffffn

const finish = (context: Context, key: FlowKey): Translation => {
  const { mask, failure, flow } = context
  const isMaskWhole = failure === undefined || context.atEnd
  finishMask(key, flow, mask, isMaskWhole)
  if (flow[word.actsetOutput] === OfPort.unset) flow[word.actsetOutput] = key[word.actsetOutput]!
  // A translation that was given up drops the frame; what the frame taught before is known.
  const whole = failure === undefined
  if (whole && isTooMuch(context)) context.slow.add('action')
  unwrapLast(context.actions)
  return {
    actions: whole ? context.actions : [],
    mask,
    effects: context.effects,
    credits: context.credits,
    tunnelNews: context.tunnelNews,
    macTags: context.macTags,
    recircs: context.recircs,
    slow: context.slow,
    eachFrame: whole ? context.eachFrame : undefined,
    isMaskWhole,
    finalKey: flow,
    failure,
    limit: context.limit,
    dropReason: failure ?? context.dropReason ?? (context.actions.length === 0 ? 'no_action' : undefined),
  }
}

const lookUp: LookUp = (context, table, options = {}) => {
  if (context.failure !== undefined) return
  // What is under a label that was taken off must be known before anything is matched.
  if (context.wasMpls) {
    triggerFreeze(context)
    return
  }
  if (!hasRoom(context)) return
  const { viaPatch = false, inPort, honoursMiss = false, ct = false, last = false } = options
  const { table: outerTable, rule: outerRule, cookie: outerCookie, flow, mask } = context
  if (ct && !canSwap(context)) {
    record(context, { kind: 'detail', detail: { what: 'no_connection' } })
    return
  }
  if (ct) swapConnection(flow, mask)
  const found = find(context, table, inPort, honoursMiss)
  if (ct) swapConnection(flow, mask)
  const { rule } = found
  const deepens = context.resubmits >= 0 && table <= outerTable ? 1 : 0
  context.resubmits++
  context.depth += deepens
  context.table = found.table
  context.rule = rule
  context.cookie = rule?.cookie ?? 0n
  if (rule !== undefined) {
    context.credits.push({ type: 'rule', rule })
    context.recorder?.enter({ kind: 'table', table, rule })
    options.before?.()
    if (viaPatch) runCloned(context, rule.actions, rule.written, last)
    else runActions(context, rule.actions, rule.written, { last })
  } else {
    const { what } = found
    context.recorder?.enter({
      kind: 'table',
      table,
      rule,
      internal: internalOf(context, what),
    })
    options.before?.()
    miss(context, what)
  }
  options.atEnd?.()
  context.recorder?.leave()
  context.table = outerTable
  context.rule = outerRule
  context.cookie = outerCookie
  context.depth -= deepens
}

type Missed = 'miss' | 'no_packet_in' | 'fragment'
type Found = { table: number; rule: Rule | undefined; what: Missed }

/** Only flows of the bridge that the frame came to have words. */
const internalOf = ({ bridge, start }: Context, what: Missed): Internal => (bridge === start ? what : `patched_${what}`)

/** The rule that matches in `table`, or in one after it where the table is set up so; else what is to be done. */
const find = (context: Context, table: number, inPort: number | undefined, honoursMiss: boolean): Found => {
  const { flow, mask, bridge } = context
  const realPort = flow[word.inPort]!
  const transport = flow[word.transport]!
  const handling = bridge.fragments
  const isFragment = ((flow[word.ip]! >>> 24) & fragment.any) !== 0
  if (isFragment && handling === 'drop') return { table, rule: undefined, what: 'fragment' }
  if (inPort !== undefined) flow[word.inPort] = inPort
  // Fragments do not say their ports reliably, so flows see none, the first fragment's neither.
  if (isFragment && handling === 'normal') flow[word.transport] = 0
  let at = table
  let rule: Rule | undefined
  for (; ; at++) {
    const found = bridge.table(at)
    rule = found?.lookup(flow, mask, context.taught?.standIn)
    context.credits.push({ type: 'lookup', bridge, table: at, matched: rule !== undefined })
    if (rule !== undefined || !honoursMiss || found?.settings.miss !== 'continue' || at >= lastTable) break
  }
  flow[word.inPort] = realPort
  flow[word.transport] = transport
  return { table: at, rule, what: honoursMiss && wantsPacketIn(context, at) ? 'miss' : 'no_packet_in' }
}

/** The last table that controllers see. */
const lastTable = 253

const wantsPacketIn = ({ bridge, flow }: Context, table: number): boolean => {
  const miss = bridge.table(table)?.settings.miss
  // As Open vSwitch has it, a port's `no-packet-in` is asked only where a table was told what to do (OFPT_TABLE_MOD).
  if (miss === undefined) return bridge.controller?.wantsMisses === true
  return miss !== 'drop' && bridge.ports.get(flow[word.inPort]!)?.config.noPacketIn !== true
}

const miss = (context: Context, what: Missed): void => {
  if (what !== 'miss') {
    record(context, { kind: 'drop' })
    dropped(context, what === 'fragment' ? 'fragment' : 'no_match')
    return
  }
  const action = { type: 'controller', maxLength: 0xffff, reason: 'implicit_miss', controllerId: 0 } as const
  record(context, { kind: 'action', action })
  sendToController(context, action)
}

/**
 * What every megaflow must have, and only bits that a datapath has: registers and metadata start at zero in every frame.
 * `flow` is what `key` became.
 */
const finishMask = (key: FlowKey, flow: FlowKey, mask: FlowKey, whole: boolean): void => {
  mask[word.inPort] = 0xffffffff
  mask[word.recircId] = 0xffffffff
  mask[word.packetType] = 0xffffffff
  mask[word.ethType] = mask[word.ethType]! | 0xffff0000
  const ethType = typeOf(key)
  if (ethType === EtherType.ipv4 || ethType === EtherType.ipv6) mask[word.ip] = mask[word.ip]! | 0xff000000
  // What was given up is not kept, so its mask is only shown, as far as it came.
  if (!whole) return
  // A tag is looked at with the bit that says that there is one.
  for (const at of [word.vlan, word.vlan1]) if ((mask[at]! & 0xffff) !== 0) mask[at] = mask[at]! | vlanPresent
  // As Open vSwitch has it, what became of the frame says what it had.
  const finalType = typeOf(flow)
  const protocol = flow[word.ip]! & 0xff
  // Type and code are 8 bits in a field of 16.
  if (
    finalType === EtherType.ipv4
      ? protocol === IpProtocol.icmp
      : finalType === EtherType.ipv6 && protocol === IpProtocol.icmp6
  )
    mask[word.transport] = mask[word.transport]! & 0x00ff00ff
  if (((flow[word.ip]! >>> 24) & fragment.later) !== 0) mask[word.transport] = 0
  // A frame without labels is told by its type, and by that alone.
  if (!isMpls(key[word.ethType]! >>> 16)) mask.fill(0, word.mpls, word.nsh)
  if (key[word.packetType] !== 0) mask.fill(0, word.ethernet, word.ethernet + 3)
  mask.fill(0, word.metadataHigh, word.tunMetadataPresent)
  if (!hasTunnel(key)) mask.fill(0, word.tunIdHigh)
}
