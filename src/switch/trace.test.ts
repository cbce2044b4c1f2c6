import { expect, test } from 'vitest'
import { parseMatch } from '../flow/match-text.ts'
import { parseActions } from '../openflow/action-text.ts'
import { parseFlow } from '../openflow/flow-text.ts'
import { Bed } from './switch.testing.ts'
import { frameOf, parseCtNext, type TraceOptions, traceFlow } from './trace.ts'

/** The trace of a frame through these flows, on a bridge with ports 1 to 5. */
const trace = (flows: readonly string[], frame: string, options: TraceOptions = {}): string => {
  const bed = new Bed()
  const bridge = bed.bridge('br0', { failMode: 'secure' })
  for (let port = 1; port <= 5; port++) bed.port(bridge, `p${port}`, {}, port)
  for (const flow of flows) {
    const read = parseFlow(flow, 'add')
    if (!read.ok) throw new Error(read.error)
    expect(bridge.flows.apply(read.flow)).toBeUndefined()
  }
  const parsed = parseMatch(frame)
  if ('wrong' in parsed) throw new Error(parsed.wrong)
  return traceFlow(bed.switch, bridge, frameOf(parsed.match), options)
}

const frame =
  'in_port=1,tcp,dl_src=00:00:00:00:00:01,dl_dst=00:00:00:00:00:02,nw_src=10.0.0.1,nw_dst=10.0.0.2,nw_ttl=64,tcp_src=1,tcp_dst=2'

test('a pipeline that starts again behind a connection tracker has a part of its own, with translated addresses', () => {
  const text = trace(
    ['tcp,actions=ct(commit,table=1,nat(src=1.1.1.1:99))', 'table=1,tcp,actions=ct_clear,output:2'],
    frame,
    { ctStates: [0x22n] },
  )
  expect(text).toContain('Datapath actions: ct(commit,nat(src=1.1.1.1:99)),recirc(0x1)\n')
  expect(text).toContain(`
===============================================================================
recirc(0x1) - resume conntrack with ct_state=est|trk
Replacing src/dst IP/ports to simulate NAT:
 Initial flow: nw_src=10.0.0.1,tp_src=1,nw_dst=10.0.0.2,tp_dst=2
 Modified flow: nw_src=1.1.1.1,tp_src=99,nw_dst=10.0.0.2,tp_dst=2
===============================================================================

Flow: recirc_id=0x1,ct_state=est|trk,eth,tcp,in_port=1,vlan_tci=0x0000,dl_src=00:00:00:00:00:01,dl_dst=00:00:00:00:00:02,nw_src=1.1.1.1,nw_dst=10.0.0.2,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=99,tp_dst=2,tcp_flags=0

bridge("br0")
-------------
    thaw
        Resuming from table 1
 1. tcp, priority 32768
    ct_clear
    output:2
`)
})

test('addresses of IPv6 that NAT translates stand in brackets', () => {
  const text = trace(
    ['tcp6,actions=ct(commit,table=1,nat(dst=[fd00::5]:80))'],
    'in_port=1,tcp6,ipv6_src=fd00::1,tcp_src=3',
  )
  expect(text).toContain(`
 Initial flow: ipv6_src=[fd00::1],tp_src=3,ipv6_dst=[::],tp_dst=0
 Modified flow: ipv6_src=[fd00::1],tp_src=3,ipv6_dst=[fd00::5],tp_dst=80
`)
})

test('an empty line more is behind a part that was given up', () => {
  const text = trace(['tcp,actions=ct(table=1),resubmit(1)'], frame)
  expect(text).toMatch(/packet is dropped\.\n\n\n={79}\nrecirc\(0x1\)/)
})

test('without a word of what the tracker says, the connection is new', () => {
  const text = trace(['tcp,actions=ct(table=1,zone=3)', 'table=1,tcp,ct_state=+new+trk,actions=output:3'], frame)
  expect(text).toContain('recirc(0x1) - resume conntrack with default ct_state=trk|new (use --ct-next to customize)')
  expect(text).toContain('Flow: recirc_id=0x1,ct_state=new|trk,ct_zone=3,eth,tcp,')
  expect(text).toContain('Megaflow: recirc_id=0x1,ct_state=+new+trk,eth,tcp,in_port=1,nw_frag=no')
})

test('a pipeline that starts itself again and again is not followed for ever', () => {
  const text = trace(['tcp,actions=ct(table=0)'], frame)
  expect(text.split('resume conntrack').length).toBeLessThan(300)
})

test('an action set is run under the table that the pipeline began in', () => {
  const text = trace(
    ['actions=write_actions(set_field:5->reg0,output:2),goto_table:1', 'table=1,actions=write_actions(output:3)'],
    frame,
  )
  expect(text).toContain(`
--. Executing action set:
    set_field:0x5->reg0
    output:3

Final flow: tcp,reg0=0x5,in_port=1`)
})

test('what a datapath cannot do is said', () => {
  const text = trace(['arp,actions=set_field:2->arp_op,output:2'], 'in_port=1,arp,arp_op=1')
  expect(text).toMatch(
    /Datapath actions: set\(arp\(op=2\)\),\d+\nThis flow is handled by the userspace slow path because it:\n {2}- Uses action\(s\) not supported by datapath\.\n$/,
  )
})

test('learning is only done with a frame', () => {
  const flow =
    'actions=learn(table=2,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],idle_timeout=5,output:NXM_OF_IN_PORT[]),output:2'
  expect(trace([flow], frame)).toContain(' >> suppressing side effects, so learn action ignored')
  expect(trace([flow], frame, { learning: true })).toContain(
    ' -> table=2 dl_dst=00:00:00:00:00:01 priority=32768 idle=5 actions=output:1',
  )
})

test.each([
  ['trk,est', 0x22n],
  ['new trk', 0x21n],
  ['new|trk', 'new|trk: unknown connection tracking state flag'],
  ['trk,new,est', 'new|est|trk: invalid connection state: "new" and "est" are mutually exclusive'],
  ['foo', 'foo: unknown connection tracking state flag'],
  ['trk,foo', 'foo: unknown connection tracking state flag'],
  ['new', 'new: invalid connection state: If "trk" is unset, no other flags are set'],
  ['inv,trk,new', 'new|inv|trk: invalid connection state: when "inv" is set, only "trk" may also be set'],
])('--ct-next %s', (text, state) => {
  expect(parseCtNext(text)).toBe(state)
})

const linesOf = (text: string, start: string): string[] => text.split('\n').filter(line => line.startsWith(start))

test('parts that freeze alike share a number, with the first too; what a controller is told has one of its own', () => {
  const flows = ['ip,actions=ct(table=1),ct(table=3)', 'table=1,ip,actions=ct(table=3)']
  const actions = (text: string): string[] => linesOf(text, 'Datapath actions: ')
  expect(actions(trace(flows, frame))).toEqual([
    'Datapath actions: ct,recirc(0x1),ct,recirc(0x2)',
    'Datapath actions: ct,recirc(0x2)',
    'Datapath actions: drop',
    'Datapath actions: drop',
  ])
  const told = [...flows, 'table=3,actions=controller']
  expect(actions(trace(told, frame))[2]).toContain('recirc_id=3,')
  // A state of an unknown port is one of no port, which those of controllers are.
  expect(actions(trace(told, frame.replace('in_port=1', 'in_port=77'))).at(-1)).toContain('recirc_id=2,')
})

test('a zone from a field is of its bits; what a frozen pipeline brings with it is not looked at', () => {
  const flows = [
    'ip,actions=ct(zone=eth_src[3..18],table=1)',
    'table=1,ip,actions=ct(zone=reg0[0..15]),ct(zone=eth_dst[0..15]),ct(zone=pkt_mark[0..15])',
  ]
  expect(linesOf(trace(flows, frame), 'Megaflow: ')).toEqual([
    'Megaflow: recirc_id=0,eth,ip,in_port=1,dl_src=00:00:00:00:00:00/00:00:00:07:ff:f8,nw_frag=no',
    'Megaflow: pkt_mark=0/0xffff,recirc_id=0x1,eth,ip,in_port=1,dl_dst=00:00:00:00:00:02/00:00:00:00:ff:ff,nw_frag=no',
  ])
})

test('a packet-out looks at the tunnel that its frame came by', () => {
  const actions = parseActions('note:01')
  if (typeof actions === 'string') throw new Error(actions)
  const text = trace([], `${frame},tun_src=1.1.1.1,tun_dst=2.2.2.2,tun_id=7`, { actions })
  // As it was written: only on the wire it is longer.
  expect(text).toContain('    note:01\n')
  expect(linesOf(text, 'Megaflow: ')[0]).toContain(
    'tun_id=0x7,tun_src=1.1.1.1,tun_dst=2.2.2.2,tun_tos=0,tun_flags=-df-csum-key',
  )
})

test('tunnel options of a frame that was given as bytes are not told', () => {
  const flows = ['tun_metadata0=5,actions=output:2', 'priority=1,dl_vlan=5,actions=decap()']
  const tagged = `${frame},dl_vlan=5`
  expect(trace(flows, tagged)).toContain('tun_metadata0=NP')
  expect(trace(flows, tagged, { isPacket: true })).not.toContain('tun_metadata0')
})
