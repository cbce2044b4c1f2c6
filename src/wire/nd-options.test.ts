import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseIp6 } from './address.ts'
import { hex, toHex } from './hex.testing.ts'
import { type NdOption, ndOptionSize, parseNdOptions, writeNdOptions } from './nd-options.ts'

const ip = (text: string): bigint => parseIp6(text) as bigint
const dns = '20010db8000000000000000000000053'

const options: [bytes: string, NdOption][] = [
  ['010102000000000a', { kind: 'source', mac: 0x02000000000a }],
  ['020102000000000a', { kind: 'target', mac: 0x02000000000a }],
  ['05010000000005aa', { kind: 'mtu', mtu: 1450 }],
  [
    '030440c0000151800000384000000000' + '20010db8000000000000000000000000',
    {
      kind: 'prefix',
      length: 64,
      onLink: true,
      autonomous: true,
      validLifetime: 86400,
      preferredLifetime: 14400,
      prefix: ip('2001:db8::'),
    },
  ],
  [`1905000000000258${dns}${dns}`, { kind: 'rdnss', lifetime: 600, servers: [ip('2001:db8::53'), ip('2001:db8::53')] }],
  ['0e01010203040506', { kind: 'other', type: 14, data: hex('010203040506') }],
]

describe('options of neighbour discovery', () => {
  test.each(options)('%s, both ways', (text, option) => {
    const bytes = hex(text)
    expect(parseNdOptions(bytes, 0, bytes.length)).toEqual({ ok: true, value: [option] })
    const out = new Uint8Array(bytes.length).fill(0xee)
    expect([writeNdOptions(out, 0, [option]), ndOptionSize(option)]).toEqual([bytes.length, bytes.length])
    expect(toHex(out)).toBe(text)
  })

  test('one behind the other', () => {
    const bytes = hex(options.map(([text]) => text).join(''))
    const list = options.map(([, option]) => option)
    expect(parseNdOptions(bytes, 0, bytes.length)).toEqual({ ok: true, value: list })
  })

  test('of a length or value that their type does not have are others', () => {
    expect(parseNdOptions(hex('0502', '00'.repeat(14)), 0, 16)).toMatchObject({ value: [{ kind: 'other', type: 5 }] })
    expect(parseNdOptions(hex('0304 81', '00'.repeat(29)), 0, 32)).toMatchObject({
      value: [{ kind: 'other', type: 3 }],
    })
    expect(parseNdOptions(hex('1902', '00'.repeat(14)), 0, 16)).toMatchObject({ value: [{ kind: 'other', type: 25 }] })
  })

  test('of length 0, or cut, are refused', () => {
    expect(parseNdOptions(hex('0100 0000 0000 0000'), 0, 8)).toEqual({ ok: false, why: 'length' })
    for (let end = 1; end < 16; end++)
      expect(parseNdOptions(hex('0e02', '00'.repeat(14)), 0, end)).toEqual({ ok: false, why: 'short' })
  })

  test('that nobody knows are filled up to eight bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), data => {
        const option: NdOption = { kind: 'other', type: 200, data }
        const size = ndOptionSize(option)
        const out = new Uint8Array(size)
        writeNdOptions(out, 0, [option])
        expect(size % 8).toBe(0)
        const found = parseNdOptions(out, 0, size)
        const padded = new Uint8Array(size - 2)
        padded.set(data)
        expect(found).toEqual({ ok: true, value: [{ kind: 'other', type: 200, data: padded }] })
      }),
    )
  })
})
