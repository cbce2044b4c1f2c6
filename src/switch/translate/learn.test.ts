import { describe, expect, test } from 'vitest'
import { matchOf } from '../../flow/match.ts'
import { parseActions } from '../../openflow/action-text.ts'
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
