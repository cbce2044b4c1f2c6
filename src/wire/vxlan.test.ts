import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Frame } from './frame.ts'
import { hex, toHex } from './hex.testing.ts'
import { parseVxlan, pushVxlan, type Vxlan, VxlanHeader, writeVxlan } from './vxlan.ts'

const written = (vxlan: Vxlan): string => {
  const out = new Uint8Array(8).fill(0xee)
  expect(writeVxlan(out, 0, vxlan)).toBe(8)
  return toHex(out)
}

describe('VXLAN', () => {
  test('is read', () => {
    expect(parseVxlan(hex('0800 0000 0000 2a00'), 0, 8)).toEqual({ ok: true, value: { vni: 42, payload: 8 } })
    expect(VxlanHeader.at.vni(hex('0800 0000 ffff ff00'), 0)).toBe(0xffffff)
  })

  test('is written with every other bit 0', () => {
    expect(written({ vni: 42 })).toBe('0800000000002a00')
    expect(written({ vni: 0xabcdef })).toBe('08000000abcdef00')
  })

  test('without the I flag, or short, is refused', () => {
    expect(parseVxlan(hex('0000 0000 0000 2a00'), 0, 8)).toEqual({ ok: false, why: 'flags' })
    expect(parseVxlan(hex('f7ff ffff ffff ffff'), 0, 8)).toEqual({ ok: false, why: 'flags' })
    for (let end = 0; end < 8; end++)
      expect(parseVxlan(hex('0800 0000 0000 2a00'), 0, end)).toEqual({ ok: false, why: 'short' })
  })

  test('has reserved bits that are ignored', () => {
    expect(parseVxlan(hex('ffff ffff 0000 2aff'), 0, 8)).toEqual({ ok: true, value: { vni: 42, payload: 8 } })
  })

  test('goes in front of a frame', () => {
    expect(toHex(pushVxlan(Frame.from(hex('0102')), { vni: 1 }).content())).toBe('08000000000001000102')
  })

  test('with group policy', () => {
    const vxlan = { vni: 42, gbp: { dontLearn: true, applied: true, policy: 0x1234 } }
    expect(written(vxlan)).toBe('8848123400002a00')
    expect(parseVxlan(hex('8848 1234 0000 2a00'), 0, 8, 'gbp')).toEqual({ ok: true, value: { ...vxlan, payload: 8 } })
    // Without the G flag the same bits are reserved.
    expect(parseVxlan(hex('0848 1234 0000 2a00'), 0, 8, 'gbp')).toEqual({ ok: true, value: { vni: 42, payload: 8 } })
  })

  test('with the protocol extension', () => {
    const vxlan = { vni: 42, gpe: { protocol: 1, bum: true, oam: true } }
    expect(written(vxlan)).toBe('0f00000100002a00')
    expect(parseVxlan(hex('0f00 0001 0000 2a00'), 0, 8, 'gpe')).toEqual({ ok: true, value: { ...vxlan, payload: 8 } })
    expect(parseVxlan(hex('0800 0007 0000 2a00'), 0, 8, 'gpe')).toMatchObject({ value: { gpe: { protocol: 3 } } })
    expect(parseVxlan(hex('1c00 0001 0000 2a00'), 0, 8, 'gpe')).toEqual({ ok: false, why: 'version' })
  })

  test('comes back as it was', () => {
    const gbp = fc.record({ dontLearn: fc.boolean(), applied: fc.boolean(), policy: fc.nat(0xffff) })
    const gpe = fc.record({ protocol: fc.nat(255), bum: fc.boolean(), oam: fc.boolean() })
    fc.assert(
      fc.property(fc.nat(0xffffff), gbp, gpe, (vni, group, extension) => {
        for (const [dialect, vxlan] of [
          ['plain', { vni }],
          ['gbp', { vni, gbp: group }],
          ['gpe', { vni, gpe: extension }],
        ] as const) {
          const out = new Uint8Array(8)
          writeVxlan(out, 0, vxlan)
          expect(parseVxlan(out, 0, 8, dialect)).toEqual({ ok: true, value: { ...vxlan, payload: 8 } })
        }
      }),
    )
  })
})
