import { expect, test } from 'vitest'
import { parseFlow } from '../../openflow/flow-text.ts'
import { parseGroup } from '../../openflow/group-parse.ts'
import type { Bed } from '../switch.testing.ts'
import { ipv4, run, solicit, tcp } from './translate.testing.ts'

const arp = { eth_type: 0x0806n, arp_op: 1n } as const
const nsh = { eth_type: 0x894fn, nsh_mdtype: 1n, nsh_np: 1n } as const

/** As Open vSwitch 3.1 has it: the bit comes from no header, so nothing was looked at, and what writes it writes no bits. */
test.each([
  ['NXM_NX_PKT_MARK[3]', tcp, 'set(skb_mark(0/0)),'],
  ['OXM_OF_ETH_SRC[3]', tcp, 'set(eth()),'],
  ['OXM_OF_IPV4_SRC[3]', ipv4, 'set(ipv4()),'],
  ['NXM_NX_IP_TTL[3]', tcp, 'set(ipv4()),'],
  ['OXM_OF_TCP_SRC[0]', tcp, 'set(tcp()),'],
  ['OXM_OF_ARP_SPA[3]', arp, 'set(arp()),'],
  ['OXM_OF_IPV6_SRC[3]', solicit, 'set(ipv6()),'],
  ['OXM_OF_IPV6_ND_TARGET[3]', solicit, 'set(nd()),'],
  ['ERICOXM_OF_ICMPV6_ND_RESERVED[3]', solicit, 'set(nd_ext(nd_reserved=0x0)),'],
  ['NXOXM_NSH_SPI[3]', nsh, 'set(nsh()),'],
  ['NXM_OF_VLAN_TCI[12]', tcp, 'push_vlan(vid=0,pcp=0),'],
  ['NXM_OF_VLAN_TCI[3]', tcp, ''],
  ['NXM_NX_TUN_ID[3]', tcp, ''],
] as const)('check_pkt_larger(100)->%s', (target, packet, set) => {
  expect(run(`check_pkt_larger(100)->${target},output:2`, packet).out).toBe(`check_pkt_len(size=100,gt(${set}2),le(2))`)
})
test('bits that something looked at are written', () => {
  expect(run('check_pkt_larger(100)->NXM_NX_PKT_MARK[3],set_field:0x7->pkt_mark,output:2', tcp).out).toBe(
    'check_pkt_len(size=100,gt(set(skb_mark(0x7)),2),le(set(skb_mark(0x7)),2))',
  )
})
test('a clone behind which the action set comes is one, and needs none where nothing does', () => {
  const inner = 'check_pkt_larger(100)->NXM_NX_REG0[0],clone(output(port=3,max_len=64))'
  expect(run(inner).out).toBe('check_pkt_len(size=100,gt(trunc(64),3),le(trunc(64),3))')
  expect(run(`${inner},write_actions(output:2)`).out).toBe(
    'check_pkt_len(size=100,gt(clone(trunc(64),3),2),le(clone(trunc(64),3),2))',
  )
  expect(run('clone(output(port=3,max_len=64)),write_actions(output:2)').out).toBe('clone(trunc(64),3),2')
})

test('a clone that ends the list is none, but one that ends another stays', () => {
  expect(run('clone(ct(),clone(ct(),output:2),set_field:1->reg0),set_field:1->reg0', tcp).out).toBe('ct,clone(ct,2)')
  expect(run('clone(ct(),clone(ct(),output:2),set_field:1->reg0),output:3', tcp).out).toBe('clone(ct,clone(ct,2)),3')
})

test('what led to lists that ended in both branches is put by for whoever freezes next, as in Open vSwitch', () => {
  const selects = (bed: Bed): void => {
    const bridge = bed.switch.bridges.get('br0')
    const group = parseGroup('group_id=1,type=select,bucket=output:2,bucket=output:3', 'add')
    if (!group.ok) throw new Error(group.error)
    bridge?.groups.apply(group.mod)
    const inner = parseFlow('table=3,actions=check_pkt_larger(434)->NXM_NX_REG0[30],group:1', 'add')
    if (!inner.ok) throw new Error(inner.error)
    bridge?.flows.apply(inner.flow)
  }
  const { out } = run('check_pkt_larger(1363)->NXM_NX_REG1[28],goto_table:3', tcp, selects)
  expect([...out.matchAll(/recirc\((0x.)\)/g)].map(([, id]) => id)).toEqual(['0x1', '0x2', '0x3', '0x4'])
  const same = run('check_pkt_larger(1363)->NXM_NX_PKT_MARK[28],goto_table:3', tcp, selects)
  expect([...same.out.matchAll(/recirc\((0x.)\)/g)].map(([, id]) => id)).toEqual(['0x1', '0x2', '0x3', '0x2'])
})
