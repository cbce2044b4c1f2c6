import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Frame } from './frame.ts'
import { hex, toHex } from './hex.testing.ts'
import { pushIpv4 } from './ipv4.ts'
import { pushIpv6 } from './ipv6.ts'
import { isTcpChecksumRight, parseTcp, pushTcp, setTcpChecksum, type Tcp, TcpFlag, TcpHeader, writeTcp } from './tcp.ts'

/** The first segment of a connection that Linux opened, with its IPv4 header. */
const opening = hex(
  '4500 003c 90a3 4000 4006 9616 0a00 0001 0a00 0002',
  'd2b4 270e 2fd0 6a43 0000 0000 a002 faf0 bedb 0000',
  '0204 05b4 0402 080a 1d60 c8f7 0000 0000 0103 030a',
)
const syn: Tcp = {
  src: 53940,
  dst: 9998,
  seq: 0x2fd06a43,
  ack: 0,
  flags: TcpFlag.syn,
  window: 64240,
  urgent: 0,
  options: [
    { kind: 'mss', mss: 1460 },
    { kind: 'sackPermitted' },
    { kind: 'timestamps', value: 0x1d60c8f7, echo: 0 },
    { kind: 'nop' },
    { kind: 'windowScale', shift: 10 },
  ],
}

describe('TCP', () => {
  test('of Linux is read', () => {
    expect(parseTcp(opening, 20, 60)).toEqual({ ok: true, value: { ...syn, checksum: 0xbedb, payload: 60 } })
    expect(isTcpChecksumRight(opening, 0, 20, 60)).toBe(true)
  })

  test('is written as Linux does', () => {
    const out = Uint8Array.from(opening).fill(0xee, 20)
    expect(writeTcp(out, 20, syn)).toBe(40)
    setTcpChecksum(out, 0, 20, 60)
    expect(toHex(out)).toBe(toHex(opening))
    const pushed = pushTcp(Frame.of(0), syn, { src: 0x0a000001, dst: 0x0a000002 })
    expect(toHex(pushed.content())).toBe(toHex(opening, 20))
  })

  test('is refused when short', () => {
    for (let end = 20; end < 60; end++) expect(parseTcp(opening, 20, end)).toEqual({ ok: false, why: 'short' })
  })

  test('with a header under 20 bytes, or bad options, is refused', () => {
    const bytes = Uint8Array.from(opening)
    bytes[32] = 0x40
    expect(parseTcp(bytes, 20, 60)).toEqual({ ok: false, why: 'length' })
    bytes[32] = 0xa0
    bytes[41] = 1
    expect(parseTcp(bytes, 20, 60)).toEqual({ ok: false, why: 'length' })
    bytes[41] = 21
    expect(parseTcp(bytes, 20, 60)).toEqual({ ok: false, why: 'short' })
  })

  test('has no room for more than 40 bytes of options', () => {
    const options = [{ kind: 'other' as const, type: 253, data: new Uint8Array(39) }]
    expect(() => writeTcp(new Uint8Array(100), 0, { ...syn, options })).toThrow(RangeError)
  })

  test('comes back as it was, its checksum right over both families', () => {
    const any = fc.record({
      src: fc.nat(0xffff),
      dst: fc.nat(0xffff),
      seq: fc.nat(0xffffffff),
      ack: fc.nat(0xffffffff),
      flags: fc.nat(255),
      window: fc.nat(0xffff),
      urgent: fc.nat(0xffff),
      options: fc.constant<Tcp['options']>([]),
    })
    fc.assert(
      fc.property(any, fc.uint8Array({ maxLength: 40 }), (tcp, payload) => {
        const four = { src: 0x0a000001, dst: 0x0a000002 }
        const six = { src: 1n << 100n, dst: 77n }
        for (const [frame, at] of [
          [pushIpv4(pushTcp(Frame.from(payload), tcp, four), { ...four, protocol: 6 }), 20],
          [pushIpv6(pushTcp(Frame.from(payload), tcp, six), { ...six, nextHeader: 6 }), 40],
        ] as const) {
          const { bytes, start, end } = frame
          expect(parseTcp(bytes, start + at, end)).toMatchObject({ ok: true, value: tcp })
          expect(isTcpChecksumRight(bytes, start, start + at, end)).toBe(true)
          TcpHeader.put.window(bytes, start + at, tcp.window ^ 1)
          expect(isTcpChecksumRight(bytes, start, start + at, end)).toBe(false)
        }
      }),
    )
  })
})
