import { describe, expect, test } from 'vitest'
import { fromUtf8, start, utf8 } from '../runtime/index.ts'
import { ip, TestLab } from './lab.testing.ts'
import { firstEphemeral, lastEphemeral } from './udp-table.ts'

const setup = () => {
  const lab = new TestLab()
  const pair = lab.pair()
  lab.pass(3)
  return { lab, ...pair }
}

describe('datagrams', () => {
  test.each([
    ['10.0.0.1', '10.0.0.2', 4],
    ['fd00::1', 'fd00::2', 6],
  ] as const)('go from %s to %s and back', (from, to, family) => {
    const { lab, a, b } = setup()
    const server = b.udpSocket(family)
    expect(server.bind(undefined, 53).ok).toBe(true)
    const client = a.udpSocket(family)
    expect(client.send(utf8('question'), ip(to), 53)).toBeUndefined()
    lab.pass(0.1)
    const question = server.recv()
    expect(question).toMatchObject({ src: ip(from), dst: ip(to), dport: 53, sport: client.port })
    server.send(utf8('answer'), ip(from), question?.sport)
    lab.pass(0.1)
    expect(fromUtf8(client.recv()?.payload as Uint8Array)).toBe('answer')
    expect(a.counters.get(family === 4 ? 'Udp.OutDatagrams' : 'Udp6.OutDatagrams')).toBe(1)
  })

  test('wake a task that waits', () => {
    const { lab, a, b } = setup()
    const server = b.udpSocket()
    server.bind(undefined, 53)
    const heard: number[] = []
    const serve = function* () {
      while (!server.closed) {
        yield server.onReadable.wait
        for (let d = server.recv(); d !== undefined; d = server.recv()) heard.push(d.payload.length)
      }
    }
    start(serve())
    const client = a.udpSocket()
    for (const size of [1, 2, 3]) client.send(new Uint8Array(size), ip('10.0.0.2'), 53)
    lab.pass(0.1)
    expect(heard).toEqual([1, 2, 3])
    server.close()
  })

  test('of 3,000 bytes are cut on the way out and whole on the way in', () => {
    const { lab, a, b } = setup()
    const server = b.udpSocket()
    server.bind(undefined, 53)
    const payload = Uint8Array.from({ length: 3000 }, (_, i) => i)
    a.udpSocket().send(payload, ip('10.0.0.2'), 53)
    lab.pass(0.1)
    expect(server.recv()?.payload).toEqual(payload)
  })

  test('beyond the receive buffer are dropped and counted', () => {
    const { lab, a, b } = setup()
    const server = b.udpSocket()
    server.bind(undefined, 53)
    server.options.receiveSize = 5000
    const client = a.udpSocket()
    for (let i = 0; i < 20; i++) client.send(new Uint8Array(1000), ip('10.0.0.2'), 53)
    lab.pass(0.1)
    expect(server.dropped).toBeGreaterThan(10)
    expect(b.counters.get('Udp.RcvbufErrors')).toBe(server.dropped)
    while (server.recv() !== undefined);
    client.send(new Uint8Array(1), ip('10.0.0.2'), 53)
    lab.pass(0.1)
    expect(server.recv()).toBeDefined()
  })
})

describe('binding', () => {
  test('the same port twice is refused, unless both reuse or the addresses differ', () => {
    const { a } = setup()
    const [first, second, third] = [a.udpSocket(), a.udpSocket(), a.udpSocket()]
    expect(first.bind(ip('10.0.0.1'), 53).ok).toBe(true)
    expect(second.bind(undefined, 53)).toMatchObject({ errno: 'EADDRINUSE' })
    expect(second.bind(ip('127.0.0.1'), 53).ok).toBe(true)
    expect(second.bind(ip('127.0.0.1'), 54)).toMatchObject({ errno: 'EINVAL' })
    expect(third.bind(ip('10.0.0.99'), 53)).toMatchObject({ errno: 'EADDRNOTAVAIL' })
    expect(third.bind(ip('fd00::1'), 53)).toMatchObject({ errno: 'EINVAL' })
    first.close()
    expect(third.bind(ip('10.0.0.1'), 53).ok).toBe(true)
    const six = a.udpSocket(6)
    expect(six.bind(undefined, 53)).toMatchObject({ errno: 'EADDRINUSE' })
    six.options.only6 = true
    expect(six.bind(undefined, 53).ok).toBe(true)
  })

  test('port 0 draws from the ephemeral ports', () => {
    const { a } = setup()
    const ports = Array.from({ length: 50 }, () => {
      const socket = a.udpSocket()
      socket.bind(undefined, 0)
      return socket.port
    })
    expect(new Set(ports).size).toBe(50)
    for (const port of ports) {
      expect(port).toBeGreaterThanOrEqual(firstEphemeral)
      expect(port).toBeLessThanOrEqual(lastEphemeral)
    }
  })

  test('a port that a tunnel took is taken', () => {
    const { a } = setup()
    const taken = a.encap(4789, () => {})
    expect(a.udpSocket().bind(undefined, 4789)).toMatchObject({ errno: 'EADDRINUSE' })
    expect(a.encap(4789, () => {})).toMatchObject({ errno: 'EADDRINUSE' })
    if (taken.ok) taken.value()
    expect(a.udpSocket().bind(undefined, 4789).ok).toBe(true)
    expect(a.encap(4789, () => {})).toMatchObject({ errno: 'EADDRINUSE' })
  })

  test('the most particular socket gets the datagram', () => {
    const { lab, a, b } = setup()
    const client = a.udpSocket()
    client.bind(undefined, 4000)
    const [any, one, connected] = [b.udpSocket(), b.udpSocket(), b.udpSocket()]
    for (const socket of [any, one, connected]) socket.options.reuseAddress = true
    any.bind(undefined, 53)
    one.bind(ip('10.0.0.2'), 53)
    connected.bind(ip('10.0.0.2'), 53)
    connected.connect(ip('10.0.0.1'), 4000)
    const reached = () => {
      client.send(new Uint8Array(1), ip('10.0.0.2'), 53)
      lab.pass(0.1)
      return [any, one, connected].findIndex(socket => socket.recv() !== undefined)
    }
    expect(reached()).toBe(2)
    connected.close()
    expect(reached()).toBe(1)
    one.close()
    expect(reached()).toBe(0)
  })
})

describe('errors', () => {
  test('a closed port refuses a connected socket at its next call', () => {
    const { lab, a } = setup()
    const socket = a.udpSocket()
    expect(socket.connect(ip('10.0.0.2'), 9).ok).toBe(true)
    expect(socket.send(new Uint8Array(1))).toBeUndefined()
    lab.pass(0.1)
    expect(socket.readable).toBe(true)
    expect(socket.send(new Uint8Array(1))).toBe('ECONNREFUSED')
    expect(socket.send(new Uint8Array(1))).toBeUndefined()
  })

  test('a socket that is not connected hears nothing of it, unless it asked', () => {
    const { lab, a } = setup()
    const socket = a.udpSocket()
    socket.send(new Uint8Array(1), ip('10.0.0.2'), 9)
    lab.pass(0.1)
    expect(socket.takeError()).toBeUndefined()
    socket.options.receiveErrors = true
    socket.send(new Uint8Array([1, 2, 3]), ip('10.0.0.2'), 9)
    lab.pass(0.1)
    expect(socket.recvError()).toMatchObject({
      errno: 'ECONNREFUSED',
      origin: 'icmp',
      from: ip('10.0.0.2'),
      dport: 9,
      payload: new Uint8Array([1, 2, 3]),
    })
  })

  test('traceroute finds the router and then the closed port', () => {
    const lab = new TestLab()
    const { a } = lab.routed()
    lab.pass(3)
    for (const [dst, hop, family, last] of [
      ['10.0.2.2', '10.0.1.1', 4, 3],
      ['fd02::2', 'fd01::1', 6, 1],
    ] as const) {
      const found = [1, 2].map(ttl => {
        const socket = a.udpSocket(family)
        socket.options.ttl = ttl
        socket.options.receiveErrors = true
        socket.send(new Uint8Array(32), ip(dst), 33434 + ttl)
        lab.pass(1)
        const error = socket.recvError()
        return [error?.from, error?.type, error?.dport]
      })
      expect(found).toEqual([
        [ip(hop), family === 4 ? 11 : 3, 33435],
        [ip(dst), last, 33436],
      ])
    }
  })

  test('broadcast needs permission', () => {
    const { lab, a, b } = setup()
    const server = b.udpSocket()
    server.bind(undefined, 67)
    const socket = a.udpSocket()
    expect(socket.send(new Uint8Array(1), ip('10.0.0.255'), 67)).toBe('EACCES')
    socket.options.broadcast = true
    expect(socket.send(new Uint8Array(1), ip('10.0.0.255'), 67)).toBeUndefined()
    expect(socket.send(new Uint8Array(1), ip('255.255.255.255'), 67)).toBe('ENETUNREACH')
    lab.pass(0.1)
    expect(server.recv()).toMatchObject({ dst: ip('10.0.0.255') })
    expect(server.recv()).toBeUndefined()
  })

  test('what a broadcast says is heard at home too', () => {
    const { a } = setup()
    const server = a.udpSocket()
    server.bind(undefined, 67)
    const socket = a.udpSocket()
    socket.options.broadcast = true
    socket.send(new Uint8Array(1), ip('10.0.0.255'), 67)
    expect(server.recv()).toMatchObject({ src: ip('10.0.0.1') })
  })

  test('DHCP speaks from a link without an address', () => {
    const lab = new TestLab()
    const [a, b] = [lab.host('a'), lab.host('b')]
    const la = lab.nic(a, 'eth0')
    lab.cable(la, lab.nic(b, 'eth0', '10.0.0.2/24'))
    const server = b.udpSocket()
    server.bind(undefined, 67)
    const client = a.udpSocket()
    client.options.broadcast = true
    client.options.link = la
    client.bind(undefined, 68)
    expect(client.send(new Uint8Array(300), ip('255.255.255.255'), 67)).toBeUndefined()
    lab.pass(0.1)
    expect(server.recv()).toMatchObject({ src: 0, sport: 68 })
  })

  test.each([
    ['no destination', undefined, 9, 'EDESTADDRREQ'],
    ['port 0', '10.0.0.2', 0, 'EINVAL'],
    ['the other family', 'fd00::2', 9, 'EINVAL'],
    ['no route', '192.0.2.1', 9, 'ENETUNREACH'],
  ] as const)('%s is refused', (_, dst, port, errno) => {
    const { a } = setup()
    expect(a.udpSocket().send(new Uint8Array(1), dst === undefined ? undefined : ip(dst), port)).toBe(errno)
  })

  test('too many bytes, and a link that is down', () => {
    const { a, la } = setup()
    const socket = a.udpSocket()
    expect(socket.send(new Uint8Array(65508), ip('10.0.0.2'), 9)).toBe('EMSGSIZE')
    expect(socket.send(new Uint8Array(65507), ip('10.0.0.2'), 9)).toBeUndefined()
    socket.options.link = la
    la.setUp(false)
    expect(socket.send(new Uint8Array(1), ip('10.0.0.2'), 9)).toBe('ENETDOWN')
  })
})

describe('multicast', () => {
  test('needs a link, reaches who joined, with a TTL of 1, and is heard at home if joined there', () => {
    const { lab, a, b, la, lb } = setup()
    const group = ip('239.9.9.9')
    const [near, far, sender] = [a.udpSocket(), b.udpSocket(), a.udpSocket()]
    for (const [socket, link] of [
      [near, la],
      [far, lb],
    ] as const) {
      socket.bind(undefined, 5000)
      expect(socket.join(group, link).ok).toBe(true)
      expect(socket.join(group, link)).toMatchObject({ errno: 'EADDRINUSE' })
    }
    expect(sender.send(new Uint8Array(1), group, 5000)).toBe('ENETUNREACH')
    sender.options.multicastLink = la
    expect(sender.send(new Uint8Array(1), group, 5000)).toBeUndefined()
    lab.pass(0.1)
    expect(near.recv()).toMatchObject({ src: ip('10.0.0.1') })
    expect(far.recv()).toMatchObject({ src: ip('10.0.0.1'), ttl: 1 })
    sender.options.multicastLoop = false
    sender.send(new Uint8Array(1), group, 5000)
    expect(near.recv()).toBeUndefined()
    expect(near.leave(group, la).ok).toBe(true)
    expect(near.leave(group, la)).toMatchObject({ errno: 'EADDRNOTAVAIL' })
    expect(near.join(ip('10.0.0.9'), la)).toMatchObject({ errno: 'EINVAL' })
  })
})
