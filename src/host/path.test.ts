/** Path MTU discovery through a router whose second link is narrow, IPv4 and IPv6. */
import { describe, expect, test } from 'vitest'
import { ip, TestLab } from './lab.testing.ts'

const narrow = () => {
  const lab = new TestLab()
  const net = lab.routed()
  net.r2.setMtu(1300)
  net.lb.setMtu(1300)
  lab.pass(3)
  return { lab, ...net }
}

describe('a path that is narrower than the link', () => {
  test.each([
    ['10.0.2.2', 4, 1272],
    ['fd02::2', 6, 1252],
  ] as const)('is found by ping -M do to %s', (dst, family, fits) => {
    const { lab, a } = narrow()
    const socket = a.pingSocket(family)
    socket.options.pathMtu = 'do'
    socket.options.receiveErrors = true
    const send = (size: number) => socket.echo(1, new Uint8Array(size), ip(dst))
    expect(send(1400)).toBeUndefined()
    lab.pass(1)
    expect(socket.recvError()).toMatchObject({ errno: 'EMSGSIZE', origin: family === 4 ? 'icmp' : 'icmp6', mtu: 1300 })
    expect(socket.takeError()).toBe('EMSGSIZE')
    expect(send(fits + 1)).toBe('EMSGSIZE')
    expect(socket.recvError()).toMatchObject({ errno: 'EMSGSIZE', origin: 'local', mtu: 1300 })
    socket.takeError()
    expect(send(fits)).toBeUndefined()
    lab.pass(1)
    expect(socket.recv()?.payload.length).toBe(fits + 8)
  })

  test.each([
    ['10.0.2.2', 4],
    ['fd02::2', 6],
  ] as const)('is learned by a plain ping to %s, which loses one packet', (dst, family) => {
    const { lab, a } = narrow()
    const socket = a.pingSocket(family)
    socket.echo(1, new Uint8Array(1400), ip(dst))
    lab.pass(1)
    expect(socket.recv()).toBeUndefined()
    socket.takeError()
    expect(socket.echo(2, new Uint8Array(1400), ip(dst))).toBeUndefined()
    lab.pass(1)
    expect(socket.recv()?.payload.length).toBe(1408)
  })

  test('is passed in fragments that the router makes where DF is clear', () => {
    const { lab, a, r } = narrow()
    const socket = a.pingSocket(4)
    socket.options.pathMtu = 'dont'
    socket.echo(1, new Uint8Array(1400), ip('10.0.2.2'))
    lab.pass(1)
    expect(socket.recv()?.payload.length).toBe(1408)
    expect(r.counters.get('Ip.FragCreates')).toBe(2)
    expect(a.pathMtu.all()).toEqual([])
  })

  test('is forgotten after ten minutes', () => {
    const { lab, a } = narrow()
    a.pingSocket(4).echo(1, new Uint8Array(1400), ip('10.0.2.2'))
    lab.pass(1)
    expect(a.pathMtu.of(ip('10.0.2.2'), 1500)).toBe(1300)
    lab.pass(600)
    expect(a.pathMtu.of(ip('10.0.2.2'), 1500)).toBe(1500)
  })
})
