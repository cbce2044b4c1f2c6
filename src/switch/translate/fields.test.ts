import { describe, expect, test } from 'vitest'
import { ipv4, run, solicit, tcp } from './translate.testing.ts'

describe('what is written comes out as one set a header', () => {
  test.each([
    ['set_field:00:00:00:00:00:07->eth_src,2', {}, 'set(eth(src=00:00:00:00:00:07)),2'],
    ['mod_nw_src:1.2.3.4,mod_nw_tos:40,2', ipv4, 'set(ipv4(src=1.2.3.4,tos=0x28/0xfc)),2'],
    ['mod_nw_ttl:3,2', ipv4, 'set(ipv4(ttl=3)),2'],
    ['mod_nw_src:10.0.0.1,2', ipv4, '2'],
    ['mod_nw_src:1.2.3.4,mod_nw_src:10.0.0.1,2', ipv4, '2'],
    ['mod_nw_src:1.2.3.4,2,mod_nw_src:10.0.0.1,3', ipv4, 'set(ipv4(src=1.2.3.4)),2,set(ipv4(src=10.0.0.1)),3'],
    ['mod_tp_dst:81,2', tcp, 'set(tcp(dst=81)),2'],
    ['mod_tp_src:81,2', tcp, 'set(tcp(src=81)),2'],
    ['mod_tp_dst:81,2', ipv4, '2'],
    ['mod_tp_dst:81,2', { ...tcp, ip_frag: 3n }, '2'],
    ['mod_tp_dst:81,2', { ...tcp, ip_frag: 1n }, 'set(tcp(dst=81)),2'],
    ['set_field:100->icmp_type,2', { ...ipv4, nw_proto: 1n, ip_frag: 3n }, 'set(icmp(type=100,code=0)),2'],
    ['set_field:3->pkt_mark,2', {}, 'set(skb_mark(0x3)),2'],
    ['set_field:00:00:00:00:00:09->nd_sll,2', solicit, 'set(nd(sll=00:00:00:00:00:09)),2'],
    ['set_field:00:00:00:00:00:09->nd_tll,2', solicit, '2'],
    ['set_field:00:00:00:00:00:09->nd_sll,2', { ...solicit, icmpv6_code: 1n }, '2'],
    ['set_field:2->arp_op,2', { eth_type: 0x0806n, arp_op: 1n }, 'set(arp(op=2)),2'],
    ['set_field:2->arp_op,2', { eth_type: 0x8035n, arp_op: 1n }, '2'],
    ['dec_ttl,2', ipv4, 'set(ipv4(ttl=63)),2'],
    ['dec_ttl,2', { eth_type: 0x1234n }, '2'],
  ])('%s (%#)', (actions, fields, out) => {
    expect(run(actions, fields).out).toBe(out)
  })
})

describe('what the megaflow must have', () => {
  test('the field that was written, and what says that it is there', () => {
    const { whole, looked } = run('mod_tp_dst:80,2', tcp)
    expect([whole('tcp_dst'), looked('tcp_src'), whole('nw_proto'), whole('ip_frag')]).toEqual([true, 0n, true, true])
  })
  test.each([
    ['set_field:12->nw_tos', true],
    ['mod_nw_tos:12', true],
    ['load:3->NXM_OF_IP_TOS[2..7]', true],
    ['set_field:3->ip_dscp', false],
    ['load:3->OXM_OF_IP_DSCP[]', false],
  ])('%s: whether the protocol', (actions, isSeen) => {
    expect(run(actions, ipv4).whole('nw_proto')).toBe(isSeen)
  })
  test('what was looked at before a translation was given up; in the action set, as if it had not been', () => {
    expect(run('set_field:0->reg0,encap(ethernet)').trace).toContain('Megaflow: recirc_id=0,eth,reg0=0,in_port=1,')
    expect(run('write_actions(set_field:0->reg0,encap(ethernet))').trace).toContain(
      'Megaflow: recirc_id=0,eth,in_port=1,',
    )
    expect(run('set_field:oam->tun_flags,encap(ethernet)').trace).toContain('Megaflow: recirc_id=0,eth,tun_flags=0,')
  })
  test('the field that was read', () => {
    const { out, looked } = run('move:NXM_OF_ETH_SRC[0..7]->NXM_NX_REG0[0..7],output:NXM_NX_REG0[0..7]', {
      eth_src: 3n,
    })
    expect(out).toBe('3')
    expect(looked('eth_src')).toBe(0xffn)
  })
  test('of a type that is written 8 bits, even if the frame ends as another', () => {
    const icmp = { ...ipv4, nw_proto: 1n, icmp_type: 8n }
    const { trace } = run('set_field:3->icmp_type,push_mpls:0x8847,2', icmp)
    expect(trace).toContain('nw_ttl=64,nw_frag=no,icmp_type=0x8/0xff,icmp_code=0x0/0xff\n')
  })
  test('a TTL that was counted down', () => {
    expect(run('dec_ttl,2', ipv4).whole('nw_ttl')).toBe(true)
  })
  test.each([
    ['mod_nw_tos:4', true],
    ['set_field:4->nw_tos', true],
    ['set_field:1->ip_dscp', false],
    ['load:1->NXM_NX_IP_ECN[]', true],
    ['mod_nw_ttl:5', true],
    ['load:1->NXM_OF_IP_SRC[0]', true],
    ['move:NXM_NX_REG0[0]->NXM_OF_IP_SRC[0]', false],
    ['push:NXM_NX_REG0[0],pop:NXM_OF_IP_SRC[0]', false],
    ['dec_ttl', true],
  ])('%s looks at the protocol: %s', (actions, looks) => {
    expect(run(actions, ipv4).whole('nw_proto')).toBe(looks)
  })
  test.each([
    ['load:1->NXM_NX_ARP_SHA[0]', 0x0806n, 0xffn],
    ['move:NXM_NX_REG0[0]->NXM_NX_ARP_SHA[0]', 0x0806n, 0n],
    ['load:1->NXM_NX_ARP_SHA[0]', 0x8035n, 0n],
  ])('%s of a frame of type %i looks at %i of the operation', (actions, type, bits) => {
    expect(run(actions, { eth_type: type, arp_op: 1n }).looked('arp_op') & 0xffn).toBe(bits)
  })
  test('a message that says whose address it has', () => {
    const { whole, looked } = run('set_field:00:00:00:00:00:09->nd_sll,2', solicit)
    // Type and code are a byte each.
    expect([looked('icmpv6_type'), looked('icmpv6_code'), whole('nd_sll')]).toEqual([0xffn, 0xffn, true])
  })
})

test('a move between a header that is there and one that is not does nothing', () => {
  expect(
    run('move:NXM_OF_IP_SRC[0..15]->NXM_NX_REG0[0..15],output:NXM_NX_REG0[0..15]', { eth_type: 0x1234n }).out,
  ).toBe('drop')
})

test('a register over 16 bits is no port', () => {
  expect(run('load:0x10002->NXM_NX_REG0[],output:NXM_NX_REG0[],3').out).toBe('3')
})

test('the type of neighbour discovery’s option is written, and read as 0, as Open vSwitch does', () => {
  const { trace, out } = run(
    'load:5->ERICOXM_OF_ICMPV6_ND_OPTIONS_TYPE[],move:ERICOXM_OF_ICMPV6_ND_OPTIONS_TYPE[]->NXM_NX_REG0[0..7],2',
    solicit,
  )
  expect(trace).toContain(' -> NXM_NX_REG0[0..7] is now 0\n')
  expect(out).toBe('set(nd_ext(nd_reserved=0x0,nd_options_type=5)),2')
})

test('a header under one that was put on is not there', () => {
  const { trace } = run('encap(nsh),push_mpls:0x8847,set_field:2->mpls_label', ipv4)
  expect(trace).toContain('unmet prerequisites for mpls_label')
})

test('addresses of a connection are there if its state says that it is one', () => {
  const move = 'move:NXM_NX_CT_NW_SRC[0..7]->NXM_OF_IP_DST[0..7],2'
  expect(run(move, { ...ipv4, ct_state: 0x22n }).trace).toContain(
    'Megaflow: recirc_id=0,ct_state=-new+est-rpl,ct_nw_src=0.0.0.0/0.0.0.255',
  )
  expect(run(move, { ...ipv4, ct_state: 0x20n }).trace).toContain('Megaflow: recirc_id=0,ct_state=-new-est-rpl,eth,ip,')
})

test('of two writes into the type of a neighbour’s option the second is all that is left', () => {
  const type = 'ERICOXM_OF_ICMPV6_ND_OPTIONS_TYPE'
  expect(run(`load:1->${type}[0..1],load:1->${type}[4..5],2`, solicit).out).toContain('nd_options_type=16/')
})
