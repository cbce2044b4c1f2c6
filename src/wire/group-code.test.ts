import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeTime8, decodeTime16, encodeTime8, encodeTime16 } from './group-code.ts'

describe('times of group queries', () => {
  test.each([
    [0, 0],
    [125, 125],
    [127, 127],
    [0x80, 128],
    [0x8f, 248],
    [0x90, 256],
    [0xff, 31744],
  ])('eight bits %i are %i', (code, value) => {
    expect(decodeTime8(code)).toBe(value)
    expect(encodeTime8(value)).toBe(code)
  })

  test.each([
    [10000, 10000],
    [32767, 32767],
    [0x8000, 32768],
    [0xffff, 8387584],
  ])('sixteen bits %i are %i', (code, value) => {
    expect(decodeTime16(code)).toBe(value)
    expect(encodeTime16(value)).toBe(code)
  })

  test('every code comes back', () => {
    for (let code = 0; code < 256; code++) expect(encodeTime8(decodeTime8(code))).toBe(code)
    for (let code = 0; code < 65536; code += 13) expect(encodeTime16(decodeTime16(code))).toBe(code)
  })

  test('a value is never rounded up, and one beyond the last code is the last', () => {
    fc.assert(
      fc.property(fc.nat(9_000_000), value => {
        expect(decodeTime8(encodeTime8(value))).toBeLessThanOrEqual(value)
        expect(decodeTime16(encodeTime16(value))).toBeLessThanOrEqual(value)
      }),
    )
    expect([encodeTime8(1e9), encodeTime16(1e9)]).toEqual([0xff, 0xffff])
  })
})
