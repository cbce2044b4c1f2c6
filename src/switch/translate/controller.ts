import { word } from '../../flow/layout.ts'
import type { PacketInReason } from '../packet-in.ts'
import { commit } from './commit.ts'
import type { Context, Run } from './context.ts'
import type { ControllerCookie } from './translation.ts'

/** `controller(…)`: a copy goes up, as it is now. */
export const controller: Run<'controller'> = (context, action) => sendToController(context, action)

/** Asks the datapath to hand a copy up; the cookie says what a packet-in needs to know. */
export const sendToController = (
  context: Context,
  how: { reason: PacketInReason; maxLength: number; controllerId: number },
): void => {
  commit(context)
  const key = context.flow.slice()
  const cookie: ControllerCookie = {
    type: 'controller',
    bridge: context.bridge,
    reason: how.reason,
    dontSend: context.bridge.controller === undefined,
    continuation: false,
    recircId: 0,
    ruleCookie: context.rule?.cookie ?? 0xffffffffffffffffn,
    controllerId: how.controllerId,
    maxLength: how.maxLength,
    table: context.table,
    key,
  }
  key[word.recircId] = 0
  // A packet-in's metadata is the megaflow's as long as no frame of another value can share it.
  keepMetadata(context)
  context.actions.push({ type: 'userspace', reason: 'controller', cookie })
}

/** The tunnel that the frame came in by is told to the controller, so it must be the same for all frames of the flow. */
const keepMetadata = ({ flow, mask }: Context): void => {
  for (let at: number = word.tunIdHigh; at < word.metadataHigh; at++) if (flow[at] !== 0) mask[at] = 0xffffffff
}
