/** Random flows and groups as ovs-ofctl takes them, whose actions change frames in every way that a datapath knows. */
import { below, type Random } from '../../../src/runtime/random.ts'
import { type Kind, kinds, pick } from './frames.ts'

const matches: { readonly [K in Kind]: string } = {
  tcp: 'tcp',
  udp: 'udp',
  sctp: 'sctp',
  icmp: 'icmp',
  ip: 'ip',
  tcp6: 'tcp6',
  udp6: 'udp6',
  sctp6: 'sctp6',
  icmp6: 'icmp6',
  solicit: 'icmp6,icmpv6_type=135,icmpv6_code=0',
  advert: 'icmp6,icmpv6_type=136,icmpv6_code=0',
  ipv6: 'ipv6',
  arp: 'arp',
  rarp: 'rarp',
  mpls: 'mpls',
  nsh: 'dl_type=0x894f',
  other: 'dl_type=0x1234',
}

const isIp4 = (kind: Kind): boolean => ['tcp', 'udp', 'sctp', 'icmp', 'ip'].includes(kind)
const isIp6 = (kind: Kind): boolean => matches[kind].includes('6') && !isOther(kind)
const isOther = (kind: Kind): boolean => ['arp', 'rarp', 'mpls', 'nsh', 'other'].includes(kind)

const mac = (random: Random): string => `02:00:00:00:00:${10 + below(random, 4)}`
const ip = (random: Random): string => `10.1.${below(random, 2)}.${below(random, 9)}`
const ip6 = (random: Random): string => `fd00:${below(random, 9)}::${below(random, 9)}`

const ofIp4 = (random: Random): string[] => [
  `set_field:${ip(random)}->ip_src`,
  `set_field:${ip(random)}->ip_dst`,
  'set_field:192.0.0.0/255.0.0.0->ip_dst',
  'dec_ttl',
  `set_field:${below(random, 64)}->ip_dscp`,
  `set_field:${below(random, 4)}->nw_ecn`,
  `set_field:${1 + below(random, 200)}->nw_ttl`,
  'move:NXM_OF_IP_SRC[]->NXM_OF_IP_DST[]',
]

const ofIp6 = (random: Random): string[] => [
  `set_field:${ip6(random)}->ipv6_src`,
  `set_field:${ip6(random)}->ipv6_dst`,
  'set_field:fe80::/ffff::->ipv6_dst',
  `set_field:${below(random, 0x100000)}->ipv6_label`,
  'dec_ttl',
  `set_field:${below(random, 64)}->ip_dscp`,
  `set_field:${1 + below(random, 200)}->nw_ttl`,
  'move:NXM_NX_IPV6_SRC[0..63]->NXM_NX_IPV6_DST[64..127]',
]

const ofPorts = (random: Random, name: string): string[] => [
  `set_field:${below(random, 65536)}->${name}_src`,
  `set_field:${below(random, 65536)}->${name}_dst`,
  `set_field:0x${below(random, 256).toString(16)}/0xff->${name}_dst`,
]

const ofArp = (random: Random): string[] => [
  `set_field:${ip(random)}->arp_spa`,
  `set_field:${ip(random)}->arp_tpa`,
  `set_field:${mac(random)}->arp_sha`,
  `set_field:${mac(random)}->arp_tha`,
  `set_field:${1 + below(random, 2)}->arp_op`,
]

/** What only frames of this kind have. */
const ownActions = (random: Random, kind: Kind): string[] => {
  const common = isIp4(kind) ? ofIp4(random) : isIp6(kind) ? ofIp6(random) : []
  switch (kind) {
    case 'tcp':
    case 'udp':
    case 'sctp':
    case 'tcp6':
    case 'udp6':
    case 'sctp6':
      return [...common, ...ofPorts(random, kind.replace('6', ''))]
    case 'icmp':
      return [...common, `set_field:${below(random, 9)}->icmp_type`, `set_field:${below(random, 9)}->icmp_code`]
    case 'icmp6':
      return [
        ...common,
        `set_field:${pick(random, [1, 128, 3])}->icmpv6_type`,
        `set_field:${below(random, 9)}->icmpv6_code`,
      ]
    case 'solicit':
      return [...common, `set_field:${ip6(random)}->nd_target`, `set_field:${mac(random)}->nd_sll`]
    case 'advert':
      return [...common, `set_field:${ip6(random)}->nd_target`, `set_field:${mac(random)}->nd_tll`]
    case 'arp':
    case 'rarp':
      return ofArp(random)
    case 'mpls':
      return [
        `set_field:${below(random, 99)}->mpls_label`,
        `set_field:${below(random, 8)}->mpls_tc`,
        `set_mpls_ttl:${1 + below(random, 9)}`,
        'dec_mpls_ttl',
        'pop_mpls:0x8847',
        'pop_mpls:0x0800',
        'pop_mpls:0x0800,resubmit(,1)',
        'pop_mpls:0x0800,dec_ttl,output:2',
      ]
    case 'nsh':
      return [
        `set_field:${below(random, 9)}->nsh_spi`,
        `set_field:${below(random, 9)}->nsh_si`,
        `set_field:${below(random, 4)}->nsh_flags`,
        `set_field:${1 + below(random, 60)}->nsh_ttl`,
        `set_field:${below(random, 0xffff)}->nsh_c${1 + below(random, 4)}`,
        'dec_nsh_ttl',
        'decap(),decap(),output:2',
        'decap(),decap(),resubmit(,1)',
      ]
    default:
      return common
  }
}

const encapsulations = (random: Random): string[] => [
  `encap(nsh(md_type=1)),set_field:${below(random, 9)}->nsh_spi,set_field:${below(random, 9)}->nsh_c2,encap(ethernet),set_field:${mac(random)}->eth_dst`,
  'encap(nsh(md_type=2,tlv(0x1000,10,0x12345678),tlv(0x2000,20,0xfedcba9876543210))),encap(ethernet)',
  'encap(nsh),encap(nsh),encap(ethernet)',
  'encap(nsh),encap(ethernet),output:1,decap(),decap(),output:2',
]

/** Open vSwitch 3.1 ends with an assertion that fails where frames have labels already. */
const intoMpls = (random: Random, kind: Kind | undefined): string[] =>
  kind === undefined || kind === 'mpls'
    ? []
    : [
        'encap(mpls),set_field:77->mpls_label,encap(ethernet)',
        `encap(mpls),encap(ethernet),set_field:${mac(random)}->eth_src`,
      ]

const anyActions = (random: Random, kind: Kind | undefined, table: number, withSizes: boolean): string[] => {
  const out = `output:${1 + below(random, 4)}`
  return [
    out,
    out,
    'in_port',
    `set_field:${mac(random)}->eth_src`,
    `set_field:${mac(random)}->eth_dst`,
    'set_field:00:ff:00:00:00:00/00:ff:00:00:00:00->eth_dst',
    'move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[]',
    `push_vlan:0x${pick(random, ['8100', '88a8'])},set_field:${0x1000 + below(random, 9)}->vlan_vid`,
    `push_vlan:0x8100,set_field:${below(random, 8)}->vlan_pcp,${out},pop_vlan`,
    'push_mpls:0x8847',
    `push_mpls:0x8847,set_field:${below(random, 99)}->mpls_label,${out},pop_mpls:0x0800`,
    `clone(set_field:${mac(random)}->eth_src,push_vlan:0x8100,${out})`,
    `output(port=${1 + below(random, 4)},max_len=${64 + below(random, 20)})`,
    `group:${1 + below(random, 8)}`,
    `group:${1 + below(random, 8)}`,
    // Open vSwitch 3.1 ends with a failed assertion where encap comes near it.
    ...(withSizes ? ['check_pkt_larger(90)->NXM_NX_REG0[0],output:NXM_NX_REG0[0..1]'] : []),
    `bundle(symmetric_l4,${below(random, 9)},hrw,ofport,members:1,2,3,4)`,
    // Open vSwitch lets other frames than IP share a cached answer, whatever their hashes are.
    ...(kind !== undefined && !isOther(kind)
      ? [`multipath(symmetric_l3l4+udp,${below(random, 9)},modulo_n,4,0,NXM_NX_REG0[0..2]),output:NXM_NX_REG0[0..2]`]
      : []),
    'push:NXM_OF_ETH_SRC[],pop:NXM_OF_ETH_DST[]',
    `set_field:${below(random, 4)}->pkt_mark`,
    'set_queue:1',
    ...(table < 2 ? [`resubmit(,${table + 1})`, `resubmit(,${table + 1})`] : []),
    ...(withSizes ? [] : [...encapsulations(random), ...intoMpls(random, kind)].filter(() => random() < 0.3)),
  ]
}

const actions = (random: Random, kind: Kind | undefined, table: number, withSizes: boolean): string => {
  const own = kind === undefined ? [] : ownActions(random, kind)
  const list = Array.from({ length: 1 + below(random, 5) }, () =>
    pick(
      random,
      own.length > 0 && random() < 0.5
        ? own.filter(text => !(withSizes && text.includes('decap')))
        : anyActions(random, kind, table, withSizes),
    ),
  )
  // Only a frame that is Ethernet still, and of the same kind, has what the actions after may change.
  const last = list.findIndex(text => /encap|decap|push_mpls|pop_mpls|icmp._type|icmpv6_type/.test(text))
  const kept = last < 0 ? list : list.slice(0, last + 1)
  // More than two tags are refused.
  const once = kept.filter(
    (text, i) => !text.includes('push_vlan') || kept.findIndex(each => each.includes('push_vlan')) === i,
  )
  return [...once, `output:${1 + below(random, 4)}`].join(',')
}

/** Flows of three tables; each has one that takes all. `withSizes`: some look at the frame's size, and none encapsulates. */
export const randomFlows = (random: Random, withSizes: boolean): string[] =>
  Array.from({ length: 36 }, (_, i) => {
    const table = i < 3 ? i : pick(random, [0, 0, 1, 1, 2])
    const kind = i < 3 ? undefined : pick(random, kinds)
    const match = kind === undefined ? [] : [matches[kind]]
    if (i >= 3 && random() < 0.3) match.push(`in_port=${1 + below(random, 4)}`)
    if (i >= 3 && random() < 0.2) match.push(`dl_src=02:00:00:00:00:0${below(random, 4)}`)
    return `${[`table=${table}`, `priority=${1 + i}`, ...match].join(',')},actions=${actions(random, kind, table, withSizes)}`
  })

/** Groups 1 to 8 of all types. */
export const randomGroups = (random: Random): string[] =>
  Array.from({ length: 8 }, (_, i) => {
    const type = ['select', 'select', 'select', 'select', 'all', 'all', 'indirect', 'ff'][i] as string
    const method = [
      'selection_method=dp_hash,',
      `selection_method=dp_hash,selection_method_param=${below(random, 99)},`,
      'selection_method=hash,fields(eth_src,eth_dst,ip_src,ip_dst),',
      '',
    ][i]
    const count = type === 'indirect' ? 1 : 2 + below(random, 3)
    const buckets = Array.from({ length: count }, (_, j) => {
      const weight =
        type === 'select'
          ? `weight:${pick(random, [1, 2, 5, 10])},`
          : type === 'ff'
            ? `watch_port:${pick(random, [99, 1, 2])},`
            : ''
      const change = pick(random, ['', `set_field:${mac(random)}->eth_dst,`, 'dec_ttl,', 'push_mpls:0x8847,'])
      return `bucket=${weight}${change}output:${1 + ((j + i) % 4)}`
    })
    return `group_id=${i + 1},type=${type},${method ?? ''}${buckets.join(',')}`
  })
