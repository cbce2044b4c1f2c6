import { errnoText, type UdpSocket } from '../../../../host/index.ts'
import { elapsed, first, millisecond, second, type Task } from '../../../../runtime/index.ts'
import { type Ip, isIp6 } from '../../../../wire/address.ts'
import { readReport, writeDatagram, writeWish } from './header.ts'
import { Flow, Group } from './report.ts'
import type { Session } from './session.ts'
import { payload } from './tcp-flow.ts'

export type UdpTest = {
  host: string
  ip: Ip
  port: number
  streams: number
  time: number
  amount: number | undefined
  length: number
  /** Nanoseconds between two datagrams. */
  gap: number
  reverse: boolean
}

/** How often the last datagram is sent until the server reports, and how long each time is waited. */
const tries = 10
const patience = 250 * millisecond

/** Sends at a pace; then asks the server what came. */
export function* udpClient(session: Session, test: UdpTest): Task<void> {
  const { options, report, crew } = session
  const group = new Group()
  const live: { flow: Flow; socket: UdpSocket }[] = []
  const gap = `Sending ${test.length} byte datagrams, IPG target: ${(test.gap / 1000).toFixed(2)} us (kalman adjust)`
  try {
    for (let i = 0; i < test.streams; i++) {
      const socket = session.udpSocket(isIp6(test.ip))
      live.push({ flow: yield* open(session, socket, test, i), socket })
      if (i === 0)
        yield* session.banner(`Client connecting to ${test.host}, UDP port ${test.port}`, session.udpWindow(), gap)
    }
    for (const { flow } of live) {
      group.flows.push(flow)
      yield* session.connected(flow, undefined, test.reverse ? ' (reverse)' : '')
    }
    crew.add(session.ticks(group))
    let sending = live.length
    let waiting = live.length
    for (const { flow, socket } of live)
      crew.add(
        (function* (): Task<void> {
          const last = yield* sendAll(session, socket, flow, test)
          yield* report.final(flow, session.now)
          if (!options.csv && !options.without.has('D'))
            yield* session.process.print(`${flow.label} Sent ${last} datagrams\n`)
          if (--sending === 0 && live.length > 1) {
            yield* report.sum(group, session.now)
            const all = live.reduce((sum, { flow }) => sum + flow.datagrams, 0)
            if (!options.csv && !options.without.has('D'))
              yield* session.process.print(`[SUM-${live.length}] Sent ${all} datagrams\n`)
          }
          if (!session.interrupted) yield* ask(session, socket, flow, last, test)
          waiting--
        })(),
      )
    yield* crew.join(() => waiting === 0)
  } finally {
    for (const { socket } of live) socket.close()
  }
}

function* open(session: Session, socket: UdpSocket, test: UdpTest, i: number): Task<Flow> {
  const { options, process } = session
  if (options.bind !== undefined && !test.reverse) {
    const { address, port } = session.binding()
    const bound = socket.bind(address, port === 0 ? 0 : port + i)
    if (!bound.ok) yield* process.error(`bind failed: ${errnoText[bound.errno]}`)
  }
  const made = socket.connect(test.ip, test.port)
  if (!made.ok) yield* process.error(`udp connect failed: ${errnoText[made.errno]}`)
  const ends = { local: socket.address ?? 0, localPort: socket.port, remote: test.ip, remotePort: test.port }
  return new Flow(session.nextId(), ends, session.now, test.reverse)
}

/** Gives the number of the last datagram, which says that it is the last. */
function* sendAll(session: Session, socket: UdpSocket, flow: Flow, test: UdpTest): Task<number> {
  const { process, options } = session
  const bytes = payload(test.length)
  const began = session.now
  const end = test.amount === undefined && test.time > 0 ? began + test.time * second : Number.POSITIVE_INFINITY
  const wakes = session.interrupts.map(caught => caught.wait)
  let left = test.amount ?? Number.POSITIVE_INFINITY
  if (options.back !== undefined && !test.reverse) writeWish(bytes, 16, wishOf(session))
  else bytes.fill(0, 16, 40)
  let id = 0
  while (session.now < end && left > 0 && !session.interrupted) {
    writeDatagram(bytes, ++id, session.now)
    const error = socket.send(bytes)
    if (error === undefined) {
      flow.bytes += bytes.length
      flow.datagrams++
    } else if (error !== 'ECONNREFUSED' && error !== 'ENOBUFS')
      yield* process.error(`write failed: ${errnoText[error]}`)
    left -= bytes.length
    yield* process.work(bytes.length)
    const next = Math.min(end, began + id * test.gap)
    if (next > session.now) yield first(elapsed(process.clock, next - session.now), ...wakes)
  }
  flow.datagrams++
  return id + 1
}

const wishOf = ({ options }: Session): Parameters<typeof writeWish>[2] => {
  const { listenPort: port, parallel: streams, time, amount } = options
  return { now: options.back === 'dual', streams, port, length: 0, window: 0, time, amount }
}

/** Says that all was sent, until the server says what came. */
function* ask(session: Session, socket: UdpSocket, flow: Flow, last: number, test: UdpTest): Task<void> {
  const { process, report, options } = session
  const bytes = payload(test.length)
  if (options.back !== undefined && !test.reverse) writeWish(bytes, 16, wishOf(session))
  else bytes.fill(0, 16, 40)
  for (let i = 0; i < tries; i++) {
    writeDatagram(bytes, -last, session.now)
    socket.send(bytes)
    const end = session.now + patience
    while (session.now < end && !session.interrupted) {
      const datagram = socket.recv()
      if (datagram === undefined) {
        const error = socket.takeError()
        if (error !== undefined) yield* process.error(`read failed: ${errnoText[error]}`)
        else yield first(socket.onReadable.wait, elapsed(process.clock, end - session.now))
        continue
      }
      const answer = readReport(datagram.payload)
      if (answer === undefined) continue
      if (!options.without.has('V')) yield* report.serverReport(flow, answer.time, answer.bytes, answer.arrivals)
      return
    }
  }
  const label = `[${`${flow.id + 2}`.padStart(3)}]`
  yield* process.error(`${label} WARNING: did not receive ack of last datagram after ${tries} tries.`)
}
