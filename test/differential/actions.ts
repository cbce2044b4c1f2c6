import type { FieldName } from '../../src/flow/fields.ts'
import type { Version } from '../../src/openflow/protocol.ts'
import { below, type Random } from '../../src/runtime/random.ts'
import { anyPart, load, move, registerPart, setField } from './field-actions.ts'
import { fulfils, isIp } from './kinds.ts'
import { learn } from './learn-action.ts'
import { isOption, options, type RandomMatch } from './match.ts'
import { tunnelBridge } from './network.ts'
import { chance, drawn, pick, portNumbers, valueText } from './values.ts'

/** Random actions as text, each only where its match allows it. */

/** What a flow's tables are about: half of its actions are of this kind. */
export const categories = [
  'fields',
  'groups',
  'sets',
  'vlan',
  'mpls',
  'ct',
  'nsh',
  'tunnels',
  'normal',
  'hashes',
  'learn',
  'clone',
  'controllers',
  'stack',
  'tables',
  'mixed',
] as const
export type Category = (typeof categories)[number]

/** Where an action is to stand. */
export type Place = {
  random: Random
  match: RandomMatch
  table: number
  bridge: number
  version: Version
  depth: number
}
type Row = {
  of: readonly Category[]
  /** It goes back, so what starts pipelines anew may not stand beside it. */
  loops?: boolean
  when?: (place: Place) => boolean
  make: (place: Place) => string | undefined
}

export const lastTable = 4
const since = (least: Version) => (place: Place) => place.version >= least
const isKind =
  (...needs: Parameters<typeof fulfils>[1][]) =>
  ({ match }: Place): boolean =>
    needs.some(need => fulfils(match.kind, need))
const ofIp = ({ match }: Place): boolean => isIp(match.kind)
const isFree = ({ table }: Place): boolean => table < lastTable
const laterTable = ({ random, table }: Place): number => table + 1 + below(random, lastTable - table)

const isTunnel = (name: FieldName): boolean => name.startsWith('tun_')
const isFrame = (name: FieldName): boolean => !/^(tun_|x*reg|metadata|pkt_mark|in_port)/.test(name)
const isVlan = (name: FieldName): boolean => name.includes('vlan')
const any = (): boolean => true
const hashFields = [
  'eth_src',
  'symmetric_l4',
  'symmetric_l3l4',
  'symmetric_l3l4+udp',
  'nw_src',
  'nw_dst',
  'symmetric_l3',
] as const
const macText = (random: Random): string => valueText('eth_src', drawn(random, 'eth_src'))

const port = (random: Random): number => pick(random, portNumbers)

/** `ct(…)` with what a commit may have. */
const connection = ({ random, match, table }: Place): string => {
  const parts: string[] = []
  const commits = chance(random, 0.5)
  if (commits) parts.push('commit')
  if (commits && chance(random, 0.2)) parts.push('force')
  if (chance(random, 0.4))
    parts.push(
      `zone=${pick(random, ['3', '65535', 'NXM_NX_REG0[0..15]', 'NXM_NX_REG1[1..16]', 'NXM_OF_ETH_SRC[3..18]', 'NXM_NX_CT_ZONE[]'])}`,
    )
  // Onwards only: Open vSwitch follows pipelines that start one another for ever.
  if (table < lastTable && chance(random, 0.6)) parts.push(`table=${table + 1 + below(random, lastTable - table)}`)
  if (commits && chance(random, 0.4))
    parts.push(
      `exec(${pick(random, [
        'set_field:1->ct_mark',
        'set_field:0x10/0xf0->ct_mark',
        'load:2->NXM_NX_CT_MARK[0..3]',
        'set_field:0x5->ct_label',
        'set_field:0x50000000000000000/0xff0000000000000000->ct_label',
        'move:NXM_NX_REG0[]->NXM_NX_CT_MARK[],load:1->NXM_NX_CT_LABEL[3]',
        'move:NXM_OF_ETH_SRC[]->NXM_NX_CT_LABEL[0..47]',
        'move:NXM_NX_CT_MARK[0..15]->NXM_NX_CT_MARK[16..31]',
        'move:NXM_NX_CT_LABEL[0..31]->NXM_NX_CT_MARK[],move:NXM_NX_CT_MARK[]->NXM_NX_CT_LABEL[64..95]',
      ])})`,
    )
  if (chance(random, 0.35))
    parts.push(commits ? `nat(${pick(random, isKind('ipv6')({ match } as Place) ? nat6 : nat4)})` : 'nat')
  if (commits && chance(random, 0.1) && fulfils(match.kind, 'tcp')) parts.push('alg=ftp')
  if (commits && chance(random, 0.1) && fulfils(match.kind, 'udp')) parts.push('alg=tftp')
  return `ct(${parts.join(',')})`
}
const nat4 = [
  'src',
  'dst',
  'src=1.1.1.1',
  'dst=2.2.2.2:80-90,random',
  'src=1.1.1.1-1.1.1.9:1000,persistent',
  'src=1.1.1.1:5-9,hash',
  'dst=1.1.1.1-1.1.1.9',
  'dst=2.2.2.2,random,persistent',
  'src=1.1.1.1-1.1.1.1,hash,persistent',
] as const
const nat6 = [
  'src',
  'src=fd00::9',
  'dst=[fd00::5]:80',
  'dst=[fd00::5]-[fd00::9]:80-90,hash',
  'dst',
  'src=[fd00::1]-[fd00::9],random',
] as const

const encapsulation = [
  'nsh',
  'nsh(md_type=1)',
  'nsh(md_type=2,tlv(0x1000,10,0x12345678))',
  'nsh(md_type=2,tlv(0x1000,10,0x12345678),tlv(0x2000,20,0xfedcba9876543210))',
  'mpls',
  'mpls_mc',
  'ethernet',
] as const

const rows: readonly Row[] = [
  // Where to
  { of: ['mixed'], make: ({ random }) => `output:${port(random)}` },
  { of: ['mixed'], make: ({ random }) => `output:${port(random)}` },
  { of: ['mixed'], make: ({ random }) => `output:${port(random)}` },
  { of: ['mixed', 'tables'], make: () => 'output:10' },
  { of: ['normal'], make: () => 'LOCAL' },
  { of: ['normal'], make: () => 'NORMAL' },
  { of: ['normal'], make: () => 'NORMAL' },
  { of: ['normal'], make: ({ random }) => pick(random, ['FLOOD', 'ALL', 'NORMAL']) },
  // Bridges that bounce frames between them fill the trace, and nothing is learned from that.
  { of: ['normal'], when: ({ bridge }) => bridge !== 1, make: () => 'IN_PORT' },
  { of: ['stack', 'normal'], make: ({ random }) => `output:${registerPart(random, 4)}` },
  { of: ['controllers'], make: ({ random }) => `output(port=${port(random)},max_len=${60 + below(random, 99)})` },
  {
    of: ['controllers'],
    make: ({ random }) => `output(port=${pick(random, ['LOCAL', 'IN_PORT', '10'])},max_len=${60 + below(random, 99)})`,
  },
  { of: ['controllers'], make: ({ random }) => `enqueue:${port(random)}:${below(random, 9)}` },
  { of: ['controllers', 'sets'], make: ({ random }) => `set_queue:${below(random, 5)}` },
  { of: ['controllers'], make: () => 'pop_queue' },
  { of: ['groups'], when: since(2), make: ({ random }) => `group:${1 + below(random, 15)}` },
  { of: ['groups'], when: since(2), make: ({ random }) => `group:${1 + below(random, 15)}` },
  { of: ['groups'], when: since(2), make: ({ random }) => `group:${1 + below(random, 15)}` },

  // Fields
  { of: ['fields', 'mixed'], make: ({ random, match }) => setField(random, match, any) },
  { of: ['fields', 'mixed'], make: ({ random, match }) => setField(random, match, isFrame) },
  { of: ['fields', 'mixed', 'sets', 'ct', 'clone'], make: ({ random, match }) => setField(random, match, isFrame) },
  { of: ['fields'], make: ({ random, match }) => load(random, match, any) },
  { of: ['fields', 'groups'], make: ({ random, match }) => load(random, match, isFrame) },
  { of: ['fields', 'normal'], make: ({ random, match }) => move(random, match, isFrame) },
  { of: ['fields'], make: ({ random, match }) => move(random, match, any) },
  { of: ['fields', 'tables'], make: ({ random }) => `set_field:${below(random, 4)}->reg${below(random, 3)}` },
  { of: ['tunnels'], make: ({ random, match }) => setField(random, match, isTunnel) },
  { of: ['tunnels'], make: ({ random, match }) => move(random, match, isTunnel) },
  { of: ['tunnels'], make: ({ random, match }) => load(random, match, isTunnel) },
  {
    of: ['tunnels'],
    when: ({ bridge }) => bridge === tunnelBridge,
    make: ({ random }) => `output:${11 + below(random, 3)}`,
  },
  {
    of: ['tunnels'],
    when: ({ bridge }) => bridge === tunnelBridge,
    make: ({ random }) => `output:${11 + below(random, 3)}`,
  },
  { of: ['tunnels'], make: ({ random }) => `set_tunnel:${below(random, 9)}` },
  { of: ['tunnels'], make: ({ random }) => `set_tunnel64:0x${below(random, 9)}00000000${below(random, 9)}` },
  { of: ['tunnels'], make: ({ random }) => `delete_field:${pick(random, options)}` },

  // Old actions for single headers
  { of: ['fields'], make: ({ random }) => `mod_dl_${pick(random, ['src', 'dst'])}:${macText(random)}` },
  {
    of: ['fields'],
    when: isKind('ipv4'),
    make: ({ random }) => `mod_nw_${pick(random, ['src', 'dst'])}:10.0.0.${below(random, 4)}`,
  },
  {
    of: ['fields'],
    when: isKind('tcp', 'udp', 'sctp'),
    make: ({ random }) => `mod_tp_${pick(random, ['src', 'dst'])}:${below(random, 4)}`,
  },
  { of: ['fields'], when: ofIp, make: ({ random }) => `mod_nw_tos:${4 * below(random, 4)}` },
  { of: ['fields'], when: ofIp, make: ({ random }) => `mod_nw_ecn:${below(random, 4)}` },
  { of: ['fields'], when: ofIp, make: ({ random }) => `mod_nw_ttl:${below(random, 4)}` },
  {
    of: ['fields', 'tables', 'sets', 'clone'],
    when: ofIp,
    make: ({ random }) => pick(random, ['dec_ttl', 'dec_ttl', 'dec_ttl(1,2)']),
  },

  // VLAN
  { of: ['vlan'], make: ({ random }) => `mod_vlan_vid:${pick(random, [5, 7, 100])}` },
  { of: ['vlan'], make: ({ random }) => `mod_vlan_pcp:${below(random, 8)}` },
  {
    of: ['vlan'],
    when: ({ match }) => match.tagged,
    make: ({ random }) => `set_vlan_${pick(random, ['vid:5', 'vid:9', 'pcp:3', 'pcp:0'])}`,
  },
  { of: ['vlan', 'normal'], when: ({ match, version }) => version === 1 || match.tagged, make: () => 'strip_vlan' },
  { of: ['vlan'], when: ({ match }) => match.tagged, make: () => 'pop_vlan' },
  { of: ['vlan', 'sets', 'normal'], make: ({ random }) => `push_vlan:0x${pick(random, ['8100', '88a8'])}` },
  {
    of: ['vlan', 'normal'],
    make: ({ random }) => `push_vlan:0x8100,set_field:${0x1000 + pick(random, [5, 7])}->vlan_vid`,
  },
  { of: ['vlan'], when: ({ match }) => match.tagged, make: ({ random, match }) => setField(random, match, isVlan) },
  { of: ['vlan'], make: ({ random, match }) => load(random, match, isVlan) },

  // MPLS
  { of: ['mpls', 'sets'], make: ({ random }) => `push_mpls:0x${pick(random, ['8847', '8848'])}` },
  { of: ['mpls'], make: ({ random }) => `push_mpls:0x8847,set_field:${below(random, 20)}->mpls_label` },
  {
    of: ['mpls', 'sets'],
    when: isKind('mpls'),
    make: ({ random }) => `pop_mpls:0x${pick(random, ['0800', '86dd', '8847', '8848', '0806', '6558', '1234'])}`,
  },
  {
    of: ['mpls'],
    when: isKind('mpls'),
    make: ({ random }) =>
      `pop_mpls:0x0800,${pick(random, ['dec_ttl', 'set_field:1.2.3.4->ip_dst', 'resubmit(,4)', 'output:2', 'pop_vlan'])}`,
  },
  {
    of: ['mpls'],
    when: isKind('mpls'),
    make: ({ random, match }) => setField(random, match, name => name.startsWith('mpls')),
  },
  { of: ['mpls'], when: isKind('mpls'), make: () => 'dec_mpls_ttl' },
  {
    of: ['mpls'],
    when: isKind('mpls'),
    make: ({ random }) => pick(random, ['set_mpls_ttl:0', 'set_mpls_ttl:5', 'set_mpls_label:9', 'set_mpls_tc:3']),
  },

  // NSH and packet types
  { of: ['nsh'], when: since(4), make: ({ random }) => `encap(${pick(random, encapsulation)})` },
  { of: ['nsh'], when: since(4), make: ({ random }) => `encap(${pick(random, encapsulation)}),encap(ethernet)` },
  {
    of: ['nsh'],
    when: since(4),
    make: ({ random }) =>
      `encap(nsh),set_field:${below(random, 9)}->nsh_spi,set_field:${pick(random, ['7->nsh_c1', '250->nsh_si', '1->nsh_flags', '3->nsh_ttl'])},encap(ethernet)`,
  },
  {
    of: ['nsh'],
    when: since(4),
    make: ({ random }) =>
      pick(random, [
        'decap()',
        'decap(),decap()',
        'decap(packet_type(ns=0,type=0))',
        'decap(packet_type(ns=0,type=0xfffe))',
        'decap(packet_type(ns=1,type=0x800))',
        'decap(packet_type(ns=1,type=0x894f))',
      ]),
  },
  {
    of: ['nsh'],
    when: isKind('nsh'),
    make: ({ random, match }) => setField(random, match, name => name.startsWith('nsh')),
  },
  { of: ['nsh'], when: isKind('nsh'), make: () => 'dec_nsh_ttl' },

  // Connections
  { of: ['ct'], when: ofIp, make: connection },
  { of: ['ct'], when: ofIp, make: connection },
  { of: ['ct'], when: ofIp, make: connection },
  { of: ['ct'], make: () => 'ct_clear' },
  {
    of: ['ct'],
    when: place => isFree(place) && ofIp(place),
    make: place => `resubmit(${pick(place.random, ['', '', '2', 'LOCAL'])},${laterTable(place)},ct)`,
  },

  // Tables
  { of: ['tables', 'mixed'], when: isFree, make: place => `resubmit(,${laterTable(place)})` },
  {
    of: ['tables', 'mixed', 'fields', 'ct', 'vlan', 'mpls'],
    when: isFree,
    make: ({ table }) => `resubmit(,${table + 1})`,
  },
  { of: ['tables'], when: isFree, make: place => `resubmit(${1 + below(place.random, 5)},${laterTable(place)})` },
  {
    of: ['tables'],
    when: isFree,
    make: place => `resubmit(${pick(place.random, ['LOCAL', 'IN_PORT', '10', '99'])},${laterTable(place)})`,
  },
  {
    of: ['tables'],
    loops: true,
    when: ({ random, table }) => table === 1 && chance(random, 0.2),
    make: ({ random }) => pick(random, ['resubmit(,1)', 'resubmit(,0)', 'resubmit:3']),
  },
  { of: ['tables', 'controllers'], make: () => 'exit' },
  { of: ['tables', 'controllers'], make: ({ random }) => `note:0${below(random, 9)}.02.0${below(random, 9)}` },

  // Hashes
  {
    of: ['hashes'],
    make: ({ random }) =>
      `multipath(${pick(random, hashFields)},${below(random, 99)},${pick(random, ['modulo_n', 'hash_threshold', 'hrw', 'iter_hash'])},${1 + below(random, 9)},${below(random, 9)},${registerPart(random, 8)})`,
  },
  {
    of: ['hashes'],
    make: ({ random }) =>
      `bundle(${pick(random, hashFields)},${below(random, 99)},${pick(random, ['active_backup', 'hrw'])},ofport,${pick(random, ['members', 'slaves'])}:${port(random)},99,${port(random)})`,
  },
  {
    of: ['hashes'],
    make: ({ random }) =>
      `bundle_load(${pick(random, hashFields)},${below(random, 9)},${pick(random, ['active_backup', 'hrw'])},ofport,${registerPart(random, 16)},members:2,3,4,5)`,
  },
  {
    of: ['hashes', 'stack'],
    make: ({ random }) => `check_pkt_larger(${below(random, 2000)})->${registerPart(random, 1)}`,
  },
  { of: ['hashes', 'learn'], make: place => learn(place.random, place.match, place.table) },
  { of: ['learn'], make: place => learn(place.random, place.match, place.table) },
  { of: ['learn'], make: place => learn(place.random, place.match, place.table) },
  {
    of: ['learn'],
    when: isKind('tcp'),
    make: ({ random }) =>
      `fin_timeout(idle_timeout=${1 + below(random, 9)}${chance(random, 0.5) ? ',hard_timeout=20' : ''})`,
  },

  // Controllers and the rest
  { of: ['controllers'], make: ({ random }) => pick(random, ['CONTROLLER', 'controller:77', 'CONTROLLER:0']) },
  {
    of: ['controllers'],
    make: ({ random }) =>
      `controller(reason=${pick(random, ['action', 'no_match', 'invalid_ttl', 'group', 'action_set', 'packet_out'])},max_len=${below(random, 200)},id=${below(random, 3)})`,
  },
  {
    of: ['controllers'],
    make: ({ random }) => `controller(userdata=01.0${below(random, 9)}${chance(random, 0.5) ? ',pause' : ''})`,
  },
  { of: ['controllers'], when: since(4), make: () => 'controller(meter_id=3,userdata=03)' },
  // An action like others from 1.5 on.
  { of: ['controllers', 'groups', 'clone', 'sets'], when: since(6), make: () => 'meter:3' },
  {
    of: ['controllers'],
    make: ({ random }) =>
      `sample(probability=${1 + below(random, 65535)},collector_set_id=1,obs_domain_id=${below(random, 3)},obs_point_id=2${pick(random, ['', ',sampling_port=2', ',sampling_port=3,egress', ',ingress'])})`,
  },
  { of: ['stack'], make: ({ random, match }) => `push:${anyPart(random, match, false)}` },
  {
    of: ['stack'],
    make: ({ random, match }) => `push:${anyPart(random, match, false)},pop:${anyPart(random, match, true)}`,
  },
  { of: ['stack'], make: ({ random, match }) => `pop:${anyPart(random, match, true)}` },
  {
    of: ['clone', 'groups', 'mpls', 'ct', 'vlan'],
    when: ({ depth }) => depth < 2,
    make: place => `clone(${actionList({ ...place, depth: place.depth + 1 }, 'mixed', 2)})`,
  },
  {
    of: ['clone'],
    when: ({ depth }) => depth < 2,
    make: place => `clone(${actionList({ ...place, depth: place.depth + 1 }, 'ct', 3)})`,
  },
]

const ofCategory = new Map<Category, Row[]>(
  categories.map(category => [
    category,
    category === 'mixed' ? rows.filter(({ loops }) => loops !== true) : rows.filter(({ of }) => of.includes(category)),
  ]),
)
const plain = rows.filter(({ of }) => of.includes('mixed') || of.includes('tables'))

/** So many actions, with commas; some may not be possible here. */
export const actionList = (place: Place, category: Category, count: number): string => {
  const { random } = place
  const own = ofCategory.get(category) as Row[]
  const texts: string[] = []
  for (let i = 0; i < count; i++) {
    const row = pick(random, chance(random, 0.65) ? own : plain)
    if (row.when !== undefined && !row.when(place)) continue
    const text = row.make(place)
    if (text !== undefined) texts.push(text)
  }
  return texts.length === 0 ? `output:${port(random)}` : texts.join(',')
}

/** The whole of a flow's actions, instructions among them. */
export const randomActions = (place: Place, category: Category): string => {
  const { random, version, table } = place
  if (chance(random, 0.03)) return 'drop'
  const list = [actionList(place, category, 1 + below(random, 4))]
  if (version === 1) return list.join(',')
  const likely = category === 'sets' ? 0.6 : 0.06
  if (version >= 4 && chance(random, 0.04)) list.unshift('meter:3')
  if (chance(random, likely / 3)) list.push('clear_actions')
  if (chance(random, likely)) list.push(`write_actions(${actionSet(place)})`)
  if (table < lastTable && chance(random, 0.2))
    list.push(`write_metadata:${below(random, 4)}${chance(random, 0.5) ? '/0x3' : ''}`)
  if (isFree(place) && chance(random, 0.4)) list.push(`goto_table:${laterTable(place)}`)
  return list.join(',')
}

const actionSet = (place: Place): string =>
  Array.from({ length: 1 + below(place.random, 3) }, () => {
    const { random, match } = place
    return pick(random, [
      () => `output:${port(random)}`,
      () => `output:${port(random)}`,
      () => `group:${1 + below(random, 15)}`,
      () => setField(random, match, isFrame, false),
      () => actionList(place, 'sets', 1),
      () => 'push_vlan:0x8100',
      () => `resubmit(,${lastTable})`,
      () => 'controller:9',
      ...(isKind('ipv4')(place) ? [() => 'dec_ttl'] : []),
    ])()
  }).join(',')

/** Options have no name in OpenFlow 1.0's old match, and are not for all. */
export const liking = (category: Category): ((name: FieldName) => boolean) => {
  switch (category) {
    case 'tunnels':
      return name => isTunnel(name)
    case 'vlan':
      return isVlan
    case 'ct':
      return name => name.startsWith('ct_')
    case 'fields':
      return any
    default:
      return name => !isOption(name) && /^(reg0|reg1|metadata|in_port|eth_|ip_|tcp_|udp_|actset)/.test(name)
  }
}
