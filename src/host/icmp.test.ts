import { describe, expect, test } from 'vitest'
import { pushEthernet } from '../wire/ethernet.ts'
import { Frame } from '../wire/frame.ts'
import { type Icmp, pushIcmp } from '../wire/icmp.ts'
import { pushIpv4 } from '../wire/ipv4.ts'
import { pushUdp } from '../wire/udp.ts'
import { ip, ip4, TestLab } from './lab.testing.ts'
import type { Link } from './link.ts'

const setup = () => {
  const lab = new TestLab()
  const pair = lab.pair()
  lab.pass(3)
  return { lab, ...pair }
}

const message = (link: Link, icmp: Icmp, payload: Uint8Array = new Uint8Array(0), src = '10.0.0.1') => {
  const frame = pushIcmp(Frame.from(payload), icmp)
  pushIpv4(frame, { src: ip4(src), dst: ip4('10.0.0.2'), protocol: 1 })
  return pushEthernet(frame, { dst: link.mac, src: 0x020000000077, type: 0x0800 })
}

/** A datagram as an error quotes it: from b's port 4000 to port 9 of 192.0.2.1. */
const quoted = (src = '10.0.0.2', size = 4) =>
  pushIpv4(pushUdp(Frame.of(size), { src: 4000, dst: 9 }), { src: ip4(src), dst: ip4('192.0.2.1'), protocol: 17 })
    .content()
    .slice()

describe('requests', () => {
  test('for the time are answered with the milliseconds of the day (RFC 792)', () => {
    const { lab, a, lb } = setup()
    const raw = a.rawSocket(4, 1)
    lab.pass(90_000)
    lb.deliver(
      message(lb, { kind: 'timestamp', type: 13, code: 0, id: 5, seq: 6, originate: 7, receive: 0, transmit: 0 }),
    )
    const time = Math.floor(lab.clock.now() / 1e6) % 86_400_000
    lab.pass(1)
    const { payload } = raw.recv() as { payload: Uint8Array }
    const view = new DataView(payload.buffer, payload.byteOffset)
    expect([payload[0], view.getUint16(4), view.getUint32(8), view.getUint32(12)]).toEqual([14, 5, 7, time])
  })

  test('with a bad checksum, or too short, are counted', () => {
    const { b, lb } = setup()
    const echo: Icmp = { kind: 'echo', type: 8, code: 0, id: 1, seq: 1 }
    const bad = message(lb, echo, new Uint8Array([1]))
    bad.bytes[bad.end - 1] = 2
    lb.deliver(bad)
    expect(b.counters.get('Icmp.InCsumErrors')).toBe(1)
    const short = pushIpv4(Frame.of(4), { src: ip4('10.0.0.1'), dst: ip4('10.0.0.2'), protocol: 1 })
    lb.deliver(pushEthernet(short, { dst: lb.mac, src: 1, type: 0x0800 }))
    expect(b.counters.get('Icmp.InErrors')).toBe(2)
    expect(b.counters.get('Icmp.OutMsgs')).toBe(0)
  })

  test('of unknown types are counted by type and left alone', () => {
    const { b, lb } = setup()
    lb.deliver(message(lb, { kind: 'other', type: 42, code: 0, rest: 0 }))
    expect(b.counters.get('Icmp.InType42')).toBe(1)
    expect(b.counters.get('Icmp.OutMsgs')).toBe(0)
  })
})

describe('errors that come in', () => {
  test.each([
    [3, 0, 'ENETUNREACH', false],
    [3, 1, 'EHOSTUNREACH', false],
    [3, 2, 'ENOPROTOOPT', true],
    [3, 3, 'ECONNREFUSED', true],
    [3, 4, 'EMSGSIZE', false],
    [3, 5, 'EOPNOTSUPP', false],
    [3, 9, 'ENETUNREACH', true],
    [3, 10, 'EHOSTUNREACH', true],
    [3, 13, 'EHOSTUNREACH', true],
    [11, 0, 'EHOSTUNREACH', false],
    [12, 0, 'EPROTO', true],
  ] as const)('type %i code %i mean %s, and stop a connected socket: %s', (type, code, errno, fatal) => {
    const { b, lb } = setup()
    b.addRoute({ dst: 0, length: 0, via: ip('10.0.0.1') })
    const connected = b.udpSocket()
    connected.bind(undefined, 4000)
    connected.connect(ip('192.0.2.1'), 9)
    lb.deliver(message(lb, { kind: 'other', type, code, rest: 1400 }, quoted()))
    expect(connected.takeError()).toBe(fatal ? errno : undefined)
    connected.options.receiveErrors = true
    lb.deliver(message(lb, { kind: 'other', type, code, rest: 1400 }, quoted()))
    expect(connected.recvError()).toMatchObject({
      errno,
      type,
      code,
      dst: ip('192.0.2.1'),
      dport: 9,
      from: ip('10.0.0.1'),
    })
  })

  test('about packets that we did not send are not believed', () => {
    const { b, lb } = setup()
    lb.deliver(message(lb, { kind: 'unreachable', type: 3, code: 4, mtu: 600 }, quoted('10.0.0.77')))
    expect(b.pathMtu.all()).toEqual([])
    expect(b.counters.get('Icmp.InErrors')).toBe(1)
  })

  test('that quote too little are counted', () => {
    const { b, lb } = setup()
    lb.deliver(message(lb, { kind: 'unreachable', type: 3, code: 3, mtu: 0 }, quoted().subarray(0, 19)))
    lb.deliver(message(lb, { kind: 'unreachable', type: 3, code: 3, mtu: 0 }, quoted().subarray(0, 22)))
    expect(b.counters.get('Icmp.InErrors')).toBe(1)
  })

  test('"fragmentation needed" without an MTU means the next usual one (RFC 1191 §7)', () => {
    const { b, lb } = setup()
    lb.deliver(
      message(lb, { kind: 'unreachable', type: 3, code: 4, mtu: 0 }, quoted('10.0.0.2', 1472).subarray(0, 100)),
    )
    expect(b.pathMtu.of(ip('192.0.2.1'), 1500)).toBe(1492)
  })

  test('"fragmentation needed" is ignored where path MTU discovery is off', () => {
    const { b, lb } = setup()
    b.settings.set('net.ipv4.ip_no_pmtu_disc', '1')
    lb.deliver(message(lb, { kind: 'unreachable', type: 3, code: 4, mtu: 1000 }, quoted()))
    expect(b.pathMtu.all()).toEqual([])
  })
})

describe('errors that go out', () => {
  test('are never about an error', () => {
    const lab = new TestLab()
    const { r, r1 } = lab.routed()
    lab.pass(3)
    const frame = pushIpv4(pushIcmp(Frame.from(quoted()), { kind: 'unreachable', type: 3, code: 1, mtu: 0 }), {
      src: ip4('10.0.1.2'),
      dst: ip4('192.0.0.2'),
      protocol: 1,
    })
    r1.deliver(pushEthernet(frame, { dst: r1.mac, src: 1, type: 0x0800 }))
    expect(r.counters.get('IpExt.InNoRoutes')).toBe(1)
    expect(r.counters.get('Icmp.OutMsgs')).toBe(0)
  })

  test('quote no more than 576 bytes hold', () => {
    const { lab, a, b } = setup()
    const raw = b.rawSocket(4, 1)
    b.udpSocket().send(new Uint8Array(1400), ip('10.0.0.1'), 9)
    lab.pass(0.1)
    expect(raw.recv()?.payload.length).toBe(576 - 20)
    expect(a.counters.get('Icmp.OutType3')).toBe(1)
  })

  test('to one host come six at once, then one a second', () => {
    const { lab, a, b } = setup()
    const socket = a.udpSocket()
    const shoot = () => {
      for (let i = 0; i < 20; i++) socket.send(new Uint8Array(1), ip('10.0.0.2'), 9)
      lab.pass(0.001)
      return b.counters.get('Icmp.OutType3')
    }
    expect(shoot()).toBe(6)
    lab.pass(1)
    expect(shoot()).toBe(7)
    b.settings.set('net.ipv4.icmp_ratelimit', '0')
    expect(shoot()).toBe(27)
  })

  test('to ourselves have no limit', () => {
    const { a } = setup()
    const socket = a.udpSocket()
    socket.options.receiveErrors = true
    for (let i = 0; i < 20; i++) {
      socket.send(new Uint8Array(1), ip('127.0.0.1'), 9)
      expect(socket.recvError()).toMatchObject({ errno: 'ECONNREFUSED' })
      socket.takeError()
    }
  })
})
