import { expect, test } from 'vitest'
import { Bed } from '../switch/switch.testing.ts'
import { Frame } from '../wire/frame.ts'
import { Counted } from './counted.ts'

const from = (mac: number): Frame => Frame.from(Uint8Array.from([2, 0, 0, 0, 0, 99, 2, 0, 0, 0, 0, mac, 0x12, 0x34, 0]))
const totals = (counted: Counted): Record<string, number> => {
  const sums: Record<string, number> = {}
  for (const [name, count] of counted.totals()) sums[name] = (sums[name] ?? 0) + count
  return sums
}

test('what never happened is known', () => {
  const bed = new Bed()
  const seen = totals(new Counted(bed.switch))
  expect(seen).toMatchObject({ drop_action_of_pipeline: 0, datapath_drop_meter: 0, mac_learning_moved: 0 })
  expect(Object.values(seen).every(count => count === 0)).toBe(true)
})

test('MACs are counted on when they are cleared, and when their bridge goes', () => {
  const bed = new Bed()
  const bridge = bed.bridge('br0')
  const [p1, p2] = [bed.port(bridge, 'p1'), bed.port(bridge, 'p2')]
  const counted = new Counted(bed.switch)
  p1.receive(from(1))
  p1.receive(from(2))
  p2.receive(from(2))
  expect(totals(counted)).toMatchObject({ mac_learning_learned: 2, mac_learning_moved: 1 })
  bridge.macs.clearStats()
  p2.receive(from(3))
  expect(bridge.macs.stats().learned).toBe(1)
  expect(totals(counted)).toMatchObject({ mac_learning_learned: 3, mac_learning_moved: 1 })
  counted.leaves(bridge)
  bed.switch.removeBridge(bridge)
  expect(totals(counted)).toMatchObject({ mac_learning_learned: 3, mac_learning_moved: 1 })
})

test("drops have Open vSwitch's names", () => {
  const bed = new Bed()
  bed.switch.drops.add('depth', 2)
  bed.switch.drops.add('no_receive')
  const counted = new Counted(bed.switch, () => [['mine', 7]])
  counted.reconfigured()
  const seen = totals(counted)
  expect(seen).toMatchObject({ drop_action_recursion_too_deep: 2, drop_no_receive: 1, mine: 7, bridge_reconfigure: 1 })
  expect(seen.drop_depth).toBeUndefined()
})
