import { hasTunnel, tunnelWords, word } from '../../flow/layout.ts'
import { OfPort } from '../../openflow/action.ts'
import type { BridgePort } from '../port.ts'
import type { PortRef } from '../view.ts'
import { commit } from './commit.ts'
import { type Context, dropped, forget, portOf, put, record } from './context.ts'
import { finishFreezing } from './freeze.ts'
import { endNatively, sendNatively } from './native-tunnel.ts'
import { PacketType } from './packet-type.ts'
import type { Detail } from './recorder.ts'
import { isBpdu, isDeaf, onlyLearns, refuses, takesBpdu } from './tree.ts'
import { runActionSet } from './write-actions.ts'

/** Sends the frame as it is now out of a port, whatever port it came in on. */
export const sendToPort = (context: Context, ofport: number, last = false): void => {
  if (context.failure !== undefined) return
  const port = portOf(context, ofport)
  if (port === undefined) refuse(context, { what: 'no_such_port' })
  else if (port.config.noForward) refuse(context, { what: 'no_forward' })
  else if (context.snapLength !== undefined && port.type === 'patch') refuse(context, { what: 'no_trunc_for_mirror' })
  else if (isBetweenProtected(context, port)) refuse(context, { what: 'protected' })
  else if (port.tree?.forwards === false && !isBpdu(context.base))
    refuse(context, { what: 'tree_stops', protocol: port.tree.protocol })
  else if (port.config.down) refuse(context, { what: 'port_down' })
  else if (port.type === 'patch') sendThroughPatch(context, port, last)
  else if (context.flow[word.packetType] !== PacketType.ethernet) refuse(context, { what: 'not_ethernet' })
  else if (port.type === 'vxlan') sendIntoTunnel(context, port)
  else sendToDevice(context, port)
}

/** `protected` of both ports: nothing goes from one to the other. */
const isBetweenProtected = (context: Context, { vlan }: BridgePort): boolean =>
  vlan.isProtected && portOf(context, context.flow[word.inPort]!)?.vlan.isProtected === true

const refuse = (context: Context, detail: Detail): void => {
  record(context, { kind: 'detail', detail })
  dropped(context, detail.what)
}

const sendToDevice = (context: Context, port: BridgePort): void => {
  const { native } = context.view
  if (native !== undefined && endNatively(context, port, native)) return
  commit(context)
  emit(context, port)
}

/** The frame, or what a mirror wants of it, goes to the datapath's port; mirrors of what goes there see it. */
const emit = (context: Context, port: BridgePort): void => {
  context.credits.push({ type: 'transmit', port })
  if (context.snapLength !== undefined) put(context, { type: 'trunc', size: context.snapLength })
  put(context, { type: 'output', port: port.datapathPort as number })
  context.mirrorTo(context, port)
}

/**
 * The frame enters the other bridge as if from a wire: what the first bridge knew besides the frame (registers, tunnel,
 * metadata, stack, connection) does not go with it, and what the other bridge does to the frame is not seen here afterwards.
 */
const sendThroughPatch = (context: Context, port: BridgePort, last: boolean): void => {
  const peer = context.view.peerOf(port)
  if (peer === undefined) {
    refuse(context, { what: 'no_peer' })
    return
  }
  context.credits.push({ type: 'transmit', port })
  crossTo(context, peer, last)
}

/** Goes on in another bridge, and forgets afterwards what that did. */
const crossTo = (context: Context, peer: PortRef, last: boolean): void => {
  const { flow, mask, bridge, table, rule, cookie, stack, actionSet, conntracked, wasMpls } = context
  const { hasOwnTunnel, mirrored } = context
  const before = flow.slice()
  const tunnelMask = mask.slice(word.tunIdHigh, word.metadataHigh)
  const optionsMask = mask.slice(word.tunMetadataPresent)
  flow.fill(0, word.ctState)
  flow[word.actsetOutput] = OfPort.unset
  flow[word.inPort] = peer.port.ofport
  mask.fill(0, word.tunIdHigh, word.metadataHigh)
  mask.fill(0, word.tunMetadataPresent)
  Object.assign(context, {
    bridge: peer.bridge,
    stack: [],
    actionSet: [],
    conntracked: false,
    hasOwnTunnel: false,
    mirrored: new Set(),
  })
  context.credits.push({ type: 'receive', port: peer.port })
  context.recorder?.enter({ kind: 'bridge', name: peer.bridge.name })
  if (takesBpdu(context, peer.port)) dropped(context, 'bpdu')
  else if (peer.port.config.down || refuses(peer.port, flow, mask)) dropped(context, 'no_receive')
  else if (isDeaf(peer.port)) dropped(context, 'not_forwarding')
  else {
    const enter = (): void => {
      context.lookUp(context, 0, { viaPatch: true, honoursMiss: true, last })
      if (context.freezing === undefined) runActionSet(context)
      finishFreezing(context)
    }
    const { size } = context
    const sent = context.actions.length
    const base = onlyLearns(peer.port) ? context.base.slice() : undefined
    if (context.taught === undefined) enter()
    else context.taught.inBridge(enter)
    if (base !== undefined) {
      forget(context, sent, size)
      context.base.set(base)
    }
  }
  // A limit reached over there ends the frame's way there, not here.
  context.limit ??= context.failure
  context.recorder?.leave()
  Object.assign(context, { bridge, table, rule, cookie, stack, actionSet, conntracked, wasMpls })
  context.hasOwnTunnel = hasOwnTunnel
  context.mirrored = mirrored
  context.failure = undefined
  context.exited = false
  flow.set(before)
  mask.set(tunnelMask, word.tunIdHigh)
  mask.set(optionsMask, word.tunMetadataPresent)
}

const sendIntoTunnel = (context: Context, port: BridgePort): void => {
  const { flow, mask } = context
  const before = flow.slice(word.tunIdHigh, word.metadataHigh)
  const why = context.view.tunnelOut(context.bridge, port, flow, mask)
  if (isOurOwn(context)) {
    // What was written for this port stays, as in Open vSwitch.
    refuse(context, { what: 'tunnel_to_ourselves' })
    return
  }
  const { native } = context.view
  const config = native && context.view.tunnelConfig(context.bridge, port)
  if (why !== undefined) refuse(context, { what: 'tunnel_failed', why })
  else if (native !== undefined && config !== undefined) sendNatively(context, port, native, config, crossTo)
  else {
    const told = Uint32Array.of(
      ...flow.subarray(word.tunIdHigh, word.metadataHigh),
      ...flow.subarray(word.tunMetadataPresent),
    )
    // Without a destination the datapath is told no tunnel, and sends nothing.
    if (hasTunnel(flow) && !told.every((value, i) => value === context.tunnel?.[i])) {
      put(context, { type: 'tunnel', row: told.slice(0, tunnelWords) })
      context.tunnel = told
    }
    commit(context)
    record(context, { kind: 'detail', detail: { what: 'tunnel' } })
    emit(context, port)
  }
  flow.set(before, word.tunIdHigh)
}

/** Back to the address that the frame was sent to when it came in; without a tunnel that is none, as without a destination. */
const isOurOwn = ({ flow, base }: Context): boolean => {
  // Of an IPv4 and an IPv6 address the first counts.
  if (flow[word.tunDst] !== base[word.tunDst]) return false
  if (flow[word.tunDst] !== 0) return true
  for (let at: number = word.tunIpv6Dst; at < word.tunIpv6Dst + 4; at++) if (flow[at] !== base[at]) return false
  return true
}
