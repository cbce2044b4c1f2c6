import { describe, expect, test } from 'vitest'
import { ipv4, run, tcp } from './translate.testing.ts'

const nsh = { eth_type: 0x894fn, nsh_mdtype: 1n, nsh_ttl: 5n } as const
const mpls = { eth_type: 0x8847n, mpls_label: 3n, mpls_ttl: 5n, mpls_bos: 1n } as const

/** Datapath actions as an ovs-vswitchd of Open vSwitch 3.1 gave them. */
describe('what is written of NSH', () => {
  test.each([
    ['dec_nsh_ttl,2', nsh, 'set(nsh(ttl=4)),2'],
    ['set_field:5->nsh_c2,2,set_field:7->nsh_si,3', nsh, 'set(nsh(c2=0x5)),2,set(nsh(si=7,c2=0x5)),3'],
    ['set_field:5/7->nsh_c2,set_field:6->nsh_spi,2', nsh, 'set(nsh(spi=0x6,c2=0x5/0x00000007)),2'],
    ['set_field:1/1->nsh_flags,set_field:5->nsh_c2,2', nsh, 'set(nsh(flags=0x01/0x01,c2=0x5)),2'],
    // What was looked at is written with the rest.
    ['dec_nsh_ttl,set_field:5->nsh_ttl,set_field:6->nsh_si,2', nsh, 'set(nsh(ttl=5,si=6)),2'],
    // Contexts of fixed length are there in one kind only.
    ['set_field:5->nsh_c2,2', { ...nsh, nsh_mdtype: 2n }, '2'],
    ['dec_nsh_ttl,2', { ...nsh, nsh_mdtype: 2n }, 'set(nsh(ttl=4,c1=0x0,c2=0x0,c3=0x0,c4=0x0)),2'],
  ] as const)('%s (%#)', (actions, fields, out) => expect(run(actions, fields).out).toBe(out))
})

describe('labels before everything', () => {
  const ethernet = 'push_eth(src=00:00:00:00:00:00,dst=00:00:00:00:00:00)'
  test.each([
    ['encap(mpls),encap(ethernet),2', ipv4, `add_mpls(label=0,tc=0,ttl=64,bos=1,eth_type=0x8847),${ethernet},2`],
    [
      'encap(mpls),encap(mpls_mc),encap(ethernet),2',
      ipv4,
      `add_mpls(label=0,tc=0,ttl=64,bos=1,eth_type=0x8847),add_mpls(label=0,tc=0,ttl=64,bos=0,eth_type=0x8848),${ethernet},2`,
    ],
    [
      'encap(mpls),encap(ethernet),2',
      { ...mpls, eth_type: 0x8848n },
      `add_mpls(label=3,tc=0,ttl=5,bos=0,eth_type=0x8847),${ethernet},2`,
    ],
  ] as const)('%s (%#)', (actions, fields, out) => expect(run(actions, fields).out).toBe(out))

  test('of a frame that came with labels they are forgotten, and the mask has them', () => {
    const { trace } = run('encap(mpls)', mpls)
    expect(trace).toContain('mpls_label=0,mpls_tc=0,mpls_ttl=0,mpls_bos=0,mpls_lse1=0,mpls_lse2=0\n')
    expect(trace).toContain('Megaflow: recirc_id=0,eth,mpls,in_port=1,mpls_label=3,mpls_tc=0,mpls_ttl=5,mpls_bos=1\n')
  })
  test('more than fit', () => {
    expect(run('encap(mpls),encap(mpls),encap(mpls),encap(mpls)', ipv4).trace).toContain(
      'Translation failed (Too many MPLS labels), packet is dropped.',
    )
  })
})

describe('what was there before a label goes before everything is taken off with what is written out next', () => {
  const label = 'add_mpls(label=0,tc=0,ttl=64,bos=1,eth_type=0x8847)'
  const nshHeader = 'push_nsh(flags=0,ttl=63,mdtype=1,np=3,spi=0x0,si=255,c1=0x0,c2=0x0,c3=0x0,c4=0x0)'
  const ethernet = 'push_eth(src=00:00:00:00:00:00,dst=00:00:00:00:00:00)'
  const twice = 'clone(encap(ethernet),2),encap(ethernet),2'
  test.each([
    [`encap(mpls),${twice}`, `${label},clone(pop_eth,${ethernet},2),pop_eth,${ethernet},2`],
    [`encap(nsh),encap(mpls),${twice}`, `${nshHeader},${label},clone(pop_nsh(),${ethernet},2),pop_nsh(),${ethernet},2`],
    ['encap(mpls),decap(packet_type(ns=1,type=0x800))', `${label},pop_eth,pop_mpls(eth_type=0x800),recirc(0x1)`],
    [
      'encap(mpls),clone(encap(mpls),encap(ethernet),2),encap(ethernet),2',
      `${label},clone(pop_eth,add_mpls(label=0,tc=0,ttl=64,bos=0,eth_type=0x8847),${ethernet},2),pop_eth,${ethernet},2`,
    ],
  ] as const)('%s', (actions, out) => expect(run(actions, ipv4).out).toBe(out))
})

describe('what is taken off', () => {
  const last = { ...mpls } as const
  test.each([
    ['decap(),decap(),2', last, 'pop_eth,pop_mpls(eth_type=0xfffe),recirc(0x1)'],
    ['decap(),decap(packet_type(ns=1,type=0x800)),2', last, 'pop_eth,pop_mpls(eth_type=0x800),recirc(0x1)'],
    ['decap(),decap(packet_type(ns=0,type=0)),2', last, 'pop_eth,pop_mpls(eth_type=0x6558),recirc(0x1)'],
    // Nothing to take off, and nothing to wait for.
    ['decap(),decap(packet_type(ns=0,type=0))', { eth_type: 0x8847n }, 'pop_eth'],
    ['decap(),decap(),2', { ...nsh, nsh_np: 3n, eth_dst: 1n }, 'pop_eth,pop_nsh(),recirc(0x1)'],
  ] as const)('%s (%#)', (actions, fields, out) => expect(run(actions, fields).out).toBe(out))

  test('what is written is a header that the frame has when it is written', () => {
    expect(
      run('set_field:1.2.3.4->ip_src,encap(nsh(md_type=2)),encap(ethernet),2', { eth_type: 0x0800n, nw_proto: 1n }).out,
    ).toBe(
      'set(ipv4(src=1.2.3.4)),push_nsh(flags=0,ttl=63,mdtype=2,np=3,spi=0x0,si=255,md2=0),push_eth(src=00:00:00:00:00:00,dst=00:00:00:00:00:00),2',
    )
  })
  test('what is of no known type gets no header of Ethernet', () => {
    const { trace } = run('decap(),decap(),encap(ethernet),2', { eth_type: 0x8847n })
    expect(trace).toContain('encap(ethernet) is not supported for packet type ethernet.')
    expect(trace).toContain('Final flow: packet_type=(0,0xfffe),in_port=1\n')
  })
  test('a label over others is put on, even one of zeros', () => {
    expect(run('decap(),encap(mpls_mc),encap(ethernet),2', { eth_type: 0x8847n, mpls_bos: 1n }).out).toBe(
      'pop_eth,add_mpls(label=0,tc=0,ttl=0,bos=0,eth_type=0x8848),push_eth(src=00:00:00:00:00:00,dst=00:00:00:00:00:00),2',
    )
  })
  test('no address is left of a header that is gone', () => {
    const { trace } = run('decap(),decap()', { ...nsh, nsh_np: 3n, eth_dst: 1n })
    expect(trace).toContain('Final flow: in_port=1,vlan_tci=0x0000,dl_src=00:00:00:00:00:00,dl_dst=00:00:00:00:00:00,')
  })
  test('what a packet without Ethernet has is told by its packet type', () => {
    expect(run('decap(),decap()', { ...nsh, nsh_np: 1n }).trace).toContain(
      'Final flow: ct_nw_src=0.0.0.0,ct_nw_dst=0.0.0.0,packet_type=(1,0x800),in_port=1,nw_src=0.0.0.0,nw_dst=0.0.0.0,nw_proto=0,',
    )
  })
})

test('over a label that was pushed', () => {
  const pushed = 'push_mpls(label=0,tc=0,ttl=64,bos=1,eth_type=0x8847)'
  expect(run('push_mpls:0x8847,2,encap(mpls),set_field:77->mpls_label,encap(ethernet),3', tcp).out).toBe(
    `${pushed},2,add_mpls(label=77,tc=0,ttl=0,bos=0,eth_type=0x8847),push_eth(src=00:00:00:00:00:00,dst=00:00:00:00:00:00),3`,
  )
})

test('of the flags a header of NSH has two', () => {
  expect(run('encap(nsh),set_field:255->nsh_flags,encap(ethernet),2', ipv4).out).toContain('push_nsh(flags=3,')
})
