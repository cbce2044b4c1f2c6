import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseIp6 } from './address.ts'
import { Frame } from './frame.ts'
import { hex, toHex } from './hex.testing.ts'
import { IpProtocol } from './ip-protocol.ts'
import {
  extensionSize,
  type Ipv6,
  isIpv6Extension,
  mostExtensions,
  parseIpv6,
  pushIpv6,
  pushIpv6Fragment,
  walkExtensions,
  writeIpv6,
} from './ipv6.ts'

const ip = (text: string): bigint => parseIp6(text) as bigint

/** A first fragment that Linux sent, without its payload but for the first eight bytes. */
const fragment = hex(
  '6001 7de5 05b0 2c40 2001 0db8 0000 0000 0000 0000 0000 0002 2001 0db8 0000 0000 0000 0000 0000 0001',
  '3a00 0001 3b64 a908 8100 d36b 367a 0001',
)
/** An MLD report of Linux behind a router alert. */
const alert = hex(
  '6000 0000 0020 0001 fe80 0000 0000 0000 0000 00ff fe00 000a ff02 0000 0000 0000 0000 0000 0000 0002',
  '3a00 0502 0000 0100 8400 7fd5 0000 0000 ff05 0000 0000 0000 0000 0000 0000 0042',
)

const meaning: Ipv6 = {
  src: ip('2001:db8::2'),
  dst: ip('2001:db8::1'),
  nextHeader: IpProtocol.fragment,
  hopLimit: 64,
  trafficClass: 0,
  flowLabel: 0x17de5,
}

/** An extension header of `size` bytes that names the next. */
const extension = (next: number, size = 8): number[] => [next, size / 8 - 1, ...new Array<number>(size - 2).fill(0)]

const walk = (first: number, ...headers: number[][]) => {
  const bytes = Uint8Array.from(headers.flat())
  return walkExtensions(bytes, 0, bytes.length, first)
}

describe('IPv6', () => {
  test('is read, with a fragment header', () => {
    expect(parseIpv6(fragment, 0, 56, true)).toEqual({
      ok: true,
      value: {
        ...meaning,
        payloadLength: 1456,
        protocol: IpProtocol.icmp6,
        extensions: [{ protocol: IpProtocol.fragment, at: 40, size: 8 }],
        fragment: { offset: 0, more: true, id: 0x3b64a908 },
        payload: 48,
        end: 56,
      },
    })
  })

  test('is read, with a router alert', () => {
    expect(parseIpv6(alert, 0, alert.length)).toMatchObject({
      ok: true,
      value: { nextHeader: 0, protocol: IpProtocol.icmp6, hopLimit: 1, payload: 48, end: 72 },
    })
  })

  test('is written', () => {
    const out = new Uint8Array(40).fill(0xee)
    expect(writeIpv6(out, 0, meaning, 1456)).toBe(40)
    expect(toHex(out)).toBe(toHex(fragment, 0, 40))
    const piece = pushIpv6Fragment(Frame.of(0), IpProtocol.icmp6, { offset: 0, more: true, id: 0x3b64a908 })
    expect(toHex(piece.content())).toBe(toHex(fragment, 40, 48))
    const last = pushIpv6Fragment(Frame.of(0), IpProtocol.udp, { offset: 1448, more: false, id: 1 })
    expect(toHex(last.content())).toBe('110005a800000001')
  })

  test('cut short is refused, unless it is quoted', () => {
    for (let end = 0; end < 72; end++) expect(parseIpv6(alert, 0, end)).toEqual({ ok: false, why: 'short' })
    expect(parseIpv6(alert, 0, 50, true)).toMatchObject({ ok: true, value: { payload: 48, end: 50 } })
    expect(parseIpv6(alert, 0, 47, true)).toEqual({ ok: false, why: 'short' })
  })

  test('of another version is refused', () => {
    const bytes = Uint8Array.from(alert)
    bytes[0] = 0x45
    expect(parseIpv6(bytes, 0, 72)).toEqual({ ok: false, why: 'version' })
  })

  test('bounds its payload', () => {
    const frame = pushIpv6(Frame.of(4), { ...meaning, nextHeader: IpProtocol.noNext })
    const bytes = new Uint8Array(100)
    bytes.set(frame.content())
    expect(parseIpv6(bytes, 0, 100)).toMatchObject({ value: { payload: 40, end: 44, protocol: IpProtocol.noNext } })
  })

  test('comes back as it was', () => {
    const address = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n })
    const anyIpv6 = fc.record({
      src: address,
      dst: address,
      nextHeader: fc.constantFrom(6, 17, 58, 59, 50, 132),
      hopLimit: fc.nat(255),
      trafficClass: fc.nat(255),
      flowLabel: fc.nat(0xfffff),
    })
    fc.assert(
      fc.property(anyIpv6, fc.nat(100), (expected, size) => {
        const { bytes, start, end } = pushIpv6(Frame.of(size), expected)
        expect(parseIpv6(bytes, start, end)).toMatchObject({
          ok: true,
          value: { ...expected, payloadLength: size, end },
        })
      }),
    )
  })
})

describe('extension headers', () => {
  test('are walked to the upper layer', () => {
    const { hopByHop, routing, destination, ah, mobility, tcp } = IpProtocol
    const authentication = [destination, 4, ...new Array<number>(22).fill(0)]
    const found = walk(
      hopByHop,
      extension(routing, 16),
      extension(ah),
      authentication,
      extension(mobility),
      extension(tcp),
    )
    expect(found).toEqual({
      ok: true,
      value: {
        protocol: tcp,
        payload: 64,
        extensions: [
          { protocol: hopByHop, at: 0, size: 16 },
          { protocol: routing, at: 16, size: 8 },
          { protocol: ah, at: 24, size: 24 },
          { protocol: destination, at: 48, size: 8 },
          { protocol: mobility, at: 56, size: 8 },
        ],
      },
    })
  })

  test('stop at a fragment that is not the first, at ESP and at no next header', () => {
    const { fragment, hopByHop, esp, noNext } = IpProtocol
    expect(walk(fragment, [hopByHop, 0, 0, 9, 0, 0, 0, 7])).toMatchObject({
      value: { protocol: hopByHop, payload: 8, fragment: { offset: 8, more: true, id: 7 } },
    })
    expect(walk(hopByHop, extension(esp), extension(6))).toMatchObject({ value: { protocol: esp, payload: 8 } })
    expect(walk(noNext)).toMatchObject({ value: { protocol: noNext, payload: 0, extensions: [] } })
  })

  test('with stops left on the route', () => {
    const header = extension(IpProtocol.udp)
    header[3] = 1
    expect(walk(IpProtocol.routing, header)).toMatchObject({ value: { routed: true } })
    header[3] = 0
    expect(walk(IpProtocol.routing, header)).not.toMatchObject({ value: { routed: true } })
  })

  test('are refused when short or too many', () => {
    expect(walk(0, extension(6, 16).slice(0, 15))).toEqual({ ok: false, why: 'short' })
    expect(walk(0, extension(6).slice(0, 7))).toEqual({ ok: false, why: 'short' })
    const chain = new Array<number[]>(mostExtensions).fill(extension(IpProtocol.destination))
    expect(walk(IpProtocol.destination, ...chain.slice(1), extension(6))).toMatchObject({ ok: true })
    expect(walk(IpProtocol.destination, ...chain, extension(6))).toEqual({ ok: false, why: 'loop' })
  })

  test('are six, each with its size', () => {
    const found = Array.from({ length: 256 }, (_, protocol) => protocol).filter(isIpv6Extension)
    expect(found).toEqual([0, 43, 44, 51, 60, 135])
    expect(extensionSize(Uint8Array.of(6, 255), 0, 0)).toBe(2048)
    expect(extensionSize(Uint8Array.of(6, 255), 0, 44)).toBe(8)
    expect(extensionSize(Uint8Array.of(6, 0), 0, 51)).toBe(8)
    expect(extensionSize(Uint8Array.of(6, 4), 0, 51)).toBe(24)
  })
})
