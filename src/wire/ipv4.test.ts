import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseIp4 } from './address.ts'
import { Frame } from './frame.ts'
import { hex, toHex } from './hex.testing.ts'
import { routerAlertOption } from './igmp.ts'
import { type Ipv4, isIpv4ChecksumRight, parseIpv4, pushIpv4, setIpv4Checksum, writeIpv4 } from './ipv4.ts'

const ip = (text: string): number => parseIp4(text) as number

/** The header that textbooks compute this checksum of. */
const textbook = hex('4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7')
/** An IGMPv3 report's header as Linux sends it, router alert included; its payload is 16 bytes. */
const alert = hex('46c0 0028 0000 4000 0102 f9f8 0a00 0001 e000 0016 9404 0000')

const meaning: Ipv4 = {
  src: ip('192.168.0.1'),
  dst: ip('192.168.0.199'),
  protocol: 17,
  ttl: 64,
  tos: 0,
  id: 0,
  dontFragment: true,
  moreFragments: false,
  fragmentOffset: 0,
  options: new Uint8Array(0),
}

const packet = (header: Uint8Array, size: number): Uint8Array => {
  const bytes = new Uint8Array(size)
  bytes.set(header)
  return bytes
}

describe('IPv4', () => {
  test('is read', () => {
    expect(parseIpv4(packet(textbook, 130), 0, 130)).toEqual({
      ok: true,
      value: { ...meaning, totalLength: 115, payload: 20, end: 115 },
    })
  })

  test('is written with its checksum', () => {
    const out = new Uint8Array(20).fill(0xee)
    expect(writeIpv4(out, 0, meaning, 95)).toBe(20)
    expect(toHex(out)).toBe(toHex(textbook))
  })

  test('carries options', () => {
    const found = parseIpv4(packet(alert, 40), 0, 40)
    expect(found).toMatchObject({ ok: true, value: { ttl: 1, tos: 0xc0, protocol: 2, payload: 24, end: 40 } })
    expect(found.ok && toHex(found.value.options)).toBe('94040000')
    expect(isIpv4ChecksumRight(alert, 0)).toBe(true)
    const frame = pushIpv4(Frame.of(16), {
      src: ip('10.0.0.1'),
      dst: ip('224.0.0.22'),
      protocol: 2,
      ttl: 1,
      tos: 0xc0,
      dontFragment: true,
      options: routerAlertOption,
    })
    expect(toHex(frame.content())).toBe(toHex(packet(alert, 40)))
  })

  test('fills options up to words', () => {
    const out = new Uint8Array(24).fill(0xee)
    expect(writeIpv4(out, 0, { ...meaning, options: Uint8Array.of(1) }, 0)).toBe(24)
    expect(toHex(out, 20)).toBe('01000000')
    expect(() => writeIpv4(out, 0, { ...meaning, options: new Uint8Array(41) }, 0)).toThrow(RangeError)
  })

  test('has fragments', () => {
    const out = new Uint8Array(28)
    writeIpv4(out, 0, { ...meaning, dontFragment: false, moreFragments: true, fragmentOffset: 1480 }, 8)
    expect(toHex(out, 6, 8)).toBe('20b9')
    expect(parseIpv4(out, 0, 28)).toMatchObject({
      value: { fragmentOffset: 1480, moreFragments: true, dontFragment: false },
    })
  })

  test('has a checksum that is told from a wrong one', () => {
    const bytes = Uint8Array.from(textbook)
    expect(isIpv4ChecksumRight(bytes, 0)).toBe(true)
    bytes[8]!--
    expect(isIpv4ChecksumRight(bytes, 0)).toBe(false)
    setIpv4Checksum(bytes, 0)
    expect([toHex(bytes, 10, 12), isIpv4ChecksumRight(bytes, 0)]).toEqual(['b961', true])
  })

  test.each([
    ['a version', 0, 0x65, 'version'],
    ['a header of 16 bytes', 0, 0x44, 'length'],
    ['a total length under the header', 3, 19, 'length'],
    ['a total length beyond the bytes', 3, 131, 'short'],
    ['a header beyond the total length', 0, 0x4f, 'ok'],
  ])('%s', (_, at, value, why) => {
    const bytes = packet(textbook, 130)
    bytes[at] = value
    const found = parseIpv4(bytes, 0, 130)
    expect(found.ok ? 'ok' : found.why).toBe(why)
  })

  test('cut short is refused, unless it is quoted', () => {
    const bytes = packet(textbook, 115)
    for (let end = 0; end < 115; end++) expect(parseIpv4(bytes, 0, end)).toEqual({ ok: false, why: 'short' })
    expect(parseIpv4(bytes, 0, 28, true)).toMatchObject({ ok: true, value: { totalLength: 115, payload: 20, end: 28 } })
    expect(parseIpv4(bytes, 0, 19, true)).toEqual({ ok: false, why: 'short' })
  })

  test('comes back as it was', () => {
    const anyIpv4 = fc.record({
      src: fc.nat(0xffffffff),
      dst: fc.nat(0xffffffff),
      protocol: fc.nat(255),
      ttl: fc.nat(255),
      tos: fc.nat(255),
      id: fc.nat(0xffff),
      dontFragment: fc.boolean(),
      moreFragments: fc.boolean(),
      fragmentOffset: fc.nat(0x1fff).map(n => n * 8),
      options: fc.nat(10).map(n => new Uint8Array(n * 4).fill(1)),
    })
    fc.assert(
      fc.property(anyIpv4, fc.nat(100), (expected, size) => {
        const frame = pushIpv4(Frame.of(size), expected)
        expect(isIpv4ChecksumRight(frame.bytes, frame.start)).toBe(true)
        const found = parseIpv4(frame.bytes, frame.start, frame.end)
        expect(found).toMatchObject({ ok: true, value: { ...expected, end: frame.end } })
      }),
    )
  })
})
