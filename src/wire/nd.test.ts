import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseIp6 } from './address.ts'
import { hex, toHex } from './hex.testing.ts'
import { isNdType, type Nd, ndFrame, ndSize, parseNd, writeNd } from './nd.ts'

const ip = (text: string): bigint => parseIp6(text) as bigint

const address = '20010db8000000000000000000000002'
const messages: [kind: string, bytes: string, Nd][] = [
  [
    'router solicitation of Linux',
    '85007b18000000000101020000 00000b',
    { kind: 'router-solicitation', options: [{ kind: 'source', mac: 0x02000000000b }] },
  ],
  [
    'neighbor solicitation',
    `8700000000000000${address}`,
    { kind: 'neighbor-solicitation', target: ip('2001:db8::2'), options: [] },
  ],
  [
    'neighbor advertisement of Linux',
    `88008a6860000000${address}020102000000000b`,
    {
      kind: 'neighbor-advertisement',
      target: ip('2001:db8::2'),
      router: false,
      solicited: true,
      override: true,
      options: [{ kind: 'target', mac: 0x02000000000b }],
    },
  ],
  [
    'router advertisement',
    '8600000040c00708000003e8000007d0',
    {
      kind: 'router-advertisement',
      hopLimit: 64,
      managed: true,
      other: true,
      lifetime: 1800,
      reachableTime: 1000,
      retransTimer: 2000,
      options: [],
    },
  ],
  [
    'redirect',
    `8900000000000000fe800000000000000000000000000001${address}`,
    { kind: 'redirect', target: ip('fe80::1'), destination: ip('2001:db8::2'), options: [] },
  ],
]

/** The bytes with checksum 0, as `writeNd` leaves them. */
const unsummed = (bytes: Uint8Array): string => `${toHex(bytes, 0, 2)}0000${toHex(bytes, 4)}`

describe('neighbour discovery', () => {
  test.each(messages)('a %s, both ways', (_, text, nd) => {
    const bytes = hex(text)
    expect(parseNd(bytes, 0, bytes.length)).toEqual({ ok: true, value: { ...nd, payload: bytes.length } })
    const out = new Uint8Array(bytes.length).fill(0xee)
    expect([writeNd(out, 0, nd), ndSize(nd)]).toEqual([bytes.length, bytes.length])
    expect(toHex(out)).toBe(unsummed(bytes))
  })

  test.each(messages)('a %s that is cut is refused or shorter', (_, text, nd) => {
    const bytes = hex(text)
    const whole = ndSize({ ...nd, options: [] })
    for (let end = 0; end < bytes.length; end++) {
      if (end === whole) expect(parseNd(bytes, 0, end)).toMatchObject({ ok: true, value: { options: [] } })
      else expect(parseNd(bytes, 0, end)).toEqual({ ok: false, why: 'short' })
    }
  })

  test('the checksum is that of Linux', () => {
    const nd: Nd = { kind: 'router-solicitation', options: [{ kind: 'source', mac: 0x02000000000b }] }
    const frame = ndFrame(nd, { src: ip('fe80::ff:fe00:b'), dst: ip('ff02::2') })
    expect(toHex(frame.content())).toBe('85007b1800000000010102000000000b')
  })

  test('another type, and another code, is refused', () => {
    expect(parseNd(hex('8000 0000 0000 0000'), 0, 8)).toEqual({ ok: false, why: 'value' })
    expect(parseNd(hex('8501 0000 0000 0000'), 0, 8)).toEqual({ ok: false, why: 'value' })
    expect([132, 133, 137, 138].map(isNdType)).toEqual([false, true, true, false])
  })

  test('an option of length 0 is refused', () => {
    expect(parseNd(hex('8500 0000 0000 0000 0100 0000 0000 0000'), 0, 16)).toEqual({ ok: false, why: 'length' })
  })

  test('comes back as it was', () => {
    const flags = fc.record({ router: fc.boolean(), solicited: fc.boolean(), override: fc.boolean() })
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), flags, (target, more) => {
        const nd: Nd = { kind: 'neighbor-advertisement', target, ...more, options: [] }
        const out = new Uint8Array(24)
        writeNd(out, 0, nd)
        expect(parseNd(out, 0, 24)).toEqual({ ok: true, value: { ...nd, payload: 24 } })
      }),
    )
  })
})
