import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { second } from '../../runtime/index.ts'
import { pushEthernet } from '../../wire/ethernet.ts'
import { Frame } from '../../wire/frame.ts'
import { pushIpv4 } from '../../wire/ipv4.ts'
import { parseTcp, pushTcp, TcpFlag } from '../../wire/tcp.ts'
import { ip, ip4, TestLab } from '../lab.testing.ts'
import type { TcpSocket } from '../tcp-socket.ts'

/** Two hosts and a connection; `cut` loses all of TCP from then on. */
const connected = (prepare: (client: TcpSocket, listener: TcpSocket) => void = () => {}) => {
  const lab = new TestLab()
  const a = lab.host('a')
  const b = lab.host('b')
  const la = lab.nic(a, 'eth0', '10.0.0.1/24')
  const lb = lab.nic(b, 'eth0', '10.0.0.2/24')
  let isCut = false
  lab.cable(la, lb, 1000, frame => isCut && frame.bytes[frame.start + 23] === 6)
  const listener = b.tcpSocket()
  const client = a.tcpSocket()
  prepare(client, listener)
  listener.bind(undefined, 80)
  listener.listen(5)
  client.connect(ip('10.0.0.2'), 80)
  lab.pass(0.5)
  const accepted = listener.accept()
  if (!accepted.ok) throw new Error(accepted.errno)
  lab.seen.length = 0
  /** Segments since the last look, as `time flags size`, of one end. */
  const said = (from = la): string[] =>
    lab.seen
      .filter(seen => seen.from === from && seen.frame.bytes[seen.frame.start + 23] === 6)
      .map(({ time, frame }) => {
        const tcp = parseTcp(frame.bytes, frame.start + 34, frame.end)
        if (!tcp.ok) throw new Error(tcp.why)
        const { flags, payload } = tcp.value
        return `${(time / second).toFixed(1)} ${flags.toString(16)} ${frame.end - payload}`
      })
  const cut = (): void => {
    isCut = true
  }
  const heal = (): void => {
    isCut = false
  }
  return { lab, a, b, la, lb, listener, client, server: accepted.value, said, cut, heal }
}

const times = (lines: readonly string[]): number[] => lines.map(line => Number(line.split(' ')[0]))

describe('keep-alive (RFC 9293 §3.8.4)', () => {
  const keep = (client: TcpSocket): void => {
    client.options.keepAlive = true
    client.options.keepIdle = 10 * second
    client.options.keepInterval = 5 * second
    client.options.keepCount = 3
  }

  test('asks a silent peer, and is content with an answer', () => {
    const { lab, client, said, a } = connected(keep)
    lab.pass(45)
    expect(times(said())).toEqual([10, 20, 30, 40])
    expect(client.state).toBe('ESTABLISHED')
    expect(a.counters.get('TcpExt.TCPKeepAlive')).toBe(4)
  })

  test('gives up after the last question', () => {
    const { lab, client, said, cut } = connected(keep)
    cut()
    lab.pass(60)
    expect(times(said())).toEqual([10, 15, 20, 25])
    expect([client.state, client.takeError()]).toEqual(['CLOSED', 'ETIMEDOUT'])
  })

  test('is not needed while data is under way', () => {
    const { lab, client, a, cut } = connected(keep)
    cut()
    client.send(new Uint8Array(100))
    lab.pass(30)
    expect(a.counters.get('TcpExt.TCPKeepAlive')).toBe(0)
    expect(a.counters.get('Tcp.RetransSegs')).toBeGreaterThan(3)
  })
})

describe('a closed window', () => {
  test('is asked again and again, ever less often, and data goes on when it opens', () => {
    const { lab, client, server, said, a } = connected((_, listener) => {
      listener.options.receiveSize = 3000
    })
    client.send(new Uint8Array(20_000))
    lab.pass(0.1)
    lab.seen.length = 0
    lab.pass(60)
    const lines = said()
    const asked = times(lines)
    expect(asked.length).toBeGreaterThan(5)
    const pauses = asked.slice(1).map((time, i) => time - (asked[i] as number))
    for (const [i, pause] of pauses.entries()) if (i > 0) expect(pause).toBeCloseTo(2 * (pauses[i - 1] as number), 0)
    expect(a.counters.get('TcpExt.TCPWinProbe')).toBe(lines.filter(line => line.endsWith(' 0')).length)
    expect(client.state).toBe('ESTABLISHED')
    let got = 0
    for (let i = 0; i < 200 && got < 20_000; i++) {
      const part = server.recv()
      if (part.ok) got += part.value.length
      lab.pass(0.5)
    }
    expect(got).toBe(20_000)
  })

  test('of a peer that is gone ends the connection after the retries', () => {
    const { lab, a, client, cut } = connected((_, listener) => {
      listener.options.receiveSize = 3000
    })
    a.settings.set('net.ipv4.tcp_retries2', '3')
    client.send(new Uint8Array(20_000))
    lab.pass(0.1)
    cut()
    lab.pass(2000)
    expect([client.state, client.takeError()]).toEqual(['CLOSED', 'ETIMEDOUT'])
  })
})

describe('giving up', () => {
  test('on a peer that never answers: six SYNs more, each after twice the time', () => {
    const lab = new TestLab()
    const a = lab.host('a')
    const la = lab.nic(a, 'eth0', '10.0.0.1/24')
    const sent: number[] = []
    la.plug({
      send: frame => {
        if (frame.bytes[frame.start + 23] === 6) sent.push(Math.round(lab.clock.now() / second))
      },
    })
    a.addNeighbour(la, ip('10.0.0.2'), 0x02)
    const client = a.tcpSocket()
    client.connect(ip('10.0.0.2'), 80)
    lab.pass(200)
    expect(sent).toEqual([0, 1, 3, 7, 15, 31, 63])
    expect(client.takeError()).toBe('ETIMEDOUT')
  })

  test('on a half-open connection: five answers more', () => {
    const { lab, b, listener, cut, la, lb } = connected()
    cut()
    const syn = pushTcp(
      Frame.of(0),
      { src: 999, dst: 80, seq: 5, ack: 0, flags: TcpFlag.syn, window: 100, urgent: 0, options: [] },
      { src: ip4('10.0.0.1'), dst: ip4('10.0.0.2') },
    )
    pushIpv4(syn, { src: ip4('10.0.0.1'), dst: ip4('10.0.0.2'), protocol: 6 })
    lb.deliver(pushEthernet(syn, { dst: lb.mac, src: la.mac, type: 0x0800 }))
    lab.pass(100)
    expect(listener.queue.waiting).toBe(0)
    expect(b.tcp.allChannels().filter(({ ends }) => ends.remotePort === 999)).toEqual([])
    expect(b.counters.get('Tcp.AttemptFails')).toBe(1)
  })

  test('on a peer that does not take data', () => {
    const { lab, a, client, cut } = connected()
    a.settings.set('net.ipv4.tcp_retries2', '4')
    const other = a.tcpSocket()
    other.connect(ip('10.0.0.2'), 80)
    lab.pass(0.1)
    cut()
    other.send(new Uint8Array(10))
    client.send(new Uint8Array(10))
    lab.pass(20)
    expect(other.takeError()).toBe('ETIMEDOUT')
    // The other one began before the setting.
    expect(client.takeError()).toBeUndefined()
  })
})

describe('the end', () => {
  test('with linger 0 is a reset', () => {
    const { lab, client, server, said, a } = connected()
    client.options.linger = 0
    client.close()
    lab.pass(0.1)
    expect(said().map(line => line.split(' ')[1])).toEqual([(TcpFlag.rst | TcpFlag.ack).toString(16)])
    expect(server.takeError()).toBe('ECONNRESET')
    expect(a.tcp.allChannels()).toEqual([])
  })

  test('half closed: data still comes, and the last state is waited for', () => {
    const { lab, client, server, a, b } = connected()
    client.shutdown('write')
    lab.pass(0.1)
    expect([client.state, server.state]).toEqual(['FIN_WAIT2', 'CLOSE_WAIT'])
    server.send(Uint8Array.of(1, 2, 3))
    lab.pass(0.1)
    expect(client.recv()).toEqual({ ok: true, value: Uint8Array.of(1, 2, 3) })
    server.close()
    client.close()
    lab.pass(0.1)
    expect([client.state, server.state]).toEqual(['TIME_WAIT', 'CLOSED'])
    lab.pass(61)
    expect([...a.tcp.allChannels(), ...b.tcp.allChannels()]).toEqual([])
  })

  test('of a peer that never says its own is not waited for by nobody', () => {
    const { lab, client, a, cut } = connected()
    client.close()
    lab.pass(0.1)
    cut()
    expect(client.state).toBe('FIN_WAIT2')
    lab.pass(61)
    expect(a.tcp.allChannels()).toEqual([])
  })

  test('a port in TIME_WAIT can be bound if both have SO_REUSEADDR', () => {
    const { lab, client, server, b, listener } = connected((_, socket) => {
      socket.options.reuseAddress = true
    })
    server.close()
    lab.pass(0.1)
    client.close()
    listener.close()
    lab.pass(0.1)
    const again = b.tcpSocket()
    expect(again.bind(undefined, 80)).toMatchObject({ ok: false, errno: 'EADDRINUSE' })
    again.options.reuseAddress = true
    expect(again.bind(undefined, 80).ok).toBe(true)
    expect(again.listen(1).ok).toBe(true)
  })
})

describe('a listener whose queue is full', () => {
  test('drops what comes, which comes again', () => {
    const lab = new TestLab()
    const { a, b } = lab.pair()
    const listener = b.tcpSocket()
    listener.bind(undefined, 80)
    listener.listen(1)
    const clients = Array.from({ length: 4 }, () => {
      const client = a.tcpSocket()
      client.connect(ip('10.0.0.2'), 80)
      return client
    })
    lab.pass(0.5)
    expect(listener.queue).toEqual({ waiting: 2, backlog: 1 })
    expect(b.counters.get('TcpExt.ListenDrops')).toBeGreaterThan(0)
    for (let i = 0; i < 4; i++) {
      expect(listener.accept().ok).toBe(true)
      lab.pass(16)
    }
    expect(clients.map(client => client.state)).toEqual(Array(4).fill('ESTABLISHED'))
  })

  test('has a bound for half-open connections, whoever floods it', () => {
    const lab = new TestLab()
    const { b, la, lb } = lab.pair()
    const listener = b.tcpSocket()
    listener.bind(undefined, 80)
    listener.listen(10)
    lab.pass(1)
    for (let i = 0; i < 5000; i++) {
      const ends = { src: ip4('10.0.0.1'), dst: ip4('10.0.0.2') }
      const tcp = { src: 1000 + i, dst: 80, seq: i, ack: 0, flags: TcpFlag.syn, window: 100, urgent: 0, options: [] }
      const frame = pushIpv4(pushTcp(Frame.of(0), tcp, ends), { ...ends, protocol: 6 })
      lb.deliver(pushEthernet(frame, { dst: lb.mac, src: la.mac, type: 0x0800 }))
    }
    expect(b.tcp.allChannels().length).toBeLessThanOrEqual(10)
    lab.pass(300)
    expect(b.tcp.allChannels()).toEqual([])
  })
})

describe('hostile segments', () => {
  const segment = fc.record({
    seq: fc.integer({ min: -3000, max: 70_000 }),
    ack: fc.integer({ min: -3000, max: 70_000 }),
    flags: fc.integer({ min: 0, max: 255 }),
    window: fc.nat(65535),
    options: fc.uint8Array({ maxLength: 40 }),
    size: fc.nat(1400),
    far: fc.boolean(),
  })

  test('never throw, and memory stays within what was offered', () => {
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 60 }), fc.boolean(), (segments, sends) => {
        const { lab, client, server, la, lb, b } = connected((_, listener) => {
          listener.options.receiveSize = 20_000
        })
        if (sends) server.send(new Uint8Array(30_000))
        const { connection } = server
        for (const { seq, ack, flags, window, options, size, far } of segments) {
          // Around the places where the two are, or anywhere.
          const theirs = (client.connection as unknown as { agreement: { ourWire(n: number): number } }).agreement
          const ours = (server.connection as unknown as { agreement: { ourWire(n: number): number } }).agreement
          const base = far
            ? [seq * 65521, ack * 65521]
            : [theirs.ourWire(Math.max(0, seq)), ours.ourWire(Math.max(0, ack))]
          const ends = { src: ip4('10.0.0.1'), dst: ip4('10.0.0.2') }
          const frame = Frame.of(size)
          const words = Math.floor(options.length / 4)
          frame.prepend(words * 4)
          frame.bytes.set(options.subarray(0, words * 4), frame.start)
          const tcp = {
            src: client.port,
            dst: 80,
            seq: (base[0] as number) >>> 0,
            ack: (base[1] as number) >>> 0,
            flags,
            window,
            urgent: 0,
            options: [],
          }
          pushTcp(frame, tcp, ends)
          // The options belong to the header, so the sum is made again.
          frame.bytes[frame.start + 12] = (5 + words) << 4
          rightSum(frame, ends)
          pushIpv4(frame, { ...ends, protocol: 6 })
          lb.deliver(pushEthernet(frame, { dst: lb.mac, src: la.mac, type: 0x0800 }))
          lab.pass(0.01)
        }
        expect(connection?.receiver.memory ?? 0).toBeLessThanOrEqual(64 * 1024)
        expect(b.tcp.allChannels().length).toBeLessThanOrEqual(2)
        lab.pass(3000)
      }),
      { numRuns: 60 },
    )
  })
})

const rightSum = (frame: Frame, { src, dst }: { src: number; dst: number }): void => {
  const { bytes, start, end } = frame
  bytes[start + 16] = bytes[start + 17] = 0
  let sum = (src >>> 16) + (src & 0xffff) + (dst >>> 16) + (dst & 0xffff) + 6 + (end - start)
  for (let i = start; i < end; i += 2) sum += ((bytes[i] as number) << 8) | (i + 1 < end ? (bytes[i + 1] as number) : 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  bytes[start + 16] = (~sum >>> 8) & 255
  bytes[start + 17] = ~sum & 255
}
