import { type FlowKey, word } from '../../flow/layout.ts'
import { EtherType, isReservedMulticast } from '../../wire/ethernet.ts'
import { isVlanType } from '../../wire/vlan.ts'
import type { BridgePort } from '../port.ts'
import { carries, inputRefusal, inputVlan, isTrunked, outputVlan } from '../vlan.ts'
import { type Context, dropped, portOf, record } from './context.ts'
import type { Detail } from './recorder.ts'
import { sendToPort } from './send.ts'
import { type Effect, macTag } from './translation.ts'
import { hasTag, tagVlan, vlanIdBits, vlanPresent, vlanPriorityBits } from './vlan-tag.ts'

/**
 * `NORMAL`: what a learning switch with VLANs does. Which VLAN is the frame in, may it come in here, where was its
 * destination last seen; there if known, else everywhere in the VLAN, but never back where it came from.
 * (ovs-vswitchd.conf.db(5), Port and Bridge tables; IEEE 802.1Q-2018 §8.6.)
 */
export const normal = (context: Context): void => {
  const { flow, mask } = context
  for (let at: number = word.ethernet; at <= word.ethernet2; at++) mask[at] = 0xffffffff
  mask[word.vlan] = mask[word.vlan]! | vlanPresent | vlanIdBits

  const from = portOf(context, flow[word.inPort]!)
  const refusal = from === undefined ? undefined : admit(context, from)
  if (from === undefined) refuse(context, { what: 'no_input_port', ofport: flow[word.inPort]! })
  else if (refusal !== undefined) refuse(context, refusal)
  else forward(context, from)
}

/** Why NORMAL does not take the frame from this port, or undefined. */
const admit = ({ flow, bridge }: Context, from: BridgePort): Detail | undefined => {
  // A tag that is cut off, or that `strip_vlan` left behind because it is beyond those that the key tells.
  if (!hasTag(flow) && isVlanType(flow[word.ethType]! >>> 16)) return { what: 'partial_vlan_tag' }
  const tag = tagVlan(flow)
  const why = inputRefusal(from.vlan, tag)
  if (why === 'tagged_on_access') return { what: why, vlan: tag, port: from.name, tag: from.vlan.tag }
  if (why !== undefined) return { what: why, vlan: inputVlan(from.vlan, tag), port: from.name }
  return !bridge.forwardBpdu && isReservedMulticast(destination(flow)) ? { what: 'reserved_mac' } : undefined
}

const destination = (flow: FlowKey): number => flow[word.ethernet]! * 0x10000 + (flow[word.ethernet1]! >>> 16)
const source = (flow: FlowKey): number => (flow[word.ethernet1]! & 0xffff) * 0x100000000 + flow[word.ethernet2]!

const forward = (context: Context, from: BridgePort): void => {
  const { flow, mask, bridge } = context
  if (hasTag(flow)) mask[word.vlan1] = 0xffffffff
  const vlan = inputVlan(from.vlan, tagVlan(flow))
  lookAtAnnouncement(flow, mask)
  learn(context, source(flow), vlan, from)
  const target = destination(flow)
  context.macTags.push(macTag(bridge.name, vlan, target))
  const where = locate(context, vlan, target)
  const to = where === undefined ? undefined : portOf(context, where)
  if (to === undefined) {
    detail(context, { what: 'no_mac' })
    for (const port of bridge.ports.values())
      if (port !== from && !port.config.noFlood && floodsTo(flow, port, vlan)) sendInVlan(context, port, vlan)
  } else if (to === from) refuse(context, { what: 'learned_is_input' })
  else if (carries(to.vlan, vlan)) {
    detail(context, { what: 'forward', port: to.name })
    sendInVlan(context, to, vlan)
  } else refuse(context, { what: 'vlan_not_trunked', vlan, port: to.name })
}

/** Open vSwitch tells here whether a host announces itself (RFC 5227), which matters to bonds; its megaflows show it. */
const lookAtAnnouncement = (flow: FlowKey, mask: FlowKey): void => {
  if (flow[word.ethType]! >>> 16 !== EtherType.arp || destination(flow) !== broadcast) return
  mask[word.ip] = mask[word.ip]! | 0xff
  if ((flow[word.ip]! & 0xff) === arpRequest) mask.fill(0xffffffff, word.ipv4Src, word.ipv4Dst + 1)
}

const broadcast = 0xffffffffffff
const arpRequest = 1

const detail = (context: Context, what: Detail): void => record(context, { kind: 'detail', detail: what })

const refuse = (context: Context, why: Detail): void => {
  detail(context, why)
  dropped(context, why.what)
}

const learn = (context: Context, mac: number, vlan: number, port: BridgePort): void => {
  const { bridge } = context
  if (!bridge.macs.mayLearn(mac) || bridge.floodVlans.has(vlan)) return
  context.effects.push({ type: 'learn', bridge, vlan, mac, port: port.ofport })
  context.macTags.push(macTag(bridge.name, vlan, mac))
  const known = bridge.macs.lookup(vlan, mac)
  if (context.learning && !known?.isStatic && known?.port !== port.ofport)
    detail(context, { what: 'learned', mac, vlan, port: port.name })
}

/** An access port has no second VLAN to carry. */
const floodsTo = (flow: FlowKey, port: BridgePort, vlan: number): boolean =>
  carries(port.vlan, vlan) && (port.vlan.mode !== 'access' || (flow[word.vlan1]! & vlanIdBits) === 0)

type Learned = Extract<Effect, { type: 'learn' }>

/** The port that a MAC is on, as the table will say once this frame has taught what it teaches. */
const locate = ({ bridge, effects, learning }: Context, vlan: number, mac: number): number | undefined => {
  const entry = bridge.macs.lookup(vlan, mac)
  const taught = learning
    ? effects.findLast(
        (effect): effect is Learned =>
          effect.type === 'learn' && effect.bridge === bridge && effect.vlan === vlan && effect.mac === mac,
      )
    : undefined
  return taught === undefined || entry?.isStatic === true ? entry?.port : taught.port
}

/** Out of the port with the tag that the port's VLAN mode asks for; the key is as before afterwards. */
const sendInVlan = (context: Context, port: BridgePort, vlan: number): void => {
  const { flow, mask } = context
  const before = flow[word.vlan]!
  const id = outputVlan(port.vlan, vlan)
  // A frame of VLAN 0 keeps the tag that only has a priority where VLANs are carried as they are.
  const { priorityTags } = port.vlan
  const asIs = isTrunked(port.vlan, vlan)
  if (id === 0 && (asIs || priorityTags !== 'never')) mask[word.vlan] = mask[word.vlan]! | vlanPriorityBits
  const priority = hasTag(flow) && (asIs || priorityTags !== 'never') ? before & vlanPriorityBits : 0
  const tagged = id !== 0 || priority !== 0 || (asIs && priorityTags === 'always' && hasTag(flow))
  const tpid = before >>> 16 === 0 ? 0x8100 : before >>> 16
  // An inner tag becomes the outer one where the outer goes; one that says nothing is not kept, nor
  // any by an access port.
  const innerBefore = flow[word.vlan1]!
  const isDropped = port.vlan.mode === 'access' || (innerBefore & (vlanIdBits | vlanPriorityBits)) === 0
  const inner = isDropped ? 0 : innerBefore
  flow[word.vlan] = tagged ? (tpid << 16) | vlanPresent | priority | id : inner
  flow[word.vlan1] = tagged ? inner : 0
  sendToPort(context, port.ofport)
  flow[word.vlan] = before
  flow[word.vlan1] = innerBefore
}
