import { describe, expect, test } from 'vitest'
import { parseExactFlow } from '../../openflow/exact-flow.ts'
import { parseFlow } from '../../openflow/flow-text.ts'
import { Bed } from '../switch.testing.ts'
import { traceFlow } from '../trace.ts'

/** Packets without Ethernet, that say what they are by their packet type alone. */

const traced = (flow: string, packet: string): string => {
  const bed = new Bed()
  const bridge = bed.bridge('br0', { failMode: 'secure' })
  const read = parseFlow(flow, 'add')
  const asked = parseExactFlow(packet)
  if (!read.ok) throw new Error(read.error)
  if (!asked.ok) throw new Error(asked.error)
  bridge.flows.apply(read.flow)
  return traceFlow(bed.switch, bridge, asked.key, { learning: false })
}
const line = (trace: string, name: string): string | undefined =>
  trace
    .split('\n')
    .find(text => text.startsWith(`${name}: `))
    ?.slice(name.length + 2)

describe('as ofproto/trace of Open vSwitch 3.1 tells their megaflows', () => {
  const hash = (fields: string): string => `actions=multipath(${fields},0,modulo_n,4,0,NXM_NX_REG0[])`
  const prefix = 'packet_type=(1,0x800),nw_src=8.0.0.0/5,actions=drop'
  test.each([
    ['actions=drop', '0x894f', 'in_port=1,dl_type=0x894f'],
    ['actions=drop', '0x1234', 'in_port=1,dl_type=0x1234'],
    ['actions=drop', '0x806', 'arp,in_port=1'],
    ['actions=mod_tp_dst:5', '0x800', 'ip,in_port=1,nw_proto=0,nw_frag=no,tp_dst=0'],
    ['actions=push_mpls:0x8847', '0x86dd', 'ipv6,in_port=1,nw_tos=0,nw_ttl=0,nw_frag=no'],
    ['actions=push_mpls:0x8847', '0x8847', 'mpls,in_port=1'],
    [hash('symmetric_l4'), '0x800', 'ip,in_port=1,nw_proto=0,nw_frag=no,tp_src=0,tp_dst=0'],
    [hash('symmetric_l3l4'), '0x800', 'ip,in_port=1,nw_frag=no'],
    ['actions=mod_nw_src:10.0.0.2', '0x800', 'ip,in_port=1,nw_frag=no'],
    [prefix, '0x800', 'ip,in_port=1,nw_src=0.0.0.0/5,nw_frag=no'],
    ['packet_type=(1,0x894f),actions=dec_nsh_ttl', '0x894f', 'in_port=1,dl_type=0x894f,nsh_ttl=0'],
  ])('%s, a packet of %s', (flow, type, megaflow) => {
    const trace = traced(flow, `in_port=1,packet_type=(1,${type})`)
    expect(line(trace, 'Megaflow')).toBe(`recirc_id=0,packet_type=(1,${type}),${megaflow}`)
  })
})

test('the old action writes a MAC where there is none, the new one does not', () => {
  const final = (action: string): string | undefined =>
    line(traced(`actions=${action}`, 'in_port=1,packet_type=(1,0x1234)'), 'Final flow')
  expect(final('mod_dl_src:00:00:00:00:00:05')).toBe('packet_type=(1,0x1234),in_port=1')
  expect(final('set_field:00:00:00:00:00:05->eth_src')).toBe('unchanged')
})

test('ports are written where the packet type says that it is IP, before a header goes around them', () => {
  const trace = traced(
    'packet_type=(1,0x800),nw_proto=6,actions=set_field:0->tcp_src,encap(nsh),encap(ethernet),output:1',
    'in_port=2,packet_type=(1,0x800),nw_proto=6,tcp_src=1',
  )
  expect(line(trace, 'Datapath actions')).toMatch(/^set\(tcp\(src=0\)\),push_nsh\(/)
})

test('of UDP a hash may look at the ports', () => {
  const looked = (fields: string): string | undefined =>
    line(
      traced(
        `actions=multipath(${fields},0,modulo_n,4,0,NXM_NX_REG0[])`,
        'in_port=1,packet_type=(1,0x86dd),nw_proto=17,udp_src=1,udp_dst=1',
      ),
      'Megaflow',
    )
  expect(looked('symmetric_l3l4+udp')).toContain(',tp_src=1,tp_dst=1')
  expect(looked('symmetric_l3l4')).not.toContain('tp_src')
})

test('the end of a time to live is told by the type of a frame, which they have not', () => {
  expect(traced('actions=dec_ttl', 'in_port=1,packet_type=(1,0x800)')).toContain('IPv6 decrement TTL exception')
  expect(traced('actions=dec_ttl', 'in_port=1,ip')).toContain('IPv4 decrement TTL exception')
})
