import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hex, toHex } from './hex.testing.ts'
import { parseTcpOptions, type TcpOption, tcpOptionsSize, writeTcpOptions } from './tcp-options.ts'

const read = (text: string) => {
  const bytes = hex(text)
  return parseTcpOptions(bytes, 0, bytes.length)
}

const options: [bytes: string, TcpOption[]][] = [
  ['020405b4', [{ kind: 'mss', mss: 1460 }]],
  ['01030307', [{ kind: 'nop' }, { kind: 'windowScale', shift: 7 }]],
  ['04020101', [{ kind: 'sackPermitted' }, { kind: 'nop' }, { kind: 'nop' }]],
  ['0101080a0000000100000002', [{ kind: 'nop' }, { kind: 'nop' }, { kind: 'timestamps', value: 1, echo: 2 }]],
  [
    '0101051200000bb800000fa00000138800001770',
    [
      { kind: 'nop' },
      { kind: 'nop' },
      {
        kind: 'sack',
        blocks: [
          { left: 3000, right: 4000 },
          { left: 5000, right: 6000 },
        ],
      },
    ],
  ],
  ['fd06f98900aa0101', [{ kind: 'other', type: 253, data: hex('f98900aa') }, { kind: 'nop' }, { kind: 'nop' }]],
]

describe('options of TCP', () => {
  test.each(options)('%s, both ways', (text, list) => {
    expect(read(text)).toEqual({ ok: true, value: list })
    const out = new Uint8Array(text.length / 2).fill(0xee)
    expect([writeTcpOptions(out, 0, list), tcpOptionsSize(list)]).toEqual([out.length, out.length])
    expect(toHex(out)).toBe(text)
  })

  test('end where the list says so', () => {
    expect(read('020405b4 00 030307')).toEqual({ ok: true, value: [{ kind: 'mss', mss: 1460 }] })
  })

  test('are filled up to words with the end of the list', () => {
    const out = new Uint8Array(4).fill(0xee)
    writeTcpOptions(out, 0, [{ kind: 'sackPermitted' }])
    expect(toHex(out)).toBe('04020000')
  })

  test('of a length that their type does not have are others', () => {
    expect(read('0203 05')).toMatchObject({ value: [{ kind: 'other', type: 2 }] })
    expect(read('0505 000000')).toMatchObject({ value: [{ kind: 'other', type: 5 }] })
    expect(read('0803 00')).toMatchObject({ value: [{ kind: 'other', type: 8 }] })
  })

  test('that cannot be are refused', () => {
    expect(read('02')).toEqual({ ok: false, why: 'short' })
    expect(read('020405')).toEqual({ ok: false, why: 'short' })
    expect(read('0200')).toEqual({ ok: false, why: 'length' })
    expect(read('0201')).toEqual({ ok: false, why: 'length' })
  })

  test('come back as they were', () => {
    const u32 = fc.nat(0xffffffff)
    const any: fc.Arbitrary<TcpOption> = fc.oneof(
      fc.record({ kind: fc.constant('nop' as const) }),
      fc.record({ kind: fc.constant('mss' as const), mss: fc.nat(0xffff) }),
      fc.record({ kind: fc.constant('timestamps' as const), value: u32, echo: u32 }),
      fc.record({
        kind: fc.constant('sack' as const),
        blocks: fc.array(fc.record({ left: u32, right: u32 }), { maxLength: 4 }),
      }),
      fc.record({
        kind: fc.constant('other' as const),
        type: fc.integer({ min: 9, max: 255 }),
        data: fc.uint8Array({ maxLength: 20 }),
      }),
    )
    fc.assert(
      fc.property(fc.array(any, { maxLength: 6 }), list => {
        const out = new Uint8Array(tcpOptionsSize(list))
        writeTcpOptions(out, 0, list)
        expect(parseTcpOptions(out, 0, out.length)).toEqual({ ok: true, value: list })
      }),
    )
  })
})
