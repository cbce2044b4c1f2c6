import { expect, test } from 'vitest'
import { word } from '../flow/layout.ts'
import { matchOf, newMatch } from '../flow/match.ts'
import { OfPort } from '../openflow/action.ts'
import { parseActions } from '../openflow/action-text.ts'
import type { Bridge } from './bridge.ts'
import { Bed } from './switch.testing.ts'
import { formatTrace } from './trace-text.ts'
import { recordTree } from './translate/recorder.ts'

type Wanted = Parameters<typeof matchOf>[0]

const add = (bridge: Bridge, table: number, priority: number, wanted: Wanted, text: string): void => {
  const actions = parseActions(text)
  if (typeof actions === 'string') throw new Error(actions)
  bridge.flows.add({ table, priority, match: matchOf(wanted), actions })
}

const trace = (bed: Bed, bridge: Bridge, wanted: Wanted, learning = false): string => {
  const { key } = matchOf(wanted)
  if (key[word.vlan] !== 0) key[word.vlan] = key[word.vlan]! | 0x81000000
  const { recorder, steps } = recordTree()
  return formatTrace(key, bed.switch.explainIn(bridge, key, recorder, learning), steps)
}

const tcp = {
  in_port: 1n,
  eth_src: 1n,
  eth_dst: 2n,
  eth_type: 0x800n,
  ip_src: 0x01010101n,
  ip_dst: 0x02020202n,
  nw_proto: 6n,
  nw_ttl: 64n,
  tcp_src: 1n,
  tcp_dst: 2n,
} as const

/** What `ovs-appctl ofproto/trace` of Open vSwitch 3.1 printed for these two bridges, with our datapath port numbers. */
test('bridges, tables, remarks and their indentation', () => {
  const bed = new Bed()
  const br0 = bed.bridge('br0', { failMode: 'secure' })
  for (const name of ['p1', 'p2', 'p3']) bed.port(br0, name)
  const br1 = bed.bridge('br1', { failMode: 'secure' })
  bed.port(br1, 'q1')
  bed.patch(br0, 'pa', 'pb', 10)
  bed.patch(br1, 'pb', 'pa', 20)
  add(br1, 0, 32768, {}, 'normal')
  add(
    br0,
    0,
    10,
    { in_port: 1n, eth_type: 0x800n },
    'set_field:5->reg0,dec_ttl,resubmit(,1),output:10,output:1,output:77',
  )
  add(br0, 1, 10, { in_port: 1n, eth_type: 0x800n, nw_proto: 6n }, 'mod_dl_src:00:00:00:00:00:09,output:2,goto_table:3')
  add(br0, 3, 32768, {}, 'in_port')
  const [p1, p2, q1, own1] = [br0.ports.get(1), br0.ports.get(2), br1.ports.get(1), br1.ports.get(OfPort.local)].map(
    port => port?.datapathPort,
  )
  expect(
    trace(bed, br0, tcp),
  ).toBe(`Flow: tcp,in_port=1,vlan_tci=0x0000,dl_src=00:00:00:00:00:01,dl_dst=00:00:00:00:00:02,nw_src=1.1.1.1,nw_dst=2.2.2.2,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=1,tp_dst=2,tcp_flags=0

bridge("br0")
-------------
 0. ip,in_port=1, priority 10
    set_field:0x5->reg0
    dec_ttl
    resubmit(,1)
     1. tcp,in_port=1, priority 10
            mod_dl_src:00:00:00:00:00:09
            output:2
            goto_table:3
         3. priority 32768
            IN_PORT
    output:10

    bridge("br1")
    -------------
         0. priority 32768
            NORMAL
             -> no learned MAC for destination, flooding
    output:1
     >> skipping output to input port
    output:77
     >> Nonexistent output port

Final flow: tcp,reg0=0x5,in_port=1,vlan_tci=0x0000,dl_src=00:00:00:00:00:09,dl_dst=00:00:00:00:00:02,nw_src=1.1.1.1,nw_dst=2.2.2.2,nw_tos=0,nw_ecn=0,nw_ttl=63,nw_frag=no,tp_src=1,tp_dst=2,tcp_flags=0
Megaflow: recirc_id=0,eth,tcp,in_port=1,dl_src=00:00:00:00:00:01,dl_dst=00:00:00:00:00:02,nw_ttl=64,nw_frag=no
Datapath actions: set(eth(src=00:00:00:00:00:09)),set(ipv4(ttl=63)),${p2},${p1},${own1},${q1}
`)
})

test('learning, and a frame that nothing changed', () => {
  const bed = new Bed()
  const br0 = bed.bridge('br0')
  bed.port(br0, 'p1', { tag: 5 })
  bed.port(br0, 'p2')
  const datapathPort = br0.ports.get(OfPort.local)?.datapathPort
  const frame = { in_port: 1n, eth_src: 1n, eth_dst: 2n, eth_type: 0x1234n }
  const text = trace(bed, br0, frame, true)
  expect(text).toContain(' 0. priority 0\n    NORMAL\n     -> learned that 00:00:00:00:00:01 is on port p1 in VLAN 5\n')
  expect(text).toContain('Final flow: unchanged\n')
  expect(text).toContain(`Datapath actions: push_vlan(vid=5,pcp=0),${datapathPort},`)
  expect(trace(bed, br0, { ...frame, vlan_tci: 0x1009n })).toContain(
    '     >>>> dropping VLAN 9 tagged packet received on port p1 configured as VLAN 5 access port <<<<\n     >> disallowed VLAN VID for this input port, dropping\n',
  )
  expect(trace(bed, br0, { ...frame, in_port: 77n })).toContain(
    '     >>>> received packet on unknown port 77 <<<<\n     >> no input bundle, dropping\n',
  )
})

test('no rule, a cookie, and a limit', () => {
  const bed = new Bed()
  const br0 = bed.bridge('br0', { failMode: 'secure' })
  bed.port(br0, 'p1')
  const frame = { in_port: 1n, eth_type: 0x1234n }
  expect(trace(bed, br0, frame)).toContain('\n 0. No match.\n    drop\n\nFinal flow: unchanged\n')
  br0.flows.add({ match: newMatch(), actions: [], cookie: 0xabn })
  expect(trace(bed, br0, frame)).toContain('\n 0. priority 32768, cookie 0xab\n    drop\n')
  add(br0, 0, 32768, {}, 'resubmit(,0)')
  const text = trace(bed, br0, frame)
  expect(text).toContain('     >>>> over max translation depth 64 <<<<\n')
  expect(text).toMatch(/Datapath actions: drop\nTranslation failed \(Recursion too deep\), packet is dropped\.\n$/)
})
