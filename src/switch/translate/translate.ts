import { type FlowKey, fragment, newKey, word } from '../../flow/layout.ts'
import type { OfAction } from '../../openflow/action.ts'
import { congestion, markTunnel } from '../../tunnel/ports.ts'
import { EtherType } from '../../wire/ethernet.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import type { BridgePort } from '../port.ts'
import type { Rule } from '../rule.ts'
import type { BridgeView, SwitchView } from '../view.ts'
import { runActions } from './actions.ts'
import { type Context, dropped, fail, type LookUp, maxDepth, maxResubmits, record } from './context.ts'
import { sendToController } from './controller.ts'
import type { Recorder } from './recorder.ts'
import type { Translation } from './translation.ts'
import { prepare } from './written.ts'

export type TranslateOptions = {
  recorder?: Recorder | undefined
  /** Whether the caller will apply the effects; true unless it only wants to look. */
  learning?: boolean
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
 * because it must be done again each time the datapath reports that more frames took this way.
 */
export const translate = (view: SwitchView, key: FlowKey, options: TranslateOptions = {}): Translation => {
  const mask = newKey()
  const ref = view.inputPort(key, mask)
  if (ref === undefined) {
    finishMask(key, mask, true)
    const nothing: Pick<Translation, 'effects' | 'credits' | 'macTags'> = { effects: [], credits: [], macTags: [] }
    return { actions: [], mask, finalKey: key, failure: undefined, limit: undefined, dropReason: 'no_port', ...nothing }
  }
  const flow = key.slice()
  flow[word.inPort] = ref.port.ofport
  return enter(newContext(view, ref.bridge, flow, mask, options), key)
}

/** As `translate`, for a frame that came to a bridge by a port that may not exist; `key` has OpenFlow's port number. */
export const translateIn = (
  view: SwitchView,
  bridge: BridgeView,
  key: FlowKey,
  options: TranslateOptions = {},
): Translation => enter(newContext(view, bridge, key.slice(), newKey(), options), key)

const enter = (context: Context, key: FlowKey): Translation => {
  const { flow, mask, bridge } = context
  const port = bridge.ports.get(flow[word.inPort]!)
  const fromTunnel = port?.type === 'vxlan'
  if (fromTunnel) markTunnel(flow, mask)
  if (port !== undefined) context.credits.push({ type: 'receive', port })
  context.recorder?.enter({ kind: 'bridge', name: bridge.name })
  const refusal =
    fromTunnel && isLostToCongestion(flow, mask)
      ? 'tunnel_congestion'
      : port !== undefined && refuses(port, flow, mask)
        ? 'no_receive'
        : undefined
  if (refusal === undefined) lookUp(context, 0, false)
  else {
    // Open vSwitch looks first and then refuses, so the trace has the rule.
    context.recorder?.step({ kind: 'table', table: 0, rule: find(context, 0, undefined) })
    dropped(context, refusal)
  }
  context.recorder?.leave()
  return finish(context, key, fromTunnel)
}

/** Whether a port takes nothing in, or nothing of this kind: frames of spanning tree have a bit of their own. */
const refuses = ({ config }: BridgePort, flow: FlowKey, mask: FlowKey): boolean => {
  if (config.down || config.noReceive === config.noReceiveStp) return config.down || config.noReceive
  mask[word.ethernet] = 0xffffffff
  mask[word.ethernet1] = mask[word.ethernet1]! | 0xffff0000
  const isStp = flow[word.ethernet] === 0x0180c200 && flow[word.ethernet1]! >>> 16 === 0
  return isStp ? config.noReceiveStp : config.noReceive
}

/** RFC 6040: a mark that the outer packet got on its way is the inner packet's, which is lost if it knows no marks. */
const isLostToCongestion = (flow: FlowKey, mask: FlowKey): boolean => {
  const what = congestion(flow, mask)
  if (what === 'mark') flow[word.ip] = flow[word.ip]! | 0x030000
  return what === 'drop'
}

/** As `translate`, for actions of a packet-out; `key` has OpenFlow's port number. */
export const translateActions = (
  view: SwitchView,
  bridge: BridgeView,
  key: FlowKey,
  actions: readonly OfAction[],
  options: TranslateOptions = {},
): Translation => {
  const context = newContext(view, bridge, key.slice(), newKey(), options)
  context.recorder?.enter({ kind: 'bridge', name: bridge.name })
  runActions(context, actions, prepare(actions))
  context.recorder?.leave()
  return finish(context, key, true)
}

const newContext = (
  view: SwitchView,
  bridge: BridgeView,
  flow: FlowKey,
  mask: FlowKey,
  options: TranslateOptions,
): Context => ({
  view,
  bridge,
  flow,
  base: flow.slice(),
  mask,
  tunnel: undefined,
  actions: [],
  effects: [],
  credits: [],
  macTags: [],
  recorder: options.recorder,
  learning: options.learning ?? true,
  table: 0,
  rule: undefined,
  // The first look-up is not a nested one.
  depth: -1,
  resubmits: -1,
  stopped: false,
  failure: undefined,
  limit: undefined,
  dropReason: undefined,
  lookUp,
})

const finish = (context: Context, key: FlowKey, fromTunnel: boolean): Translation => {
  const { mask, failure } = context
  finishMask(key, mask, fromTunnel)
  // A translation that was given up drops the frame, and teaches nothing.
  const whole = failure === undefined
  return {
    actions: whole ? context.actions : [],
    mask,
    effects: whole ? context.effects : [],
    credits: context.credits,
    macTags: context.macTags,
    finalKey: context.flow,
    failure,
    limit: context.limit,
    dropReason: failure ?? context.dropReason ?? (context.actions.length === 0 ? 'no_action' : undefined),
  }
}

const lookUp: LookUp = (context, table, viaPatch, inPort) => {
  if (context.failure !== undefined) return
  if (context.depth >= maxDepth || context.resubmits >= maxResubmits) {
    fail(context, context.depth >= maxDepth ? 'depth' : 'resubmits')
    return
  }
  context.depth++
  context.resubmits++
  const { table: outerTable, rule: outerRule, stopped } = context
  const rule = find(context, table, inPort)
  context.table = table
  context.rule = rule
  context.stopped = false
  if (rule !== undefined) {
    context.credits.push({ type: 'rule', rule })
    context.recorder?.enter({ kind: 'table', table, rule })
    runActions(context, rule.actions, rule.written)
  } else {
    context.recorder?.enter({ kind: 'table', table, rule, ...(viaPatch ? { internal: 'reg0=0x2' } : {}) })
    miss(context)
  }
  context.recorder?.leave()
  context.table = outerTable
  context.rule = outerRule
  context.stopped = stopped
  context.depth--
}

const find = (context: Context, table: number, inPort: number | undefined): Rule | undefined => {
  const { flow, mask } = context
  const realPort = flow[word.inPort]!
  const transport = flow[word.transport]!
  if (inPort !== undefined) flow[word.inPort] = inPort
  // Fragments do not say their ports reliably, so flows see none (OFPC_FRAG_NORMAL), the first fragment's neither.
  if (((flow[word.ip]! >>> 24) & fragment.any) !== 0) flow[word.transport] = 0
  const rule = context.bridge.table(table)?.lookup(flow, mask)
  flow[word.inPort] = realPort
  flow[word.transport] = transport
  context.credits.push({ type: 'lookup', bridge: context.bridge, table, matched: rule !== undefined })
  return rule
}

const miss = (context: Context): void => {
  const { bridge, flow } = context
  const port = bridge.ports.get(flow[word.inPort]!)
  if (bridge.controller?.wantsMisses === true && port?.config.noPacketIn !== true) {
    record(context, {
      kind: 'action',
      action: { type: 'controller', maxLength: 0xffff, reason: 'no_match', controllerId: 0 },
    })
    sendToController(context, { reason: 'no_match', maxLength: 0xffff, controllerId: 0 })
  } else {
    record(context, { kind: 'drop' })
    dropped(context, 'no_match')
  }
}

/**
 * What every megaflow must have, and only bits that a datapath has: registers and metadata start at zero in every frame.
 */
const finishMask = (key: FlowKey, mask: FlowKey, fromTunnel: boolean): void => {
  mask[word.inPort] = 0xffffffff
  mask[word.recircId] = 0xffffffff
  mask[word.packetType] = 0xffffffff
  mask[word.ethType] = mask[word.ethType]! | 0xffff0000
  const ethType = key[word.ethType]! >>> 16
  if (ethType === EtherType.ipv4 || ethType === EtherType.ipv6) {
    mask[word.ip] = mask[word.ip]! | 0xff000000
    const protocol = key[word.ip]! & 0xff
    // Type and code are 8 bits in a field of 16.
    if (protocol === IpProtocol.icmp || protocol === IpProtocol.icmp6)
      mask[word.transport] = mask[word.transport]! & 0x00ff00ff
  }
  mask.fill(0, word.metadataHigh)
  // A port that is no tunnel's brings no tunnel words, and the port is in the mask.
  if (!fromTunnel) mask.fill(0, word.tunIdHigh)
}
