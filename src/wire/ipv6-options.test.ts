import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Frame } from './frame.ts'
import { hex, toHex } from './hex.testing.ts'
import { parseIpv6Options, pushIpv6Options, routerAlertMld } from './ipv6-options.ts'

const options = (bytes: Uint8Array) => parseIpv6Options(bytes, 0, bytes.length)

describe('options of IPv6', () => {
  test('the router alert is as Linux sends it, but for padding', () => {
    expect(options(hex('3a00 0502 0000 0100'))).toEqual({
      ok: true,
      value: [{ type: 5, data: Uint8Array.of(0, 0) }],
    })
    expect(toHex(pushIpv6Options(Frame.of(0), 58, [routerAlertMld]).content())).toBe('3a00050200000100')
  })

  test('padding of one byte and of many is left out', () => {
    expect(options(hex('3a01 00 0104 00000000 c204 00010000 00'))).toEqual({
      ok: true,
      value: [{ type: 0xc2, data: hex('00010000') }],
    })
  })

  test('beyond the header are refused', () => {
    expect(options(hex('3a00 0502 0000 05'))).toEqual({ ok: false, why: 'short' })
    expect(options(hex('3a00 0502 0000 0509'))).toEqual({ ok: false, why: 'short' })
  })

  test('fill whole headers, and come back as they were', () => {
    const any = fc.record({ type: fc.integer({ min: 2, max: 255 }), data: fc.uint8Array({ maxLength: 20 }) })
    fc.assert(
      fc.property(fc.array(any, { maxLength: 5 }), expected => {
        const { bytes, start, size } = pushIpv6Options(Frame.of(0), 17, expected)
        expect(size % 8).toBe(0)
        expect((bytes[start + 1]! + 1) * 8).toBe(size)
        expect(parseIpv6Options(bytes, start, size)).toEqual({ ok: true, value: expected })
      }),
    )
  })
})
