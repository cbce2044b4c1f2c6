import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hex, toHex } from './hex.testing.ts'
import { LldpChassis, LldpPort, type LldpTlv, LldpType, lldpMessage, parseLldp } from './lldp.ts'

const three: LldpTlv[] = [
  { kind: 'chassis', subtype: LldpChassis.mac, id: hex('02000000000a') },
  { kind: 'port', subtype: LldpPort.interfaceName, id: hex('65746830') },
  { kind: 'ttl', seconds: 120 },
]
const begin = '0207 04 02000000000a 0405 05 65746830 0602 0078'

const read = (...text: string[]) => {
  const bytes = hex(...text)
  return parseLldp(bytes, 0, bytes.length)
}

describe('LLDP', () => {
  test('is read and written', () => {
    const tlvs: LldpTlv[] = [
      ...three,
      { kind: 'text', type: LldpType.systemName, text: 'hv1' },
      { kind: 'capabilities', system: 0x14, enabled: 4 },
      { kind: 'organization', oui: 0x00120f, subtype: 4, data: hex('05ee') },
      { kind: 'other', type: LldpType.management, data: hex('0501') },
    ]
    const bytes = hex(begin, '0a03 687631 0e04 0014 0004 fe06 00120f 04 05ee 1002 0501 0000')
    expect(parseLldp(bytes, 0, bytes.length)).toEqual({ ok: true, value: { tlvs, payload: bytes.length } })
    expect(toHex(lldpMessage({ tlvs }))).toBe(toHex(bytes))
  })

  test('leaves what is behind its end', () => {
    expect(read(begin, '0000 ffff')).toMatchObject({ ok: true, value: { payload: 22 } })
  })

  test('without its first three values in order is refused', () => {
    expect(read('0000')).toEqual({ ok: false, why: 'value' })
    expect(read('0405 05 65746830 0207 04 02000000000a 0602 0078 0000')).toEqual({ ok: false, why: 'value' })
    expect(read('0207 04 02000000000a 0405 05 65746830 0000')).toEqual({ ok: false, why: 'value' })
    expect(read(begin, '0602 0078 0000')).toEqual({ ok: false, why: 'value' })
  })

  test('with a value too short for its type is refused', () => {
    for (const tlv of ['0201 04', '0200'])
      expect(read(tlv, '0405 05 65746830 0602 0078 0000')).toEqual({ ok: false, why: 'length' })
    expect(read('0207 04 02000000000a 0405 05 65746830 0601 00 0000')).toEqual({ ok: false, why: 'length' })
    expect(read(begin, '0e03 001400 0000')).toEqual({ ok: false, why: 'length' })
    expect(read(begin, 'fe03 00120f 0000')).toEqual({ ok: false, why: 'length' })
  })

  test('cut anywhere is refused', () => {
    const bytes = hex(begin, '0000')
    for (let end = 0; end < bytes.length; end++) expect(parseLldp(bytes, 0, end)).toEqual({ ok: false, why: 'short' })
  })

  test('comes back as it was', () => {
    const more: fc.Arbitrary<LldpTlv> = fc.oneof(
      fc.record({
        kind: fc.constant('text' as const),
        type: fc.constantFrom(4, 5, 6),
        text: fc.string({ unit: 'grapheme' }),
      }),
      fc.record({
        kind: fc.constant('other' as const),
        type: fc.integer({ min: 8, max: 126 }),
        data: fc.uint8Array({ maxLength: 511 }),
      }),
    )
    fc.assert(
      fc.property(fc.array(more, { maxLength: 4 }), list => {
        const tlvs = [...three, ...list]
        const bytes = lldpMessage({ tlvs })
        expect(parseLldp(bytes, 0, bytes.length)).toEqual({ ok: true, value: { tlvs, payload: bytes.length } })
      }),
    )
  })

  test('has no room for a value over 511 bytes', () => {
    expect(() => lldpMessage({ tlvs: [{ kind: 'other', type: 9, data: new Uint8Array(512) }] })).toThrow(RangeError)
  })
})
