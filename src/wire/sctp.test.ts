import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hex, toHex } from './hex.testing.ts'
import { isSctpChecksumRight, parseSctp, sctpChecksum, setSctpChecksum, writeSctp } from './sctp.ts'

describe('SCTP', () => {
  test('is read and written', () => {
    const bytes = hex('9c40 8e3c 0102 0304 0000 0000')
    expect(parseSctp(bytes, 0, 12)).toEqual({
      ok: true,
      value: { src: 40000, dst: 36412, tag: 0x01020304, checksum: 0, payload: 12 },
    })
    const out = new Uint8Array(12).fill(0xee)
    expect(writeSctp(out, 0, { src: 40000, dst: 36412, tag: 0x01020304 })).toBe(12)
    expect(toHex(out)).toBe(toHex(bytes))
    for (let end = 0; end < 12; end++) expect(parseSctp(bytes, 0, end)).toEqual({ ok: false, why: 'short' })
  })

  test('has the CRC of RFC 3720 appendix B.4, least significant byte first', () => {
    // 32 bytes of zeros; the bytes where the checksum would be count as zeros, so other patterns cannot be used here.
    expect(sctpChecksum(new Uint8Array(32), 0, 32)).toBe(0xaa36918a)
  })

  test('has a checksum that is told from a wrong one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 60 }), fc.nat(), (bytes, n) => {
        setSctpChecksum(bytes, 0, bytes.length)
        expect(isSctpChecksumRight(bytes, 0, bytes.length)).toBe(true)
        bytes[n % bytes.length]! ^= 1
        expect(isSctpChecksumRight(bytes, 0, bytes.length)).toBe(false)
      }),
    )
  })
})
