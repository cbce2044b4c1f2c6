import { expect, test } from 'vitest'
import { run } from './translate.testing.ts'

/** As an ovs-vswitchd of Open vSwitch 3.1 traced them. */
test.each([
  ['as many outputs as a datapath is given', 'output:2,'.repeat(1000), false],
  ['one more', 'output:2,'.repeat(1001), true],
  ['those of a clone are not counted', 'clone(output(port=2,max_len=60),output:2),output:2,'.repeat(700), false],
])('%s', (_, actions, slow) => {
  const { trace } = run(actions.slice(0, -1))
  expect(trace.includes('  - Uses action(s) not supported by datapath.\n')).toBe(slow)
})
