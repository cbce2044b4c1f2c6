import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ArpOp, parseArp, writeArp } from './arp.ts'
import { hex, toHex } from './hex.testing.ts'

/** A reply that Linux sent: 10.0.0.2 is at 02:00:00:00:00:0b. */
const reply = hex('0001 0800 06 04 0002 02000000000b 0a000002 02000000000a 0a000001')

describe('ARP', () => {
  test('is read', () => {
    expect(parseArp(reply, 0, 28)).toEqual({
      ok: true,
      value: {
        op: ArpOp.reply,
        sha: 0x02000000000b,
        spa: 0x0a000002,
        tha: 0x02000000000a,
        tpa: 0x0a000001,
        payload: 28,
      },
    })
  })

  test('is written', () => {
    const out = new Uint8Array(30)
    const arp = { op: 2, sha: 0x02000000000b, spa: 0x0a000002, tha: 0x02000000000a, tpa: 0x0a000001 }
    expect(writeArp(out, 1, arp)).toBe(28)
    expect(toHex(out)).toBe(`00${toHex(reply)}00`)
  })

  test('is refused when short', () => {
    for (let end = 0; end < 28; end++) expect(parseArp(reply, 0, end)).toEqual({ ok: false, why: 'short' })
  })

  test.each([
    [1, 6, 'version'],
    [2, 9, 'version'],
    [4, 8, 'length'],
    [5, 16, 'length'],
  ])('is refused with byte %i as %i: %s', (at, value, why) => {
    const bytes = Uint8Array.from(reply)
    bytes[at] = value
    expect(parseArp(bytes, 0, 28)).toEqual({ ok: false, why })
  })

  test('comes back as it was, with operations that nobody knows', () => {
    const mac = fc.nat().map(n => n * 65537)
    const ip = fc.nat(0xffffffff)
    fc.assert(
      fc.property(fc.nat(0xffff), mac, ip, mac, ip, (op, sha, spa, tha, tpa) => {
        const out = new Uint8Array(28)
        writeArp(out, 0, { op, sha, spa, tha, tpa })
        expect(parseArp(out, 0, 28)).toEqual({ ok: true, value: { op, sha, spa, tha, tpa, payload: 28 } })
      }),
    )
  })
})
