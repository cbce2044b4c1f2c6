import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { millisecond, second, seeded, start } from '../../runtime/index.ts'
import type { Frame } from '../../wire/frame.ts'
import { ip, TestLab } from '../lab.testing.ts'
import type { Link } from '../link.ts'
import type { Namespace } from '../namespace.ts'
import type { TcpSocket } from '../tcp-socket.ts'
import { tcpAccept, tcpConnect, tcpRecv, tcpSend } from './blocking.ts'

const pattern = (size: number, salt: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8) * 7 + salt) & 0xff)

/** Sends all, closes that way, and reads until the other side has closed too. */
function* exchange(
  socket: TcpSocket,
  data: Uint8Array,
  chunk: number,
  done: (got: Uint8Array, errno?: string) => void,
) {
  const got: Uint8Array[] = []
  let open = 2
  start(
    (function* () {
      for (let at = 0; at < data.length; at += chunk) {
        const sent = yield* tcpSend(socket, data.subarray(at, at + chunk))
        if (!sent.ok) done(Buffer.concat(got), sent.errno)
      }
      socket.shutdown('write')
      if (--open === 0) socket.close()
    })(),
  )
  for (;;) {
    const received = yield* tcpRecv(socket, chunk)
    if (!received.ok) {
      done(Buffer.concat(got), received.errno)
      return
    }
    if (received.value.length === 0) break
    got.push(received.value)
  }
  done(Buffer.concat(got))
  if (--open === 0) socket.close()
}

type Weather = { seed: number; loss: number; late: number; twice: number; delay: number }

/** A cable that loses, repeats and reorders TCP's packets; ARP comes through. */
const storm = (lab: TestLab, a: Link, b: Link, { seed, loss, late, twice, delay }: Weather): void => {
  const random = seeded(seed)
  const { clock } = lab
  const end = (to: Link) => ({
    send: (frame: Frame) => {
      const arrive = (after: number, what: Frame): void => {
        clock.at(clock.now() + after, () => to.deliver(what))
      }
      const isTcp = frame.bytes[frame.start + 12] === 0x08 && frame.bytes[frame.start + 13] === 0x00
      if (!isTcp) arrive(delay, frame)
      else if (random() >= loss) {
        if (random() < twice) arrive(delay * (1 + random()), frame.copy())
        arrive(random() < late ? delay * (1 + 3 * random()) : delay, frame)
      }
    },
  })
  a.plug(end(b))
  b.plug(end(a))
}

type Result = { got?: Uint8Array; errno?: string }

const run = (
  weather: Weather,
  sizes: [number, number],
  chunk: number,
  prepare: (host: Namespace) => void = () => {},
  receiveSize?: number,
) => {
  const lab = new TestLab()
  const { a, b, la, lb } = lab.pair()
  storm(lab, la, lb, weather)
  prepare(a)
  prepare(b)
  const listener = b.tcpSocket()
  listener.options.receiveSize = receiveSize
  listener.bind(undefined, 80)
  listener.listen(1)
  const data = [pattern(sizes[0], 1), pattern(sizes[1], 2)] as const
  const up: Result = {}
  const down: Result = {}
  const keep = (result: Result) => (got: Uint8Array, errno?: string) => {
    result.got = got
    if (errno !== undefined) result.errno = errno
  }
  start(
    (function* () {
      const accepted = yield* tcpAccept(listener)
      if (accepted.ok) yield* exchange(accepted.value, data[1], chunk, keep(up))
    })(),
  )
  start(
    (function* () {
      const client = a.tcpSocket()
      const made = yield* tcpConnect(client, ip('10.0.0.2'), 80)
      if (made.ok) yield* exchange(client, data[0], chunk, keep(down))
      else down.errno = made.errno
    })(),
  )
  const finished = (): boolean => up.got !== undefined && down.got !== undefined
  const limit = 3600 * second
  lab.clock.runWhile(() => !finished() && lab.clock.now() < limit)
  const time = lab.clock.now() / second
  lab.pass(600)
  return { up, down, data, a, b, lab, time }
}

const same = (got: Uint8Array | undefined, sent: Uint8Array): boolean =>
  got !== undefined && Buffer.from(got).equals(Buffer.from(sent))

describe('whatever the path does, exactly the bytes arrive, both ways', () => {
  const weather = fc.record({
    seed: fc.nat(1e6),
    loss: fc.constantFrom(0, 0.01, 0.05, 0.1),
    late: fc.constantFrom(0, 0.02, 0.3),
    twice: fc.constantFrom(0, 0.02, 0.2),
    delay: fc.constantFrom(10_000, millisecond, 30 * millisecond),
  })
  const knobs = fc.record({
    timestamps: fc.boolean(),
    selective: fc.boolean(),
    scaling: fc.boolean(),
    cubic: fc.boolean(),
    receiveSize: fc.constantFrom(undefined, 700, 5000),
    chunk: fc.constantFrom(100, 1000, 20_000),
  })
  test('with every choice of options', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(weather, knobs, fc.nat(60_000), fc.nat(60_000), (path, options, up, down) => {
        const prepare = (host: Namespace): void => {
          host.settings.set('net.ipv4.tcp_timestamps', options.timestamps ? '1' : '0')
          host.settings.set('net.ipv4.tcp_sack', options.selective ? '1' : '0')
          host.settings.set('net.ipv4.tcp_window_scaling', options.scaling ? '1' : '0')
          host.settings.set('net.ipv4.tcp_congestion_control', options.cubic ? 'cubic' : 'reno')
        }
        const result = run(path, [up, down], options.chunk, prepare, options.receiveSize)
        expect([result.up.errno, result.down.errno]).toEqual([undefined, undefined])
        expect([same(result.up.got, result.data[0]), same(result.down.got, result.data[1])]).toEqual([true, true])
        expect([result.a, result.b].map(host => host.tcp.allChannels().length)).toEqual([0, 0])
      }),
      { numRuns: 40 },
    )
  })
})

describe('a loss', () => {
  test('is repaired without waiting for the timer', () => {
    const weather = { seed: 5, loss: 0.01, late: 0, twice: 0, delay: 10 * millisecond }
    const { up, data, a, time } = run(weather, [2_000_000, 0], 65536)
    expect(same(up.got, data[0])).toBe(true)
    expect(a.counters.get('TcpExt.TCPTimeouts')).toBe(0)
    expect(a.counters.get('Tcp.RetransSegs')).toBeGreaterThan(5)
    expect(time).toBeLessThan(4)
  })
})
