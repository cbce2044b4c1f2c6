import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Frame } from './frame.ts'
import { hex, toHex } from './hex.testing.ts'
import { pushIpv4 } from './ipv4.ts'
import { pushIpv6 } from './ipv6.ts'
import { isUdpChecksumRight, parseUdp, pushUdp, setUdpChecksum, UdpHeader, writeUdp } from './udp.ts'

const ends4 = { src: 0x0a000001, dst: 0x0a000002 }
const ends6 = { src: 0x20010db8n << 96n, dst: (0x20010db8n << 96n) | 2n }

describe('UDP', () => {
  test('is read, and bounds its payload', () => {
    const bytes = hex('c155 270f 000d 1631 6865 6c6c 6f 00 00')
    expect(parseUdp(bytes, 0, 15)).toEqual({
      ok: true,
      value: { src: 49493, dst: 9999, checksum: 0x1631, length: 13, payload: 8, end: 13 },
    })
  })

  test('is written', () => {
    const out = new Uint8Array(8).fill(0xee)
    expect(writeUdp(out, 0, { src: 49493, dst: 9999 }, 5)).toBe(8)
    expect(toHex(out)).toBe('c155270f000d0000')
  })

  test('is refused when short or when its length cannot be', () => {
    const bytes = hex('c155 270f 000d 0000 6865 6c6c 6f')
    for (let end = 0; end < 13; end++) expect(parseUdp(bytes, 0, end)).toEqual({ ok: false, why: 'short' })
    bytes[5] = 7
    expect(parseUdp(bytes, 0, 13)).toEqual({ ok: false, why: 'length' })
  })

  test('may be cut where it is quoted', () => {
    expect(parseUdp(hex('c155 270f 000d 0000'), 0, 8, true)).toMatchObject({
      value: { length: 13, payload: 8, end: 8 },
    })
  })
})

describe('the checksum of UDP', () => {
  test('is the same from addresses and from the packet, over IPv4 and IPv6', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), payload => {
        for (const [ends, push, at] of [
          [
            ends4,
            () => pushIpv4(pushUdp(Frame.from(payload), { src: 1, dst: 2 }, ends4), { ...ends4, protocol: 17 }),
            20,
          ],
          [
            ends6,
            () => pushIpv6(pushUdp(Frame.from(payload), { src: 1, dst: 2 }, ends6), { ...ends6, nextHeader: 17 }),
            40,
          ],
        ] as const) {
          expect(ends).toBeDefined()
          const { bytes, start, end } = push()
          const before = UdpHeader.at.checksum(bytes, start + at)
          expect(before).not.toBe(0)
          expect(isUdpChecksumRight(bytes, start, start + at, end)).toBe(true)
          setUdpChecksum(bytes, start, start + at, end)
          expect(UdpHeader.at.checksum(bytes, start + at)).toBe(before)
          bytes[end - 1]! ^= 4
          expect(isUdpChecksumRight(bytes, start, start + at, end)).toBe(false)
        }
      }),
    )
  })

  test('may be absent', () => {
    const frame = pushIpv4(pushUdp(Frame.of(4), { src: 1, dst: 2 }), { ...ends4, protocol: 17 })
    expect(UdpHeader.at.checksum(frame.bytes, frame.start + 20)).toBe(0)
    expect(isUdpChecksumRight(frame.bytes, frame.start, frame.start + 20, frame.end)).toBe(true)
  })

  test('that comes out as zero is sent as all ones', () => {
    // A payload of what the checksum was makes the sum 0xffff.
    const first = pushUdp(Frame.of(2), { src: 1, dst: 2 }, ends4)
    const sum = UdpHeader.at.checksum(first.bytes, first.start)
    const zero = pushUdp(Frame.from(Uint8Array.of(sum >> 8, sum & 255)), { src: 1, dst: 2 }, ends4)
    expect(UdpHeader.at.checksum(zero.bytes, zero.start)).toBe(0xffff)
  })
})
