import { expect, test } from 'vitest'
import { parseFlow } from '../../openflow/flow-text.ts'
import type { Bed } from '../switch.testing.ts'
import { run, tcp } from './translate.testing.ts'

/** Port 4 leads to a bridge where frames go through the connection tracker. */
const throughTracker = (bed: Bed): void => {
  const second = bed.bridge('br1', { failMode: 'secure' })
  bed.patch(bed.switch.bridges.get('br0')!, 'there', 'back', 4)
  bed.patch(second, 'back', 'there', 1)
  const read = parseFlow('ip,actions=ct()', 'add')
  if (!read.ok) throw new Error(read.error)
  expect(second.flows.apply(read.flow)).toBeUndefined()
}

// Recorded from Open vSwitch 3.1.
test.each([
  // What does nothing to this frame stands behind it all the same.
  ['clone(output:4,decap(packet_type(ns=1,type=0x894f))),output:2', 'clone(clone(ct)),2'],
  ['clone(output:4,decap(packet_type(ns=1,type=0x894f))),note:01', 'clone(ct)'],
  ['clone(clone(ct(),note:02),output:2),note:03', 'clone(ct),2'],
  ['clone(output:4,note:02),note:03', 'ct'],
])('a copy in a copy: %s', (actions, out) => {
  expect(run(actions, tcp, throughTracker).out).toBe(out)
})
