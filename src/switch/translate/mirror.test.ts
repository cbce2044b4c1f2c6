import { expect, test } from 'vitest'
import { matchOf } from '../../flow/match.ts'
import { parseMatch } from '../../flow/match-text.ts'
import { parseFlow } from '../../openflow/flow-text.ts'
import type { Bridge } from '../bridge.ts'
import type { MirrorOptions } from '../mirrors.ts'
import { Bed } from '../switch.testing.ts'
import { frameOf, traceFlow } from '../trace.ts'

/** Two bridges with a patch between them, port 3 of both; datapath ports of the first are 0 to 2, of the second 3 to 5. */
const network = () => {
  const bed = new Bed()
  const [a, b] = [bed.bridge('a', { failMode: 'secure' }), bed.bridge('b', { failMode: 'secure' })]
  for (const bridge of [a, b])
    for (const i of [1, 2]) bed.port(bridge, `${bridge.name}${i}`, i === 2 ? { tag: 5 } : {}, i)
  bed.patch(a, 'ab', 'ba', 3)
  bed.patch(b, 'ba', 'ab', 3)
  const add = (bridge: Bridge, ...flows: string[]): void => {
    for (const text of flows) {
      const read = parseFlow(text, 'add')
      if (!read.ok) throw new Error(read.error)
      bridge.flows.apply(read.flow)
    }
  }
  const mirror = (bridge: Bridge, ...wished: Partial<MirrorOptions>[]): void =>
    bridge.configure({
      failMode: 'secure',
      mirrors: wished.map((wish, i) => ({ ...none, uuid: `${i}`, ...wish })),
    })
  const trace = (bridge: Bridge, flow: string): string => {
    const parsed = parseMatch(flow)
    if ('wrong' in parsed) throw new Error(parsed.wrong)
    return traceFlow(bed.switch, bridge, frameOf(parsed.match))
  }
  return { a, b, add, mirror, trace }
}

const none = {
  all: false,
  sources: [],
  destinations: [],
  vlans: [],
  outputPort: undefined,
  outputVlan: undefined,
  snapLength: undefined,
}

/** All of this as `ofproto/trace` of Open vSwitch 3.1 has it. */
test('what a mirror does with what comes in is told behind the rule', () => {
  const { a, add, mirror, trace } = network()
  mirror(a, { all: true, outputPort: 'a1' })
  add(a, 'actions=drop')
  const lines = (flow: string): string[] => trace(a, flow).split('\n').slice(4, 7)
  expect(lines('in_port=77')).toEqual([
    ' 0. priority 32768',
    '     >>>> received packet on unknown port 77 <<<<',
    '    drop',
  ])
  expect(lines('in_port=2,dl_vlan=7')).toEqual([
    ' 0. priority 32768',
    '     >>>> dropping VLAN 7 tagged packet received on port a2 configured as VLAN 5 access port <<<<',
    '    drop',
  ])
  mirror(a, { sources: ['a1'], outputPort: 'ab', snapLength: 64 })
  expect(lines('in_port=1')[1]).toBe('     >> Mirror truncate to ODPP_NONE, skipping output')
})

test('NORMAL takes nothing in at a port that is for mirrors, behind a patch too', () => {
  const { a, b, add, mirror, trace } = network()
  add(a, 'actions=output:3')
  add(b, 'actions=NORMAL')
  mirror(b, { outputPort: 'ba', sources: ['b1'] })
  expect(trace(a, 'in_port=1')).toContain('NORMAL\n     >> input port is mirror output port, dropping\n')
})

test('a frame that froze behind a patch is copied as it comes back, with its port there', () => {
  const { a, b, add, mirror, trace } = network()
  add(a, 'ip,actions=output:3')
  add(b, 'ip,actions=ct(table=1)', 'table=1,ip,actions=drop')
  mirror(b, { sources: ['ba'], outputPort: 'b1' })
  const drops = [...trace(a, 'in_port=1,ip').matchAll(/^Datapath actions: (.*)$/gm)].map(([, actions]) => actions)
  expect(drops).toEqual(['ct,recirc(0x1)', '4'])
})

test('a copy of a copy ends the cutting of the first', () => {
  const bed = new Bed()
  const bridge = bed.bridge('a', { failMode: 'secure' })
  for (const [i, tag] of [undefined, 5, 5, undefined].entries()) bed.port(bridge, `p${i + 1}`, { tag }, i + 1)
  const first = { ...none, uuid: '0', sources: ['p1'], outputVlan: 5, snapLength: 64 }
  const second = { ...none, uuid: '1', destinations: ['p2'], outputPort: 'p4' }
  bridge.configure({ failMode: 'secure', mirrors: [first, second] })
  const { key } = matchOf({ in_port: 1n })
  expect(traceFlow(bed.switch, bridge, key)).toContain(
    '\nDatapath actions: push_vlan(vid=5,pcp=0),trunc(64),0,trunc(64),1,pop_vlan,trunc(64),2,push_vlan(vid=5,pcp=0),4,pop_vlan,3\n',
  )
})

test('a frame that comes back is refused where the port of its bridge’s number is for mirrors, in the bridge it came to', () => {
  const { a, b, add, mirror, trace } = network()
  add(a, 'ip,actions=output:3')
  add(b, 'ip,actions=ct(table=1)')
  mirror(a, { outputPort: 'ab', sources: ['a2'] })
  expect(trace(a, 'in_port=1,ip')).toMatch(
    /\n {4}thaw\n.*\n 1\. reg0=0x2, priority 0\n {5}>>>> dropping packet received on port ab, which is reserved exclusively for mirroring <<<<\n/,
  )
})

test('what mirrors have seen makes a state of its own', () => {
  const { a, add, mirror, trace } = network()
  add(a, 'ip,actions=controller(userdata=01),output:2,controller(userdata=01)')
  const ids = (): unknown[] => [...trace(a, 'in_port=1,ip').matchAll(/recirc_id=([1-9]\d*)/g)].map(([, id]) => id)
  expect(new Set(ids()).size).toBe(1)
  mirror(a, { destinations: ['a2'], outputVlan: 9 })
  expect(new Set(ids()).size).toBe(2)
})
