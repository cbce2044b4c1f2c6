import { describe, expect, test } from 'vitest'
import { start } from '../runtime/index.ts'
import { ip, TestLab } from './lab.testing.ts'
import type { Namespace } from './namespace.ts'
import { tcpAccept, tcpConnect, tcpRecv, tcpSend } from './tcp/blocking.ts'
import type { TcpSocket } from './tcp-socket.ts'

const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes)
const bytes = (words: string): Uint8Array => Uint8Array.from(words, c => c.charCodeAt(0))

const listening = (host: Namespace, port: number, family: 4 | 6 = 4, backlog = 5): TcpSocket => {
  const server = host.tcpSocket(family)
  expect(server.bind(undefined, port)).toEqual({ ok: true, value: undefined })
  expect(server.listen(backlog)).toEqual({ ok: true, value: undefined })
  return server
}

/** A client and the server's socket of one connection between two hosts. */
const connected = () => {
  const lab = new TestLab()
  const net = lab.pair()
  const listener = listening(net.b, 80)
  const client = net.a.tcpSocket()
  expect(client.connect(ip('10.0.0.2'), 80).ok).toBe(true)
  lab.pass(0.1)
  const accepted = listener.accept()
  if (!accepted.ok) throw new Error(accepted.errno)
  return { lab, ...net, listener, client, server: accepted.value }
}

const received = (socket: TcpSocket, limit?: number): string => {
  const result = socket.recv(limit)
  return result.ok ? text(result.value) : result.errno
}

describe('a connection', () => {
  test('is made, carries bytes both ways, and ends in order', () => {
    const { lab, client, server, a, b } = connected()
    expect([client.state, server.state]).toEqual(['ESTABLISHED', 'ESTABLISHED'])
    expect(server.peer).toBe(ip('10.0.0.1'))
    expect(server.peerPort).toBe(client.port)
    expect(received(client)).toBe('EAGAIN')
    expect(client.send(bytes('hello'))).toEqual({ ok: true, value: 5 })
    lab.pass(0.01)
    expect(received(server)).toBe('hello')
    server.send(bytes('good'))
    server.send(bytes('bye'))
    server.close()
    lab.pass(0.3)
    expect(client.state).toBe('CLOSE_WAIT')
    expect(received(client)).toBe('goodbye')
    expect(received(client)).toBe('')
    client.close()
    lab.pass(0.3)
    expect(a.tcp.allChannels()).toEqual([])
    expect(b.tcp.allChannels().map(({ connection }) => connection.state)).toEqual(['TIME_WAIT'])
    lab.pass(60)
    expect(b.tcp.allChannels()).toEqual([])
    expect([a.counters.get('Tcp.ActiveOpens'), b.counters.get('Tcp.PassiveOpens')]).toEqual([1, 1])
    expect([a.counters.get('Tcp.RetransSegs'), b.counters.get('Tcp.RetransSegs')]).toEqual([0, 0])
  })

  test('is refused where nobody listens', () => {
    const lab = new TestLab()
    const { a } = lab.pair()
    const client = a.tcpSocket()
    client.connect(ip('10.0.0.2'), 81)
    lab.pass(0.1)
    expect(client.takeError()).toBe('ECONNREFUSED')
    expect(client.takeError()).toBeUndefined()
    expect(client.state).toBe('CLOSED')
  })

  test('fails where no host is', () => {
    const lab = new TestLab()
    const { a } = lab.pair()
    const client = a.tcpSocket()
    client.connect(ip('10.0.0.9'), 80)
    lab.pass(5)
    expect(client.takeError()).toBe('EHOSTUNREACH')
    expect(a.tcpSocket().connect(ip('192.0.2.1'), 80)).toEqual({ ok: false, errno: 'ENETUNREACH' })
  })

  test('works on one host by its own address and by loopback', () => {
    const lab = new TestLab()
    const { a } = lab.pair()
    for (const address of ['127.0.0.1', '10.0.0.1']) {
      const server = listening(a, 7000)
      const client = a.tcpSocket()
      client.connect(ip(address), 7000)
      lab.pass(0.1)
      const accepted = server.accept()
      if (!accepted.ok) throw new Error(accepted.errno)
      client.send(new Uint8Array(50000).fill(65))
      lab.pass(0.1)
      expect(received(accepted.value).length).toBeGreaterThan(10000)
      client.close()
      accepted.value.close()
      server.close()
      lab.pass(200)
    }
  })

  test('works over IPv6, and a dual socket takes IPv4', () => {
    const lab = new TestLab()
    const { a, b } = lab.pair()
    lab.pass(3)
    const server = listening(b, 80, 6)
    for (const [family, to, from] of [
      [6, 'fd00::2', 'fd00::1'],
      [4, '10.0.0.2', '::ffff:10.0.0.1'],
      [6, '::ffff:10.0.0.2', '::ffff:10.0.0.1'],
    ] as const) {
      const client = a.tcpSocket(family)
      expect(client.connect(ip(to), 80).ok).toBe(true)
      lab.pass(0.1)
      const accepted = server.accept()
      if (!accepted.ok) throw new Error(accepted.errno)
      expect(accepted.value.peer).toBe(ip(from))
      client.send(bytes('six'))
      lab.pass(0.1)
      expect(received(accepted.value)).toBe('six')
    }
  })

  test('carries programs that wait', () => {
    const lab = new TestLab()
    const { a, b } = lab.pair()
    const listener = listening(b, 80)
    const size = 3_000_000
    const sent = Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8)) & 0xff)
    const got: Uint8Array[] = []
    start(
      (function* () {
        const accepted = yield* tcpAccept(listener)
        if (!accepted.ok) return
        for (;;) {
          const data = yield* tcpRecv(accepted.value)
          if (!data.ok || data.value.length === 0) break
          got.push(data.value)
        }
        accepted.value.close()
      })(),
    )
    let result = ''
    start(
      (function* () {
        const client = a.tcpSocket()
        const made = yield* tcpConnect(client, ip('10.0.0.2'), 80)
        if (!made.ok) return
        const all = yield* tcpSend(client, sent)
        result = all.ok ? String(all.value) : all.errno
        client.shutdown('write')
        const end = yield* tcpRecv(client)
        result += end.ok && end.value.length === 0 ? ' end' : ' no end'
        client.close()
      })(),
    )
    lab.pass(20)
    expect(result).toBe(`${size} end`)
    expect(Buffer.concat(got).equals(Buffer.from(sent))).toBe(true)
  })

  test('leaves its port to the next who listens with SO_REUSEADDR, and to no other, while it waits in TIME_WAIT', () => {
    const lab = new TestLab()
    const { a } = lab.pair()
    const listen = (reuse: boolean): string => {
      const socket = a.tcpSocket()
      socket.options.reuseAddress = reuse
      const bound = socket.bind(undefined, 80)
      const result = bound.ok ? socket.listen(5) : bound
      if (result.ok) servers.push(socket)
      else socket.close()
      return result.ok ? 'listens' : result.errno
    }
    const servers: TcpSocket[] = []
    expect(listen(true)).toBe('listens')
    const client = a.tcpSocket()
    client.connect(ip('127.0.0.1'), 80)
    lab.pass(0.1)
    const accepted = servers[0]?.accept()
    if (accepted?.ok) accepted.value.close()
    expect(listen(true)).toBe('EADDRINUSE')
    servers[0]?.close()
    client.close()
    lab.pass(1)
    expect(a.tcp.allChannels().map(({ connection }) => connection.state)).toEqual(['TIME_WAIT'])
    expect([listen(false), listen(true)]).toEqual(['EADDRINUSE', 'listens'])
  })
})
