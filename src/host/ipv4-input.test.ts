import { describe, expect, test } from 'vitest'
import { broadcastMac, type Mac, multicastMac } from '../wire/address.ts'
import { pushEthernet } from '../wire/ethernet.ts'
import { Frame } from '../wire/frame.ts'
import { type Ipv4Fields, pushIpv4, setIpv4Checksum } from '../wire/ipv4.ts'
import { pushUdp } from '../wire/udp.ts'
import { ip, ip4, TestLab } from './lab.testing.ts'
import type { Link } from './link.ts'

const setup = () => {
  const lab = new TestLab()
  const pair = lab.pair()
  lab.pass(3)
  const before = new Map(pair.b.counters.entries())
  /** What b counted since. */
  const counted = () =>
    Object.fromEntries(
      pair.b.counters
        .entries()
        .flatMap(([name, n]) => (n === (before.get(name) ?? 0) ? [] : [[name, n - (before.get(name) ?? 0)]])),
    )
  return { lab, ...pair, counted }
}

const datagram = (link: Link, fields: Partial<Ipv4Fields> = {}, dst: Mac = link.mac): Frame => {
  const ends = { src: ip4('10.0.0.1'), dst: ip4('10.0.0.2') }
  const all = { ...ends, protocol: 17, ...fields }
  const frame = pushUdp(Frame.of(4), { src: 1000, dst: 2000 }, { src: all.src, dst: all.dst })
  return pushEthernet(pushIpv4(frame, all), { dst, src: 0x020000000077, type: 0x0800 })
}

describe('a packet that is', () => {
  test('good reaches its protocol', () => {
    const { b, lb } = setup()
    const socket = b.udpSocket()
    socket.bind(undefined, 2000)
    lb.deliver(datagram(lb))
    expect(socket.recv()).toMatchObject({ src: ip('10.0.0.1'), sport: 1000, dst: ip('10.0.0.2'), ttl: 64, link: lb })
  })

  test.each([
    ['of version 5', (f: Frame) => f.bytes.fill(0x55, f.start + 14, f.start + 15), { 'Ip.InHdrErrors': 1 }],
    ['with a header too short', (f: Frame) => f.bytes.fill(0x44, f.start + 14, f.start + 15), { 'Ip.InHdrErrors': 1 }],
    [
      'with a bad checksum',
      (f: Frame) => f.bytes.fill(1, f.start + 22, f.start + 23),
      { 'Ip.InHdrErrors': 1, 'IpExt.InCsumErrors': 1 },
    ],
    ['cut short', (f: Frame) => (f.end -= 1), { 'IpExt.InTruncatedPkts': 1 }],
    ['cut within its header', (f: Frame) => (f.end = f.start + 30), { 'IpExt.InTruncatedPkts': 1 }],
  ] as const)('%s is dropped under a name', (_, spoil, counts) => {
    const { lb, counted } = setup()
    const frame = datagram(lb)
    spoil(frame)
    lb.deliver(frame)
    expect(counted()).toEqual({ 'Ip.InReceives': 1, ...counts })
  })

  test('padded by Ethernet loses its padding', () => {
    const { b, lb } = setup()
    const socket = b.udpSocket()
    socket.bind(undefined, 2000)
    const frame = datagram(lb)
    const padded = Frame.of(60)
    padded.bytes.set(frame.content(), padded.start)
    lb.deliver(padded)
    expect(socket.recv()?.payload.length).toBe(4)
  })

  test('of a protocol that nobody speaks is answered by "protocol unreachable"', () => {
    const { lb, counted } = setup()
    lb.deliver(datagram(lb, { protocol: 99 }))
    expect(counted()).toMatchObject({ 'Ip.InUnknownProtos': 1, 'Icmp.OutType3': 1 })
  })
})

describe('martians', () => {
  test.each([
    ['from our own address', { src: ip4('10.0.0.2') }],
    ['from the loopback net', { src: ip4('127.0.0.1') }],
    ['to the loopback net', { dst: ip4('127.0.0.1') }],
    ['from a group', { src: ip4('224.0.0.5') }],
    ['from everybody', { src: 0xffffffff }],
    ['from nowhere to one host', { src: 0 }],
    ['from the zero net', { src: ip4('0.1.2.3') }],
  ])('%s are dropped', (_, fields) => {
    const { lb, counted } = setup()
    lb.deliver(datagram(lb, fields))
    expect(counted()).toEqual({ 'Ip.InReceives': 1, 'IpExt.InMartians': 1 })
  })

  test('from nowhere to everybody is how DHCP begins', () => {
    const { b, lb } = setup()
    const socket = b.udpSocket()
    socket.bind(undefined, 2000)
    lb.deliver(datagram(lb, { src: 0, dst: 0xffffffff }, broadcastMac))
    expect(socket.recv()?.src).toBe(0)
  })

  test('the reverse path is checked where rp_filter says so', () => {
    const { b, lb, counted } = setup()
    b.settings.set('net.ipv4.conf.eth0.rp_filter', '1')
    lb.deliver(datagram(lb, { src: ip4('198.51.100.1') }))
    expect(counted()).toMatchObject({ 'TcpExt.IPReversePathFilter': 1 })
    lb.deliver(datagram(lb))
    expect(counted()).toMatchObject({ 'Udp.NoPorts': 1 })
  })
})

describe('broadcast and multicast', () => {
  test.each(['255.255.255.255', '10.0.0.255'])(
    'what goes to %s reaches all sockets of the port, and is never answered',
    dst => {
      const { b, lb, counted } = setup()
      const sockets = [b.udpSocket(), b.udpSocket()]
      for (const socket of sockets) {
        socket.options.reuseAddress = true
        socket.bind(undefined, 2000)
      }
      lb.deliver(datagram(lb, { dst: ip4(dst) }, broadcastMac))
      expect(sockets.map(socket => socket.recv()?.dst)).toEqual([ip(dst), ip(dst)])
      for (const socket of sockets) socket.close()
      lb.deliver(datagram(lb, { dst: ip4(dst) }, broadcastMac))
      expect(counted()['Icmp.OutMsgs']).toBeUndefined()
    },
  )

  test('a group is heard after joining it', () => {
    const { b, lb, counted } = setup()
    const group = ip4('239.1.2.3')
    const socket = b.udpSocket()
    socket.bind(undefined, 2000)
    lb.deliver(datagram(lb, { dst: group }, multicastMac(group)))
    expect(counted()['Ip.InDiscards']).toBe(1)
    expect(socket.join(group, lb).ok).toBe(true)
    lb.deliver(datagram(lb, { dst: group }, multicastMac(group)))
    expect(socket.recv()?.dst).toBe(group)
    socket.close()
    expect(b.groups.has(lb, group)).toBe(false)
  })
})

describe('forwarding', () => {
  test('is off at first, and counted', () => {
    const { lb, counted } = setup()
    lb.deliver(datagram(lb, { dst: ip4('192.0.2.1') }))
    expect(counted()).toEqual({ 'Ip.InReceives': 1, 'Ip.InAddrErrors': 1 })
  })

  test('takes one from the TTL and keeps the checksum right, whatever the TTL was', () => {
    const lab = new TestLab()
    const { r1, lb } = lab.routed()
    lab.pass(3)
    for (let ttl = 2; ttl < 256; ttl++) {
      const frame = datagram(r1, { src: ip4('10.0.1.2'), dst: ip4('10.0.2.2'), ttl, id: ttl * 250 })
      r1.deliver(frame)
      lab.pass(0.01)
    }
    const host = lb.owner as ReturnType<TestLab['host']>
    expect(host.counters.get('IpExt.InCsumErrors')).toBe(0)
    expect(host.counters.get('Udp.NoPorts')).toBe(254)
  })

  test('leaves alone what was sent to all stations', () => {
    const lab = new TestLab()
    const { r, r1 } = lab.routed()
    r1.deliver(datagram(r1, { src: ip4('10.0.1.2'), dst: ip4('10.0.2.2') }, broadcastMac))
    expect(r.counters.get('Ip.ForwDatagrams')).toBe(0)
    expect(r.counters.get('Ip.InDiscards')).toBe(1)
  })

  test('carries options along', () => {
    const lab = new TestLab()
    const { b, r1 } = lab.routed()
    lab.pass(3)
    const socket = b.rawSocket(4, 17)
    const options = new Uint8Array([1, 1, 1, 0])
    r1.deliver(datagram(r1, { src: ip4('10.0.1.2'), dst: ip4('10.0.2.2'), options }))
    lab.pass(0.1)
    expect(socket.recv()).toMatchObject({ ttl: 63 })
  })

  test('refuses by routes of these types, each in its way', () => {
    const lab = new TestLab()
    const { a, r } = lab.routed()
    r.addRoute({ dst: ip('10.7.0.0'), length: 16, type: 'unreachable' })
    r.addRoute({ dst: ip('10.8.0.0'), length: 16, type: 'prohibit' })
    r.addRoute({ dst: ip('10.9.0.0'), length: 16, type: 'blackhole' })
    const codes = ['10.7.0.1', '10.8.0.1', '10.9.0.1', '10.6.0.1'].map(dst => {
      const socket = a.pingSocket()
      socket.options.receiveErrors = true
      socket.echo(1, new Uint8Array(0), ip(dst))
      lab.pass(10)
      return socket.recvError()?.code
    })
    expect(codes).toEqual([1, 13, undefined, 0])
  })

  test('a host behind a router that is not there is reported by the router', () => {
    const lab = new TestLab()
    const { a } = lab.routed()
    const socket = a.pingSocket()
    socket.options.receiveErrors = true
    socket.echo(1, new Uint8Array(0), ip('10.0.2.77'))
    lab.pass(4)
    expect(socket.recvError()).toMatchObject({ from: ip('10.0.1.1'), type: 3, code: 1, errno: 'EHOSTUNREACH' })
  })
})

test('an unfinished packet is reported when its time is over', () => {
  const { lab, a, b, lb } = setup()
  const socket = a.udpSocket()
  socket.options.receiveErrors = true
  socket.bind(undefined, 1000)
  const frame = datagram(lb)
  frame.bytes[frame.start + 20] = 0x20
  frame.end = frame.start + 14 + 28
  frame.bytes[frame.start + 17] = 28
  setIpv4Checksum(frame.bytes, frame.start + 14)
  lb.deliver(frame)
  lab.pass(31)
  expect(b.counters.get('Ip.ReasmTimeout')).toBe(1)
  expect(socket.recvError()).toMatchObject({ type: 11, code: 1, from: ip('10.0.0.2') })
})
