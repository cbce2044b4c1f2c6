/** IPv6 sockets that speak IPv4 too. Every answer here is what a Linux 6.18 kernel gave to the same calls. */
import { describe, expect, test } from 'vitest'
import { ip, TestLab } from './lab.testing.ts'

const setup = () => {
  const lab = new TestLab()
  const net = lab.pair()
  lab.pass(3)
  return { lab, ...net }
}

const port = 45353

describe('binding beside an IPv4 socket at 127.0.0.1', () => {
  test.each([
    ['::', false, 'EADDRINUSE'],
    ['::', true, undefined],
    ['::ffff:127.0.0.2', false, undefined],
    ['::ffff:127.0.0.1', false, 'EADDRINUSE'],
    ['::1', false, undefined],
  ])('%s, only IPv6: %s', (address, only6, errno) => {
    const { a } = setup()
    a.udpSocket().bind(ip('127.0.0.1'), port)
    const six = a.udpSocket(6)
    six.options.only6 = only6
    const bound = six.bind(address === '::' ? undefined : ip(address), port)
    expect(bound.ok ? undefined : bound.errno).toBe(errno)
  })

  test('the other way round', () => {
    const { a } = setup()
    a.udpSocket(6).bind(undefined, port)
    expect(a.udpSocket().bind(ip('127.0.0.1'), port)).toMatchObject({ errno: 'EADDRINUSE' })
  })

  test('a mapped address needs IPv4', () => {
    const { a } = setup()
    const six = a.udpSocket(6)
    six.options.only6 = true
    expect(six.bind(ip('::ffff:127.0.0.1'), port)).toMatchObject({ errno: 'EINVAL' })
    six.options.only6 = false
    expect(six.bind(ip('::ffff:10.0.0.99'), port)).toMatchObject({ errno: 'EADDRNOTAVAIL' })
  })

  test('bindv6only makes it the default', () => {
    const { a } = setup()
    expect(a.udpSocket(6).dual).toBe(true)
    a.settings.set('net.ipv6.bindv6only', '1')
    expect(a.udpSocket(6).dual).toBe(false)
    expect(a.udpSocket(4).dual).toBe(false)
  })
})

test('datagrams come and go both ways, under mapped names', () => {
  const { lab, a, b } = setup()
  const six = a.udpSocket(6)
  six.bind(undefined, 7)
  const four = b.udpSocket(4)
  four.bind(undefined, 8)
  four.send(new Uint8Array([1]), ip('10.0.0.1'), 7)
  lab.pass(0.1)
  expect(six.recv()).toMatchObject({ src: ip('::ffff:10.0.0.2'), sport: 8, dst: ip('::ffff:10.0.0.1') })
  expect(six.send(new Uint8Array([2]), ip('::ffff:10.0.0.2'), 8)).toBeUndefined()
  lab.pass(0.1)
  expect(four.recv()).toMatchObject({ src: ip('10.0.0.1'), sport: 7, payload: new Uint8Array([2]) })
  expect([a.counters.get('Udp.OutDatagrams'), a.counters.get('Udp6.OutDatagrams')]).toEqual([1, 0])
  expect([a.counters.get('Udp.InDatagrams'), a.counters.get('Udp6.InDatagrams')]).toEqual([1, 0])
  const other = b.udpSocket(6)
  expect(other.send(new Uint8Array([3]), ip('fd00::1'), 7)).toBeUndefined()
  lab.pass(0.1)
  expect(six.recv()?.src).toBe(ip('fd00::2'))
})

test('a socket that is only for IPv6 hears no IPv4', () => {
  const { lab, a, b } = setup()
  const six = a.udpSocket(6)
  six.options.only6 = true
  six.bind(undefined, 7)
  b.udpSocket(4).send(new Uint8Array([1]), ip('10.0.0.1'), 7)
  lab.pass(0.1)
  expect(six.recv()).toBeUndefined()
  expect(a.counters.get('Udp.NoPorts')).toBe(1)
  expect(six.send(new Uint8Array(1), ip('::ffff:10.0.0.2'), 8)).toBe('ENETUNREACH')
  expect(six.connect(ip('::ffff:10.0.0.2'), 8)).toMatchObject({ errno: 'ENETUNREACH' })
})

test('where it is bound says which family it can reach', () => {
  const { a } = setup()
  const six = a.udpSocket(6)
  six.bind(ip('::1'), 0)
  expect(six.send(new Uint8Array(1), ip('::ffff:127.0.0.1'), 9)).toBe('ENETUNREACH')
  expect(six.connect(ip('::ffff:127.0.0.1'), 9)).toMatchObject({ errno: 'ENETUNREACH' })
  const four = a.udpSocket(6)
  four.bind(ip('::ffff:127.0.0.1'), 0)
  expect(four.send(new Uint8Array(1), ip('::1'), 9)).toBe('EAFNOSUPPORT')
  expect(four.connect(ip('::1'), 9)).toMatchObject({ errno: 'EAFNOSUPPORT' })
})

test('connected, it has a mapped address of its own, and hears of errors under mapped names', () => {
  const { lab, a, b } = setup()
  const six = a.udpSocket(6)
  expect(six.connect(ip('::ffff:10.0.0.2'), 9).ok).toBe(true)
  expect(six.address).toBe(ip('::ffff:10.0.0.1'))
  six.options.receiveErrors = true
  six.send(new Uint8Array(1))
  lab.pass(0.1)
  expect(six.recvError()).toMatchObject({
    errno: 'ECONNREFUSED',
    from: ip('::ffff:10.0.0.2'),
    dst: ip('::ffff:10.0.0.2'),
  })
  expect(six.takeError()).toBe('ECONNREFUSED')
  const stranger = b.udpSocket(4)
  stranger.bind(undefined, 10)
  stranger.send(new Uint8Array(1), ip('10.0.0.1'), six.port)
  lab.pass(0.1)
  expect(six.recv()).toBeUndefined()
})

test('too long is judged as IPv4', () => {
  const { a } = setup()
  const six = a.udpSocket(6)
  expect(six.send(new Uint8Array(65508), ip('::ffff:10.0.0.2'), 9)).toBe('EMSGSIZE')
  expect(six.send(new Uint8Array(65507), ip('::ffff:10.0.0.2'), 9)).toBeUndefined()
})

test('where both listen, IPv4 goes to the IPv4 socket', () => {
  const { lab, a, b } = setup()
  const [six, four] = [a.udpSocket(6), a.udpSocket(4)]
  for (const socket of [six, four]) {
    socket.options.reuseAddress = true
    expect(socket.bind(undefined, 7).ok).toBe(true)
  }
  b.udpSocket().send(new Uint8Array(1), ip('10.0.0.1'), 7)
  lab.pass(0.1)
  expect([six.recv(), four.recv()?.sport]).toEqual([undefined, expect.any(Number)])
})
