/** Where spanning tree meets translation: its own frames, and ports that do not forward. */
import { type FlowKey, word } from '../../flow/layout.ts'
import { bpduBytes } from '../../wire/bpdu.ts'
import type { BridgePort } from '../port.ts'
import type { Context } from './context.ts'

/** Frames with a length instead of a type that no SNAP header gives one (ovs-fields(7), `eth_type`). */
const noType = 0x5ff

const hasNoType = (flow: FlowKey): boolean => flow[word.ethType]! >>> 16 === noType

/** Whether a frame is a message of spanning tree: to 01:80:c2:00:00:00, without a type. */
export const isBpdu = (flow: FlowKey): boolean =>
  flow[word.ethernet] === 0x0180c200 && flow[word.ethernet1]! >>> 16 === 0 && hasNoType(flow)

/**
 * Whether the bridge itself takes a frame that came in at a port, as a message of its spanning tree. Then flows do not see
 * it, even if the port takes no part.
 */
export const takesBpdu = (context: Context, port: BridgePort): boolean => {
  const { bridge, flow, mask } = context
  if (bridge.tree.protocol === undefined) return false
  mask[word.ethernet] = 0xffffffff
  mask[word.ethernet1] = mask[word.ethernet1]! | 0xffff0000
  if (!isBpdu(flow)) return false
  context.slow.add('stp')
  context.eachFrame = 'stp'
  if (!context.learning || context.frame === undefined) return true
  context.effects.push({ type: 'bpdu', bridge, port, bytes: bpduBytes(context.frame) })
  return true
}

/**
 * Whether a port takes nothing in, or nothing of this kind: frames of spanning tree have a bit of their own. What comes in
 * at a port that is down is its device's affair.
 */
export const refuses = ({ config }: BridgePort, flow: FlowKey, mask: FlowKey): boolean => {
  if (config.noReceive === config.noReceiveStp) return config.noReceive
  // Every megaflow tells the type.
  if (hasNoType(flow)) {
    mask[word.ethernet] = 0xffffffff
    mask[word.ethernet1] = mask[word.ethernet1]! | 0xffff0000
  }
  return isBpdu(flow) ? config.noReceiveStp : config.noReceive
}

/** Whether what comes in at a port is not even looked at for the addresses in it. */
export const isDeaf = ({ tree }: BridgePort): boolean => tree !== undefined && !tree.forwards && !tree.learns

/** Whether frames may teach, but go nowhere. */
export const onlyLearns = ({ tree }: BridgePort): boolean => tree !== undefined && !tree.forwards && tree.learns
