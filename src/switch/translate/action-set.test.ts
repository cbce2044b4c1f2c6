import { expect, test } from 'vitest'
import { matchOf } from '../../flow/match.ts'
import { formatActions, parseActions } from '../../openflow/action-text.ts'
import { parseFlow } from '../../openflow/flow-text.ts'
import { parseGroup } from '../../openflow/group-parse.ts'
import type { Bridge } from '../bridge.ts'
import { Bed } from '../switch.testing.ts'
import { traceFlow } from '../trace.ts'
import { orderActionSet } from './action-set.ts'

/** What a set of these actions runs. */
const ordered = (text: string): string => {
  const actions = parseActions(text)
  if (typeof actions === 'string') throw new Error(actions)
  const list = orderActionSet(actions)
  return list.length === 0 ? '' : formatActions(list)
}

test.each([
  ['output:1,set_field:5->reg0,output:2', 'set_field:0x5->reg0,output:2'],
  ['output:1,group:3', 'group:3'],
  ['set_field:5->reg0', ''],
  ['dec_ttl,push_vlan:0x8100,output:1,dec_ttl', 'push_vlan:0x8100,dec_ttl,output:1'],
  ['resubmit(,3),output:4', 'output:4'],
  ['ct_clear,resubmit(,3)', 'resubmit(,3)'],
  ['set_queue:1,output:2,set_field:5->reg0,set_queue:3', 'set_queue:1,set_field:0x5->reg0,set_queue:3,output:2'],
  ['controller:9,output:2', 'output:2'],
  ['output:2,controller:9', 'CONTROLLER:9'],
  // Only what is an output on the wire is one.
  ['output:2,controller(userdata=01)', 'output:2'],
  ['controller(max_len=9,id=3)', ''],
])('%s runs %s', (set, list) => {
  expect(ordered(set)).toBe(list)
})

const addFlows = (bridge: Bridge, ...flows: string[]): void => {
  for (const flow of flows) {
    const read = parseFlow(flow, 'add')
    if (!read.ok) throw new Error(read.error)
    expect(bridge.flows.apply(read.flow)).toBeUndefined()
  }
}

// Recorded from Open vSwitch 3.1.
test('behind a bridge whose set had a group, the port of a set is not told', () => {
  const finalFlow = (there: string): string | undefined => {
    const bed = new Bed()
    const [first, second] = ['br0', 'br1'].map(name => bed.bridge(name, { failMode: 'secure' }))
    bed.patch(first!, 'there', 'back', 4)
    bed.patch(second!, 'back', 'there', 1)
    const group = parseGroup('group_id=5,type=all', 'add')
    expect(group.ok && second!.groups.apply(group.mod)).toBeUndefined()
    addFlows(first!, 'actions=output:4,write_actions(output:9)')
    addFlows(second!, `actions=${there}`)
    return /^Final flow: (.*)$/m.exec(traceFlow(bed.switch, first!, matchOf({ in_port: 1n }).key))?.[1]
  }
  expect(finalFlow('write_actions(group:5)')).toBe('unchanged')
  expect(finalFlow('write_actions(output:5)')).not.toBe('unchanged')
})

test('controllers are told of an action set up to the end of one that ran inside it', () => {
  const bed = new Bed()
  const bridge = bed.bridge('br0', { failMode: 'secure' })
  addFlows(
    bridge,
    'actions=write_actions(resubmit(,1))',
    'table=1,actions=controller(max_len=1),clone(resubmit(,2)),controller(max_len=5)',
    'table=2,actions=clone(),clone(controller(max_len=3)),write_actions(controller(max_len=2)),goto_table:3',
    'table=3,actions=clone(),controller(max_len=4)',
  )
  const trace = traceFlow(bed.switch, bridge, matchOf({ in_port: 1n }).key)
  const told = [...trace.matchAll(/reason=(\d).*?max_len=(\d)/g)].map(([, reason, size]) => `${reason} of ${size}`)
  expect(told).toEqual(['3 of 1', '3 of 3', '3 of 2', '1 of 4', '3 of 2', '1 of 5'])
})
