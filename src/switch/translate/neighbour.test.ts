import { expect, test } from 'vitest'
import { run, solicit } from './translate.testing.ts'

// Recorded from Open vSwitch 3.1.
test.each([
  ['set_field:1->nd_options_type', 'set(nd_ext(nd_reserved=0x0,nd_options_type=1)),2'],
  ['load:7->nd_options_type[0..3]', 'set(nd_ext(nd_reserved=0x0,nd_options_type=7/0xf)),2'],
  ['set_field:1->nd_reserved', 'set(nd_ext(nd_reserved=0x1)),2'],
  ['load:7->nd_reserved[2..5]', 'set(nd_ext(nd_reserved=0x1c)),2'],
  [
    'set_field:00:00:00:00:00:01->nd_sll,set_field:7->nd_options_type,set_field:fd00::1->nd_target',
    'set(nd_ext(nd_reserved=0x0,nd_options_type=7)),set(nd(target=fd00::1,sll=00:00:00:00:00:01)),2',
  ],
  ['set_field:00:00:00:00:00:20/00:00:00:00:00:20->nd_sll', 'set(nd(sll=00:00:00:00:00:20/00:00:00:00:00:20)),2'],
])('%s is %s, which datapaths leave to the switch', (actions, datapath) => {
  const { out, trace } = run(`${actions},2`, solicit)
  expect(out).toBe(datapath)
  expect(trace).toContain('Uses action(s) not supported by datapath')
})
