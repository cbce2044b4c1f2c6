import { expect, test } from 'vitest'
import { matchOf } from '../../flow/match.ts'
import { parseFlow } from '../../openflow/flow-text.ts'
import type { Bridge } from '../bridge.ts'
import { Bed } from '../switch.testing.ts'
import { frameOf, traceFlow } from '../trace.ts'
import { tcp } from './translate.testing.ts'

const addFlow = (bridge: Bridge, text: string): void => {
  const read = parseFlow(text, 'add')
  if (!read.ok) throw new Error(read.error)
  expect(bridge.flows.apply(read.flow)).toBeUndefined()
}

/** What is run when a frame comes back from the connection tracker. Port 4 of the first bridge leads to a second, which has these flows. */
const restored = (actions: string, ...there: string[]): string | undefined => {
  const bed = new Bed()
  const first = bed.bridge('br0', { failMode: 'secure' })
  const second = bed.bridge('br1', { failMode: 'secure' })
  bed.port(first, 'p1', {}, 1)
  bed.patch(first, 'there', 'back', 4)
  bed.patch(second, 'back', 'there', 1)
  addFlow(first, `tcp,actions=${actions}`)
  for (const flow of there) addFlow(second, flow)
  const trace = traceFlow(bed.switch, first, frameOf(matchOf({ in_port: 1n, ...tcp })))
  expect(trace).toContain('resume conntrack')
  return /Restoring actions: (.*)/.exec(trace)?.[1]
}

// Recorded from Open vSwitch 3.1.
test('what an exit ended in another bridge is put by, and done by whoever freezes next', () => {
  expect(restored('output:4,ct(commit,table=1)', 'actions=in_port')).toBeUndefined()
  expect(restored('output:4,ct(commit,table=1)', 'actions=note:12,exit')).toBe('exit')
  expect(restored('output:4,ct(commit,table=1)', 'actions=exit,controller')).toBe(
    'exit,unroll_xlate(table=0, cookie=0),CONTROLLER:65535',
  )
  // Of the lists that an exit ends only the innermost is put by.
  expect(
    restored('output:4,ct(commit,table=1)', 'actions=resubmit(,1),controller', 'table=1,actions=exit,resubmit(,2)'),
  ).toBe('exit,resubmit(,2)')
})

test('of a packet of either size, what the larger ends is ended', () => {
  const actionsOf = (...flows: string[]): string | undefined => {
    const bed = new Bed()
    const bridge = bed.bridge('br0', { failMode: 'secure' })
    addFlow(bridge, 'actions=resubmit(,2),set_field:1->pkt_mark,in_port')
    addFlow(bridge, 'table=2,actions=check_pkt_larger(99)->NXM_NX_REG0[0],resubmit(,3)')
    for (const flow of flows) addFlow(bridge, `table=3,${flow}`)
    bed.port(bridge, 'p1', {}, 1)
    const trace = traceFlow(bed.switch, bridge, frameOf(matchOf({ in_port: 1n, ...tcp })))
    return /^Datapath actions: (.*)$/m.exec(trace)?.[1]
  }
  expect(actionsOf('reg0=1,actions=exit', 'reg0=0,actions=drop')).toBe('check_pkt_len(size=99,gt(drop),le(drop))')
  expect(actionsOf('reg0=0,actions=exit', 'reg0=1,actions=drop')).toBe(
    'check_pkt_len(size=99,gt(drop),le(drop)),set(skb_mark(0x1)),1',
  )
})

test('an exit in the same pipeline ends it', () => {
  expect(restored('ct(commit,table=1),exit,output:4')).toBeUndefined()
})
