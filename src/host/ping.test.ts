import { describe, expect, test } from 'vitest'
import { ip, TestLab } from './lab.testing.ts'

describe('a ping', () => {
  test.each([
    ['10.0.0.2', 4],
    ['fd00::2', 6],
  ] as const)('to a neighbour at %s is answered', (dst, family) => {
    const lab = new TestLab()
    const { a } = lab.pair()
    const socket = a.pingSocket(family)
    expect(socket.echo(1, new Uint8Array(56).fill(7), ip(dst))).toBeUndefined()
    lab.pass(1)
    const reply = socket.recv()
    expect(reply?.src).toBe(ip(dst))
    expect(reply?.ttl).toBe(64)
    expect(reply?.payload.length).toBe(64)
  })

  test.each([
    ['10.0.2.2', 4],
    ['fd02::2', 6],
  ] as const)('through a router to %s has one hop less', (dst, family) => {
    const lab = new TestLab()
    const { a } = lab.routed()
    const socket = a.pingSocket(family)
    socket.echo(1, new Uint8Array(56), ip(dst))
    lab.pass(1)
    expect(socket.recv()?.ttl).toBe(63)
  })

  test.each(['127.0.0.1', '10.0.0.1', '127.9.9.9'])('to ourselves at %s goes over lo', dst => {
    const lab = new TestLab()
    const { a } = lab.pair()
    const socket = a.pingSocket(4)
    expect(socket.echo(1, new Uint8Array(56), ip(dst))).toBeUndefined()
    expect(socket.recv()?.src).toBe(ip(dst))
    expect(a.lo.rx.packets).toBe(2)
  })

  test.each(['::1', 'fd00::1'])('to ourselves at %s goes over lo', dst => {
    const lab = new TestLab()
    const { a } = lab.pair()
    const socket = a.pingSocket(6)
    expect(socket.echo(1, new Uint8Array(56), ip(dst))).toBeUndefined()
    expect(socket.recv()?.src).toBe(ip(dst))
  })

  test('of 4,000 bytes is cut and put together both ways', () => {
    const lab = new TestLab()
    const { a, b } = lab.routed()
    for (const [dst, family] of [
      ['10.0.2.2', 4],
      ['fd02::2', 6],
    ] as const) {
      const socket = a.pingSocket(family)
      socket.options.pathMtu = 'dont'
      const data = Uint8Array.from({ length: 4000 }, (_, i) => i)
      expect(socket.echo(1, data, ip(dst))).toBeUndefined()
      lab.pass(1)
      expect(socket.recv()?.payload.subarray(8)).toEqual(data)
    }
    expect(b.counters.get('Ip.ReasmOKs')).toBe(1)
    expect(b.counters.get('Ip6.ReasmOKs')).toBe(1)
    expect(a.counters.get('Ip.FragCreates')).toBe(3)
  })

  test('to a neighbour that is not there fails after three seconds, with our own address as the reporter', () => {
    const lab = new TestLab()
    const { a } = lab.pair()
    const socket = a.pingSocket(4)
    socket.options.receiveErrors = true
    socket.echo(1, new Uint8Array(56), ip('10.0.0.77'))
    lab.pass(2.9)
    expect(socket.recvError()).toBeUndefined()
    lab.pass(0.2)
    expect(socket.recvError()).toMatchObject({ errno: 'EHOSTUNREACH', from: ip('10.0.0.1'), type: 3, code: 1 })
  })

  test('to an IPv6 neighbour that is not there fails as "address unreachable"', () => {
    const lab = new TestLab()
    const { a } = lab.pair()
    const socket = a.pingSocket(6)
    socket.options.receiveErrors = true
    socket.echo(1, new Uint8Array(56), ip('fd00::77'))
    lab.pass(3.1)
    expect(socket.recvError()).toMatchObject({ errno: 'EHOSTUNREACH', from: ip('fd00::1'), type: 1, code: 3 })
  })

  test('without a route is refused at once', () => {
    const lab = new TestLab()
    const { a } = lab.pair()
    expect(a.pingSocket(4).echo(1, new Uint8Array(0), ip('192.0.2.1'))).toBe('ENETUNREACH')
    expect(a.pingSocket(6).echo(1, new Uint8Array(0), ip('2001:db8::1'))).toBe('ENETUNREACH')
  })

  test('whose TTL runs out is reported by the router', () => {
    const lab = new TestLab()
    const { a } = lab.routed()
    for (const [dst, router, family, type] of [
      ['10.0.2.2', '10.0.1.1', 4, 11],
      ['fd02::2', 'fd01::1', 6, 3],
    ] as const) {
      const socket = a.pingSocket(family)
      socket.options.ttl = 1
      socket.options.receiveErrors = true
      socket.echo(1, new Uint8Array(56), ip(dst))
      lab.pass(1)
      expect(socket.recvError()).toMatchObject({ from: ip(router), type, code: 0, dst: ip(dst) })
    }
  })

  test('to ourselves is lost without a word while lo is down, but 127.0.0.1 has no route then', () => {
    // As Linux 6.18 does.
    const lab = new TestLab()
    const host = lab.kernel().root
    lab.nic(host, 'eth0', '10.0.0.1/24')
    const socket = host.pingSocket()
    expect(socket.echo(1, new Uint8Array(0), ip('10.0.0.1'))).toBeUndefined()
    expect(socket.recv()).toBeUndefined()
    expect(host.lo.drops.get('tx_down')).toBe(1)
    expect(socket.echo(1, new Uint8Array(0), ip('127.0.0.1'))).toBe('ENETUNREACH')
    expect(host.pingSocket(6).echo(1, new Uint8Array(0), ip('::1'))).toBe('ENETUNREACH')
  })

  test('over a link that is up without carrier is lost, and fails when nobody answers', () => {
    const lab = new TestLab()
    const { a, la } = lab.pair()
    lab.pass(3)
    la.plug(undefined)
    const socket = a.pingSocket()
    socket.options.receiveErrors = true
    expect(socket.echo(1, new Uint8Array(0), ip('10.0.0.2'))).toBeUndefined()
    lab.pass(3.1)
    expect(socket.recvError()).toMatchObject({ errno: 'EHOSTUNREACH', from: ip('10.0.0.1') })
    expect(la.drops.get('tx_carrier')).toBeGreaterThan(0)
    expect(a.addresses.of(la, 4)).toHaveLength(1)
  })

  test('from a link that is down still reaches our own address on it', () => {
    const lab = new TestLab()
    const { a, la } = lab.pair()
    la.setUp(false)
    const socket = a.pingSocket()
    socket.echo(1, new Uint8Array(0), ip('10.0.0.1'))
    expect(socket.recv()?.src).toBe(ip('10.0.0.1'))
    expect(socket.echo(1, new Uint8Array(0), ip('10.0.0.2'))).toBe('ENETUNREACH')
  })
})
