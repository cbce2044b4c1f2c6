import { expect, test } from 'vitest'
import { word } from '../../flow/layout.ts'
import { matchOf } from '../../flow/match.ts'
import { parseActions } from '../../openflow/action-text.ts'
import { parseFlow } from '../../openflow/flow-text.ts'
import { Bed, packet } from '../switch.testing.ts'
import { traceFlow } from '../trace.ts'
import { run } from './translate.testing.ts'

/** What is not seen from one action alone. */

test('two tags are pushed the inner first', () => {
  expect(run('push_vlan:0x8100,set_field:4101->vlan_vid,push_vlan:0x88a8,set_field:4102->vlan_vid,2').out).toBe(
    'push_vlan(vid=5,pcp=0),push_vlan(tpid=0x88a8,vid=6,pcp=0),2',
  )
})

test('a tag of old is only changed where one is, if the action does not push', () => {
  const bed = new Bed()
  const bridge = bed.bridge('br0', { failMode: 'secure' })
  const p = bed.port(bridge, 'p')
  bed.port(bridge, 'q')
  bridge.flows.add({
    match: matchOf({}),
    actions: [
      { type: 'set_vlan_vid', vid: 7, push: false },
      { type: 'output', port: 2 },
    ],
  })
  expect(bed.send(p, packet({}))[0]?.bytes.slice(24, 28)).toBe('0800')
  expect(bed.send(p, packet({ tci: 5 }))[0]?.bytes.slice(24, 32)).toBe('81000007')
})

test('resubmit without a table stays in its table', () => {
  const bed = new Bed()
  const bridge = bed.bridge('br0', { failMode: 'secure' })
  const p = bed.port(bridge, 'p')
  bed.port(bridge, 'q')
  const all = matchOf({})
  bridge.flows.add({ match: all, actions: [{ type: 'goto_table', table: 3 }] })
  bridge.flows.add({ table: 3, priority: 1, match: all, actions: [{ type: 'resubmit', port: 9, table: undefined }] })
  bridge.flows.add({
    table: 3,
    priority: 2,
    match: matchOf({ in_port: 9n }),
    actions: [{ type: 'output', port: 2 }],
  })
  expect(bed.reaches(p, packet({}))).toEqual(['q'])
})

test('registers do not go through a patch, and come back', () => {
  const bed = new Bed()
  const [a, b] = [bed.bridge('a', { failMode: 'secure' }), bed.bridge('b', { failMode: 'secure' })]
  const p = bed.port(a, 'p')
  bed.patch(a, 'ab', 'ba', 10)
  bed.patch(b, 'ba', 'ab', 10)
  for (const name of ['q1', 'q2']) bed.port(b, name)
  bed.port(a, 'r')
  const reg = { field: 'reg0', start: 0, count: 16 } as const
  a.flows.add({
    match: matchOf({}),
    actions: [
      { type: 'load', target: reg, value: 2n },
      { type: 'output', port: 10 },
      { type: 'output_reg', source: reg, maxLength: 0 },
    ],
  })
  b.flows.add({ priority: 1, match: matchOf({}), actions: [{ type: 'output', port: 1 }] })
  b.flows.add({ priority: 2, match: matchOf({ reg0: 2n }), actions: [{ type: 'output', port: 2 }] })
  expect(bed.reaches(p, packet({}))).toEqual(['q1', 'r'])
})

test('behind a patch, too, a port that does not receive takes frames of spanning tree', () => {
  const bed = new Bed()
  const [a, b] = [bed.bridge('a', { failMode: 'secure' }), bed.bridge('b', { failMode: 'secure' })]
  const p = bed.port(a, 'p')
  bed.patch(a, 'ab', 'ba', 10)
  const end = bed.patch(b, 'ba', 'ab', 10)
  bed.port(b, 'q')
  for (const [bridge, port] of [
    [a, 10],
    [b, 1],
  ] as const)
    bridge.flows.add({ match: matchOf({}), actions: [{ type: 'output', port }] })
  b.updatePort(end, { config: { ...end.config, noReceive: true } })
  const bpdu = [1, 0x80, 0xc2, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 38, 0x42, 0x42, 3, ...new Array(43).fill(0)]
  expect(bed.reaches(p, Uint8Array.from(bpdu))).toEqual(['q'])
  expect(bed.reaches(p, packet({}))).toEqual([])
})

test('a tunnel port leaves the tunnel fields of the flow as they were', () => {
  const options = { remote_ip: '1.1.1.1', key: '5' }
  const { out } = run(
    'set_field:7->tun_id,10,move:NXM_NX_TUN_ID[0..15]->NXM_NX_REG0[0..15],output:NXM_NX_REG0[]',
    {},
    bed => {
      const bridge = bed.switch.bridges.get('br0')!
      bed.tunnel(bridge, 'vx', options, 10)
      bed.port(bridge, 'p7', {}, 7)
      bed.port(bridge, 'p5', {}, 5)
    },
  )
  // Devices have the numbers 0 (local), 1 to 3, 4 (the tunnel), 5 (p7) and 6 (p5).
  expect(out).toMatch(/\)\),4,5$/)
})

test('an access port takes no frame with a VLAN inside, and gives none with a tag inside', () => {
  const bed = new Bed()
  bed.switch.limitVlans(2)
  const bridge = bed.bridge('br0')
  const trunk = bed.port(bridge, 'trunk')
  bed.port(bridge, 'access', { tag: 5 })
  const inner = (tci: number): Uint8Array => {
    const frame = packet({ src: 1, dst: 9, tci })
    return Uint8Array.from([...frame.subarray(0, 12), 0x81, 0, 0, 5, ...frame.subarray(12)])
  }
  expect(bed.reaches(trunk, inner(7))).toEqual(['br0'])
  const sent = bed.send(trunk, inner(0x6000)).find(({ port }) => port === 'access')
  expect(sent?.bytes.slice(24, 28)).toBe('0800')
})

test('labels of zero are none, also outside of others, where the innermost is not known', () => {
  const one = { eth_type: 0x8847n, mpls_label: 2n }
  expect(run('push_mpls:0x8847,set_field:0->mpls_label,2', one).out).toBe('set(mpls(label=0,tc=0,ttl=0,bos=0)),2')
  expect(run('push_mpls:0x8847,set_field:9->mpls_label,2', one).out).toBe(
    'push_mpls(label=9,tc=0,ttl=0,bos=0,eth_type=0x8847),2',
  )
})

test('whether there is a tag decides what decap does, also for frames that a megaflow takes', () => {
  const bed = new Bed()
  const bridge = bed.bridge('br0', { failMode: 'secure' })
  const p = bed.port(bridge, 'p')
  bed.port(bridge, 'q')
  const actions = parseActions('decap(),encap(ethernet),output:2')
  if (typeof actions === 'string') throw new Error(actions)
  bridge.flows.add({ match: matchOf({}), actions })
  for (const [tci, out] of [
    [undefined, ['q']],
    [5, []],
    [undefined, ['q']],
  ] as const)
    expect(bed.reaches(p, packet(tci === undefined ? {} : { tci }))).toEqual(out)
})

test('an operation of ARP is written with all of its bits, and 255 is 65535, as in Open vSwitch', () => {
  const frame = (op: number): Uint8Array =>
    Uint8Array.from([...new Array(12).fill(2), 8, 6, 0, 1, 8, 0, 6, 4, op >> 8, op & 255, ...new Array(38).fill(0)])
  const written = (actions: string, op: number): string | undefined => {
    const bed = new Bed()
    const bridge = bed.bridge('br0', { failMode: 'secure' })
    const p = bed.port(bridge, 'p')
    bed.port(bridge, 'q')
    const read = parseFlow(`arp,actions=${actions},output:2`, 'add')
    if (!read.ok) throw new Error(read.error)
    bridge.flows.apply(read.flow)
    return bed.send(p, frame(op))[0]?.bytes.slice(40, 44)
  }
  expect(written('set_field:2->arp_op', 0x2a01)).toBe('0002')
  expect(written('set_field:255->arp_op', 1)).toBe('ffff')
  expect(written('load:0->NXM_OF_ARP_OP[]', 0x2a01)).toBe('2a01')
})

test('what is no tag any more is not pushed under another, so that the tag inside it does not count', () => {
  const bed = new Bed()
  bed.switch.limitVlans(2)
  const bridge = bed.bridge('br0', { failMode: 'secure' })
  const actions = parseActions('load:0x5->NXM_OF_VLAN_TCI[3..14],push_vlan:0x8100')
  if (typeof actions === 'string') throw new Error(actions)
  bridge.flows.add({ match: matchOf({}), actions })
  const { key } = matchOf({ in_port: 1n, eth_type: 0x1234n })
  key[word.vlan] = 0x88a81005
  key[word.vlan1] = 0x81007007
  expect(traceFlow(bed.switch, bridge, key)).toContain(
    'Megaflow: recirc_id=0,eth,in_port=1,vlan_tci=0x1000/0x7ff8,dl_type=0x1234\n',
  )
})

test('a VNI is written whatever it was, which is told of what goes round and round', () => {
  const megaflow = (write: string): string | undefined =>
    /^Megaflow: .*$/m.exec(run(`clone(${write}),resubmit(,0)`).trace)?.[0]
  expect(megaflow('set_tunnel:7')).toBe('Megaflow: recirc_id=0,eth,in_port=1,dl_type=0x0000')
  expect(megaflow('set_field:7->tun_id')).toBe('Megaflow: recirc_id=0,eth,tun_id=0,in_port=1,dl_type=0x0000')
})
