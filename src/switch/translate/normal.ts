import { word } from '../../flow/layout.ts'
import { isReservedMulticast } from '../../wire/ethernet.ts'
import type { BridgePort } from '../port.ts'
import { carries, inputRefusal, inputVlan, outputVlan } from '../vlan.ts'
import { type Context, dropped, portOf, record } from './context.ts'
import type { Detail } from './recorder.ts'
import { sendToPort } from './send.ts'
import { macTag } from './translation.ts'
import { hasTag, tagVlan, vlanIdBits, vlanPresent, vlanPriorityBits } from './vlan-tag.ts'

/**
 * `NORMAL`: what a learning switch with VLANs does. Which VLAN is the frame in, may it come in here, where was its
 * destination last seen; there if known, else everywhere in the VLAN, but never back where it came from.
 * (ovs-vswitchd.conf.db(5), Port and Bridge tables; IEEE 802.1Q-2018 §8.6.)
 */
export const normal = (context: Context): void => {
  const { flow, mask, bridge } = context
  for (let at: number = word.ethernet; at <= word.ethernet2; at++) mask[at] = 0xffffffff
  mask[word.vlan] = mask[word.vlan]! | vlanPresent | vlanIdBits

  const from = portOf(context, flow[word.inPort]!)
  if (from === undefined) return refuse(context, { what: 'no_input_port', ofport: flow[word.inPort]! })
  const tag = tagVlan(flow)
  const refusal = inputRefusal(from.vlan, tag)
  if (refusal === 'tagged_on_access')
    return refuse(context, { what: refusal, vlan: tag, port: from.name, tag: from.vlan.tag })
  const vlan = inputVlan(from.vlan, tag)
  if (refusal !== undefined) return refuse(context, { what: refusal, vlan, port: from.name })

  const destination = flow[word.ethernet]! * 0x10000 + (flow[word.ethernet1]! >>> 16)
  const source = (flow[word.ethernet1]! & 0xffff) * 0x100000000 + flow[word.ethernet2]!
  if (!bridge.forwardBpdu && isReservedMulticast(destination)) return refuse(context, { what: 'reserved_mac' })

  learn(context, source, vlan, from)
  context.macTags.push(macTag(bridge.name, vlan, destination))
  const entry = bridge.macs.lookup(vlan, destination)
  const to = entry === undefined ? undefined : portOf(context, entry.port)
  if (to === undefined) {
    detail(context, { what: 'no_mac' })
    for (const port of bridge.floodOrder)
      if (port !== from && !port.config.noFlood && carries(port.vlan, vlan)) sendInVlan(context, port, vlan)
  } else if (to === from) refuse(context, { what: 'learned_is_input' })
  else if (carries(to.vlan, vlan)) {
    detail(context, { what: 'forward', port: to.name })
    sendInVlan(context, to, vlan)
  } else refuse(context, { what: 'vlan_not_trunked', vlan, port: to.name })
}

const detail = (context: Context, what: Detail): void => record(context, { kind: 'detail', detail: what })

const refuse = (context: Context, why: Detail): void => {
  detail(context, why)
  dropped(context, why.what)
}

const learn = (context: Context, mac: number, vlan: number, port: BridgePort): void => {
  const { bridge } = context
  if (!bridge.macs.mayLearn(mac) || bridge.floodVlans.has(vlan)) return
  context.effects.push({ type: 'learn', bridge, vlan, mac, port: port.ofport })
  const known = bridge.macs.lookup(vlan, mac)
  if (context.learning && !known?.isStatic && known?.port !== port.ofport)
    detail(context, { what: 'learned', mac, vlan, port: port.name })
}

/** Out of the port with the tag that the port's VLAN mode asks for; the key is as before afterwards. */
const sendInVlan = (context: Context, port: BridgePort, vlan: number): void => {
  const { flow, mask } = context
  const before = flow[word.vlan]!
  const id = outputVlan(port.vlan, vlan)
  const priority = hasTag(flow) ? before & vlanPriorityBits : 0
  const { priorityTags } = port.vlan
  if (priorityTags === 'if-nonzero') mask[word.vlan] = mask[word.vlan]! | vlanPriorityBits
  const tagged = id !== 0 || priorityTags === 'always' || (priorityTags === 'if-nonzero' && priority !== 0)
  const tpid = before >>> 16 === 0 ? 0x8100 : before >>> 16
  flow[word.vlan] = tagged ? (tpid << 16) | vlanPresent | priority | id : 0
  sendToPort(context, port.ofport)
  flow[word.vlan] = before
}
