import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newKey } from './layout.ts'
import { equals, getField, newMatch, setField, setOption } from './match.ts'
import { formatMatch, parseMatch } from './match-text.ts'
import {
  bytesOf,
  findSpace,
  hasOption,
  markOption,
  optionMask,
  placed,
  readOption,
  type TlvLayout,
  tlvFields,
  tlvSpace,
  usedSpace,
  writeOption,
} from './tlv.ts'

const empty: TlvLayout = { places: new Array<undefined>(tlvFields).fill(undefined), own: false }
const layoutOf = (...lengths: number[]): TlvLayout =>
  lengths.reduce<TlvLayout>((layout, length, i) => placed(layout, i, length) ?? layout, empty)
const without = (layout: TlvLayout, ...options: number[]): TlvLayout => ({
  places: layout.places.map((place, i) => (options.includes(i) ? undefined : place)),
  own: false,
})

describe('space', () => {
  test('is handed out in order, and again when it is free', () => {
    const layout = layoutOf(4, 8, 4)
    expect(layout.places.slice(0, 3).map(place => place?.pieces)).toEqual([
      [{ offset: 0, length: 4 }],
      [{ offset: 4, length: 8 }],
      [{ offset: 12, length: 4 }],
    ])
    expect(findSpace(without(layout, 1), 8)).toEqual([{ offset: 4, length: 8 }])
    expect(findSpace(without(layout, 1), 12)).toEqual([{ offset: 16, length: 12 }])
  })
  test('comes in pieces where there is no other, the largest first', () => {
    const full = layoutOf(...new Array<number>(tlvFields).fill(4))
    expect(usedSpace(full)).toBe(tlvSpace)
    expect(findSpace(full, 4)).toBeUndefined()
    expect(findSpace(without(full, 3, 9, 10), 12)).toEqual([
      { offset: 36, length: 8 },
      { offset: 12, length: 4 },
    ])
    expect(findSpace(without(full, 3, 9), 12)).toBeUndefined()
  })
  test('no byte is handed out twice', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(63), fc.nat(31), fc.boolean()), { maxLength: 60 }), steps => {
        let layout = empty
        for (const [option, words, gone] of steps)
          layout = gone ? without(layout, option) : (placed(without(layout, option), option, 4 * words) ?? layout)
        const taken = layout.places.flatMap(place =>
          (place?.pieces ?? []).flatMap(({ offset, length }) => Array.from({ length }, (_, i) => offset + i)),
        )
        expect(new Set(taken).size).toBe(taken.length)
        expect(taken.every(at => at < tlvSpace)).toBe(true)
      }),
    )
  })
})

test('what is written into an option is read, pieces or not, and no other option changes', () => {
  const holes = without(layoutOf(...new Array<number>(tlvFields).fill(4)), 3, 9, 20)
  const layout = placed(holes, 3, 12) as TlvLayout
  const anyBits = fc.bigInt(0n, (1n << 96n) - 1n)
  fc.assert(
    fc.property(fc.constantFrom(0, 3, 8, 63), anyBits, anyBits, anyBits, (option, was, value, mask) => {
      const key = newKey()
      writeOption(key, 2, 0x12345678n, -1n, layout)
      writeOption(key, option, was, -1n, layout)
      writeOption(key, option, value, mask, layout)
      expect(readOption(key, option, layout)).toBe(((was & ~mask) | (value & mask)) & optionMask(option, layout))
      expect(readOption(key, 2, layout)).toBe(0x12345678n)
    }),
  )
})

test('an option is there or not, whatever its value', () => {
  const key = newKey()
  for (const option of [0, 31, 32, 63]) markOption(key, option)
  expect([0, 1, 31, 32, 33, 63].map(option => hasOption(key, option))).toEqual([true, false, true, true, false, true])
  markOption(key, 32, false)
  expect([31, 32, 63].map(option => hasOption(key, option))).toEqual([true, false, true])
})

describe('a match without a table', () => {
  test('gives an option what its mask or value needs', () => {
    const match = newMatch()
    setField(match, 'tun_metadata3', 0x12345n)
    setField(match, 'tun_metadata1', 0x12n, 0xff00ffn)
    expect(match.tlv?.places.map(place => place?.length).filter(length => length !== undefined)).toEqual([3, 3])
    expect(getField(match, 'tun_metadata3')).toEqual({ value: 0x12345n, mask: 0xffffffn })
    expect(getField(match, 'tun_metadata1')).toEqual({ value: 0x12n, mask: 0xff00ffn })
  })
  test('refuses more than there is room for', () => {
    const long = (1n << 968n) - 1n
    const match = newMatch()
    expect([0, 1, 2].map(option => setOption(match, option, long, -1n))).toEqual([true, true, false])
    const text = [0, 1, 2].map(option => `tun_metadata${option}=0x${long.toString(16)}`).join(',')
    // As ovs-ofctl says it.
    expect(parseMatch(text)).toEqual({
      wrong: 'field tun_metadata2 exceeds maximum size for tunnel metadata (used 363, max 256)',
    })
  })
  test('is the same as one that said it in another order', () => {
    const [a, b] = ['tun_metadata0=0x1234,tun_metadata1=5', 'tun_metadata1=5,tun_metadata0=0x1234'].map(text => {
      const parsed = parseMatch(text)
      if ('wrong' in parsed) throw new Error(parsed.wrong)
      return parsed.match
    })
    expect(equals(a!, b!)).toBe(true)
    setField(b!, 'tun_metadata1', 6n)
    expect(equals(a!, b!)).toBe(false)
  })
})

test('a match of a bridge has the place that its table says', () => {
  const tlv = layoutOf(4, 8)
  const match = newMatch(tlv)
  expect(setOption(match, 1, 0x123456789abcdef0n, -1n)).toBe(true)
  expect(setOption(match, 5, 1n, -1n)).toBe(false)
  expect(formatMatch(match)).toBe('tun_metadata1=0x123456789abcdef0')
  setOption(match, 0, 0x12n, 0xffn)
  expect(formatMatch(match)).toBe('tun_metadata0=0x12/0xff,tun_metadata1=0x123456789abcdef0')
  markOption(match.key, 0, false)
  expect(formatMatch(match)).toBe('tun_metadata0=NP,tun_metadata1=0x123456789abcdef0')
})

test('leading zeros take no room', () => {
  expect([0n, 1n, 0xffn, 0x100n, 0x12345n].map(bytesOf)).toEqual([0, 1, 1, 2, 3])
})
