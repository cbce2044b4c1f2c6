import { describe, expect, test } from 'vitest'
import { Reader, Writer } from './bytes.ts'
import { type Count, digits, formatCount, readCount, readWhole, writeCount } from './counter.ts'

const written = (count: Count | undefined): Uint8Array => {
  const out = new Writer()
  writeCount(count, out)
  return out.done()
}

describe('counts of 64 bits', () => {
  test.each([
    [0, '0'],
    [0xffffffff, '4294967295'],
    [2 ** 53 - 1, '9007199254740991'],
    [2n ** 53n + 1n, '9007199254740993'],
    [2n ** 64n - 2n, '18446744073709551614'],
  ] as const)('%s comes back from the wire, all its digits too', (count, text) => {
    expect(readCount(new Reader(written(count)))).toBe(count)
    expect(digits(count)).toBe(text)
  })

  test('all ones is a count that is not kept, and a whole number where all are', () => {
    expect(written(undefined)).toEqual(new Uint8Array(8).fill(0xff))
    expect(readCount(new Reader(written(undefined)))).toBeUndefined()
    expect(readWhole(new Reader(written(undefined)))).toBe(2n ** 64n - 1n)
    expect(formatCount(undefined)).toBe('?')
  })
})
