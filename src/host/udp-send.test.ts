import { describe, expect, test } from 'vitest'
import { Frame } from '../wire/frame.ts'
import { isIpv4ChecksumRight } from '../wire/ipv4.ts'
import { isUdpChecksumRight } from '../wire/udp.ts'
import { ip, TestLab } from './lab.testing.ts'
import type { UdpSend } from './udp-send.ts'

const setup = () => {
  const lab = new TestLab()
  const pair = lab.pair()
  lab.pass(3)
  lab.seen.length = 0
  const got: { size: number; first: number; src: unknown; sport: number; ttl: number; tos: number }[] = []
  pair.b.encap(4789, (frame, packet, sport) => {
    const first = frame.bytes[frame.start] as number
    got.push({ size: frame.size, first, src: packet.src, sport, ttl: packet.ttl, tos: packet.tos })
  })
  const payload = (size: number, fill = 7) => {
    const frame = Frame.of(size)
    frame.bytes.fill(fill, frame.start, frame.end)
    return frame
  }
  return { lab, ...pair, got, payload }
}

const to = (dst: string, more: Partial<UdpSend> = {}): UdpSend => ({ dst: ip(dst), sport: 50000, dport: 4789, ...more })

describe.each([
  ['IPv4', '10.0.0.2', '10.0.0.1', 42],
  ['IPv6', 'fd00::2', 'fd00::1', 62],
] as const)('a tunnel over %s', (_, dst, src, headers) => {
  test('gets its datagrams as frames that begin at the payload, the first and the later alike', () => {
    const { lab, a, got, payload } = setup()
    for (let i = 0; i < 3; i++) {
      expect(a.sendUdp(payload(100, i + 1), to(dst, { ttl: 33, tos: 8, sport: 50000 + i }))).toBeUndefined()
      lab.pass(0.01)
    }
    const same = { size: 100, src: ip(src), ttl: 33, tos: 8 }
    expect(got).toEqual([1, 2, 3].map(n => ({ ...same, first: n, sport: 49999 + n })))
  })

  test('sends the same bytes by the short and by the long way, checksums included', () => {
    const { lab, a, payload } = setup()
    for (const checksum of [false, true])
      for (let i = 0; i < 2; i++) {
        a.sendUdp(payload(101), to(dst, { checksum, tos: checksum ? 4 : 0 }))
        lab.pass(0.01)
      }
    const sent = lab.seen.filter(({ frame }) => frame.size === headers + 101)
    expect(sent).toHaveLength(4)
    for (const [i, { frame }] of sent.entries()) {
      const at = frame.start + 14
      const udp = frame.start + headers - 8
      if (headers === 42) expect(isIpv4ChecksumRight(frame.bytes, at)).toBe(true)
      expect(isUdpChecksumRight(frame.bytes, at, udp, frame.end)).toBe(true)
      expect(frame.bytes[udp + 6] === 0 && frame.bytes[udp + 7] === 0).toBe(i < 2)
    }
    const bytes = (i: number) => {
      const { frame } = sent[i] as (typeof sent)[0]
      const copy = frame.copy()
      // The identification and with it the header checksum differ.
      if (headers === 42) copy.bytes.fill(0, copy.start + 18, copy.start + 20).fill(0, copy.start + 24, copy.start + 26)
      return Array.from(copy.content())
    }
    expect(bytes(1)).toEqual(bytes(0))
    expect(bytes(3)).toEqual(bytes(2))
  })

  test('moves the start of a frame with headroom and copies nothing', () => {
    const { lab, a, la, payload } = setup()
    a.sendUdp(payload(1), to(dst))
    lab.pass(0.1)
    let sent: Frame | undefined
    la.plug({ send: frame => (sent = frame) })
    const frame = payload(100)
    const { bytes, start } = frame
    a.sendUdp(frame, to(dst))
    expect(sent).toBe(frame)
    expect(sent?.bytes).toBe(bytes)
    expect(sent?.start).toBe(start - headers)
  })

  test('follows a neighbour that gets another MAC, and a route that changes', () => {
    const { lab, a, la, lb, got, payload } = setup()
    a.sendUdp(payload(1), to(dst))
    lab.pass(0.1)
    a.addNeighbour(la, ip(dst), 0x020000000042, 'PERMANENT', true)
    a.sendUdp(payload(1), to(dst))
    lab.pass(0.1)
    expect(got).toHaveLength(1)
    expect(lb.drops.get('rx_stranger')).toBe(1)
    a.addNeighbour(la, ip(dst), lb.mac, 'PERMANENT', true)
    a.sendUdp(payload(1), to(dst))
    lab.pass(0.1)
    expect(got).toHaveLength(2)
    const length = headers === 42 ? 32 : 128
    a.addRoute({ dst: ip(dst), length, type: 'unreachable' })
    expect(a.sendUdp(payload(1), to(dst))).toBe('EHOSTUNREACH')
  })

  test('keeps the timers of its neighbour going over hours', () => {
    const { lab, a, got, payload } = setup()
    for (let i = 0; i < 600; i++) {
      a.sendUdp(payload(1), to(dst))
      lab.pass(7)
    }
    expect(got).toHaveLength(600)
  })

  test('says EMSGSIZE where fragments are forbidden, and makes them where not', () => {
    const { lab, a, got, payload } = setup()
    expect(a.sendUdp(payload(1600), to(dst, { df: true }))).toBe('EMSGSIZE')
    expect(a.sendUdp(payload(1600), to(dst))).toBeUndefined()
    lab.pass(0.1)
    expect(got).toMatchObject([{ size: 1600 }])
  })

  test('reaches a tunnel on the same host', () => {
    const { b, got, payload } = setup()
    b.sendUdp(payload(10), to(dst))
    expect(got).toMatchObject([{ size: 10, src: ip(dst) }])
  })
})

test('a group is reached by its MAC, with a TTL of 1', () => {
  const { lab, a, b, la, lb, got, payload } = setup()
  a.addRoute({ dst: ip('239.0.0.0'), length: 8, link: la })
  b.groups.join(lb, ip('239.1.1.1'))
  expect(a.sendUdp(payload(10), to('239.1.1.1'))).toBeUndefined()
  lab.pass(0.1)
  expect(got).toMatchObject([{ size: 10, ttl: 1 }])
})

test('a source that is not ours is refused', () => {
  const { a, payload } = setup()
  expect(a.sendUdp(payload(1), to('10.0.0.2', { src: ip('10.0.0.99') }))).toBe('EINVAL')
  expect(a.sendUdp(payload(1), to('192.0.2.1'))).toBe('ENETUNREACH')
})

test.each([
  ['TTL', { ttl: 9 }, 22, 9],
  ['TOS', { tos: 0x10 }, 15, 0x10],
  ['DF', { df: true }, 20, 0x40],
  ['source', { src: ip('10.0.0.77') }, 29, 77],
])('another %s than the last datagram had is heeded', (_, more, at, value) => {
  const lab = new TestLab()
  const { a, la } = lab.pair()
  lab.address(a, la, '10.0.0.77/24')
  lab.pass(3)
  const base = { dst: ip('10.0.0.2'), src: ip('10.0.0.1'), sport: 1, dport: 2, ttl: 8, tos: 0, df: false }
  const sent = (packet: Parameters<typeof a.sendUdp>[1]) => {
    lab.seen.length = 0
    a.sendUdp(Frame.of(10), packet)
    lab.pass(0.1)
    const frame = lab.seen.find(s => s.from === la && s.frame.bytes[s.frame.start + 23] === 17)?.frame as Frame
    return frame.bytes[frame.start + at]
  }
  for (let i = 0; i < 3; i++) expect(sent(base)).not.toBe(value)
  for (let i = 0; i < 2; i++) expect(sent({ ...base, ...more })).toBe(value)
  expect(sent(base)).not.toBe(value)
})
