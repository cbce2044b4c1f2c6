import { expect, test } from 'vitest'
import { bodyLength, lengthComplaint, lengthFits } from './message-lengths.ts'
import { messageCodecs } from './messages/index.ts'
import type { Version } from './protocol.ts'

test('every form of every message has a length in each of its versions', () => {
  const missing: string[] = []
  for (const { forms } of messageCodecs)
    for (const { name, from, to } of forms)
      for (let version: number = from; version <= to; version++)
        if (bodyLength(name, version as Version) === undefined) missing.push(`${name} ${version}`)
  expect(missing).toEqual([])
})

test('a length follows the newest row that the version has', () => {
  expect(bodyLength('OFPT_FLOW_MOD', 1)).toEqual({ size: 64, multiple: 8 })
  expect(bodyLength('OFPT_FLOW_MOD', 5)).toEqual({ size: 40, multiple: 8 })
  expect(bodyLength('OFPT_PACKET_IN', 3)).toEqual({ size: 8, multiple: 1 })
  expect(bodyLength('OFPT_NO_SUCH', 1)).toBeUndefined()
})

test.each([
  { length: { size: 4, multiple: 0 }, good: [4], bad: [0, 3, 5, 8], words: 'expected length 12' },
  { length: { size: 4, multiple: 1 }, good: [4, 5, 99], bad: [0, 3], words: 'expected length at least 12 bytes' },
  {
    length: { size: 8, multiple: 8 },
    good: [8, 16],
    bad: [0, 7, 12],
    words: 'must be exactly 16 bytes or longer by an integer multiple of 8 bytes',
  },
])('lengths of $length', ({ length, good, bad, words }) => {
  expect(good.filter(n => !lengthFits(length, n))).toEqual([])
  expect(bad.filter(n => lengthFits(length, n))).toEqual([])
  expect(lengthComplaint('OFPT_X', length, 8, 11)).toBe(`received OFPT_X with incorrect length 11 (${words})`)
})
