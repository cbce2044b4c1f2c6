/**
 * Tunnels that the datapath makes itself: outer headers are put before the frame, which then goes through the bridge by
 * which the far end is reached; and what comes to such a bridge's own port and is a tunnel's is taken out of it.
 */
import { cloneHead } from '../../datapath/action-size.ts'
import type { TunnelHeader } from '../../datapath/tunnel-header.ts'
import { readField } from '../../flow/fields.ts'
import { type FlowKey, hasTunnel, tunnelFlag, word } from '../../flow/layout.ts'
import { typeOf } from '../../flow/match.ts'
import { OfPort } from '../../openflow/action.ts'
import type { TunnelConfig } from '../../tunnel/options.ts'
import { keyAddress, setAddress } from '../../tunnel/row.ts'
import { type Ip, isIp6, type Mac } from '../../wire/address.ts'
import { EtherType } from '../../wire/ethernet.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import type { NativeTunnels } from '../native-tunnels.ts'
import type { BridgePort } from '../port.ts'
import type { PortRef } from '../view.ts'
import { commit } from './commit.ts'
import { type Context, dropped, gather, put, record } from './context.ts'
import type { Detail } from './recorder.ts'

const ones = 0xffffffff
const vniThere = 0x08000000
const gpeEthernet = 0x04000003
const gbpThere = 0x80000000

/** Lets the frame go into another bridge as if it came in there at this port. */
type Enter = (context: Context, to: PortRef, last: boolean) => void

/** Sends a frame, whose key has the tunnel's words, into a tunnel. */
export const sendNatively = (
  context: Context,
  port: BridgePort,
  native: NativeTunnels,
  config: TunnelConfig,
  enter: Enter,
): void => {
  say(context, { what: 'native_tunnel' })
  const found = pathOf(context, native)
  if (found === undefined) return
  const { out, header } = found
  const outer = { ...header, ...vxlanOf(context.flow, config) }
  commit(context)
  const { flow, base, mask, tunnel } = context
  const [flowBefore, baseBefore, maskBefore] = [flow.slice(), base.slice(), mask.slice()]
  writeOuter(flow, outer)
  base.set(flow)
  // What the other bridge looks at are the outer headers, which are the same for all frames that go this way.
  const [tunnelPort, outPort] = [port.datapathPort as number, out.port.datapathPort as number]
  const { size } = context
  const then = gather(context, cloneHead, () => {
    put(context, { type: 'tnl_push', tunnelPort, header: outer, outPort })
    enter(context, out, true)
  })
  flow.set(flowBefore)
  base.set(baseBefore)
  mask.set(maskBefore)
  context.tunnel = tunnel
  context.credits.push({ type: 'transmit', port })
  if (then.length > 1) put(context, { type: 'clone', actions: then })
  else context.size = size
}

const say = (context: Context, detail: Detail): void => record(context, { kind: 'detail', detail })

type Path = { out: PortRef; header: Omit<TunnelHeader, 'vxlanFlags' | 'vni' | 'udpDst'> }

/** By which port the far end is reached, and the headers that bring a frame there; undefined if that is not known. */
const pathOf = (context: Context, native: NativeTunnels): Path | undefined => {
  const { flow, view } = context
  const ipDst = keyAddress(flow, word.tunDst, word.tunIpv6Dst)
  const route = hasTunnel(flow) ? native.route(ipDst, flow[word.pktMark]!) : undefined
  const bridge = route === undefined ? undefined : view.bridge(route.bridge)
  const port = bridge?.ports.get(OfPort.local)
  if (route === undefined || bridge === undefined || port === undefined) {
    say(context, { what: 'no_tunnel_route' })
    dropped(context, 'tunnel_routing_failed')
    return undefined
  }
  const next = route.gateway ?? ipDst
  say(context, { what: 'tunnel_via', ip: next, bridge: bridge.name })
  const dst = native.neighbour(bridge.name, next)
  if (dst === undefined) {
    say(context, { what: 'no_neighbour', ip: next, bridge: bridge.name })
    context.tunnelNews.push({ type: 'ask', bridge: bridge.name, mac: port.mac, source: route.source, ip: next })
    dropped(context, 'tunnel_neigh_cache_miss')
    return undefined
  }
  const said = keyAddress(flow, word.tunSrc, word.tunIpv6Src)
  const ipSrc = Number(said) === 0 ? route.source : said
  say(context, { what: 'tunnel_ends', mac: port.mac, source: ipSrc, to: dst, ip: next })
  const flags = flow[word.tunFlags]! >>> 16
  const header = {
    ...{ dst, src: port.mac, ipDst, ipSrc },
    tos: (flow[word.tunFlags]! >>> 8) & 255,
    ttl: flow[word.tunFlags]! & 255 || usualTtl,
    dontFragment: (flags & tunnelFlag.dontFragment) !== 0,
    csum: isIp6(ipDst) || (flags & tunnelFlag.csum) !== 0,
    sourcePorts: native.sourcePorts,
  }
  return { out: { bridge, port }, header }
}

const usualTtl = 64

const vxlanOf = (
  flow: FlowKey,
  { dialect, dstPort }: TunnelConfig,
): Pick<TunnelHeader, 'vxlanFlags' | 'vni' | 'udpDst'> => {
  const gbp = flow[word.tunGbp]!
  const group = dialect === 'gbp' && gbp !== 0 ? (gbpThere | (gbp & 0x48ffff)) >>> 0 : 0
  const vxlanFlags = (vniThere | (dialect === 'gpe' ? gpeEthernet : group)) >>> 0
  return { vxlanFlags, vni: flow[word.tunIdLow]! & 0xffffff, udpDst: dstPort }
}

/** Makes the key that of a frame with these headers, which came from nowhere. */
const writeOuter = (flow: FlowKey, { dst, src, ipDst, ipSrc, tos, ttl, udpDst }: TunnelHeader): void => {
  flow.fill(0)
  flow[word.ethernet] = Math.floor(dst / 0x10000)
  flow[word.ethernet1] = ((dst % 0x10000) * 0x10000 + Math.floor(src / 2 ** 32)) >>> 0
  flow[word.ethernet2] = src % 2 ** 32
  flow[word.ethType] = ((isIp6(ipDst) ? EtherType.ipv6 : EtherType.ipv4) << 16) >>> 0
  flow[word.ip] = (tos << 16) | (ttl << 8) | IpProtocol.udp
  setAddress(flow, word.ipv4Dst, word.ipv6Dst, ipDst)
  setAddress(flow, word.ipv4Src, word.ipv6Src, ipSrc)
  flow[word.transport] = udpDst
}

/** If a frame for a bridge's own port is a tunnel's, sends it there, and says so; else hears what it says of neighbours. */
export const endNatively = (context: Context, port: BridgePort, native: NativeTunnels): boolean => {
  const { bridge, flow, mask, view } = context
  if (port.ofport !== OfPort.local || view.tunnelPorts.size === 0 || !native.endsAt(bridge.name)) return false
  const own = native.addresses(bridge.name)
  const type = typeOf(flow)
  const udpPort = type === EtherType.arp ? undefined : tunnelOf(flow, mask, port.mac, own)
  const tunnelPort = udpPort === undefined ? undefined : view.tunnelPorts.get(udpPort)
  if (tunnelPort === undefined) {
    listen(context, own)
    return false
  }
  const ip = type === EtherType.ipv4 ? flow[word.ipv4Src]! : keyAddress(flow, word.ipv6Src, word.ipv6Src)
  context.tunnelNews.push({ type: 'neighbour', bridge: bridge.name, ip, mac: Number(readField(flow, 'eth_src')) })
  commit(context)
  context.credits.push({ type: 'transmit', port })
  put(context, { type: 'tnl_pop', port: tunnelPort })
  context.mirrorTo(context, port)
  return true
}

/** The UDP port of a datagram that is whole and for one of a bridge's addresses. */
const tunnelOf = (flow: FlowKey, mask: FlowKey, mac: Mac, own: readonly Ip[]): number | undefined => {
  const type = typeOf(flow)
  if (type !== EtherType.ipv4 && type !== EtherType.ipv6) return undefined
  mask[word.ethernet] = ones
  mask[word.ethernet1] = (mask[word.ethernet1]! | 0xffff0000) >>> 0
  if (Number(readField(flow, 'eth_dst')) !== mac) return undefined
  mask[word.ip] = (mask[word.ip]! | 0xff0000ff) >>> 0
  const six = type === EtherType.ipv6
  if (six) mask.fill(ones, word.ipv6Dst, word.ipv6Dst + 4)
  else mask[word.ipv4Dst] = ones
  const ip = six ? readField(flow, 'ipv6_dst') : flow[word.ipv4Dst]!
  const isWhole = flow[word.ip]! >>> 24 === 0
  if (!isWhole || (flow[word.ip]! & 0xff) !== IpProtocol.udp || !own.includes(ip)) return undefined
  mask[word.transport] = (mask[word.transport]! | 0xffff) >>> 0
  return flow[word.transport]! & 0xffff
}

const arpReply = 2
const neighbourAdvertisement = 136

/** Answers to questions that a bridge's own addresses asked. */
const listen = (context: Context, own: readonly Ip[]): void => {
  const { flow, mask } = context
  if (typeOf(flow) === EtherType.arp) {
    mask[word.ip] = (mask[word.ip]! | 0xff) >>> 0
    mask[word.ipv4Src] = mask[word.ipv4Dst] = ones
    if ((flow[word.ip]! & 0xff) !== arpReply || !own.includes(flow[word.ipv4Dst]!)) return
    mask[word.arpSha] = ones
    mask[word.arpSha + 1] = (mask[word.arpSha + 1]! | 0xffff0000) >>> 0
    learn(context, flow[word.ipv4Src]!, Number(readField(flow, 'arp_sha')))
    return
  }
  if (typeOf(flow) !== EtherType.ipv6 || (flow[word.ip]! & 0xff) !== IpProtocol.icmp6) return
  mask[word.transport] = (mask[word.transport]! | 0xff00ff) >>> 0
  if (flow[word.transport]! >>> 16 !== neighbourAdvertisement || !own.includes(readField(flow, 'ipv6_dst'))) return
  const mac = Number(readField(flow, 'nd_tll'))
  mask.fill(ones, word.ndTarget, word.ndTarget + 4)
  mask[word.arpSha + 1] = (mask[word.arpSha + 1]! | 0xffff) >>> 0
  mask[word.arpSha + 2] = ones
  if (mac !== 0) learn(context, readField(flow, 'nd_target'), mac)
}

const learn = ({ bridge, tunnelNews }: Context, ip: Ip, mac: Mac): void => {
  tunnelNews.push({ type: 'neighbour', bridge: bridge.name, ip, mac })
}
