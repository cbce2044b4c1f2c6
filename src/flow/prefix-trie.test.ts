import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newKey } from './layout.ts'
import { PrefixTrie } from './prefix-trie.ts'

const shapes = [
  { at: 9, bits: 32, low: 0 },
  { at: 12, bits: 128, low: 0 },
  { at: 10, bits: 16, low: 0 },
  { at: 10, bits: 16, low: 16 },
]

describe.each(shapes)('$bits bits at word $at, bit $low', ({ at, bits, low }) => {
  const few = fc.constantFrom(0, 1, 0x80000000, 0xc0000000, 0x0a000001, 0x0a000101, 0xffffffff)
  const key = fc.array(few, { minLength: 4, maxLength: 4 }).map(words => {
    const row = newKey()
    if (bits === 128) for (const [i, value] of words.entries()) row[at + i] = value
    else row[at] = words[0] as number
    return row
  })
  const bitsOf = (row: Uint32Array): string =>
    bits === 128
      ? [0, 1, 2, 3].map(i => row[at + i]!.toString(2).padStart(32, '0')).join('')
      : (row[at]! >>> low).toString(2).padStart(32, '0').slice(-bits)
  const prefix = fc.tuple(key, fc.integer({ min: 1, max: bits }))

  test('knows the lengths that hold a value, and bits enough to know them', () => {
    fc.assert(
      fc.property(
        fc.array(prefix, { maxLength: 12 }),
        fc.array(fc.nat(11), { maxLength: 6 }),
        key,
        key,
        (added, removed, value, noise) => {
          const trie = new PrefixTrie(at, bits, low)
          const left: string[] = []
          for (const [row, length] of added) {
            trie.insert(row, length)
            left.push(bitsOf(row).slice(0, length))
          }
          for (const i of new Set(removed)) {
            const gone = added[i]
            if (gone === undefined) continue
            trie.remove(gone[0], gone[1])
            left.splice(left.indexOf(bitsOf(gone[0]).slice(0, gone[1])), 1)
          }
          const lengths = (row: Uint32Array): number[] =>
            [...new Set(left.filter(text => bitsOf(row).startsWith(text)).map(text => text.length))].sort(
              (a, b) => a - b,
            )
          trie.look(value)
          const found = Array.from({ length: bits + 1 }, (_, i) => i).filter(i => i > 0 && trie.has(i))
          expect(found).toEqual(lengths(value))
          const mask = newKey()
          trie.unwildcard(mask)
          const other = value.map((word, i) => word ^ ((noise[i]! ^ word) & ~mask[i]!))
          expect(lengths(other)).toEqual(lengths(value))
        },
      ),
      { numRuns: 400 },
    )
  })
  test('the length of a mask', () => {
    const trie = new PrefixTrie(at, bits, low)
    const mask = newKey()
    expect(trie.lengthIn(mask)).toBe(0)
    mask[at] = bits === 16 ? 0xf000 << low : 0xf0000000
    expect(trie.lengthIn(mask)).toBe(4)
    mask[at] = bits === 16 ? 0x0f00 << low : 0x0f000000
    expect(trie.lengthIn(mask)).toBe(0)
  })
})
