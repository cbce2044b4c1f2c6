import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Frame } from './frame.ts'
import { hex } from './hex.testing.ts'
import { pushIpv4 } from './ipv4.ts'
import { pushIpv6 } from './ipv6.ts'
import { type Ends, endsSum, storeChecksum, sumsUp, transportSum } from './transport-checksum.ts'

describe('the sum of the pseudo-header', () => {
  test('of RFC 768, by hand', () => {
    // 0a00 + 0001 + 0a00 + 0002 + 17 + 13
    expect(endsSum({ src: 0x0a000001, dst: 0x0a000002 }, 17, 13)).toBe(0x1421)
  })

  test('from addresses is that from the header, for any size', () => {
    const address = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n })
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(0xffffffff), address, address, fc.nat(0xffff), (a, b, c, d, size) => {
        const four: Ends = { src: a, dst: b }
        const six: Ends = { src: c, dst: d }
        const frame4 = pushIpv4(Frame.of(0), { src: a, dst: b, protocol: 17 })
        const frame6 = pushIpv6(Frame.of(0), { src: c, dst: d, nextHeader: 17 })
        const fold = (sum: number): number => (sum - 1) % 0xffff
        expect(fold(transportSum(frame4.bytes, frame4.start, 17, size))).toBe(fold(endsSum(four, 17, size)))
        expect(fold(transportSum(frame6.bytes, frame6.start, 17, size))).toBe(fold(endsSum(six, 17, size)))
      }),
    )
  })
})

describe('a checksum in place', () => {
  test('sums up, and no longer when a bit is turned', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 60 }), fc.nat(0xffffff), fc.nat(), (bytes, sum, n) => {
        // Nothing but zeros has two sums, 0 and 0xffff.
        fc.pre(sum > 0)
        storeChecksum(bytes, 2, 0, bytes.length, sum)
        expect(sumsUp(bytes, 0, bytes.length, sum)).toBe(true)
        bytes[n % bytes.length]! ^= 0x20
        expect(sumsUp(bytes, 0, bytes.length, sum)).toBe(false)
      }),
    )
  })

  test('of Linux, an ICMP message that needs no pseudo-header', () => {
    const bytes = hex('0e00 2495 1234 0001 0000 03e8 00a3 db03 00a3 db03')
    expect(sumsUp(bytes, 0, 20, 0)).toBe(true)
    storeChecksum(bytes, 2, 0, 20, 0)
    expect([bytes[2], bytes[3]]).toEqual([0x24, 0x95])
  })
})
