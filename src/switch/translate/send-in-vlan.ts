import { type FlowKey, word } from '../../flow/layout.ts'
import type { BridgePort } from '../port.ts'
import { dependsOnPriority, outputTags, type Tags } from '../vlan.ts'
import type { Context } from './context.ts'
import { PacketType } from './packet-type.ts'
import { sendToPort } from './send.ts'
import { hasTag, vlanPresent, vlanPriorityBits } from './vlan-tag.ts'

/** The tags there are, as VLAN settings have them. */
export const tagsOf = (flow: FlowKey): Tags => {
  const [outer, inner] = [flow[word.vlan]!, flow[word.vlan1]!]
  if ((outer & vlanPresent) === 0) return [0, 0]
  return [(outer & ~vlanPresent) >>> 0, (inner & vlanPresent) === 0 ? 0 : (inner & ~vlanPresent) >>> 0]
}

const whole = 0xffffffff

/** Out of the port with the tags that its VLAN mode asks for; the key is as before afterwards. */
export const sendInVlan = (context: Context, port: BridgePort, tags: Tags): void => {
  const { flow, asked, mask } = context
  const [outer, inner] = [flow[word.vlan]!, flow[word.vlan1]!]
  if (port.vlan.mode === 'dot1q-tunnel') mask[word.vlan1] = whole
  const sent = outputTags(port.vlan, tags, outer)
  const depends = dependsOnPriority(port.vlan, tags, tagsOf(flow)[0])
  // A packet of another type goes nowhere but into another bridge.
  const isSent = flow[word.packetType] === PacketType.ethernet || port.type === 'patch'
  if (depends && isSent && hasTag(asked) && hasTag(flow)) mask[word.vlan] = mask[word.vlan]! | vlanPriorityBits
  flow[word.vlan] = sent[0] === 0 ? outer & ~0xffff : sent[0] | vlanPresent
  flow[word.vlan1] = sent[1] === 0 ? inner & ~0xffff : sent[1] | vlanPresent
  sendToPort(context, port.ofport)
  flow[word.vlan] = outer
  flow[word.vlan1] = inner
}
