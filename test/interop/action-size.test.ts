import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Tables } from '../differential/round.ts'
import { closePair, compareOne, fill, type Pair, startPair } from '../differential/runner.ts'
import { plainSettings } from '../differential/settings.ts'
import { hasOvs } from './ovs.testing.ts'

/**
 * A translation ends at 64 kB of datapath actions, as netlink has them: how often a table is gone through before is told by
 * the size of what it does, and is the same in Open vSwitch's trace.
 */

const times = <T>(count: number, text: T): T[] => new Array<T>(count).fill(text)

/** What every other round does differently, so that there is something to write. */
const rounds = (actions: string): string =>
  times(3, [1, 2])
    .flat()
    .map(round => actions.replaceAll('#', String(round)))
    .join()

/** What flows match and, behind a bar, what frames have besides; and what is done in the table. */
const plain: readonly (readonly [match: string, actions: string])[] = [
  ['', 'output:2,output:3'],
  ['', 'set_field:00:00:00:00:00:0#->eth_src,output:2'],
  ['', 'mod_dl_src:00:00:00:00:00:0#,mod_dl_dst:00:00:00:00:00:0#,output:2'],
  ['', 'set_field:00:00:00:00:00:0#/00:00:00:00:00:0f->eth_src,output:2'],
  ['ip|nw_proto=4', 'mod_nw_src:1.2.3.#,output:2'],
  ['ip|nw_proto=4', 'mod_nw_src:1.2.3.#,mod_nw_dst:1.2.3.#,mod_nw_ttl:#,set_field:#->ip_dscp,output:2'],
  ['ipv6|nw_proto=4', 'set_field:fd00::#->ipv6_src,output:2'],
  ['arp|arp_op=3', 'set_field:1.2.3.#->arp_spa,output:2'],
  [
    'arp|arp_op=3',
    'set_field:1.2.3.#->arp_spa,set_field:1.2.3.#->arp_tpa,set_field:#->arp_op,set_field:00:00:00:00:00:0#->arp_sha,set_field:00:00:00:00:00:0#->arp_tha,output:2',
  ],
  ['tcp', 'mod_tp_src:#,output:2'],
  ['tcp', 'mod_tp_src:#,mod_tp_dst:#,output:2'],
  ['udp', 'set_field:#/0xff->udp_src,set_field:#/0xff->udp_dst,output:2'],
  ['sctp', 'set_field:#->sctp_src,set_field:#->sctp_dst,output:2'],
  ['icmp', 'set_field:#->icmp_type,output:2'],
  ['icmp6', 'set_field:#->icmpv6_type,output:2'],
  ['icmp6,icmpv6_type=135,icmpv6_code=0', 'set_field:fd00::#->nd_target,output:2'],
  ['icmp6,icmpv6_type=135,icmpv6_code=0', 'set_field:fd00::#->nd_target,set_field:00:00:00:00:00:0#->nd_sll,output:2'],
  ['icmp6,icmpv6_type=135,icmpv6_code=0', 'set_field:#->nd_reserved,output:2'],
  ['icmp6,icmpv6_type=136,icmpv6_code=0', 'set_field:#->nd_reserved,set_field:#->nd_options_type,output:2'],
  ['', 'push_vlan:0x8100,set_field:410#->vlan_vid,output:2,pop_vlan,output:3'],
  ['dl_type=0x1234', 'clone(push_mpls:0x8847,output:2),output:3'],
  ['mpls|mpls_bos=1', 'set_field:#->mpls_label,output:2'],
  ['', 'set_field:#->pkt_mark,output:2'],
  ['', 'set_field:#/0xff->pkt_mark,output:2'],
  ['', 'set_queue:#,output:2'],
  ['dl_type=0x894f|nsh_mdtype=1,nsh_np=3', 'set_field:#->nsh_si,output:2'],
  ['dl_type=0x894f|nsh_mdtype=2,nsh_np=3', 'set_field:#->nsh_si,output:2'],
  [
    'dl_type=0x894f|nsh_mdtype=1,nsh_np=3',
    'set_field:#->nsh_si,set_field:#->nsh_spi,set_field:#->nsh_flags,set_field:#->nsh_ttl,set_field:#->nsh_c1,set_field:#->nsh_c2,set_field:#->nsh_c3,set_field:#->nsh_c4,output:2',
  ],
  ['', 'clone(encap(nsh(md_type=1)),encap(ethernet),output:2),output:3'],
  ['', 'clone(encap(nsh(md_type=2,tlv(0x1000,10,0x12345678))),encap(ethernet),output:2),output:3'],
  ['', 'clone(encap(nsh(md_type=2)),encap(ethernet),output:2),output:3'],
  ['ip', 'clone(encap(mpls),encap(ethernet),output:2),output:3'],
  ['ip', 'clone(decap(),encap(ethernet),output:2),output:3'],
  ['ip', 'clone(output(port=2,max_len=100),clone(output(port=3,max_len=60),output:4))'],
  ['ip', 'clone(output(port=99,max_len=100)),output:3'],
  ['', 'controller'],
  ['', 'controller(meter_id=3,userdata=03.04.05)'],
  ['ip', 'ct(commit,zone=#)'],
  ['ip', 'ct(commit,force,exec(set_field:#->ct_mark,set_field:#->ct_label))'],
  ['tcp', 'ct(commit,alg=ftp)'],
  ['udp', 'ct(commit,alg=tftp)'],
  ['ip', 'ct(commit,nat),ct(commit,nat(dst))'],
  ['ip', 'ct(commit,nat(src=1.1.1.1)),ct(commit,nat(src=1.1.1.1-1.1.1.1:5-5,random))'],
  ['ip', 'ct(commit,nat(src=1.1.1.1-1.1.1.9:5-9,hash,persistent))'],
  ['ipv6', 'ct(commit,nat(src=[fd00::1]-[fd00::9]:7))'],
  ['', 'group:1'],
]

const groups = ['group_id=1,type=all,bucket=output:2,bucket=mod_dl_src:00:00:00:00:00:07,output:3']

const intoTunnel = 'set_field:#->tun_id,set_field:1.2.3.4->tun_dst'
const headers = 'set_field:8->tun_gbp_flags,set_field:#->tun_gbp_id,set_field:1->tun_flags'
const tunnels = [11, 12, 13].flatMap(port => [
  `${intoTunnel},output:${port},output:2`,
  `${intoTunnel},${headers},set_field:1.2.3.4->tun_src,output:${port},output:2`,
  `set_field:#->tun_id,set_field:fd00::1->tun_ipv6_dst,output:${port},set_field:fd00::2->tun_ipv6_src,output:${port},output:2`,
])

describe.skipIf(!hasOvs())('a translation ends at 64 kB of datapath actions', () => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair()
  }, 60_000)
  afterAll(() => closePair(pair))

  /** Goes through table 1 of a bridge again and again; `others` are more of its flows, `beside` those of the second bridge. */
  const compare = async (
    bridge: number,
    match: string,
    actions: string,
    { others = [], beside = [] }: { others?: readonly string[]; beside?: readonly string[] } = {},
  ): Promise<void> => {
    const [matched = '', more = ''] = match.split('|')
    const of = matched === '' ? '' : `${matched},`
    const own = [`${of}actions=${times(1500, 'resubmit(,1)').join()}`, `table=1,${of}actions=${actions}`, ...others]
    const flows = [0, 1, 2].map(i => (i === bridge ? own : i === 1 ? [...beside] : []))
    const tables: Tables = {
      version: 6,
      flows,
      groups: [groups, [], []],
      fragments: 'normal',
      settings: plainSettings,
    }
    const { refusals, unsaid } = await fill(pair, tables)
    expect([...refusals, ...unsaid]).toEqual([])
    const words = [`${of}${more === '' ? '' : `${more},`}in_port=1`]
    const { theirs, ours } = await compareOne(pair, { bridge, words })
    expect(theirs).toContain('>>>> resubmits yielded over 64 kB of actions <<<<')
    // Whole traces are too long to be told.
    expect(ours === theirs, `${shape(theirs)}\n${shape(ours)}`).toBe(true)
  }

  const shape = (trace: string): string =>
    `${trace.match(/^ {4}resubmit/gm)?.length} rounds of ${/^Datapath actions: .{0,300}/m.exec(trace)?.[0]}`

  test.each(plain)('%s actions=%s', (match, actions) => compare(0, match, rounds(actions)))

  test.each(tunnels)('into tunnels: %s', actions => compare(2, 'ip', rounds(actions)))

  test('check_pkt_larger', () =>
    compare(0, '', 'resubmit(,2),output:4', {
      others: [
        'table=2,actions=check_pkt_larger(100)->NXM_NX_REG0[0],resubmit(,3)',
        'table=3,reg0=1,actions=output:2,output:3,output:4,output:5',
        'table=3,reg0=0,actions=output:2',
      ],
    }))

  test('into another bridge', () =>
    compare(0, '', 'output:10,output:2,output(port=3,max_len=60),output:10', {
      beside: ['actions=ct_clear,output(port=2,max_len=60),output:3'],
    }))
})
