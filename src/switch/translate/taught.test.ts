import { describe, expect, test } from 'vitest'
import { matchOf } from '../../flow/match.ts'
import { parseActions } from '../../openflow/action-text.ts'
import type { Bridge } from '../bridge.ts'
import { Bed, packet } from '../switch.testing.ts'
import { traceFlow } from '../trace.ts'

const add = (bridge: Bridge, table: number, actions: string, match = matchOf({}), priority = 32768): void => {
  const parsed = parseActions(actions)
  if (typeof parsed === 'string') throw new Error(parsed)
  bridge.flows.add({ table, priority, match, actions: parsed })
}

const udp = { eth_type: 0x800n, nw_proto: 17n, udp_dst: 2n, packet_type: 0n }

/** What a frame with these fields does in a bridge: the lines of its trace after the first headline. */
const steps = (bed: Bed, bridge: Bridge, fields: Parameters<typeof matchOf>[0]): string[] =>
  traceFlow(bed.switch, bridge, matchOf(fields).key, { learning: true })
    .split('\n')
    .filter(line => /^ *(\d+\. |load|set_field)/.test(line))
    .map(line => line.trim())

const megaflow = (bed: Bed, bridge: Bridge, fields: Parameters<typeof matchOf>[0]): string | undefined =>
  /^Megaflow: (.*)$/m.exec(traceFlow(bed.switch, bridge, matchOf(fields).key, { learning: true }))?.[1]

/** As an ovs-vswitchd of Open vSwitch 3.1 traced them. */
describe('what a frame sees of the flows that it teaches', () => {
  test('in the same bridge nothing; the next frame sees them', () => {
    const bed = new Bed()
    const bridge = bed.bridge('br0', { failMode: 'secure' })
    add(bridge, 0, 'learn(table=2,eth_type=0x800,load:7->NXM_NX_REG0[]),resubmit(,2)')
    expect(steps(bed, bridge, { in_port: 1n, eth_type: 0x800n })).toEqual(['0. priority 32768', '2. No match.'])
    expect(steps(bed, bridge, { in_port: 1n, eth_type: 0x800n })).toEqual([
      '0. priority 32768',
      '2. ip, priority 32768',
      'load:0x7->NXM_NX_REG0[]',
    ])
  })

  test('what they took the place of, and what is below', () => {
    const bed = new Bed()
    const bridge = bed.bridge('br0', { failMode: 'secure' })
    const learn = (value: number, port: number): string =>
      `learn(table=2,eth_type=0x800,nw_proto=17,udp_dst=${port},load:${value}->NXM_NX_REG0[])`
    add(bridge, 2, 'set_field:1->reg1', matchOf(udp))
    add(bridge, 2, 'set_field:2->reg1', matchOf({ ...udp, udp_dst: 3n }), 5)
    add(bridge, 0, `${learn(7, 2)},${learn(8, 3)},resubmit(,2),${learn(9, 2)},resubmit(,2)`)
    const first = 'set_field:0x1->reg1'
    const ofTable2 = (port: bigint): string[] =>
      steps(bed, bridge, { in_port: 1n, ...udp, udp_dst: port }).filter(line => !/^\d/.test(line))
    expect(ofTable2(2n)).toEqual([first, first])
    expect(ofTable2(2n)).toEqual(['load:0x9->NXM_NX_REG0[]', 'load:0x9->NXM_NX_REG0[]'])
    expect(bridge.flows.table(2)?.size).toBe(3)
  })

  test('behind a patch port all that was taught before, and on the way back nothing', () => {
    const bed = new Bed()
    const [bridge, other] = ['br0', 'br1'].map(name => bed.bridge(name, { failMode: 'secure' })) as [Bridge, Bridge]
    bed.patch(bridge, 'to1', 'to0', 10)
    bed.patch(other, 'to0', 'to1', 10)
    add(bridge, 0, 'learn(table=2,eth_type=0x800,load:7->NXM_NX_REG0[]),output:10,resubmit(,2)', matchOf({}), 1)
    add(bridge, 0, 'resubmit(,2)', matchOf({ in_port: 10n }), 2)
    add(other, 0, 'in_port')
    expect(steps(bed, bridge, { in_port: 1n, eth_type: 0x800n })).toEqual([
      '0. priority 1',
      '0. priority 32768',
      '0. in_port=10, priority 2',
      '2. ip, priority 32768',
      'load:0x7->NXM_NX_REG0[]',
      '2. No match.',
    ])
  })

  test('their masks, as they are in the table', () => {
    const bed = new Bed()
    const bridge = bed.bridge('br0', { failMode: 'secure' })
    add(bridge, 0, 'learn(table=2,eth_type=0x800,ip_dst=1.2.3.4,load:7->NXM_NX_REG0[]),resubmit(,2)')
    const wide = 'recirc_id=0,eth,ip,in_port=1,nw_dst=128.0.0.0/1,nw_frag=no'
    expect(megaflow(bed, bridge, { in_port: 1n, eth_type: 0x800n, ip_dst: 0xc0a80002n })).toBe(wide)
  })
})

test('a frame through the switch meets what it taught behind a patch port, and counts there', () => {
  const bed = new Bed()
  const [bridge, other] = ['br0', 'br1'].map(name => bed.bridge(name, { failMode: 'secure' })) as [Bridge, Bridge]
  bed.patch(bridge, 'to1', 'to0', 10)
  bed.patch(other, 'to0', 'to1', 10)
  const p1 = bed.port(bridge, 'p1', {}, 1)
  bed.port(bridge, 'p2', {}, 2)
  add(bridge, 0, 'learn(table=2,NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[]),output:10,resubmit(,2)', matchOf({}), 1)
  add(bridge, 0, 'resubmit(,2)', matchOf({ in_port: 10n }), 2)
  add(other, 0, 'in_port')
  expect(bed.reaches(p1, packet({ src: 0xa, dst: 0xb }))).toEqual(['p1'])
  expect(bridge.flows.dump({ table: 2 }).map(rule => rule.packets)).toEqual([1])
})

describe('a learned flow takes the place of one that a flow_mod made', () => {
  test.each([
    ['what only Ethernet frames have', 'NXM_OF_ETH_DST[]', { eth_dst: 0n, packet_type: 0n }],
    ['a port', 'in_port=2', { in_port: 2n }],
    ['a register', 'NXM_NX_REG0[]', { reg0: 0n }],
  ])('%s', (_, learned, fields) => {
    const bed = new Bed()
    const bridge = bed.bridge('br0', { failMode: 'secure' })
    add(bridge, 2, 'set_field:1->reg1', matchOf(fields))
    add(bridge, 0, `learn(table=2,${learned})`)
    steps(bed, bridge, { in_port: 1n })
    expect([...(bridge.flows.table(2)?.rules() ?? [])].map(({ actions }) => actions)).toEqual([[]])
  })
})
