import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hashAdd, hashFinish, hashMasked, hashStep, hashWords } from './hash.ts'
import { HashTable } from './hash-table.ts'
import { newKey } from './layout.ts'
import { expand, pairs, sparseOf } from './sparse.ts'

test('the table does what a Map does', () => {
  const hash = fc.oneof(
    fc.integer({ min: -20, max: 20 }),
    fc.integer(),
    fc.integer().map(n => n & ~0xff),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(hash, fc.integer({ min: -3, max: 5 })), { maxLength: 200, size: 'max' }), steps => {
      const table = new HashTable()
      const map = new Map<number, number>()
      for (const [key, value] of steps) {
        if (value === 0) {
          table.delete(key)
          map.delete(key)
        } else if (value < 0) {
          // The last one takes back what there is.
          const by = value === -3 ? -(map.get(key) ?? 0) : -value
          table.add(key, by)
          map.set(key, (map.get(key) ?? 0) + by)
        } else {
          table.set(key, value)
          map.set(key, value)
        }
      }
      for (const [key] of steps) expect(table.get(key)).toBe(map.get(key) ?? 0)
    }),
    { numRuns: 300 },
  )
})

describe('hashes', () => {
  test('are murmur3 of 32 bits: known values', () => {
    // MurmurHash3_x86_32 with seed 0 of the bytes 00 00 00 00 and 21 43 65 87 (Wikipedia's list of test vectors).
    expect(hashFinish(hashAdd(0, 0), 1) >>> 0).toBe(0x2362f9de)
    expect(hashWords([0x87654321]) >>> 0).toBe(0xf55b516b)
    expect(hashWords([0x87654321], 0x5082edee) >>> 0).toBe(0x2362f9de)
  })
  test('of masked words are those of the words under the mask', () => {
    const key = newKey().map((_, i) => i * 0x01010101)
    expect(hashMasked(key, [3, 7], [0xffff, 0xffffffff])).toBe(hashWords([0x0303, 0x07070707]))
  })
  test('spread: few words of a row collide less than one in a thousand', () => {
    const seen = new Set<number>()
    for (let a = 0; a < 100; a++) for (let b = 0; b < 100; b++) seen.add(hashWords([a, b << 24]))
    expect(seen.size).toBeGreaterThan(9990)
  })
  test('of the quick step spread as well, wherever in a word the bits lie', () => {
    for (const shift of [0, 8, 16, 24]) {
      const seen = new Set<number>()
      for (let a = 0; a < 100; a++)
        for (let b = 0; b < 100; b++) seen.add(hashFinish(hashStep(hashStep(2, a), b << shift), 2))
      expect(seen.size).toBeGreaterThan(9990)
    }
  })
})

test('sparse rows hold what full rows held', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.nat(167).map(String), fc.nat(0xffffffff)), words => {
      const row = newKey()
      for (const [place, value] of Object.entries(words)) row[Number(place)] = value
      const sparse = sparseOf(row)
      expect(expand(sparse)).toEqual(row)
      expect(pairs(sparse)).toEqual(
        Object.entries(words)
          .filter(([, value]) => value !== 0)
          .map(([place, value]) => [Number(place), value]),
      )
    }),
  )
})
