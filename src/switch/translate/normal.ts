import { type FlowKey, word } from '../../flow/layout.ts'
import { OfPort } from '../../openflow/action.ts'
import { EtherType, isReservedMulticast } from '../../wire/ethernet.ts'
import { isVlanType } from '../../wire/vlan.ts'
import type { BridgePort } from '../port.ts'
import { carries, inputTags, trunkAll, vlanOf } from '../vlan.ts'
import { type Context, dropped, portOf, record } from './context.ts'
import { isFromNobody, knownPort, refusalAt } from './input.ts'
import { isForMirrors } from './mirror.ts'
import { forwardMulticast, isSnooped } from './multicast.ts'
import { PacketType } from './packet-type.ts'
import type { Detail } from './recorder.ts'
import { sendInVlan, tagsOf } from './send-in-vlan.ts'
import type { Effect } from './translation.ts'
import { hasTag, vlanIdBits, vlanPresent } from './vlan-tag.ts'

/**
 * `NORMAL`: what a learning switch with VLANs does. Which VLAN is the frame in, may it come in here, where was its
 * destination last seen; there if known, else everywhere in the VLAN, but never back where it came from.
 * (ovs-vswitchd.conf.db(5), Port and Bridge tables; IEEE 802.1Q-2018 §8.6.)
 */
export const normal = (context: Context): void => {
  const { flow, mask } = context
  for (let at: number = word.ethernet; at <= word.ethernet2; at++) mask[at] = 0xffffffff
  mask[word.vlan] = mask[word.vlan]! | vlanPresent | vlanIdBits

  const from = originOf(context, flow[word.inPort]!)
  const refusal = from === undefined ? undefined : admit(context, from)
  if (from === undefined) refuse(context, { what: 'no_input_port' })
  else if (refusal !== undefined) refuse(context, refusal)
  else forward(context, from)
}

/** Where a frame came in, as far as NORMAL looks at that. */
type Origin = Pick<BridgePort, 'name' | 'ofport' | 'vlan'>

/** Frames that a controller, or the switch itself, makes: they may be in any VLAN, and nothing is learned of them. */
const nobody: Origin = { name: '', ofport: OfPort.none, vlan: trunkAll }

const originOf = (context: Context, inPort: number): Origin | undefined =>
  isFromNobody(inPort) ? nobody : knownPort(context, inPort)

/** Why NORMAL does not take the frame from this port, or undefined. */
const admit = (context: Context, from: Origin): Detail | undefined => {
  const { flow, bridge } = context
  // A tag that is cut off, or that `strip_vlan` left behind because it is beyond those that the key tells.
  if (!hasTag(flow) && isVlanType(flow[word.ethType]! >>> 16)) {
    if (context.learning) detail(context, { what: 'partial_vlan_tag_on', port: from.name })
    return { what: 'partial_vlan_tag' }
  }
  if (isForMirrors(bridge, from)) {
    if (context.learning) detail(context, { what: 'mirror_port', port: from.name })
    return { what: 'from_mirror_port' }
  }
  const why = refusalAt(context, from, vlanOf(tagsOf(flow)[0]))
  if (why !== undefined) {
    dropped(context, why)
    return { what: 'bad_vlan' }
  }
  return !bridge.forwardBpdu && isReservedMulticast(destination(flow)) ? { what: 'reserved_mac' } : undefined
}

const destination = (flow: FlowKey): number => flow[word.ethernet]! * 0x10000 + (flow[word.ethernet1]! >>> 16)
const source = (flow: FlowKey): number => (flow[word.ethernet1]! & 0xffff) * 0x100000000 + flow[word.ethernet2]!

const forward = (context: Context, from: Origin): void => {
  const { flow, asked, mask, bridge } = context
  // Whether a tag is kept, and by which ports, depends on what is in it.
  if ((asked[word.vlan1]! & vlanPresent) !== 0) mask[word.vlan1] = 0xffffffff
  const tags = inputTags(from.vlan, tagsOf(flow))
  const vlan = vlanOf(tags[0])
  lookAtAnnouncement(flow, mask)
  if (from !== nobody && flow[word.packetType] === PacketType.ethernet) learn(context, source(flow), vlan, from)
  const target = destination(flow)
  const flood = (): void => {
    for (const port of bridge.ports.values()) {
      if (port === from || !floods(port) || isForMirrors(bridge, port)) continue
      if (carries(port.vlan, tags)) sendInVlan(context, port, tags)
      // It was the customer's VLAN, or that there is none, that this tunnel does not carry.
      else if (port.vlan.mode === 'dot1q-tunnel' && vlan === port.vlan.tag) mask[word.vlan1] = 0xffffffff
    }
  }
  if (bridge.snooping !== undefined && isSnooped(context)) {
    const send = (port: BridgePort): void => sendInVlan(context, port, tags)
    forwardMulticast(context, bridge.snooping, { from, vlan, tags }, { send, flood })
    return
  }
  context.macTags.push({ bridge: bridge.name, mac: target })
  const where = locate(context, vlan, target)
  const to = where === undefined ? undefined : portOf(context, where)
  if (to === undefined) {
    detail(context, { what: 'no_mac' })
    flood()
  } else if (to === from) refuse(context, { what: 'learned_is_input' })
  else {
    detail(context, { what: 'forward', port: to.name })
    sendInVlan(context, to, tags)
  }
}

/** Whether frames without a known place go out here; where spanning tree has stopped a port, nothing is said of it. */
const floods = ({ config, tree, hasStopped }: BridgePort): boolean =>
  !config.noFlood && !(hasStopped && tree?.protocol === 'STP')

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

const learn = (context: Context, mac: number, vlan: number, port: Origin): void => {
  const { bridge } = context
  if (!bridge.macs.mayLearn(mac) || bridge.floodVlans.has(vlan)) return
  const isNews = bridge.macs.lookup(vlan, mac)?.isStatic !== true && locate(context, vlan, mac) !== port.ofport
  context.effects.push({ type: 'learn', bridge, vlan, mac, port: port.ofport })
  context.macTags.push({ bridge: bridge.name, mac })
  if (context.learning && isNews) detail(context, { what: 'learned', mac, vlan, port: port.name })
}

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
