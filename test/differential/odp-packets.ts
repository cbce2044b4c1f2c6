import type { FieldName } from '../../src/flow/fields.ts'
import { below, type Random } from '../../src/runtime/random.ts'
import { isFramed, type Kind } from './kinds.ts'
import { portsOf, tunnelBridge } from './network.ts'
import { chance, drawn, pick, valueText } from './values.ts'

/** Flows as a datapath has them (ovs-dpctl(8)), which say what those of OpenFlow cannot: two tags, stacks of labels, recirculation. */

const said = (random: Random, name: FieldName): string => valueText(name, drawn(random, name))
const number = (random: Random, name: FieldName): string => String(drawn(random, name))

const port = (random: Random, bridge: number): string => {
  const names = portsOf(bridge).flatMap(({ name, type }) => (type === 'dummy' ? [name] : []))
  if (bridge !== tunnelBridge || chance(random, 0.4)) return `in_port(${pick(random, [...names, `br${bridge}`])})`
  const gbp = chance(random, 0.3)
    ? `,vxlan(gbp(id=${below(random, 3)},flags=${pick(random, ['0', '0x8', '0x40'])}))`
    : ''
  const ends = `src=${pick(random, ['1.1.1.1', '2.2.2.2'])},dst=${pick(random, ['3.3.3.3', '9.9.9.9'])}`
  const more = `tos=${pick(random, ['0x0', '0x3', '0x28'])},ttl=64${gbp},flags(${pick(random, ['key', 'csum|key', 'df|key'])})`
  return `tunnel(tun_id=0x${below(random, 10)},${ends},${more}),in_port(vxlan_sys_${pick(random, [4789, 4790])})`
}

const ip4 = (random: Random, protocol: number): string =>
  `eth_type(0x0800),ipv4(src=${said(random, 'ip_src')},dst=${said(random, 'ip_dst')},proto=${protocol},tos=${pick(random, ['0', '0x28', '0x3'])},ttl=${pick(random, [0, 1, 64])},frag=${pick(random, ['no', 'no', 'no', 'first', 'later'])})`
const ip6 = (random: Random, protocol: number): string =>
  `eth_type(0x86dd),ipv6(src=${said(random, 'ipv6_src')},dst=${said(random, 'ipv6_dst')},label=${below(random, 3)},proto=${protocol},tclass=${pick(random, ['0', '0x28', '0x3'])},hlimit=${pick(random, [0, 1, 64])},frag=${pick(random, ['no', 'no', 'no', 'first', 'later'])})`
const twoPorts = (random: Random, name: string): string => `${name}(src=${below(random, 4)},dst=${below(random, 4)})`
const tcp = (random: Random): string =>
  `${twoPorts(random, 'tcp')},tcp_flags(0x${pick(random, ['0', '2', '11', '10'])})`
const message = (name: string, type: number, code: number): string => `${name}(type=${type},code=${code})`

const neighbour = (random: Random, type: number): string =>
  `${message('icmpv6', type, 0)},nd(target=${said(random, 'nd_target')},sll=${said(random, 'nd_sll')},tll=${said(random, 'nd_tll')})`

const label = (random: Random, suffix: string, bos: number): string =>
  `label${suffix}=${below(random, 20)},tc${suffix}=${below(random, 8)},ttl${suffix}=${pick(random, [0, 1, 64])},bos${suffix}=${bos}`

/** One to three labels, the last of which is said to be the innermost, or not. */
const labels = (random: Random): string => {
  const count = 1 + below(random, 3)
  const ends = chance(random, 0.8) ? 1 : 0
  const stack = Array.from({ length: count }, (_, i) =>
    label(random, count === 1 ? '' : String(i), i === count - 1 ? ends : 0),
  )
  return `mpls(${stack.join(',')})`
}

const arp = (random: Random): string =>
  `arp(sip=${said(random, 'arp_spa')},tip=${said(random, 'arp_tpa')},op=${number(random, 'arp_op')},sha=${said(random, 'arp_sha')},tha=${said(random, 'arp_tha')})`

/** From the type of the frame on. */
const inside = (random: Random, kind: Kind): string => {
  switch (kind) {
    case 'tcp':
      return `${ip4(random, 6)},${tcp(random)}`
    case 'udp':
      return `${ip4(random, 17)},${twoPorts(random, 'udp')}`
    case 'sctp':
      return `${ip4(random, 132)},${twoPorts(random, 'sctp')}`
    case 'icmp':
      return `${ip4(random, 1)},${message('icmp', pick(random, [0, 8]), 0)}`
    case 'ip':
    case 'igmp':
      return ip4(random, pick(random, [0, 2, 4, 47]))
    case 'tcp6':
      return `${ip6(random, 6)},${tcp(random)}`
    case 'udp6':
      return `${ip6(random, 17)},${twoPorts(random, 'udp')}`
    case 'sctp6':
      return `${ip6(random, 132)},${twoPorts(random, 'sctp')}`
    case 'icmp6':
      return `${ip6(random, 58)},${message('icmpv6', 128, below(random, 2))}`
    case 'solicit':
      return `${ip6(random, 58)},${neighbour(random, 135)}`
    case 'advert':
      return `${ip6(random, 58)},${neighbour(random, 136)}`
    case 'ipv6':
      return ip6(random, pick(random, [0, 47, 59]))
    case 'arp':
      return `eth_type(0x0806),${arp(random)}`
    case 'rarp':
      return `eth_type(0x8035),${arp(random)}`
    case 'mpls':
      return `eth_type(0x8847),${labels(random)}`
    case 'mplsm':
      return `eth_type(0x8848),${labels(random)}`
    case 'nsh':
      return `eth_type(0x894f),nsh(flags=0,ttl=${pick(random, [1, 63])},mdtype=1,np=${1 + below(random, 4)},spi=0x${below(random, 4)},si=${below(random, 255)},c1=0x1,c2=0x2,c3=0x3,c4=0x0)`
    default:
      return `eth_type(${pick(random, ['0x1234', '0x88cc'])})`
  }
}

const tagged = (random: Random, rest: string, count: number): string => {
  if (count === 0) return rest
  const type = pick(random, ['0x8100', '0x88a8'])
  const tag = `vlan(vid=${pick(random, [0, 5, 7, 9])},pcp=${pick(random, [0, 0, 3])})`
  return `eth_type(${type}),${tag},encap(${tagged(random, rest, count - 1)})`
}

const bare = (random: Random, kind: Kind): string => {
  const rest = inside(random, framedTwin[kind] ?? kind)
  return `packet_type(ns=1,id=${/^eth_type\((0x\w+)\)/.exec(rest)?.[1]}),${rest}`
}
const framedTwin: { readonly [K in Kind]?: Kind } = {
  bareIp: 'ip',
  bareTcp: 'tcp',
  bareUdp6: 'udp6',
  bareMpls: 'mpls',
  bareNsh: 'nsh',
}

/** A flow that comes in at a port of a bridge. */
export const odpFlow = (random: Random, kind: Kind, bridge: number): string => {
  const parts: string[] = []
  if (chance(random, 0.05)) parts.push(`skb_priority(${below(random, 3)})`)
  if (chance(random, 0.05)) parts.push(`skb_mark(0x${below(random, 3)})`)
  if (chance(random, 0.05)) parts.push(`ct_state(${pick(random, ['+trk', '+est+trk', '+new+trk'])}),ct_zone(0x3)`)
  parts.push(port(random, bridge))
  if (!isFramed(kind)) return [...parts, bare(random, kind)].join(',')
  parts.push(`eth(src=${said(random, 'eth_src')},dst=${said(random, 'eth_dst')})`)
  parts.push(tagged(random, inside(random, kind), chance(random, 0.4) ? 1 + below(random, 2) : 0))
  return parts.join(',')
}
