import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Frame } from './frame.ts'
import { hex, toHex } from './hex.testing.ts'
import { MplsHeader, parseMpls, pushMpls, writeMpls } from './mpls.ts'

describe('an MPLS label', () => {
  test('is read', () => {
    expect(parseMpls(hex('0006 4b40'), 0, 4)).toEqual({
      ok: true,
      value: { label: 100, tc: 5, bottom: true, ttl: 64, payload: 4 },
    })
    expect(MplsHeader.read(hex('0006 4b40'), 0)).toEqual({ label: 100, tc: 5, bottom: 1, ttl: 64 })
    expect(parseMpls(hex('ffff f0ff'), 0, 4)).toMatchObject({
      value: { label: 0xfffff, tc: 0, bottom: false, ttl: 255 },
    })
  })

  test('is refused when short', () => {
    expect(parseMpls(hex('0006 4b'), 0, 3)).toEqual({ ok: false, why: 'short' })
  })

  test('is stacked', () => {
    const frame = pushMpls(Frame.from(hex('45')), { label: 200, tc: 0, bottom: true, ttl: 64 })
    pushMpls(frame, { label: 100, tc: 5, bottom: false, ttl: 64 })
    expect(toHex(frame.content())).toBe('00064a40000c814045')
  })

  test('comes back as it was', () => {
    const any = fc.record({ label: fc.nat(0xfffff), tc: fc.nat(7), bottom: fc.boolean(), ttl: fc.nat(255) })
    fc.assert(
      fc.property(any, entry => {
        const out = new Uint8Array(4)
        expect(writeMpls(out, 0, entry)).toBe(4)
        expect(parseMpls(out, 0, 4)).toEqual({ ok: true, value: { ...entry, payload: 4 } })
        const { label, tc, bottom, ttl } = MplsHeader.at
        expect([label, tc, bottom, ttl].map(at => at(out, 0))).toEqual([
          ...[entry.label, entry.tc, Number(entry.bottom), entry.ttl],
        ])
      }),
    )
  })
})
