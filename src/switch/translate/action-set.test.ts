import { expect, test } from 'vitest'
import { formatActions, parseActions } from '../../openflow/action-text.ts'
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
