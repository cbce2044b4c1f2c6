import { type FieldName, fullMask } from '../../src/flow/fields.ts'
import { type FlowKey, word } from '../../src/flow/layout.ts'
import { matchOf } from '../../src/flow/match.ts'
import { below, type Random } from '../../src/runtime/random.ts'
import { formatIp4, formatIp6, formatMac } from '../../src/wire/address.ts'

/** Random matches, actions and packets that are likely to meet, as text for the tools and as fields for us. */

export const pick = <T>(random: Random, from: readonly T[]): T => from[below(random, from.length)] as T

/** Values that are likely to meet: as text, and as number. */
const macs = [1, 2, 3, 0x0a0b0c0d0e0f, 0xffffffffffff, 0x0180c2000005]
const ips = [0x0a000001, 0x0a000002, 0xc0a80101]
const ip6s = [
  0xfd000000000000000000000000000001n,
  0xfd000000000000000000000000000002n,
  0xff0200000000000000000001ff000001n,
]

/** Kinds of packets that a round has, besides ARP, IPv4 and others. */
export type Kind = 'ipv4' | 'ipv6' | 'fragments' | 'tunnels' | 'tags'
export const kinds: readonly Kind[] = ['ipv4', 'ipv6', 'fragments', 'tunnels', 'tags']

/** Numbers of the tunnel ports of the first bridge. */
export const tunnelPorts: readonly (readonly [ofport: number, options: Record<string, string>])[] = [
  [11, { remote_ip: '1.1.1.1', key: 'flow' }],
  [12, { remote_ip: 'flow', key: '5', tos: 'inherit', ttl: 'inherit', df_default: 'false' }],
  [13, { remote_ip: '2.2.2.2', local_ip: '3.3.3.3', in_key: 'flow', out_key: '9', csum: 'true', tos: '0x40' }],
]
const outer = [0x01010101, 0x02020202, 0x03030303]

export type Fields = Partial<Record<FieldName, readonly [value: bigint, mask: bigint]>>

const fragments: readonly (readonly [text: string, value: bigint, mask: bigint])[] = [
  ['no', 0n, 3n],
  ['first', 1n, 3n],
  ['later', 3n, 3n],
  ['yes', 1n, 1n],
  ['not_later', 0n, 2n],
]

const asText = (name: FieldName, value: bigint, mask: bigint): string => {
  const full = mask === fullMask(name)
  if (name === 'ip_frag') return `ip_frag=${fragments.find(([, v, m]) => v === value && m === mask)?.[0]}`
  if (name.startsWith('ipv6_') && name !== 'ipv6_label')
    return `${name}=${formatIp6(value)}${full ? '' : `/${formatIp6(mask)}`}`
  if (name === 'nd_target') return `${name}=${formatIp6(value)}`
  if ((name.startsWith('eth_') && name !== 'eth_type') || /^(arp_.ha|nd_.ll)$/.test(name))
    return `${name}=${formatMac(Number(value))}${full ? '' : `/${formatMac(Number(mask))}`}`
  if (name.startsWith('ip_') || name === 'tun_src' || name === 'tun_dst' || name === 'arp_spa' || name === 'arp_tpa')
    return `${name}=${formatIp4(Number(value))}${full ? '' : `/${formatIp4(Number(mask))}`}`
  return full ? `${name}=${value}` : `${name}=0x${value.toString(16)}/0x${mask.toString(16)}`
}

export const toText = (fields: Fields): string[] =>
  (Object.entries(fields) as [FieldName, readonly [bigint, bigint]][]).map(([name, [value, mask]]) =>
    asText(name, value, mask),
  )

/** OpenFlow 1.0 with extensions, where VLAN actions are of the old kind, or 1.3, which has instructions. */
export type Version = 'NXM' | 'OXM'

/** A match with its prerequisites. */
export const randomMatch = (random: Random, about: Kind = 'ipv4'): Fields => {
  const match: Fields = {}
  const exact = (name: FieldName, value: bigint): void => {
    match[name] = [value, fullMask(name)]
  }
  const chance = (): boolean => random() < 0.15
  if (chance()) exact('in_port', BigInt(1 + below(random, 5)))
  if (chance()) exact('eth_src', BigInt(pick(random, macs.slice(0, 4))))
  if (chance())
    match.eth_dst =
      random() < 0.3 ? [0x010000000000n, 0x010000000000n] : [BigInt(pick(random, macs)), fullMask('eth_dst')]
  if (chance())
    match.vlan_tci = pick(random, [
      [0n, 0x1fffn],
      [0x1000n, 0x1000n],
      [0x1005n, 0x1fffn],
      [0x7005n, 0xffffn],
    ] as const)
  if (chance()) exact('reg0', BigInt(below(random, 3)))
  if (chance()) exact('metadata', BigInt(below(random, 3)))
  if (about === 'tunnels' && random() < 0.4) {
    if (chance()) exact('tun_id', BigInt(below(random, 6)))
    if (chance())
      match.tun_src = random() < 0.5 ? [0x01000000n, 0xff000000n] : [BigInt(pick(random, outer)), 0xffffffffn]
    if (chance()) exact('tun_dst', BigInt(pick(random, outer)))
    if (chance()) exact('in_port', BigInt(pick(random, tunnelPorts)[0]))
  }
  const kind = below(random, 6)
  if (about === 'ipv6' && kind > 0) randomMatch6(random, match, exact, chance)
  else if (kind === 0) {
    exact('eth_type', 0x0806n)
    if (chance()) exact('arp_op', BigInt(1 + below(random, 2)))
    if (chance()) exact('arp_spa', BigInt(pick(random, ips)))
  } else if (kind <= 3) {
    exact('eth_type', 0x0800n)
    if (chance()) match.ip_src = random() < 0.5 ? [0x0a000000n, 0xff000000n] : [BigInt(pick(random, ips)), 0xffffffffn]
    if (chance()) exact('ip_dst', BigInt(pick(random, ips)))
    if (chance()) exact('nw_ttl', BigInt(1 + below(random, 3)))
    if (chance()) match.nw_tos = [BigInt(pick(random, [0, 4, 0x28])), 0xfcn]
    if (about === 'fragments' && random() < 0.4) {
      const [, value, mask] = pick(random, fragments)
      match.ip_frag = [value, mask]
    }
    if (kind > 1) {
      const proto = kind === 2 ? 6n : 17n
      exact('nw_proto', proto)
      if (isLater(match)) return match
      const [src, dst]: [FieldName, FieldName] = kind === 2 ? ['tcp_src', 'tcp_dst'] : ['udp_src', 'udp_dst']
      if (chance()) exact(src, BigInt(below(random, 3)))
      if (chance()) match[dst] = random() < 0.5 ? [0n, 0xfffen] : [BigInt(below(random, 3)), 0xffffn]
    }
  }
  return match
}

/** Nothing of a later fragment's transport header can be matched. */
const isLater = (match: Fields): boolean => match.ip_frag?.[0] === 3n

const randomMatch6 = (
  random: Random,
  match: Fields,
  exact: (name: FieldName, value: bigint) => void,
  chance: () => boolean,
): void => {
  exact('eth_type', 0x86ddn)
  if (chance())
    match.ipv6_src = random() < 0.5 ? [0xfdn << 120n, 0xffn << 120n] : [pick(random, ip6s), fullMask('ipv6_src')]
  if (chance()) match.ipv6_dst = random() < 0.5 ? [1n, 1n] : [pick(random, ip6s), fullMask('ipv6_dst')]
  if (chance()) exact('ipv6_label', BigInt(below(random, 3)))
  if (chance()) exact('nw_ttl', BigInt(1 + below(random, 3)))
  if (chance()) match.nw_tos = [BigInt(pick(random, [0, 4, 0x28])), 0xfcn]
  if (chance()) {
    const [, value, mask] = pick(random, fragments)
    match.ip_frag = [value, mask]
  }
  const proto = pick(random, [0, 6, 17, 58, 58])
  if (proto !== 0) exact('nw_proto', BigInt(proto))
  if (isLater(match)) return
  if (proto === 6 && chance()) exact('tcp_dst', BigInt(below(random, 3)))
  if (proto === 17 && chance()) exact('udp_src', BigInt(below(random, 3)))
  if (proto !== 58) return
  const type = pick(random, [0, 128, 135, 136])
  if (type === 0) return
  exact('icmpv6_type', BigInt(type))
  if (type === 128) {
    if (chance()) exact('icmpv6_code', BigInt(below(random, 2)))
    return
  }
  exact('icmpv6_code', 0n)
  if (chance()) exact('nd_target', pick(random, ip6s))
  if (type === 135 && chance()) exact('nd_sll', BigInt(pick(random, macs)))
  if (type === 136 && chance()) exact('nd_tll', BigInt(pick(random, macs)))
}

/** Actions that a flow with this match may have, as text; OpenFlow refuses those whose header is not sure to be there. */
export const randomActions = (
  random: Random,
  table: number,
  match: Fields,
  bridge: number,
  version: Version,
  about: Kind = 'ipv4',
): string => {
  const ethType = match.eth_type?.[0]
  const proto = match.nw_proto?.[0]
  const choices = [
    () => `output:${1 + below(random, 5)}`,
    () => `output:${1 + below(random, 5)}`,
    () => (bridge === 0 ? 'output:10' : 'output:20'),
    () => 'LOCAL',
    () => pick(random, ['NORMAL', 'FLOOD', 'ALL']),
    // Bridges that bounce frames between them fill the trace, and nothing is learned from that.
    ...(bridge === 0 ? [() => 'IN_PORT'] : []),
    () => 'NORMAL',
    () => `set_field:${formatMac(pick(random, macs))}->eth_src`,
    () => `set_field:${formatMac(pick(random, macs))}->eth_dst`,
    // OpenFlow 1.0's own actions forget the mask.
    ...(version === 'OXM' ? [() => 'set_field:00:00:00:00:00:01/00:00:00:00:00:ff->eth_dst'] : []),
    () => `set_field:${below(random, 3)}->reg0`,
    () => `load:${below(random, 4)}->NXM_NX_REG0[1..2]`,
    () => 'move:NXM_OF_ETH_SRC[0..7]->NXM_NX_REG0[0..7]',
    () => 'move:NXM_NX_REG0[0..3]->NXM_OF_ETH_DST[0..3]',
    () => 'move:NXM_OF_ETH_DST[]->NXM_OF_ETH_SRC[]',
    () => 'output:NXM_NX_REG0[0..7]',
    ...(version === 'NXM'
      ? [() => `mod_vlan_vid:${pick(random, [5, 7])}`, () => `mod_vlan_pcp:${below(random, 8)}`, () => 'strip_vlan']
      : [() => `push_vlan:0x8100,set_field:${0x1000 + pick(random, [5, 7])}->vlan_vid`]),
    () => 'controller(reason=action,max_len=128)',
    () => 'note:01.02',
    () => `set_field:${below(random, 5)}->tun_id`,
    () => `set_field:${below(random, 3)}->pkt_mark`,
    ...(table < 3
      ? [
          () => `resubmit(,${table + 1 + below(random, 3 - table)})`,
          () => `resubmit(,${table + 1})`,
          () => `resubmit(${1 + below(random, 4)},${table + 1})`,
        ]
      : []),
    ...(about === 'tunnels' && bridge === 0
      ? [
          () => `output:${pick(random, tunnelPorts)[0]}`,
          () => `output:${pick(random, tunnelPorts)[0]}`,
          () => `set_field:${formatIp4(pick(random, outer))}->tun_dst`,
          () => `set_field:${formatIp4(pick(random, outer))}->tun_src`,
          () => 'move:NXM_NX_TUN_ID[0..3]->NXM_NX_REG0[0..3]',
          () => 'move:NXM_NX_TUN_IPV4_SRC[]->NXM_NX_TUN_IPV4_DST[]',
        ]
      : []),
    ...(about === 'tags' && version === 'NXM' ? [() => 'strip_vlan', () => 'strip_vlan'] : []),
    ...(about === 'tags' && version === 'OXM'
      ? [
          () => `push_vlan:0x88a8,set_field:${0x1000 + below(random, 8)}->vlan_vid`,
          () => `push_vlan:0x8100,output:${1 + below(random, 4)},pop_vlan`,
        ]
      : []),
    ...(ethType === 0x86ddn ? actions6(random, version, match) : []),
    ...(ethType === 0x0800n
      ? [
          () => 'dec_ttl',
          () => `set_field:${formatIp4(pick(random, ips))}->ip_src`,
          ...(version === 'OXM' ? [() => 'set_field:10.0.0.0/255.0.0.0->ip_dst'] : []),
          () => `mod_nw_tos:${pick(random, [0, 4, 40])}`,
          () => `set_field:${below(random, 3)}->nw_ecn`,
          () => `mod_nw_ttl:${1 + below(random, 3)}`,
        ]
      : []),
    ...(ethType === 0x0806n
      ? [
          () => 'set_field:2->arp_op',
          () => 'move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[]',
          () => 'set_field:00:00:00:00:00:07->arp_sha',
        ]
      : []),
    ...((proto === 6n || proto === 17n) && !isLater(match)
      ? transportActions(random, version, proto === 6n ? 'tcp' : 'udp')
      : []),
  ]
  // A third tag is refused.
  let pushes = 0
  const list = Array.from({ length: 1 + below(random, 4) }, () => pick(random, choices)()).map(text =>
    text.startsWith('push_vlan') && ++pushes > 1 ? 'note:01.02' : text,
  )
  if (version === 'NXM') return list.join(',')
  if (((match.vlan_tci?.[0] ?? 0n) & 0x1000n) !== 0n && random() < 0.3) list.unshift('pop_vlan')
  if (table < 3 && random() < 0.3) list.push(`write_metadata:${below(random, 3)}/3`)
  if (table < 3 && random() < 0.4) list.push(`goto_table:${table + 1 + below(random, 3 - table)}`)
  return random() < 0.05 ? 'drop' : list.join(',')
}

/** OpenFlow 1.0's actions say nothing where a later fragment has no ports. */
const transportActions = (random: Random, version: Version, name: string): (() => string)[] =>
  version === 'NXM'
    ? [() => `mod_tp_dst:${below(random, 3)}`, () => `mod_tp_src:${below(random, 3)}`]
    : [() => `set_field:${below(random, 3)}->${name}_dst`, () => `set_field:${below(random, 3)}->${name}_src`]

/** What may be done to IPv6 packets that match. */
const actions6 = (random: Random, version: Version, match: Fields): (() => string)[] => {
  const type = match.icmpv6_type?.[0]
  const isNeighbour = type === 135n || type === 136n
  return [
    () => 'dec_ttl',
    () => `set_field:${formatIp6(pick(random, ip6s))}->ipv6_src`,
    () => `set_field:${formatIp6(pick(random, ip6s))}->ipv6_dst`,
    () => 'move:NXM_NX_IPV6_SRC[0..31]->NXM_NX_IPV6_DST[0..31]',
    () => `set_field:${below(random, 3)}->ipv6_label`,
    () => `mod_nw_tos:${pick(random, [0, 4, 40])}`,
    () => `set_field:${below(random, 3)}->nw_ecn`,
    () => `mod_nw_ttl:${1 + below(random, 3)}`,
    ...(version === 'OXM' ? [() => 'set_field:fd00::/ff00::->ipv6_dst'] : []),
    ...(isNeighbour ? [() => `set_field:${formatIp6(pick(random, ip6s))}->nd_target`] : []),
    ...(type === 135n ? [() => `set_field:${formatMac(pick(random, macs))}->nd_sll`] : []),
    ...(type === 136n ? [() => `set_field:${formatMac(pick(random, macs))}->nd_tll`] : []),
  ]
}

type Put = (name: FieldName, value: number | bigint) => void

const randomPacket6 = (random: Random, put: Put): void => {
  put('eth_type', 0x86dd)
  put('ipv6_src', pick(random, ip6s))
  put('ipv6_dst', pick(random, ip6s))
  put('ipv6_label', below(random, 3))
  put('nw_ttl', 1 + below(random, 3))
  put('nw_tos', pick(random, [0, 4, 0x28]))
  put('nw_ecn', pick(random, [0, 0, 1, 3]))
  const frag = pick(random, [0, 0, 0, 0, 1, 3])
  put('ip_frag', frag)
  const proto = pick(random, [6, 17, 58, 58, 58])
  put('nw_proto', proto)
  if (frag === 3) return
  if (proto !== 58) {
    put(proto === 6 ? 'tcp_src' : 'udp_src', below(random, 3))
    put(proto === 6 ? 'tcp_dst' : 'udp_dst', below(random, 3))
    return
  }
  const type = pick(random, [128, 135, 135, 136])
  put('icmpv6_type', type)
  const code = pick(random, [0, 0, 0, 1])
  put('icmpv6_code', code)
  // Only with code 0 is it neighbour discovery.
  if (type === 128 || code !== 0) return
  put('nd_target', pick(random, ip6s))
  if (type === 135) put('nd_sll', pick(random, macs))
  else put('nd_tll', pick(random, macs))
}

export const randomPacket = (random: Random, inPort: number, about: Kind = 'ipv4'): Fields => {
  const packet: Fields = {}
  const put: Put = (name, value) => {
    packet[name] = [BigInt(value), fullMask(name)]
  }
  put('in_port', inPort)
  put('eth_src', pick(random, macs.slice(0, 4)))
  put('eth_dst', pick(random, macs))
  const tag = pick(random, [0, 0, 0, 0x1005, 0x7005, 0x1007, 0x7000, 0x1000])
  if (tag !== 0) put('vlan_tci', tag)
  if (about === 'tunnels' && inPort > 10) {
    put('tun_id', below(random, 6))
    put('tun_src', pick(random, outer))
    put('tun_dst', pick(random, outer))
    put('tun_tos', pick(random, [0, 1, 3, 0x43]))
    put('tun_ttl', 1 + below(random, 64))
  }
  const kind = below(random, 8)
  if (about === 'ipv6' && kind > 1) randomPacket6(random, put)
  else if (about === 'tags' && kind > 3 && tag !== 0) put('eth_type', pick(random, [0x8100, 0x88a8]))
  else if (kind === 0) {
    put('eth_type', 0x0806)
    put('arp_op', 1 + below(random, 2))
    put('arp_spa', pick(random, ips))
    put('arp_tpa', pick(random, ips))
    put('arp_sha', pick(random, macs))
    put('arp_tha', pick(random, macs))
  } else if (kind === 1) put('eth_type', 0x1234)
  else {
    put('eth_type', 0x0800)
    put('ip_src', pick(random, ips))
    put('ip_dst', pick(random, ips))
    put('nw_ttl', 1 + below(random, 3))
    put('nw_tos', pick(random, [0, 4, 0x28]))
    if (about === 'tunnels') put('nw_ecn', below(random, 4))
    const frag = about === 'fragments' ? pick(random, [0, 1, 3]) : 0
    if (frag !== 0) put('ip_frag', frag)
    const proto = pick(random, [6, 17, 1])
    put('nw_proto', proto)
    if (frag === 3) return packet
    if (proto === 6) {
      put('tcp_src', below(random, 3))
      put('tcp_dst', below(random, 3))
    } else if (proto === 17) {
      put('udp_src', below(random, 3))
      put('udp_dst', below(random, 3))
    } else {
      put('icmp_type', below(random, 3))
      put('icmp_code', below(random, 2))
    }
  }
  return packet
}

/** The key of such a packet; a tag is 802.1Q's. */
export const keyOf = (packet: Fields): FlowKey => {
  const { key } = matchOf(packet as Parameters<typeof matchOf>[0])
  if (key[word.vlan] !== 0) key[word.vlan] = key[word.vlan]! | (0x8100 << 16)
  return key
}
