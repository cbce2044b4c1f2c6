/**
 * Copies for mirrors. A frame is copied as it is where a mirror first sees it, coming in or going out, and by each mirror
 * once, however many ports it leaves by and whatever is done to it.
 */
import { type FlowKey, word } from '../../flow/layout.ts'
import { isReservedMulticast } from '../../wire/ethernet.ts'
import type { Mirror } from '../mirrors.ts'
import type { BridgePort } from '../port.ts'
import type { BridgeView } from '../view.ts'
import { carries, inputTags, type Tags, vlanOf } from '../vlan.ts'
import type { Context } from './context.ts'
import { isFromNobody, knownPort, refusalAt } from './input.ts'
import { sendInVlan, tagsOf } from './send-in-vlan.ts'
import { vlanIdBits, vlanPresent } from './vlan-tag.ts'

/** Whether a port is there for the copies of a mirror alone. */
export const isForMirrors = ({ mirrors }: BridgeView, port: Pick<BridgePort, 'name'>): boolean =>
  mirrors.some(({ options }) => options.outputPort === port.name)

/** A frame has come in. */
export const mirrorFrom = (context: Context): void => {
  const { bridge, flow } = context
  const inPort = flow[word.inPort]!
  if (bridge.mirrors.length === 0 || isFromNobody(inPort)) return
  const port = knownPort(context, inPort)
  if (port !== undefined) copyTo(context, port, mirror => mirror.selectsFrom(port.name))
}

/** A frame has gone out. */
export const mirrorTo = (context: Context, port: BridgePort): void =>
  copyTo(context, port, mirror => mirror.selectsTo(port.name))

const copyTo = (context: Context, port: BridgePort, selects: (mirror: Mirror) => boolean): void => {
  const { bridge, flow, mask, mirrored } = context
  if (bridge.mirrors.length === 0) return
  const tags = tagsOf(flow)
  if (refusalAt(context, port, vlanOf(tags[0])) !== undefined) return
  const inside = inputTags(port.vlan, tags)
  const vlan = vlanOf(inside[0])
  for (const mirror of bridge.mirrors) {
    if (mirrored.has(mirror) || !selects(mirror)) continue
    if (mirror.asksVlan) mask[word.vlan] = mask[word.vlan]! | vlanPresent | vlanIdBits
    if (!mirror.selectsVlan(vlan)) continue
    for (const like of bridge.mirrors) {
      if (!like.isLike(mirror) || mirrored.has(like)) continue
      mirrored.add(like)
      context.credits.push({ type: 'mirror', traffic: like.traffic })
    }
    copy(context, mirror, inside)
  }
}

const copy = (context: Context, { options }: Mirror, inside: Tags): void => {
  const { bridge, flow } = context
  const { outputPort, outputVlan, snapLength } = options
  context.snapLength = snapLength
  if (outputPort !== undefined) {
    const port = [...bridge.ports.values()].find(({ name }) => name === outputPort)
    if (port !== undefined) sendInVlan(context, port, inside)
  } else if (outputVlan !== undefined && vlanOf(inside[0]) !== outputVlan && !isReservedMulticast(destination(flow))) {
    const moved: Tags = [((inside[0] & ~vlanIdBits) | outputVlan) >>> 0, inside[1]]
    for (const port of bridge.ports.values())
      if (carries(port.vlan, moved) && !isForMirrors(bridge, port)) sendInVlan(context, port, moved)
  }
  // Also of a mirror whose copy was copied: as in Open vSwitch, the rest of that is whole.
  context.snapLength = undefined
}

const destination = (flow: FlowKey): number => flow[word.ethernet]! * 0x10000 + (flow[word.ethernet1]! >>> 16)
