/**
 * What follows what. A protocol's own file knows nothing of what it carries; this file has all the tables (by ethertype, by
 * LLC service point, by IP protocol, by port) and the walk that follows them.
 *
 * The walk holds a place (`at`), the end of what the innermost length field covers (`limit`), and a list. A step
 * reads one header at the place, adds its layer, moves the place, and returns the next step, or nothing when it does not know
 * what follows. The loop bounds the number of steps; whatever is left at the end becomes `data` up to the limit
 * and `padding` behind it. So nothing is lost, nothing throws, and nothing runs away.
 */
import { parseArp } from './arp.ts'
import { parseBpdu } from './bpdu.ts'
import { LinkType } from './captured.ts'
import { DhcpPort, parseDhcp } from './dhcp.ts'
import { DnsPort, parseDns } from './dns.ts'
import { EtherType, parseEthernet, smallestEtherType } from './ethernet.ts'
import { isIcmpChecksumRight, isIcmpError, parseIcmp } from './icmp.ts'
import { isIcmp6ChecksumRight, isIcmp6Error, parseIcmp6 } from './icmp6.ts'
import { isIgmpChecksumRight, parseIgmp } from './igmp.ts'
import { IpProtocol } from './ip-protocol.ts'
import { isIpv4ChecksumRight, parseIpv4 } from './ipv4.ts'
import { parseIpv6 } from './ipv6.ts'
import type { Layer, LayerValues, Protocol } from './layer.ts'
import { LlcSap, parseLlc } from './llc.ts'
import { parseLldp } from './lldp.ts'
import { isMldType, parseMld } from './mld.ts'
import { parseMpls } from './mpls.ts'
import { isNdType, parseNd } from './nd.ts'
import type { Parsed, Reason } from './parsed.ts'
import { isSctpChecksumRight, parseSctp } from './sctp.ts'
import { isTcpChecksumRight, parseTcp } from './tcp.ts'
import { isUdpChecksumRight, parseUdp } from './udp.ts'
import { parseVlan } from './vlan.ts'
import { parseVxlan, type VxlanDialect, VxlanGpeProtocol, VxlanPort } from './vxlan.ts'

/** A frame has no more layers than this, padding and data aside; what lies deeper is data. */
export const mostLayers = 32

/** UDP destination ports that carry VXLAN here, and how their header is read. */
export type DissectOptions = { vxlanPorts?: ReadonlyMap<number, VxlanDialect> }

type Step = (walk: Walk) => Step | undefined

type Walk = {
  bytes: Uint8Array
  at: number
  limit: number
  layers: Layer[]
  /** Inside the packet that an ICMP error quotes: lengths may promise more than there is, checksums cannot be judged. */
  quoted: boolean
  /** The checksum of the transport cannot be judged: a fragment, a quotation, or a routing header with stops left. */
  unverifiable: boolean
  /** Where the innermost IP header is. */
  ip: number
  vxlanPorts: ReadonlyMap<number, VxlanDialect>
}

const vxlanPorts: ReadonlyMap<number, VxlanDialect> = new Map<number, VxlanDialect>([
  [VxlanPort.iana, 'gbp'],
  [VxlanPort.linux, 'gbp'],
  [VxlanPort.gpe, 'gpe'],
])

/** The layers of the bytes from `start` to `end`, outermost first; never throws. `linkType` is one of `LinkType`. */
export const dissect = (
  bytes: Uint8Array,
  start = 0,
  end = bytes.length,
  linkType: number = LinkType.ethernet,
  options: DissectOptions = {},
): Layer[] => {
  const walk: Walk = {
    bytes,
    at: start,
    limit: end,
    layers: [],
    quoted: false,
    unverifiable: false,
    ip: start,
    vxlanPorts: options.vxlanPorts ?? vxlanPorts,
  }
  let step = byLinkType.get(linkType)
  while (step !== undefined && walk.at < walk.limit && walk.layers.length < mostLayers) step = step(walk)
  const { layers, at, limit } = walk
  if (at < limit) layers.push({ protocol: 'data', start: at, end: limit, limit })
  if (limit < end) layers.push({ protocol: 'padding', start: limit, end, limit: end })
  return layers
}

/**
 * Adds a layer for what a parser found and moves behind it; gives its value, or undefined if it was refused.
 * A result without `payload` covers all there is.
 */
const add = <P extends Protocol>(
  walk: Walk,
  protocol: P,
  found: Parsed<NonNullable<LayerValues[P]> & { payload?: number }>,
): NonNullable<LayerValues[P]> | undefined => {
  const { at: start, limit } = walk
  const quoted = walk.quoted ? { quoted: true as const } : {}
  if (!found.ok) {
    push(walk, { protocol, start, end: start, limit, bad: found.why, ...quoted })
    return undefined
  }
  const end = found.value.payload ?? limit
  push(walk, { protocol, start, end, limit, value: found.value, ...quoted })
  walk.at = end
  return found.value
}

const push = <P extends Protocol>(
  { layers }: Walk,
  layer: { protocol: P; start: number; end: number; limit: number; value?: NonNullable<LayerValues[P]>; bad?: Reason },
): void => {
  layers.push(layer as Layer)
}

/** Narrows what follows to an inner length field's end, the layer just added too. */
const narrow = (walk: Walk, limit: number): void => {
  walk.limit = limit
  ;(walk.layers.at(-1) as Layer).limit = limit
}

/** Marks the layer just added where its checksum is wrong. */
const judge = (walk: Walk, right: boolean): void => {
  if (!right) (walk.layers.at(-1) as Layer).bad = 'checksum'
}

const eth: Step = walk => {
  const value = add(walk, 'eth', parseEthernet(walk.bytes, walk.at, walk.limit))
  return value && byType(walk, value.type)
}

const vlan: Step = walk => {
  const value = add(walk, 'vlan', parseVlan(walk.bytes, walk.at, walk.limit))
  return value && byType(walk, value.type)
}

/** An Ethernet type field, or a length that bounds an LLC frame. */
const byType = (walk: Walk, type: number): Step | undefined => {
  if (type >= smallestEtherType) return byEtherType.get(type)
  if (walk.at + type <= walk.limit) narrow(walk, walk.at + type)
  else if (!walk.quoted) (walk.layers.at(-1) as Layer).bad = 'short'
  return llc
}

const llc: Step = walk => {
  const value = add(walk, 'llc', parseLlc(walk.bytes, walk.at, walk.limit))
  if (value?.dsap === LlcSap.stp && value.ssap === LlcSap.stp) return stp
  // RFC 1042 and IEEE 802.1H: with these organization codes the type is an ethertype.
  return value?.snap && (value.snap.oui === 0 || value.snap.oui === 0xf8) ? byEtherType.get(value.snap.type) : undefined
}

const stp: Step = walk => {
  add(walk, 'stp', parseBpdu(walk.bytes, walk.at, walk.limit))
  return undefined
}

const arp: Step = walk => {
  // What follows an ARP packet fills the frame up.
  if (add(walk, 'arp', parseArp(walk.bytes, walk.at, walk.limit))) walk.limit = walk.at
  return undefined
}

const lldp: Step = walk => {
  if (add(walk, 'lldp', parseLldp(walk.bytes, walk.at, walk.limit))) walk.limit = walk.at
  return undefined
}

const mpls: Step = walk => {
  const value = add(walk, 'mpls', parseMpls(walk.bytes, walk.at, walk.limit))
  if (!value?.bottom) return value && mpls
  // RFC 4928 §3: the label says what follows; without knowing labels, the first four bits tell IP from the rest.
  return byIpVersion(walk)
}

const byIpVersion: Step = walk => {
  const version = walk.bytes[walk.at]! >> 4
  return version === 4 ? ip : version === 6 ? ip6 : undefined
}

const ip: Step = walk => {
  const { bytes, at, quoted } = walk
  const found = parseIpv4(bytes, at, walk.limit, quoted)
  const value = add(walk, 'ip', found)
  if (!found.ok || value === undefined) return undefined
  narrow(walk, found.value.end)
  judge(walk, quoted || isIpv4ChecksumRight(bytes, at))
  walk.ip = at
  walk.unverifiable = quoted || value.moreFragments
  return value.fragmentOffset === 0 ? byProtocol4.get(value.protocol) : undefined
}

const ip6: Step = walk => {
  const { bytes, at, quoted } = walk
  const found = parseIpv6(bytes, at, walk.limit, quoted)
  const value = add(walk, 'ip6', found)
  if (!found.ok || value === undefined) return undefined
  narrow(walk, found.value.end)
  walk.ip = at
  walk.unverifiable = quoted || value.fragment?.more === true || value.routed === true
  return (value.fragment?.offset ?? 0) === 0 ? byProtocol6.get(value.protocol) : undefined
}

/** What an ICMP error carries is the beginning of the packet that it is about. */
const quote = (walk: Walk, step: Step): Step => {
  walk.quoted = true
  return step
}

const icmp: Step = walk => {
  const { bytes, at, limit } = walk
  const value = add(walk, 'icmp', parseIcmp(bytes, at, limit))
  if (value === undefined) return undefined
  judge(walk, walk.unverifiable || isIcmpChecksumRight(bytes, at, limit))
  return isIcmpError(value) ? quote(walk, ip) : undefined
}

const icmp6: Step = walk => {
  const { bytes, at, limit } = walk
  const type = bytes[at]!
  const value = isNdType(type)
    ? add(walk, 'nd', parseNd(bytes, at, limit))
    : isMldType(type)
      ? add(walk, 'mld', parseMld(bytes, at, limit))
      : add(walk, 'icmp6', parseIcmp6(bytes, at, limit))
  if (value === undefined) return undefined
  judge(walk, walk.unverifiable || isIcmp6ChecksumRight(bytes, walk.ip, at, limit))
  return isIcmp6Error({ type }) ? quote(walk, ip6) : undefined
}

const igmp: Step = walk => {
  const { bytes, at, limit } = walk
  if (add(walk, 'igmp', parseIgmp(bytes, at, limit)))
    judge(walk, walk.unverifiable || isIgmpChecksumRight(bytes, at, limit))
  return undefined
}

const tcp: Step = walk => {
  const { bytes, at, limit } = walk
  if (add(walk, 'tcp', parseTcp(bytes, at, limit)))
    judge(walk, walk.unverifiable || isTcpChecksumRight(bytes, walk.ip, at, limit))
  return undefined
}

const sctp: Step = walk => {
  const { bytes, at, limit } = walk
  if (add(walk, 'sctp', parseSctp(bytes, at, limit)))
    judge(walk, walk.unverifiable || isSctpChecksumRight(bytes, at, limit))
  return undefined
}

const udp: Step = walk => {
  const { bytes, at } = walk
  const found = parseUdp(bytes, at, walk.limit, walk.quoted || walk.unverifiable)
  const value = add(walk, 'udp', found)
  if (!found.ok || value === undefined) return undefined
  narrow(walk, found.value.end)
  judge(walk, walk.unverifiable || isUdpChecksumRight(bytes, walk.ip, at, walk.limit))
  const dialect = walk.vxlanPorts.get(value.dst)
  if (dialect !== undefined) return vxlan(dialect)
  return byUdpPort.get(value.dst) ?? byUdpPort.get(value.src)
}

const vxlan =
  (dialect: VxlanDialect): Step =>
  walk => {
    const value = add(walk, 'vxlan', parseVxlan(walk.bytes, walk.at, walk.limit, dialect))
    return value && (value.gpe === undefined ? eth : byGpeProtocol.get(value.gpe.protocol))
  }

const dhcp: Step = walk => {
  add(walk, 'dhcp', parseDhcp(walk.bytes, walk.at, walk.limit))
  return undefined
}

const dns: Step = walk => {
  add(walk, 'dns', parseDns(walk.bytes, walk.at, walk.limit))
  return undefined
}

const byLinkType: ReadonlyMap<number, Step> = new Map([
  [LinkType.ethernet, eth],
  [LinkType.raw, byIpVersion],
  [LinkType.ipv4, ip],
  [LinkType.ipv6, ip6],
])

const byEtherType: ReadonlyMap<number, Step> = new Map([
  [EtherType.ipv4, ip],
  [EtherType.ipv6, ip6],
  [EtherType.arp, arp],
  [EtherType.rarp, arp],
  [EtherType.vlan, vlan],
  [EtherType.vlanService, vlan],
  [EtherType.vlanOld, vlan],
  [EtherType.mpls, mpls],
  [EtherType.mplsMulticast, mpls],
  [EtherType.lldp, lldp],
  [EtherType.teb, eth],
])

const byProtocol: readonly [number, Step][] = [
  [IpProtocol.tcp, tcp],
  [IpProtocol.udp, udp],
  [IpProtocol.sctp, sctp],
  [IpProtocol.ipip, ip],
  [IpProtocol.ipv6, ip6],
]

const byProtocol4: ReadonlyMap<number, Step> = new Map([
  ...byProtocol,
  [IpProtocol.icmp, icmp],
  [IpProtocol.igmp, igmp],
])
const byProtocol6: ReadonlyMap<number, Step> = new Map([...byProtocol, [IpProtocol.icmp6, icmp6]])

/** By either port: an answer comes from the port that the question went to. */
const byUdpPort: ReadonlyMap<number, Step> = new Map([
  [DhcpPort.server, dhcp],
  [DhcpPort.client, dhcp],
  [DnsPort, dns],
  [5353, dns],
])

const byGpeProtocol: ReadonlyMap<number, Step> = new Map([
  [VxlanGpeProtocol.ipv4, ip],
  [VxlanGpeProtocol.ipv6, ip6],
  [VxlanGpeProtocol.ethernet, eth],
  [VxlanGpeProtocol.mpls, mpls],
])
