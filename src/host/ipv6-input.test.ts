import { describe, expect, test } from 'vitest'
import { pushEthernet } from '../wire/ethernet.ts'
import { Frame } from '../wire/frame.ts'
import { fillIcmp6Checksum } from '../wire/icmp6.ts'
import { pushIpv6 } from '../wire/ipv6.ts'
import { pushUdp } from '../wire/udp.ts'
import { ip, ip6, TestLab } from './lab.testing.ts'
import type { Link } from './link.ts'

const setup = () => {
  const lab = new TestLab()
  const pair = lab.pair()
  lab.pass(3)
  const before = new Map(pair.b.counters.entries())
  const counted = () =>
    Object.fromEntries(
      pair.b.counters
        .entries()
        .flatMap(([name, n]) => (n === (before.get(name) ?? 0) ? [] : [[name, n - (before.get(name) ?? 0)]])),
    )
  return { lab, ...pair, counted }
}

const from = ip6('fd00::1')
const to = ip6('fd00::2')

/** An echo request behind extension headers; each is its bytes without the next-header field, which is filled in. */
const packet = (
  link: Link,
  headers: [number, number[]][],
  more: { src?: bigint; dst?: bigint; hopLimit?: number } = {},
) => {
  const echo = Frame.of(16)
  echo.bytes[echo.start] = 128
  fillIcmp6Checksum(echo, { src: more.src ?? from, dst: more.dst ?? to })
  let next = 58
  for (const [type, bytes] of [...headers].reverse()) {
    echo.prepend(bytes.length + 1)
    echo.bytes[echo.start] = next
    echo.bytes.set(bytes, echo.start + 1)
    next = type
  }
  pushIpv6(echo, { src: from, dst: to, nextHeader: next, ...more })
  return pushEthernet(echo, { dst: link.mac, src: 0x020000000077, type: 0x86dd })
}

const padding = [0, 1, 4, 0, 0, 0, 0]

describe('extension headers', () => {
  test.each([
    ['none', []],
    ['hop-by-hop', [[0, padding]]],
    [
      'hop-by-hop, destination options, a finished route',
      [
        [0, padding],
        [60, padding],
        [43, [0, 0, 0, 0, 0, 0, 0]],
      ],
    ],
    ['an only fragment', [[44, [0, 0, 0, 0, 0, 0, 1]]]],
    ['an option that may be skipped', [[60, [0, 0x1e, 4, 0, 0, 0, 0]]]],
  ] as [string, [number, number[]][]][])('%s: the packet is answered', (_, headers) => {
    const { lb, counted } = setup()
    lb.deliver(packet(lb, headers))
    expect(counted()).toMatchObject({ 'Icmp6.InType128': 1, 'Icmp6.OutType129': 1 })
  })

  test.each([
    ['an option that must be known, silently', [[60, [0, 0x5e, 4, 0, 0, 0, 0]]], { 'Ip6.InHdrErrors': 1 }],
    [
      'an option that must be known, with a complaint',
      [[60, [0, 0x9e, 4, 0, 0, 0, 0]]],
      { 'Ip6.InHdrErrors': 1, 'Icmp6.OutType4': 1 },
    ],
    ['a route that is not finished', [[43, [0, 0, 1, 0, 0, 0, 0]]], { 'Ip6.InHdrErrors': 1, 'Icmp6.OutType4': 1 }],
    [
      'hop-by-hop options not in front',
      [
        [60, padding],
        [0, padding],
      ],
      { 'Ip6.InHdrErrors': 1, 'Icmp6.OutType4': 1 },
    ],
    ['an option longer than its header', [[60, [0, 5, 40, 0, 0, 0, 0]]], { 'Ip6.InHdrErrors': 1 }],
    ['a header longer than the packet', [[60, [200, 1, 4, 0, 0, 0, 0]]], { 'Ip6.InTruncatedPkts': 1 }],
    ['more headers than any packet needs', Array.from({ length: 30 }, () => [60, padding]), { 'Ip6.InHdrErrors': 1 }],
  ] as [string, [number, number[]][], Record<string, number>][])(
    '%s: the packet is dropped under a name',
    (_, headers, counts) => {
      const { lb, counted } = setup()
      lb.deliver(packet(lb, headers))
      expect(counted()).toMatchObject(counts)
      expect(counted()['Icmp6.InType128']).toBeUndefined()
    },
  )

  test('a next header that nobody knows is told to the sender with its place', () => {
    const { lab, a, lb } = setup()
    const hear = a.rawSocket(6, 58)
    lb.deliver(
      packet(lb, [
        [60, padding],
        [200, padding],
      ]),
    )
    lab.pass(0.1)
    const messages = [hear.recv(), hear.recv(), hear.recv()].map(d => d && Array.from(d.payload.subarray(0, 8)))
    expect(messages).toContainEqual([4, 1, expect.any(Number), expect.any(Number), 0, 0, 0, 40])
  })
})

describe('a packet', () => {
  test.each([
    ['of version 7', (f: Frame) => f.bytes.fill(0x70, f.start + 14, f.start + 15), { 'Ip6.InHdrErrors': 1 }],
    ['cut short', (f: Frame) => (f.end -= 1), { 'Ip6.InTruncatedPkts': 1 }],
    ['cut within its header', (f: Frame) => (f.end = f.start + 50), { 'Ip6.InTruncatedPkts': 1 }],
    [
      'with a bad checksum',
      (f: Frame) => f.bytes.fill(0xff, f.end - 1, f.end),
      { 'Icmp6.InCsumErrors': 1, 'Icmp6.InErrors': 1 },
    ],
  ] as const)('%s is dropped under a name', (_, spoil, counts) => {
    const { lb, counted } = setup()
    const frame = packet(lb, [])
    spoil(frame)
    lb.deliver(frame)
    expect(counted()).toMatchObject(counts)
  })

  test.each([
    ['from a group', { src: ip6('ff02::1') }, 'Ip6.InAddrErrors'],
    ['from ::1', { src: 1n }, 'Ip6.InAddrErrors'],
    ['to ::1', { dst: 1n }, 'Ip6.InAddrErrors'],
    ['to another host, for we are no router', { dst: ip6('fd00::9') }, 'Ip6.InAddrErrors'],
    ['to a group that nobody here joined', { dst: ip6('ff05::99') }, 'Ip6.InDiscards'],
  ])('%s is dropped', (_, more, counter) => {
    const { lb, counted } = setup()
    lb.deliver(packet(lb, [], more))
    expect(counted()).toMatchObject({ [counter]: 1 })
  })

  test('of UDP without a checksum is refused (RFC 8200 §8.1)', () => {
    const { b, lb, counted } = setup()
    const socket = b.udpSocket(6)
    socket.bind(undefined, 53)
    const frame = pushUdp(Frame.of(4), { src: 1, dst: 53 })
    pushIpv6(frame, { src: from, dst: to, nextHeader: 17 })
    lb.deliver(pushEthernet(frame, { dst: lb.mac, src: 1, type: 0x86dd }))
    expect(socket.recv()).toBeUndefined()
    expect(counted()).toMatchObject({ 'Udp6.InErrors': 1 })
  })
})

describe('a router', () => {
  test.each([
    ['the hop limit is spent', { dst: ip6('fd02::2'), hopLimit: 1 }, 3, 0],
    ['there is no route', { dst: ip6('2001:db8::1') }, 1, 0],
    ['the source is link-local', { dst: ip6('fd02::2'), src: ip6('fe80::77') }, 1, 2],
  ])('says that %s', (_, more, type, code) => {
    const lab = new TestLab()
    const { r, r1, r2 } = lab.routed()
    lab.pass(3)
    r.addNeighbour(r1, ip('fe80::77'), 0x020000000077)
    lab.seen.length = 0
    r1.deliver(packet(r1, [], { src: ip6('fd01::2'), ...more }))
    lab.pass(0.1)
    const errors = lab.seen.filter(s => s.from === r1 && (s.frame.bytes[s.frame.start + 54] as number) < 128)
    expect(errors.map(s => [s.frame.bytes[s.frame.start + 54], s.frame.bytes[s.frame.start + 55]])).toEqual([
      [type, code],
    ])
    expect(lab.seen.some(s => s.from === r2)).toBe(false)
  })
})

test.each([
  [0x9e, 1],
  [0xde, 0],
  [0x5e, 0],
])('an option %i that is not known, to a group: %i complaints (RFC 8200 §4.2)', (type, complaints) => {
  const { lb, counted } = setup()
  const group = ip6('ff02::1')
  const frame = packet(lb, [[60, [0, type, 4, 0, 0, 0, 0]]], { dst: group })
  frame.bytes.set([0x33, 0x33, 0, 0, 0, 1], frame.start)
  lb.deliver(frame)
  expect(counted()).toMatchObject({ 'Ip6.InHdrErrors': 1 })
  expect(counted()['Icmp6.OutType4'] ?? 0).toBe(complaints)
  expect(counted()['Icmp6.InMsgs']).toBeUndefined()
})
