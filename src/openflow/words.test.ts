import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hex } from '../flow/field-text.ts'
import { parseNumber } from '../flow/flags.ts'
import { ones, parse64, parseUpTo, runs } from './number.ts'
import { splitWords } from './words.ts'

const split = (text: string): [string, string][] => splitWords(text).map(({ name, value }) => [name, value])

describe('lists of words', () => {
  test('names and values, apart by commas or blanks', () => {
    expect(split('in_port=1, tcp  nw_dst=1.2.3.4')).toEqual([
      ['in_port', '1'],
      ['tcp', ''],
      ['nw_dst', '1.2.3.4'],
    ])
  })
  test('parentheses hold together', () => {
    expect(split('resubmit(,1),controller(reason=action,id=3),output:2')).toEqual([
      ['resubmit', ',1'],
      ['controller', 'reason=action,id=3'],
      ['output', '2'],
    ])
    expect(split('packet_type=(1,0x800),ip')).toEqual([
      ['packet_type', '(1,0x800)'],
      ['ip', ''],
    ])
  })
  test('what follows a parenthesis is a word of its own', () => {
    expect(split('output(1)extra')).toEqual([
      ['output', '1'],
      ['extra', ''],
    ])
  })
  test('an open parenthesis reaches to the end', () => {
    expect(split('resubmit(1,2')).toEqual([['resubmit', '1,2']])
  })
  test('every text ends', () => {
    fc.assert(fc.property(fc.string(), text => splitWords(text).every(({ start, end }) => end > start)))
  })
})

describe('numbers', () => {
  test('as C reads them', () => {
    expect(['10', '0x10', '010', '0'].map(parseNumber)).toEqual([10n, 16n, 8n, 0n])
    expect(['', 'x', '1x', '08', '0x', '-1', ' 1'].map(parseNumber)).toEqual(Array(7).fill(undefined))
    expect(parseUpTo('255', 255)).toBe(255)
    expect(parseUpTo('256', 255)).toBeUndefined()
  })
  test('of 64 bits, or why not', () => {
    expect(parse64('0xffffffffffffffff')).toBe(0xffffffffffffffffn)
    expect(parse64('0x1ffffffffffffffff')).toBe('invalid numeric format 0x1ffffffffffffffff')
    expect(parse64('')).toBe('missing required numeric argument')
  })
  test('written', () => {
    expect([0, 0n, 255n].map(hex)).toEqual(['0', '0', '0xff'])
  })
  test('runs of ones', () => {
    expect(runs(0b1001n)).toEqual([
      { start: 0, count: 1 },
      { start: 3, count: 1 },
    ])
    expect(runs(ones(128))).toEqual([
      { start: 0, count: 64 },
      { start: 64, count: 64 },
    ])
    expect(runs(0n)).toEqual([])
  })
  test('runs make up the mask again', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: ones(128) }), mask => {
        const again = runs(mask).reduce((sum, { start, count }) => sum | (ones(count) << BigInt(start)), 0n)
        expect(again).toBe(mask)
      }),
    )
  })
})
