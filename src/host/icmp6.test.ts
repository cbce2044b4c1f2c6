import { describe, expect, test } from 'vitest'
import { pushEthernet } from '../wire/ethernet.ts'
import { Frame } from '../wire/frame.ts'
import { type Icmp6, pushIcmp6 } from '../wire/icmp6.ts'
import { parseIpv6, pushIpv6 } from '../wire/ipv6.ts'
import { pushUdp } from '../wire/udp.ts'
import { ip, ip6, TestLab } from './lab.testing.ts'
import type { Link } from './link.ts'

const from = ip6('fd00::1')
const to = ip6('fd00::2')

const setup = () => {
  const lab = new TestLab()
  const pair = lab.pair()
  lab.pass(3)
  return { lab, ...pair }
}

const message = (link: Link, icmp: Icmp6, payload: Uint8Array = new Uint8Array(0), src = from, dst = to) => {
  const frame = pushIcmp6(Frame.from(payload), icmp, { src, dst })
  pushIpv6(frame, { src, dst, nextHeader: 58 })
  return pushEthernet(frame, { dst: link.mac, src: 0x020000000077, type: 0x86dd })
}

/** A datagram as an error quotes it: from b's port 4000 to port 9 of 2001:db8::1. */
const quoted = (src = to) => {
  const ends = { src, dst: ip6('2001:db8::1') }
  return pushIpv6(pushUdp(Frame.of(4), { src: 4000, dst: 9 }, ends), { ...ends, nextHeader: 17 })
    .content()
    .slice()
}

describe('errors that come in', () => {
  test.each([
    [1, 0, 'ENETUNREACH'],
    [1, 1, 'EACCES'],
    [1, 4, 'ECONNREFUSED'],
    [3, 0, 'EHOSTUNREACH'],
    [4, 1, 'EPROTO'],
  ] as const)('of type %i code %i reach the socket as %s', (type, code, errno) => {
    const { b, lb } = setup()
    const socket = b.udpSocket(6)
    socket.options.receiveErrors = true
    socket.bind(undefined, 4000)
    lb.deliver(message(lb, { kind: 'other', type, code, rest: 0 }, quoted()))
    expect(socket.recvError()).toMatchObject({
      errno,
      type,
      code,
      origin: 'icmp6',
      from,
      dst: ip('2001:db8::1'),
      dport: 9,
    })
  })

  test('"too big" is learned, but never as less than 1280 (RFC 8201 §4)', () => {
    const { b, lb } = setup()
    lb.deliver(message(lb, { kind: 'packet-too-big', type: 2, code: 0, mtu: 1400 }, quoted()))
    expect(b.pathMtu.of(ip('2001:db8::1'), 1500)).toBe(1400)
    lb.deliver(message(lb, { kind: 'packet-too-big', type: 2, code: 0, mtu: 500 }, quoted()))
    expect(b.pathMtu.of(ip('2001:db8::1'), 1500)).toBe(1280)
  })

  test('about packets that we did not send are not believed', () => {
    const { b, lb } = setup()
    lb.deliver(message(lb, { kind: 'packet-too-big', type: 2, code: 0, mtu: 1300 }, quoted(ip6('fd00::77'))))
    expect(b.pathMtu.all()).toEqual([])
    expect(b.counters.get('Icmp6.InErrors')).toBe(1)
  })

  test('that quote no whole header are counted', () => {
    const { b, lb } = setup()
    lb.deliver(message(lb, { kind: 'unreachable', type: 1, code: 4 }, quoted().subarray(0, 39)))
    expect(b.counters.get('Icmp6.InErrors')).toBe(1)
  })
})

describe('errors that go out', () => {
  test('quote as much as 1280 bytes hold', () => {
    const { lab, a, b } = setup()
    const raw = b.rawSocket(6, 58)
    b.udpSocket(6).send(new Uint8Array(1400), from, 9)
    lab.pass(0.1)
    const sizes = []
    for (let d = raw.recv(); d !== undefined; d = raw.recv()) if (d.payload[0] === 1) sizes.push(d.payload.length)
    expect(sizes).toEqual([1240])
    expect(a.counters.get('Icmp6.OutType1')).toBe(1)
  })

  test('are limited to one host, but "too big" is not', () => {
    const lab = new TestLab()
    const { a, r, r2 } = lab.routed()
    lab.pass(3)
    r2.setMtu(1280)
    const socket = a.udpSocket(6)
    for (let i = 0; i < 20; i++) socket.send(new Uint8Array(1), ip('2001:db8::1'), 9)
    lab.pass(0.01)
    expect(r.counters.get('Icmp6.OutType1')).toBe(6)
    socket.options.pathMtu = 'probe'
    for (let i = 0; i < 20; i++) socket.send(new Uint8Array(1400), ip('fd02::2'), 9)
    lab.pass(0.01)
    expect(r.counters.get('Icmp6.OutType2')).toBe(20)
  })

  test('are never about errors, nor about what was sent to a group', () => {
    const lab = new TestLab()
    const { r, r1 } = lab.routed()
    lab.pass(3)
    const before = r.counters.get('Icmp6.OutMsgs')
    r1.deliver(message(r1, { kind: 'unreachable', type: 1, code: 0 }, quoted(), ip6('fd01::2'), ip6('2001:db8::1')))
    const ends = { src: ip6('fd01::2'), dst: ip6('ff02::1') }
    const group = pushIpv6(pushUdp(Frame.of(4), { src: 1, dst: 9 }, ends), { ...ends, nextHeader: 17 })
    r1.deliver(pushEthernet(group, { dst: 0x333300000001, src: 1, type: 0x86dd }))
    expect(r.counters.get('Udp6.NoPorts')).toBe(1)
    expect(r.counters.get('Ip6.InNoRoutes')).toBe(1)
    expect(r.counters.get('Icmp6.OutMsgs')).toBe(before)
  })
})

describe('echo', () => {
  test('to a group is answered from an address of our own', () => {
    const { lab, lb } = setup()
    lab.seen.length = 0
    const frame = message(
      lb,
      { kind: 'echo', type: 128, code: 0, id: 1, seq: 1 },
      new Uint8Array(4),
      from,
      ip6('ff02::1'),
    )
    lb.deliver(frame)
    lab.pass(0.1)
    const replies = lab.seen.flatMap(s => {
      const six = parseIpv6(s.frame.bytes, s.frame.start + 14, s.frame.end)
      return six.ok && s.frame.bytes[six.value.payload] === 129 ? [six.value.src] : []
    })
    expect(replies).toEqual([to])
  })

  test('from the unspecified address is not answered', () => {
    const { b, lb } = setup()
    const before = b.counters.get('Icmp6.OutType129')
    lb.deliver(message(lb, { kind: 'echo', type: 128, code: 0, id: 1, seq: 1 }, new Uint8Array(4), 0n))
    expect(b.counters.get('Icmp6.OutType129')).toBe(before)
  })

  test('between link-local addresses stays on the link', () => {
    const { lab, a, b, la, lb } = setup()
    const own = b.addresses.of(lb, 6).find(x => x.scope === 'link')!.ip
    const socket = a.pingSocket(6)
    socket.options.link = la
    expect(socket.echo(1, new Uint8Array(8), own)).toBeUndefined()
    lab.pass(0.1)
    expect(socket.recv()).toMatchObject({ src: own, link: la })
  })
})
