import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checksum, sum16, updateChecksum } from './checksum.ts'

/** RFC 1071 as it is written, one word after the other. */
const slow = (bytes: readonly number[], from: number): number => {
  let sum = from
  for (let i = 0; i < bytes.length; i += 2) sum += bytes[i]! * 256 + (bytes[i + 1] ?? 0)
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000)
  return sum
}

describe('the internet checksum', () => {
  test('is that of the example in RFC 1071 §3', () => {
    const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7)
    expect(sum16(bytes, 0, 8)).toBe(0xddf2)
    expect(checksum(bytes, 0, 8)).toBe(0x220d)
  })
  test('is that of a header from RFC 1624 §4, before and after', () => {
    expect(updateChecksum(0xdd2f, 0x5555, 0x3285)).toBe(0x0000)
  })
  test('of any bytes from any place is what adding word by word gives', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(255), { maxLength: 70 }), fc.nat(3), fc.nat(0x7ffff), (bytes, offset, from) => {
        const all = Uint8Array.of(...new Array<number>(offset).fill(255), ...bytes, 255, 255)
        expect(sum16(all, offset, offset + bytes.length, from)).toBe(slow(bytes, from))
      }),
    )
  })
  test('does not overflow on more bytes than a packet has', () => {
    expect(sum16(new Uint8Array(1 << 20).fill(255), 0, 1 << 20)).toBe(0xffff)
  })
})
