import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Frame } from './frame.ts'
import { hex, toHex } from './hex.testing.ts'
import {
  type Icmp6,
  isIcmp6ChecksumRight,
  isIcmp6Error,
  parseIcmp6,
  pushIcmp6,
  setIcmp6Checksum,
  writeIcmp6,
} from './icmp6.ts'
import { pushIpv6 } from './ipv6.ts'

const messages: [string, string, Icmp6][] = [
  ['8000000036b50001', 'echo', { kind: 'echo', type: 128, code: 0, id: 0x36b5, seq: 1 }],
  ['8100000036b50001', 'echo reply', { kind: 'echo', type: 129, code: 0, id: 0x36b5, seq: 1 }],
  ['0104000000000000', 'port unreachable', { kind: 'unreachable', type: 1, code: 4 }],
  ['0200000000000514', 'packet too big', { kind: 'packet-too-big', type: 2, code: 0, mtu: 1300 }],
  ['0300000000000000', 'time exceeded', { kind: 'time-exceeded', type: 3, code: 0 }],
  ['0401000000000028', 'parameter problem', { kind: 'parameter-problem', type: 4, code: 1, pointer: 40 }],
  ['8b00000000010000', 'a type nobody here knows', { kind: 'other', type: 139, code: 0, rest: 0x10000 }],
]

/** A router solicitation of Linux: IPv6 header and message. */
const solicitation = hex(
  '6000 0000 0010 3aff fe80 0000 0000 0000 0000 00ff fe00 000b ff02 0000 0000 0000 0000 0000 0000 0002',
  '8500 7b18 0000 0000 0101 0200 0000 000b',
)

describe('ICMPv6', () => {
  test.each(messages)('%s is %s, both ways', (text, _, icmp) => {
    const bytes = hex(text)
    expect(parseIcmp6(bytes, 0, 8)).toEqual({ ok: true, value: { ...icmp, payload: 8 } })
    const out = new Uint8Array(8).fill(0xee)
    expect(writeIcmp6(out, 0, icmp)).toBe(8)
    expect(toHex(out)).toBe(text)
    for (let end = 0; end < 8; end++) expect(parseIcmp6(bytes, 0, end)).toEqual({ ok: false, why: 'short' })
  })

  test('tells errors from the rest', () => {
    expect([0, 1, 4, 127, 128, 133, 255].map(type => isIcmp6Error({ type }))).toEqual([
      ...[true, true, true, true, false, false, false],
    ])
  })
})

describe('the checksum of ICMPv6', () => {
  test('is that of Linux', () => {
    expect(isIcmp6ChecksumRight(solicitation, 0, 40, 56)).toBe(true)
    const bytes = Uint8Array.from(solicitation)
    setIcmp6Checksum(bytes, 0, 40, 56)
    expect(toHex(bytes)).toBe(toHex(solicitation))
    bytes[39]!++
    expect(isIcmp6ChecksumRight(bytes, 0, 40, 56)).toBe(false)
  })

  test('is the same from addresses and from the packet', () => {
    const address = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n })
    fc.assert(
      fc.property(address, address, fc.uint8Array({ maxLength: 50 }), (src, dst, payload) => {
        const echo: Icmp6 = { kind: 'echo', type: 128, code: 0, id: 1, seq: 2 }
        const frame = pushIcmp6(Frame.from(payload), echo, { src, dst })
        const { bytes, start, end } = pushIpv6(frame, { src, dst, nextHeader: 58 })
        expect(isIcmp6ChecksumRight(bytes, start, start + 40, end)).toBe(true)
      }),
    )
  })
})
