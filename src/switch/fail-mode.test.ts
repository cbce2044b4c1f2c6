import { expect, test } from 'vitest'
import { SoftDatapath } from '../datapath/soft/index.ts'
import { newMatch } from '../flow/match.ts'
import { seeded, VirtualClock } from '../runtime/index.ts'
import type { BridgeOptions } from './bridge-options.ts'
import { Switch } from './switch.ts'

/** A bridge on which one flow of priority `mark` is added before it is configured anew; the priorities that are left. */
const afterwards = (first: BridgeOptions, mark: number, next: BridgeOptions): number[] => {
  const clock = new VirtualClock()
  const sw = new Switch({ datapath: new SoftDatapath({ clock }), clock, random: seeded(1) })
  const bridge = sw.addBridge('br0', { name: 'br0', type: 'internal', send: () => {} }, first)
  bridge.flows.add({ priority: mark, match: newMatch(), actions: [] })
  bridge.configure(next)
  return bridge.flows.dump({}).map(({ priority }) => priority)
}

// What Open vSwitch 3.1 kept in each case.
test('another fail mode removes all flows, and standalone begins with NORMAL', () => {
  expect(afterwards({}, 5, { failMode: 'secure' })).toEqual([])
  expect(afterwards({ failMode: 'secure' }, 6, { failMode: 'standalone' })).toEqual([0])
})

test('the same fail mode keeps the flows, and so does any other setting', () => {
  expect(afterwards({ failMode: 'secure' }, 6, { failMode: 'secure' })).toEqual([6])
  expect(afterwards({ failMode: 'standalone' }, 7, {}).sort()).toEqual([0, 7])
  expect(afterwards({}, 7, { hwaddr: 0x77, macAgeing: 20 }).sort()).toEqual([0, 7])
})
