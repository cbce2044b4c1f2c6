import { describe, expect, test } from 'vitest'
import { parseMatch } from '../../flow/match-text.ts'
import { parseFlow } from '../../openflow/flow-text.ts'
import type { VlanColumns } from '../bridge-options.ts'
import { Bed } from '../switch.testing.ts'
import { frameOf, traceFlow } from '../trace.ts'

/** What a bridge does whose ports 1, 2, … have these columns; their datapath numbers are the same, and LOCAL's is 0. */
const bridgeOf = (columns: readonly VlanColumns[], actions = 'NORMAL') => {
  const bed = new Bed()
  const bridge = bed.bridge('br0', { failMode: 'secure' })
  for (const [i, vlan] of columns.entries()) bed.port(bridge, `p${i + 1}`, vlan, i + 1)
  const read = parseFlow(`actions=${actions}`, 'add')
  if (!read.ok) throw new Error(read.error)
  bridge.flows.apply(read.flow)
  const trace = (flow: string, learning = false): string => {
    const parsed = parseMatch(flow)
    if ('wrong' in parsed) throw new Error(parsed.wrong)
    return traceFlow(bed.switch, bridge, frameOf(parsed.match), { learning })
  }
  const line = (flow: string, start: string): string =>
    trace(flow)
      .split('\n')
      .find(each => each.startsWith(start))
      ?.slice(start.length) ?? ''
  return {
    bridge,
    trace,
    out: (flow: string) => line(flow, 'Datapath actions: '),
    megaflow: (flow: string) => line(flow, 'Megaflow: '),
  }
}

/** All of this as `ofproto/trace` of Open vSwitch 3.1 has it. */
describe('tags on their way out', () => {
  const tunnels = bridgeOf([
    {},
    { tag: 5 },
    { mode: 'dot1q-tunnel', tag: 9 },
    { mode: 'dot1q-tunnel', tag: 9, cvlans: [5, 7] },
    { mode: 'dot1q-tunnel', tag: 9, outerType: 0x8100 },
  ])
  test.each([
    ['in_port=3', 'push_vlan(tpid=0x88a8,vid=9,pcp=0),0,1,pop_vlan,5'],
    ['in_port=3,dl_vlan=5,dl_vlan_pcp=2', 'push_vlan(tpid=0x88a8,vid=9,pcp=0),0,1,pop_vlan,4,5'],
    ['in_port=4,dl_vlan=5,dl_vlan_pcp=2', 'push_vlan(tpid=0x88a8,vid=9,pcp=0),0,1,pop_vlan,3,5'],
    ['in_port=5,dl_vlan=6', 'push_vlan(vid=9,pcp=0),0,1,pop_vlan,3'],
    ['in_port=1,dl_vlan=9', '0,pop_vlan,3,5'],
    ['in_port=4,dl_vlan=6', 'drop'],
  ])('tunnels of customers’ tags: %s', (flow, out) => expect(tunnels.out(flow)).toBe(out))
  test('a tunnel says which VLAN it excludes', () =>
    expect(tunnels.trace('in_port=4,dl_vlan=6')).toContain(
      ' >>>> dropping VLAN 6 packet received on dot1q-tunnel port p4 that excludes this VLAN <<<<\n     >> disallowed VLAN VID for this input port, dropping\n',
    ))

  test('a tag that says nothing is none, and what is under it is none either', () => {
    const { out } = bridgeOf([{}, {}], 'push_vlan:0x8100,output:2,NORMAL')
    expect(out('in_port=1,dl_vlan=9')).toBe('push_vlan(vid=0,pcp=0),2,pop_vlan,pop_vlan,0,2')
  })
  test('what is popped is looked at whole, what stays as it is is not', () => {
    const { megaflow } = bridgeOf([{}, { mode: 'native-untagged', tag: 7 }])
    expect(megaflow('in_port=1,dl_vlan=7,dl_vlan_pcp=3')).toContain('dl_vlan=7,dl_vlan_pcp=3,')
    expect(megaflow('in_port=1,dl_vlan=5,dl_vlan_pcp=3')).toContain('dl_vlan=5,dl_src')
  })
  test('whether there is a second tag is looked at for a tunnel that takes customers’ frames, or does not', () => {
    const onlyUntagged = bridgeOf([{}, { mode: 'dot1q-tunnel', tag: 5, cvlans: [0] }], 'NORMAL,resubmit(,0)')
    expect(onlyUntagged.megaflow('in_port=1,dl_vlan=5')).toContain('dl_vlan=5,dl_vlan_pcp=0,vlan_tci1=0x0000,')
    const onlyTagged = bridgeOf([{}, { mode: 'dot1q-tunnel', tag: 5, cvlans: [9] }], 'NORMAL,resubmit(,0)')
    expect(onlyTagged.megaflow('in_port=1,dl_vlan=5')).toContain('dl_vlan=5,vlan_tci1=0x0000,')
    expect(onlyTagged.megaflow('in_port=1,dl_vlan=6')).not.toContain('vlan_tci1')
  })
  test('a port on which a MAC was seen gets its frames in whatever VLAN', () => {
    const { bridge, out } = bridgeOf([{}, { tag: 5 }])
    bridge.addMac(7, 0x77, 2)
    expect(out('in_port=1,dl_vlan=7,dl_dst=00:00:00:00:00:77')).toBe('pop_vlan,2')
  })
})

test('a frame that goes through NORMAL twice teaches once', () => {
  const { trace } = bridgeOf([{}, {}], 'NORMAL,NORMAL')
  expect(trace('in_port=1,dl_src=00:00:00:00:00:01', true).split('learned that').length).toBe(2)
  expect(trace('in_port=1,dl_src=00:00:00:00:00:02').split('learned that').length).toBe(1)
})

test('of a frame that is there, NORMAL says on which port its last tag is cut off', () => {
  const { trace } = bridgeOf([{}, {}])
  const why = ' >>>> dropping packet with partial VLAN tag received on port p1 <<<<\n'
  expect(trace('in_port=1,dl_type=0x8100', true)).toContain(`${why}     >> partial VLAN tag, dropping\n`)
  expect(trace('in_port=1,dl_type=0x8100')).not.toContain(why)
})

test('a frame whose translation was given up has taught before that, as in Open vSwitch', () => {
  const { trace, bridge } = bridgeOf([{}, {}], 'NORMAL,resubmit(,0)')
  expect(trace('in_port=1,dl_src=00:00:00:00:00:07', true)).toContain('Recursion too deep')
  expect([...bridge.macs.entries()].map(({ mac, port }) => [mac, port])).toEqual([[7, 1]])
})

test('the priority of a tag is not looked at for a packet that no port sends', () => {
  const megaflow = (actions: string): string =>
    bridgeOf([{}, { priorityTags: 'always' }], actions).trace('in_port=1,dl_vlan=5')
  expect(megaflow('NORMAL')).toContain('dl_vlan=5,dl_vlan_pcp=0,')
  expect(megaflow('encap(mpls),NORMAL')).toContain('dl_vlan=5,dl_src')
})

test('of a packet that is no Ethernet nothing is learned', () => {
  const { trace, bridge } = bridgeOf([{}, {}], 'decap(),NORMAL')
  expect(trace('in_port=1,ip,dl_src=00:00:00:00:00:02', true)).toContain('no learned MAC for destination, flooding')
  expect([...bridge.macs.entries()]).toEqual([])
})

test('the priority of a tag that is sent on as it came is not looked at', () => {
  const { trace } = bridgeOf([{}, { priorityTags: 'if-nonzero' }, { tag: 5, priorityTags: 'if-nonzero' }])
  const megaflow = (flow: string): string => /^Megaflow: .*$/m.exec(trace(flow))?.[0] ?? ''
  expect(megaflow('in_port=1,dl_vlan=7')).not.toContain('dl_vlan_pcp')
  // Of an access port, the priority decides whether there is a tag.
  expect(megaflow('in_port=1,dl_vlan=5')).toContain('dl_vlan=5,dl_vlan_pcp=0')
})
