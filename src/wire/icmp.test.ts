import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Frame } from './frame.ts'
import { hex, toHex } from './hex.testing.ts'
import {
  type Icmp,
  IcmpType,
  icmpSize,
  isIcmpChecksumRight,
  isIcmpError,
  parseIcmp,
  pushIcmp,
  setIcmpChecksum,
  writeIcmp,
} from './icmp.ts'

/** Linux's answer to a timestamp request, and its complaint about a packet too big for a 1300-byte link, without the quote. */
const timestamp = hex('0e00 2495 1234 0001 0000 03e8 00a3 db03 00a3 db03')
const tooBig = hex('0304 0eb5 0000 0514')

const messages: [string, string, Icmp][] = [
  ['0800000012340001', 'echo', { kind: 'echo', type: 8, code: 0, id: 0x1234, seq: 1 }],
  ['00000000ffff8000', 'echo reply', { kind: 'echo', type: 0, code: 0, id: 0xffff, seq: 0x8000 }],
  ['0303000000000000', 'port unreachable', { kind: 'unreachable', type: 3, code: 3, mtu: 0 }],
  ['0304000000000514', 'fragmentation needed', { kind: 'unreachable', type: 3, code: 4, mtu: 1300 }],
  ['050100000a0000fe', 'redirect', { kind: 'redirect', type: 5, code: 1, gateway: 0x0a0000fe }],
  ['0b00000000000000', 'time exceeded', { kind: 'time-exceeded', type: 11, code: 0 }],
  ['0c00000014000000', 'parameter problem', { kind: 'parameter-problem', type: 12, code: 0, pointer: 20 }],
  [
    '0d00000000010002000000030000000400000005',
    'timestamp',
    {
      kind: 'timestamp',
      type: 13,
      code: 0,
      id: 1,
      seq: 2,
      originate: 3,
      receive: 4,
      transmit: 5,
    },
  ],
  ['2a01000001020304', 'a type nobody knows', { kind: 'other', type: 42, code: 1, rest: 0x01020304 }],
]

describe('ICMP', () => {
  test.each(messages)('%s is %s, both ways', (text, _, icmp) => {
    const bytes = hex(text)
    expect(parseIcmp(bytes, 0, bytes.length)).toEqual({ ok: true, value: { ...icmp, payload: bytes.length } })
    const out = new Uint8Array(bytes.length).fill(0xee)
    expect(writeIcmp(out, 0, icmp)).toBe(icmpSize(icmp))
    expect(toHex(out)).toBe(text)
  })

  test.each(messages)('%s, cut, is refused', text => {
    const bytes = hex(text)
    for (let end = 0; end < bytes.length; end++) expect(parseIcmp(bytes, 0, end)).toEqual({ ok: false, why: 'short' })
  })

  test('of Linux: a timestamp', () => {
    expect(isIcmpChecksumRight(timestamp, 0, 20)).toBe(true)
    const found = parseIcmp(timestamp, 0, 20)
    expect(found).toMatchObject({ value: { kind: 'timestamp', id: 0x1234, originate: 1000, receive: 0xa3db03 } })
    const out = new Uint8Array(20)
    if (found.ok) writeIcmp(out, 0, found.value)
    setIcmpChecksum(out, 0, 20)
    expect(toHex(out)).toBe(toHex(timestamp))
  })

  test('of Linux: fragmentation needed', () => {
    expect(parseIcmp(tooBig, 0, 8)).toMatchObject({ value: { kind: 'unreachable', code: 4, mtu: 1300, payload: 8 } })
  })

  test('tells errors from the rest', () => {
    const errors = Array.from({ length: 256 }, (_, type) => type).filter(type => isIcmpError({ type }))
    expect(errors).toEqual([3, 4, 5, 11, 12])
  })

  test('goes in front of a payload with its checksum', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(0xffff), (payload, id) => {
        const echo: Icmp = { kind: 'echo', type: IcmpType.echo, code: 0, id, seq: 1 }
        const { bytes, start, end } = pushIcmp(Frame.from(payload), echo)
        expect(isIcmpChecksumRight(bytes, start, end)).toBe(true)
        expect(parseIcmp(bytes, start, end)).toMatchObject({ value: { ...echo, payload: start + 8 } })
        bytes[start + 6]! ^= 0x10
        expect(isIcmpChecksumRight(bytes, start, end)).toBe(false)
      }),
    )
  })
})
