import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Frame } from '../wire/frame.ts'
import { type Ipv4, isIpv4ChecksumRight, parseIpv4, pushIpv4 } from '../wire/ipv4.ts'
import { parseIpv6, pushIpv6 } from '../wire/ipv6.ts'
import { fragment4, fragment6 } from './fragment.ts'

const data = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => i * 3)
const packet4 = (size: number, more: Partial<Ipv4> = {}): Frame =>
  pushIpv4(Frame.from(data(size)), { src: 0x0a000001, dst: 0x0a000002, protocol: 17, id: 7, ...more })
const read4 = (frame: Frame) => {
  const ip = parseIpv4(frame.bytes, frame.start, frame.end)
  if (!ip.ok) throw new Error(ip.why)
  return ip.value
}

describe('IPv4 fragments', () => {
  test('are as long as fits, on multiples of eight, and lack nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 68, max: 1500 }), (size, mtu) => {
        const pieces = fragment4(packet4(size), mtu) as Frame[]
        const whole = new Uint8Array(size)
        for (const [i, piece] of pieces.entries()) {
          const ip = read4(piece)
          expect(piece.size).toBeLessThanOrEqual(mtu)
          expect(ip.moreFragments).toBe(i < pieces.length - 1)
          expect(isIpv4ChecksumRight(piece.bytes, piece.start)).toBe(true)
          expect([ip.id, ip.protocol]).toEqual([7, 17])
          whole.set(piece.bytes.subarray(ip.payload, ip.end), ip.fragmentOffset)
        }
        expect(whole).toEqual(data(size))
      }),
      { numRuns: 60 },
    )
  })

  test('of a fragment continue its offset', () => {
    const pieces = fragment4(packet4(2000, { fragmentOffset: 800, moreFragments: true }), 1500) as Frame[]
    expect(pieces.map(piece => read4(piece).fragmentOffset)).toEqual([800, 2280])
    expect(pieces.map(piece => read4(piece).moreFragments)).toEqual([true, true])
  })

  test('copy only the options that say so (RFC 791 §3.1)', () => {
    // Record route (7) stays in the first; a source route (131) goes into all.
    const options = new Uint8Array([7, 7, 4, 0, 0, 0, 0, 131, 3, 4, 0, 0])
    const pieces = fragment4(packet4(2000, { options }), 1500) as Frame[]
    expect(Array.from(read4(pieces[0]!).options)).toEqual(Array.from(options))
    expect(Array.from(read4(pieces[1]!).options)).toEqual([1, 1, 1, 1, 1, 1, 1, 131, 3, 4, 0, 0])
  })

  test('there are none where the link takes not even eight bytes', () => {
    expect(fragment4(packet4(100), 27)).toBeUndefined()
  })
})

test('IPv6 fragments carry a fragment header and lack nothing', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1280, max: 1500 }), (size, mtu) => {
      const packet = pushIpv6(Frame.from(data(size)), { src: 1n, dst: 2n, nextHeader: 17 })
      const pieces = fragment6(packet, mtu, 99) as Frame[]
      const whole = new Uint8Array(size)
      for (const [i, piece] of pieces.entries()) {
        const ip = parseIpv6(piece.bytes, piece.start, piece.end)
        if (!ip.ok) throw new Error(ip.why)
        expect(piece.size).toBeLessThanOrEqual(mtu)
        expect(ip.value.fragment).toMatchObject({ id: 99, more: i < pieces.length - 1 })
        const header = ip.value.extensions[0]!
        whole.set(piece.bytes.subarray(header.at + 8, ip.value.end), ip.value.fragment?.offset)
      }
      expect(whole).toEqual(data(size))
    }),
    { numRuns: 40 },
  )
})
