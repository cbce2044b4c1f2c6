import { expect, test } from 'vitest'
import { jenkins, littleWords } from './jenkins.ts'

test('words are little-endian, the last filled with zeroes', () => {
  expect(littleWords(Uint8Array.of(1, 2, 3, 4, 5))).toEqual([0x04030201, 5])
})

// Recorded from `multipath(eth_src,7,modulo_n,65536,0,NXM_NX_REG0[])` and `nw_src` of Open vSwitch 3.1.
test.each([
  [[0, 0, 0, 0, 0, 1], 7, 0x7bdc],
  [[10, 0, 0, 1], 7, 0xc104],
  [[10, 0, 0, 5], 7, 0xba5f],
  [[0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0], 7, 0x5910],
])('%j', (bytes, basis, low) => {
  expect(jenkins(Uint8Array.from(bytes), basis) & 0xffff).toBe(low)
})
