import { expect, test } from 'vitest'
import { unknownHeaderError } from './unknown-header.ts'

/** What `ovs-ofctl parse-actions` of Open vSwitch 3.1 says of set_field with this header. */
test.each([
  ['in_phy_port', 0x80000204, 0, 'LEN'],
  ['ipv6_exthdr', 0x80004e02, 0, 'LEN'],
  ['reg0 of three bytes', 0x00010003, 0, 'LEN'],
  ['reg0 without a value', 0x00010000, 0, 'TYPE'],
  ['no class of ours, an empty chain', 0x12342e01, 0, 'TYPE'],
  ['no experimenter of ours, with a mask', 0xffff1508, 0x1234, 'LEN'],
  ['an experimenter of 0, with a mask', 0xffff5708, 0, 'TYPE'],
  ["ONF's, with a mask", 0xffffb70c, 0x4f4e4600, 'LEN'],
  ['a long one', 0xffff9a84, 0, 'LEN'],
] as const)('%s', (_name, first, experimenter, what) => {
  expect(unknownHeaderError(first, experimenter)).toBe(`OFPBAC_BAD_SET_${what}`)
})
