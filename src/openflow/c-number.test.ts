import { expect, test } from 'vitest'
import { atoi, strtoull, wholeInt } from './c-number.ts'

test.each([
  ['', 0],
  ['x', 0],
  ['50', 50],
  [' 50x', 50],
  ['+5', 5],
  ['-1', 0xffffffff],
  ['010', 10],
  ['0x10', 0],
  ['3000000000', 3000000000],
  // Beyond 64 bits it is the greatest number with a sign.
  ['99999999999999999999', 0xffffffff],
])('atoi of %j', (text, value) => {
  expect(atoi(text)).toBe(value)
})

test('atoi keeps as many bits as its target has', () => {
  expect(atoi('70000', 16)).toBe(4464)
  expect(atoi('-1', 16)).toBe(0xffff)
})

test.each([
  ['', 0n],
  ['x', 0n],
  ['10', 10n],
  ['010', 8n],
  ['0x10', 16n],
  ['0x', 0n],
  ['089', 0n],
  ['0x1/0x1', 1n],
  ['-1', 0xffffffffffffffffn],
  ['18446744073709551616', 0xffffffffffffffffn],
])('strtoull of %j', (text, value) => {
  expect(strtoull(text)).toBe(value)
})

test('strtoull with base 10 knows no other bases', () => {
  expect(['0x40', '064', ' 5x', '-1', 'x'].map(text => strtoull(text, 10))).toEqual([0n, 64n, 5n, 2n ** 64n - 1n, 0n])
})

test('a whole int is all of a text, and wraps around', () => {
  expect([' 9', '-1', '4294967305', '-32768', '5x', '0x10', '', 'x'].map(wholeInt)).toEqual([
    ...[9, -1, 9, -32768],
    ...[undefined, undefined, undefined, undefined],
  ])
})
