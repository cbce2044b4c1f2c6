import { below, type Random } from '../../src/runtime/random.ts'
import { pick } from './translate-cases.ts'

/** Random flows, groups and packets with all kinds of actions, as the text that ovs-ofctl and `ofproto/trace` take. */

const macs = ['00:00:00:00:00:01', '00:00:00:00:00:02', '0a:0b:0c:0d:0e:0f'] as const
const ips = ['10.0.0.1', '10.0.0.2', '192.168.1.1'] as const
const ip6s = ['fd00::1', 'fd00::2', 'fe80::1'] as const

/** What a flow may be about. */
export const topics = ['groups', 'sets', 'mpls', 'ct', 'others', 'nsh', 'mixed'] as const
export type Topic = (typeof topics)[number]

type Kind = 'any' | 'ip' | 'tcp' | 'udp' | 'icmp' | 'ipv6' | 'tcp6' | 'arp' | 'mpls' | 'nsh'
const kinds: readonly Kind[] = [
  'any',
  'any',
  'ip',
  'ip',
  'tcp',
  'tcp',
  'udp',
  'icmp',
  'ipv6',
  'tcp6',
  'arp',
  'mpls',
  'nsh',
]
const shortOf: { readonly [K in Kind]: string } = {
  any: '',
  ip: 'ip',
  tcp: 'tcp',
  udp: 'udp',
  icmp: 'icmp',
  ipv6: 'ipv6',
  tcp6: 'tcp6',
  arp: 'arp',
  mpls: 'mpls',
  nsh: 'dl_type=0x894f',
}

const isIp4 = (kind: Kind): boolean => kind === 'ip' || kind === 'tcp' || kind === 'udp' || kind === 'icmp'
const isIp6 = (kind: Kind): boolean => kind === 'ipv6' || kind === 'tcp6'

/** Groups by number, and their text. `hash` of dp_hash needs what the datapath knows, so those come back. */
export const groups: readonly string[] = [
  'group_id=1,type=all,bucket=output:2,bucket=set_field:00:00:00:00:00:09->eth_dst,output:3',
  'group_id=2,type=select,bucket=weight:10,output:2,bucket=weight:20,output:3',
  'group_id=3,type=ff,bucket=watch_port:2,output:2,bucket=watch_port:3,output:3',
  'group_id=4,type=indirect,bucket=set_field:7->reg2,output:4',
  'group_id=5,type=all,bucket=group:2,bucket=group:4',
  'group_id=6,type=select,selection_method=hash,fields(eth_src,eth_dst,ip_src,ip_dst,tcp_src),bucket=weight:5,output:2,bucket=weight:100,output:3,bucket=bucket_id:9,output:4',
  'group_id=7,type=select,selection_method=dp_hash,selection_method_param=5,bucket=output:2,bucket=output:3',
  'group_id=8,type=all,bucket=resubmit(,3),bucket=controller:40',
  'group_id=9,type=select,bucket=weight:1,output:1,bucket=weight:1000,output:2',
  'group_id=10,type=ff,bucket=watch_port:99,output:2,bucket=watch_group:3,output:5,push_vlan:0x8100',
  'group_id=11,type=all,bucket=pop_mpls:0x0800,output:3',
  'group_id=12,type=all,bucket=push_vlan:0x8100,set_field:5->vlan_pcp,output:2,bucket=dec_ttl,output:3',
]

type Make = () => string

/** What may follow a match of this kind in this table. */
const actionsFor = (random: Random, kind: Kind, table: number, topic: Topic, version: 'NXM' | 'OXM'): Make[] => {
  const of = (max: number): number => below(random, max)
  const is = (...wanted: Topic[]): boolean => topic === 'mixed' || wanted.includes(topic)
  const later = (): number => table + 1 + of(3 - table)
  const sets: Make[] = [
    () => `set_field:${pick(random, macs)}->eth_src`,
    () => `set_field:${pick(random, macs)}->eth_dst`,
    () => `set_field:${of(4)}->reg0`,
    () => `load:${of(4)}->NXM_NX_REG1[0..3]`,
    () => `move:NXM_NX_REG0[0..3]->NXM_NX_REG1[4..7]`,
    () => `set_field:${of(3)}->pkt_mark`,
    () => `set_field:${of(9)}->tun_id`,
    () => `set_field:${of(3)}->metadata`,
    () => `set_field:${of(3)}->xreg1`,
    ...(isIp4(kind)
      ? [
          () => `set_field:${pick(random, ips)}->ip_src`,
          () => `set_field:${pick(random, ips)}->ip_dst`,
          () => `dec_ttl`,
          () => `mod_nw_tos:${4 * of(4)}`,
          () => `mod_nw_ttl:${1 + of(3)}`,
        ]
      : []),
    ...(isIp6(kind) ? [() => `set_field:${pick(random, ip6s)}->ipv6_dst`, () => 'dec_ttl'] : []),
    ...(kind === 'tcp' || kind === 'tcp6' ? [() => `set_field:${of(3)}->tcp_dst`] : []),
    ...(kind === 'udp' ? [() => `set_field:${of(3)}->udp_src`] : []),
    ...(kind === 'icmp' ? [() => `set_field:${of(3)}->icmp_type`] : []),
    ...(kind === 'arp'
      ? [() => `set_field:${1 + of(2)}->arp_op`, () => `set_field:${pick(random, ips)}->arp_tpa`]
      : []),
  ]
  const common: Make[] = [
    () => `output:${1 + of(5)}`,
    () => `output:${1 + of(5)}`,
    () => 'LOCAL',
    () => 'IN_PORT',
    () => 'output:10',
    () => pick(random, sets)(),
    () => pick(random, sets)(),
    () => pick(random, sets)(),
    ...(table < 3 ? [() => `resubmit(,${later()})`, () => `resubmit(,${table + 1})`] : []),
  ]
  const ctArguments = (): string => {
    const parts: string[] = []
    const commits = random() < 0.5
    if (commits) parts.push('commit')
    if (commits && random() < 0.2) parts.push('force')
    if (random() < 0.4) parts.push(`zone=${pick(random, ['3', 'NXM_NX_REG0[0..15]', 'NXM_NX_REG1[1..16]'])}`)
    // A frame that comes back to where it was has no end in Open vSwitch's trace.
    if (table < 3 && random() < 0.5) parts.push(`table=${later()}`)
    if (commits && random() < 0.4)
      parts.push(
        `exec(${pick(random, ['set_field:1->ct_mark', 'load:2->NXM_NX_CT_MARK[0..3]', 'set_field:0x5->ct_label', 'move:NXM_NX_REG0[]->NXM_NX_CT_MARK[],load:1->NXM_NX_CT_LABEL[3]'])})`,
      )
    if (random() < 0.4)
      parts.push(
        commits
          ? `nat(${pick(random, isIp6(kind) ? ['src=fd00::9', 'dst=[fd00::5]:80', 'src'] : ['src=1.1.1.1', 'dst=2.2.2.2:80-90,random', 'src=1.1.1.1-1.1.1.9:1000,persistent', 'src'])})`
          : 'nat',
      )
    return `ct(${parts.join(',')})`
  }
  const isIp = isIp4(kind) || isIp6(kind)
  return [
    ...common,
    ...(is('groups') ? Array.from({ length: 4 }, () => () => `group:${1 + of(groups.length - 2)}`) : []),
    ...(is('ct') && isIp
      ? [ctArguments, ctArguments, ctArguments, () => 'ct_clear', () => `resubmit(,${later()},ct)`].slice(
          0,
          table < 3 && isIp4(kind) ? 4 : 4,
        )
      : []),
    ...(is('mpls')
      ? [
          () => `push_mpls:${pick(random, ['0x8847', '0x8848'])}`,
          ...(kind === 'mpls'
            ? [
                () => 'pop_mpls:0x0800',
                () => 'pop_mpls:0x8847',
                () => `set_field:${of(9)}->mpls_label`,
                () => `set_field:${of(5)}->mpls_tc`,
                () => 'dec_mpls_ttl',
                () => `set_mpls_ttl:${of(5)}`,
              ]
            : []),
        ]
      : []),
    ...(is('nsh') && version === 'OXM'
      ? [
          () => `encap(nsh(md_type=1)),set_field:${of(9)}->nsh_spi,encap(ethernet)`,
          () => 'encap(nsh(md_type=2,tlv(0x1000,10,0x12345678))),encap(ethernet)',
          () => 'encap(mpls),encap(ethernet)',
          () => 'decap()',
          ...(kind === 'nsh'
            ? [() => 'set_field:2->nsh_ttl', () => 'set_field:5->nsh_c2', () => 'decap(),decap()']
            : []),
        ]
      : []),
    ...(is('others')
      ? [
          () => `push:NXM_OF_ETH_SRC[]`,
          () => 'push:NXM_NX_REG0[0..11]',
          () => 'pop:NXM_NX_REG2[]',
          () => 'pop:NXM_OF_ETH_DST[0..15]',
          () =>
            `multipath(${pick(random, ['eth_src', 'symmetric_l4', 'symmetric_l3l4', 'symmetric_l3l4+udp', 'nw_src', 'nw_dst', 'symmetric_l3'])},${of(99)},${pick(random, ['modulo_n', 'hash_threshold', 'hrw', 'iter_hash'])},${1 + of(7)},${of(9)},NXM_NX_REG3[0..7])`,
          () =>
            `bundle(${pick(random, ['eth_src', 'symmetric_l4', 'nw_src'])},${of(99)},${pick(random, ['active_backup', 'hrw'])},ofport,members:${1 + of(5)},99,3)`,
          () => `bundle_load(eth_src,${of(9)},hrw,ofport,NXM_NX_REG3[0..15],members:2,3,4,5)`,
          () => `set_queue:${of(5)}`,
          () => 'pop_queue',
          ...(version === 'NXM' ? [() => `enqueue:${1 + of(5)}:${of(9)}`] : []),
          () => `output(port=${1 + of(5)},max_len=${64 + of(99)})`,
          () =>
            `controller(reason=${pick(random, ['action', 'no_match', 'invalid_ttl'])},max_len=${of(200)},id=${of(3)})`,
          () => 'controller(userdata=01.02,pause)',
          () => 'controller:77',
          () => 'exit',
          () => 'note:01.02.03',
          () => `fin_timeout(idle_timeout=3)`,
          () => `learn(table=9,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[])`,
          () => `check_pkt_larger(${of(2000)})->NXM_NX_REG0[${of(8)}]`,
          () => `sample(probability=1000,collector_set_id=1)`,
          () => 'output:NXM_NX_REG0[0..3]',
          ...(kind === 'tcp' ? [] : []),
        ].filter(make => kind === 'tcp' || !make().startsWith('fin_timeout'))
      : []),
    ...(is('groups', 'others', 'sets', 'ct', 'mpls')
      ? [
          () => `clone(${pick(random, common)()},${pick(random, common)()})`,
          () =>
            `clone(${pick(random, sets)()},output:${1 + of(5)}${isIp && topic !== 'sets' ? `,${ctArguments()}` : ''},output:${1 + of(5)})`,
        ]
      : []),
    ...(is('others') && version === 'OXM' ? [() => 'controller(meter_id=3,userdata=03)'] : []),
  ]
}

/** The lines of a file of flows: some in each of table 0 to 3. */
export const randomFlows = (random: Random, topic: Topic, version: 'NXM' | 'OXM', count = 16): string[] =>
  Array.from({ length: count }, (_, i) => {
    const table = i < 4 ? i : below(random, 4)
    const kind = i < 4 ? 'any' : pick(random, kinds)
    const parts = [`table=${table}`, `priority=${1 + i}`]
    if (shortOf[kind] !== '') parts.push(shortOf[kind])
    if (i >= 4) {
      const chance = (): boolean => random() < 0.15
      if (chance()) parts.push(`in_port=${1 + below(random, 4)}`)
      if (chance()) parts.push(`reg0=${below(random, 4)}`)
      if (chance()) parts.push(`metadata=${below(random, 3)}`)
      if (chance()) parts.push(`dl_src=${pick(random, macs)}`)
      if (isIp4(kind) && chance()) parts.push(`nw_src=${pick(random, ['10.0.0.0/8', ...ips])}`)
      if (isIp4(kind) && chance()) parts.push(`nw_dst=${pick(random, ips)}`)
      if (kind === 'tcp' && chance()) parts.push(`tp_dst=${below(random, 3)}`)
      if (kind === 'mpls' && chance()) parts.push(`mpls_label=${below(random, 3)}`)
      if (version === 'OXM' && chance()) parts.push(`actset_output=${1 + below(random, 4)}`)
      if (topic === 'ct' && chance()) parts.push(`ct_state=${pick(random, ['+trk', '-trk', '+trk+new', '+est+trk'])}`)
      if (topic === 'ct' && chance()) parts.push(`ct_zone=${below(random, 4)}`)
      if (topic === 'ct' && chance()) parts.push(`ct_mark=${below(random, 3)}`)
    }
    const choices = actionsFor(random, kind, table, topic, version)
    const actions = Array.from({ length: 1 + below(random, 4) }, () => pick(random, choices)())
    // Open vSwitch gives up, by an assertion, on more than one change of headers between two outputs.
    if (topic === 'nsh' && version === 'OXM' && kind === 'nsh' && random() < 0.3) actions.push('decap(),decap()')
    else if (topic === 'nsh' && version === 'OXM' && random() < 0.2) actions.push('decap(),output:3')
    if (version === 'OXM') {
      if (topic === 'others' && random() < 0.1) actions.unshift('meter:3')
      if (topic === 'sets' && random() < 0.2) actions.push('clear_actions')
      if (topic === 'sets' && random() < 0.6) actions.push(`write_actions(${setOf(random, kind)})`)
      if (table < 3 && random() < 0.4) actions.push(`goto_table:${table + 1 + below(random, 3 - table)}`)
    }
    return `${parts.join(',')},actions=${actions.join(',')}`
  })

const setOf = (random: Random, kind: Kind): string => {
  const choices = [
    `output:${1 + below(random, 5)}`,
    `output:${1 + below(random, 5)}`,
    `group:${pick(random, [1, 3, 4, 6])}`,
    `set_field:${below(random, 4)}->reg0`,
    `set_field:${pick(random, macs)}->eth_src`,
    `set_queue:${below(random, 4)}`,
    'resubmit(,3)',
    ...(isIp4(kind) ? ['dec_ttl', `set_field:${pick(random, ips)}->ip_src`] : []),
    'push_mpls:0x8847',
    'push_vlan:0x8100',
    'controller:9',
  ]
  return Array.from({ length: 1 + below(random, 4) }, () => pick(random, choices)).join(',')
}

export const randomFrame = (random: Random): string => {
  const kind = pick(
    random,
    kinds.filter(one => one !== 'any'),
  )
  const parts = [`in_port=${1 + below(random, 4)}`]
  if (random() < 0.2) parts.push(`dl_vlan=${5 + below(random, 2)}`)
  parts.push(shortOf[kind], `dl_src=${pick(random, macs)}`, `dl_dst=${pick(random, macs)}`)
  if (isIp4(kind)) parts.push(`nw_src=${pick(random, ips)}`, `nw_dst=${pick(random, ips)}`)
  if (isIp6(kind)) parts.push(`ipv6_src=${pick(random, ip6s)}`, `ipv6_dst=${pick(random, ip6s)}`)
  if (isIp4(kind) || isIp6(kind)) parts.push(`nw_ttl=${below(random, 4)}`, `nw_tos=${4 * below(random, 3)}`)
  if (kind === 'tcp' || kind === 'tcp6') parts.push(`tcp_src=${below(random, 3)}`, `tcp_dst=${below(random, 3)}`)
  if (kind === 'udp') parts.push(`udp_src=${below(random, 3)}`, `udp_dst=${below(random, 3)}`)
  if (kind === 'ip') parts.push(`nw_proto=${pick(random, [0, 4, 132])}`)
  if (kind === 'arp') parts.push(`arp_op=${below(random, 3)}`, `arp_spa=${pick(random, ips)}`)
  if (kind === 'mpls')
    parts.push(`mpls_label=${below(random, 3)}`, `mpls_ttl=${below(random, 4)}`, `mpls_bos=${below(random, 2)}`)
  if (kind === 'nsh') parts.push(`nsh_mdtype=1`, `nsh_np=${1 + below(random, 4)}`, `nsh_ttl=${below(random, 4)}`)
  return parts.join(',')
}
