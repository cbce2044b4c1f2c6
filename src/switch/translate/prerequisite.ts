import { type FieldName, field, type Prerequisite } from '../../flow/fields.ts'
import { type FlowKey, fragment, word } from '../../flow/layout.ts'
import { typeOf } from '../../flow/match.ts'
import { EtherType } from '../../wire/ethernet.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { hasTag, vlanPresent } from './vlan-tag.ts'

/**
 * Whether the frame has the header that a field is in, as the key says now. What was looked at is set in `mask`: the
 * answer holds for frames that agree there. A VLAN's number is there even without a tag, its priority is not.
 */
export const hasField = (flow: FlowKey, mask: FlowKey, name: FieldName): boolean => {
  const { needs } = field(name)
  return needs === undefined || checks[needs](flow, mask)
}

const network: ReadonlySet<Prerequisite | undefined> = new Set<Prerequisite>(['ipv4', 'ipv6', 'ip', 'arp'])

/** Writing into an IP or ARP header looks at its protocol or operation: one of 0 is no header to write to. RARP is not written to.
 * Of `ip_dscp`, another name for bits of `nw_tos`, Open vSwitch does not know that it is of the header, unless `mod_nw_tos`
 * is what writes it.
 */
export const lookAtProtocol = (flow: FlowKey, mask: FlowKey, name: FieldName, mod = false): void => {
  if (name === 'ip_dscp' && !mod) return
  if (network.has(field(name).needs) && typeOf(flow) !== EtherType.rarp) mask[word.ip] = mask[word.ip]! | 0xff
}

type Check = (flow: FlowKey, mask: FlowKey) => boolean

const hasVlan: Check = (flow, mask) => {
  if (flow[word.packetType] !== 0) return false
  mask[word.vlan] = mask[word.vlan]! | vlanPresent
  return hasTag(flow)
}

const isIp: Check = flow => typeOf(flow) === EtherType.ipv4 || typeOf(flow) === EtherType.ipv6

const hasProtocol =
  (network: Check, protocol: number): Check =>
  (flow, mask) => {
    if (!network(flow, mask)) return false
    mask[word.ip] = mask[word.ip]! | 0xff
    return (flow[word.ip]! & 0xff) === protocol
  }

/** Later fragments have no ports. Of ICMP Open vSwitch does not ask that. */
const transport = (network: Check, protocol: number): Check => {
  const matches = hasProtocol(network, protocol)
  return (flow, mask) => matches(flow, mask) && ((flow[word.ip]! >>> 24) & fragment.later) === 0
}

const isIpv4: Check = flow => typeOf(flow) === EtherType.ipv4
const isIpv6: Check = flow => typeOf(flow) === EtherType.ipv6
const icmpv6 = hasProtocol(isIpv6, IpProtocol.icmp6)

const neighbour =
  (...types: number[]): Check =>
  (flow, mask) => {
    if (!icmpv6(flow, mask)) return false
    mask[word.transport] = 0xffffffff
    const typeAndCode = flow[word.transport]!
    return (typeAndCode & 0xffff) === 0 && types.includes(typeAndCode >>> 16)
  }

/** `new`, `est` and `rpl` of `ct_state`: whoever belongs to a connection has one of them. */
const ofConnection = 0x0b

const checks: { readonly [P in Prerequisite]: Check } = {
  ethernet: flow => flow[word.packetType] === 0,
  vlan: hasVlan,
  arp: flow => typeOf(flow) === EtherType.arp || typeOf(flow) === EtherType.rarp,
  ipv4: isIpv4,
  ipv6: isIpv6,
  ip: isIp,
  mpls: flow => typeOf(flow) === EtherType.mpls || typeOf(flow) === EtherType.mplsMulticast,
  tcp: transport(isIp, IpProtocol.tcp),
  udp: transport(isIp, IpProtocol.udp),
  sctp: transport(isIp, IpProtocol.sctp),
  icmp: hasProtocol(isIpv4, IpProtocol.icmp),
  icmpv6,
  nd: neighbour(135, 136),
  'nd solicit': neighbour(135),
  'nd advert': neighbour(136),
  nsh: flow => typeOf(flow) === EtherType.nsh,
  ct: (flow, mask) => {
    mask[word.ctState] = mask[word.ctState]! | ofConnection
    return (flow[word.ctState]! & ofConnection) !== 0
  },
}
