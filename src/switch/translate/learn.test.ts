import { describe, expect, test } from 'vitest'
import { matchOf } from '../../flow/match.ts'
import { parseActions } from '../../openflow/action-text.ts'
import { parseExactFlow } from '../../openflow/exact-flow.ts'
import { Bed } from '../switch.testing.ts'
import { traceFlow } from '../trace.ts'
import { tcp } from './translate.testing.ts'

/** As an ovs-vswitchd of Open vSwitch 3.1 took them, one after the other in one frame. */
describe('how many flows with a cookie may be learned', () => {
  const first = 'learn(table=4,NXM_OF_ETH_SRC[])'
  test.each([
    ['another', 'learn(table=4,limit=1,NXM_OF_ETH_DST[])', false],
    ['another, where there is room', 'learn(table=4,limit=2,NXM_OF_ETH_DST[])', true],
    ['the very same', 'learn(table=4,limit=1,NXM_OF_ETH_SRC[])', true],
    ['one in its place', 'learn(table=4,limit=1,hard_timeout=9,NXM_OF_ETH_SRC[])', false],
    ['one with another cookie', 'learn(table=4,limit=1,cookie=7,NXM_OF_ETH_DST[])', true],
    ['in another table', 'learn(table=3,limit=1,NXM_OF_ETH_DST[])', true],
  ])('%s', (_, second, fits) => {
    const bed = new Bed()
    const bridge = bed.bridge('br0', { failMode: 'secure' })
    const actions = parseActions(`${first},${second}`)
    if (typeof actions === 'string') throw new Error(actions)
    bridge.flows.add({ match: matchOf({}), actions })
    const trace = traceFlow(bed.switch, bridge, matchOf({ in_port: 1n, eth_src: 1n }).key, { learning: true })
    expect(trace.includes('Limit exceeded, learn failed')).toBe(!fits)
  })
})

test('a frame that ends its connection shortens the flow that it taught, which is another from then on', () => {
  const bed = new Bed()
  const bridge = bed.bridge('br0', { failMode: 'secure' })
  const actions = parseActions('learn(table=4,limit=1,fin_idle_timeout=3,NXM_OF_ETH_SRC[]),resubmit(,4)')
  if (typeof actions === 'string') throw new Error(actions)
  bridge.flows.add({ match: matchOf({}), actions })
  const exceeds = (tcp_flags: bigint): boolean =>
    traceFlow(bed.switch, bridge, matchOf({ in_port: 1n, ...tcp, tcp_flags }).key, { learning: true }).includes(
      'Limit exceeded',
    )
  expect([0n, 0n, 1n, 0n].map(exceeds)).toEqual([false, false, false, true])
})

describe('what is learned, as Open vSwitch 3.1 tells it', () => {
  const learned = (specs: string, packet: string): string | undefined => {
    const bed = new Bed()
    const bridge = bed.bridge('br0', { failMode: 'secure' })
    const actions = parseActions(`learn(table=4,${specs})`)
    const asked = parseExactFlow(packet)
    if (typeof actions === 'string') throw new Error(actions)
    if (!asked.ok) throw new Error(asked.error)
    bridge.flows.add({ match: matchOf({}), actions })
    return /-> table=4 (.*)$/m.exec(traceFlow(bed.switch, bridge, asked.key, { learning: true }))?.[1]
  }
  const icmp = 'eth_type=0x800,nw_proto=1,OXM_OF_VLAN_VID[],NXM_OF_ICMP_TYPE[],NXM_OF_ICMP_CODE[0..3],NXM_NX_IP_TTL[]'
  test.each([
    [
      'of fields without masks those that fill their bytes, and whole',
      'eth_type=0x8847,OXM_OF_MPLS_LABEL[],OXM_OF_MPLS_TC[],OXM_OF_MPLS_BOS[],NXM_NX_MPLS_TTL[]',
      'in_port=1,mpls,mpls_label=5',
      'mpls,mpls_ttl=0 priority=32768 actions=drop',
    ],
    [
      'a part of a field with a mask, and a type of 8 bits',
      `${icmp},NXM_NX_IP_ECN[],NXM_OF_IN_PORT[]`,
      'in_port=1,dl_vlan=5,icmp,icmp_type=8',
      'icmp,in_port=1,vlan_tci=0x0005/0x0fff,nw_ttl=0,icmp_type=8 priority=32768 actions=drop',
    ],
    [
      'no part of a port',
      'eth_type=0x806,NXM_OF_ARP_OP[],NXM_OF_IN_PORT[0..7]',
      'in_port=1,arp,arp_op=2',
      'arp,arp_op=2 priority=32768 actions=drop',
    ],
    [
      'neither 6 bits of a service nor a part of a zone',
      'eth_type=0x800,ip_dscp=2,NXM_OF_IP_TOS[],NXM_OF_IP_PROTO[0..3],NXM_NX_CT_ZONE[0..14]=NXM_NX_CT_LABEL[2..16]',
      'in_port=1,ip',
      'ip,nw_tos=0 priority=32768 actions=drop',
    ],
    [
      'wide loads in pieces of 64 bits',
      'load:NXM_NX_XXREG2[0..79]->NXM_NX_XXREG1[16..95]',
      'in_port=1,xxreg2=0x10000000000000002',
      'priority=32768 actions=load:0x2->NXM_NX_XXREG1[16..79],load:0x1->NXM_NX_XXREG1[80..95]',
    ],
  ])('%s', (_, specs, packet, flow) => expect(learned(specs, packet)).toBe(flow))
})
