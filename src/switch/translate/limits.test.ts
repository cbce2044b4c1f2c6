import { expect, test } from 'vitest'
import { run } from './translate.testing.ts'

/** As an ovs-vswitchd of Open vSwitch 3.1 traced them. */
test.each([
  ['as many outputs as a datapath is given', 'output:2,'.repeat(1000), false],
  ['one more', 'output:2,'.repeat(1001), true],
  ['as many bytes of actions as an attribute holds', `${'controller,'.repeat(1023)}${'output:2,'.repeat(7)}`, false],
  ['four more', `${'controller,'.repeat(1023)}${'output:2,'.repeat(8)}`, true],
  ['those of a clone are not counted', 'clone(output(port=2,max_len=60),output:2),output:2,'.repeat(700), false],
])('%s', (_, actions, slow) => {
  const { trace } = run(actions.slice(0, -1))
  expect(trace.includes('  - Uses action(s) not supported by datapath.\n')).toBe(slow)
})

test('with 64 kB of datapath actions lists end, and what they are is done', () => {
  const { out, trace } = run(`${'controller,'.repeat(1024)}output:2,resubmit(,1),output:3`)
  expect(trace).toContain('    resubmit(,1)\n     >>>> resubmits yielded over 64 kB of actions <<<<\n\n')
  expect(out).toMatch(/max_len=65535\)\),2$/)
})
