import { sampleHead } from '../../datapath/action-size.ts'
import { type FlowKey, hasTunnel, passingCopy, word } from '../../flow/layout.ts'
import type { ActionOf } from '../../openflow/action.ts'
import { OfMeter } from '../../openflow/meter.ts'
import type { FrozenState } from '../frozen.ts'
import { metadataOf, seenByMirrors } from '../frozen.ts'
import type { PacketInReason } from '../packet-in.ts'
import { commit } from './commit.ts'
import { type Context, gather, put, type Run } from './context.ts'
import type { ControllerCookie } from './translation.ts'
import { triggerFreeze } from './trigger-freeze.ts'

export type ControllerWish = {
  reason: PacketInReason
  maxLength: number
  controllerId: number
  userdata?: readonly number[]
  meter?: number
}

/** `controller(…)`: a copy goes up, as it is now; with `pause`, all that is left of the pipeline goes with it. */
export const controller: Run<'controller'> = (context, action, { inBucket }) => {
  if (action.pause === true) {
    triggerFreeze(context, { pause: action })
    return 'next'
  }
  sendToController(context, isOutput(action) ? { ...action, reason: whyOutput(context, inBucket) } : action)
  return undefined
}

/** Whether it is no more than an output to the reserved port. */
export const isOutput = ({ as, reason, controllerId, userdata, pause, meter }: ActionOf<'controller'>): boolean =>
  as === undefined &&
  reason === 'action' &&
  controllerId === 0 &&
  userdata === undefined &&
  pause !== true &&
  meter === undefined

/** What an output to the reserved port gives as its reason. */
export const whyOutput = (context: Context, inBucket: boolean): PacketInReason =>
  context.isPacketOut ? 'packet_out' : inBucket ? 'group' : context.inActionSet ? 'action_set' : 'action'

/** Asks the datapath to hand a copy up; the cookie says what a packet-in needs to know. */
export const sendToController = (context: Context, how: ControllerWish): void => {
  commit(context)
  // Frames of a megaflow share their state's number; a packet-out's frame is the only one.
  const state = context.isPacketOut ? undefined : stateOf(context, how)
  const reason = how.reason === 'action' && isTableMiss(context) ? 'explicit_miss' : how.reason
  const meter = meterOf(context, how.meter)
  if (meter === undefined) pushController(context, { ...how, reason }, state, false)
  else {
    const actions = gather(context, sampleHead, () => {
      put(context, { type: 'meter', meter })
      pushController(context, { ...how, reason }, state, false)
    })
    put(context, { type: 'sample', probability: 0xffffffff, actions })
  }
}

const stateOf = (context: Context, { userdata = [] }: ControllerWish): FrozenState => ({
  bridge: context.bridge.name,
  table: context.table,
  metadata: metadataOf(context.flow),
  stack: [...context.stack],
  actionSet: [],
  actions: [],
  conntracked: context.conntracked,
  ...seenByMirrors(context.mirrored),
  userdata,
})

/** OpenFlow 1.3's table-miss flow: it matches all, at priority 0. */
const isTableMiss = ({ rule }: Context): boolean =>
  rule !== undefined && rule.priority === 0 && isEmpty(rule.match.mask)

const isEmpty = (mask: FlowKey): boolean => {
  for (let at = 0; at < mask.length; at++) if (mask[at] !== 0) return false
  return true
}

const meterOf = ({ bridge }: Context, wanted: number | undefined): number | undefined =>
  bridge.meter(wanted ?? OfMeter.controller)?.number

/** Whether other frames that go this way may have come by another tunnel: a packet-out's is the only one. */
const tunnelsDiffer = ({ hasOwnTunnel, isPacketOut, asked }: Context): boolean =>
  hasOwnTunnel && !isPacketOut && hasTunnel(asked)

/** The datapath action itself. */
export const pushController = (
  context: Context,
  how: ControllerWish | ActionOf<'controller'>,
  state: FrozenState | undefined,
  continuation: boolean,
): void => {
  // Others than a packet-out's may be a megaflow's, which is kept.
  const key = context.isPacketOut ? passingCopy(context.flow) : context.flow.slice()
  const recircId = state === undefined ? 0 : context.view.freeze(state, continuation)
  if (recircId !== 0) context.recircs.push(recircId)
  const cookie: ControllerCookie = {
    type: 'controller',
    bridge: context.bridge,
    reason: how.reason,
    // A trace without a frame tells nobody.
    dontSend: !context.learning,
    continuation,
    recircId,
    ruleCookie: context.cookie,
    controllerId: how.controllerId,
    maxLength: how.maxLength,
    table: state?.table ?? context.table,
    key,
    sameTunnel: tunnelsDiffer(context) ? context.mask.slice(word.tunIdHigh, word.metadataHigh) : undefined,
    state,
    userdata: how.userdata ?? [],
  }
  key[word.recircId] = 0
  put(context, { type: 'userspace', reason: 'controller', cookie })
}
