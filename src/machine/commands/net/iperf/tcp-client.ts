import { errnoText, tcpConnect, tcpSend } from '../../../../host/index.ts'
import type { Task } from '../../../../runtime/index.ts'
import { type Ip, isIp6 } from '../../../../wire/address.ts'
import { writeWish } from './header.ts'
import { Flow, Group } from './report.ts'
import { endsOf, type Session } from './session.ts'
import { type Amounts, writeFlow } from './tcp-flow.ts'
import { endsText, idText } from './text.ts'

export type TcpTest = Amounts & {
  host: string
  ip: Ip
  port: number
  streams: number
  window: number | undefined
  /** The test that a client asked its server for. */
  reverse: boolean
}

/** Makes the connections, writes, and prints; each stream's line at its end, and their sum. Joins `group`, if one is there. */
export function* tcpClient(session: Session, test: TcpTest, group = new Group()): Task<void> {
  const { options, process, report, crew } = session
  const live: { flow: Flow; socket: ReturnType<Session['tcpSocket']> }[] = []
  try {
    for (let i = 0; i < test.streams; i++) {
      const socket = session.tcpSocket(isIp6(test.ip), test.window)
      if (options.bind !== undefined && !test.reverse) {
        const { address, port } = session.binding()
        const bound = socket.bind(address, port === 0 ? 0 : port + i)
        if (!bound.ok) yield* process.error(`bind failed: ${errnoText[bound.errno]}`)
      }
      const made = yield* tcpConnect(socket, test.ip, test.port)
      if (!made.ok) yield* process.error(`tcp connect failed: ${errnoText[made.errno]}`)
      if (i === 0)
        yield* session.banner(
          `Client connecting to ${test.host}, TCP port ${test.port}`,
          session.tcpWindow(socket, true),
        )
      if (!made.ok) {
        socket.close()
        const ends = { local: isIp6(test.ip) ? 0n : 0, localPort: 0, remote: test.ip, remotePort: test.port }
        if (!options.without.has('C')) yield* process.print(`${idText(i + 1)} ${endsText(ends)}\n`)
        continue
      }
      const flow = new Flow(session.nextId(), endsOf(socket), session.now, test.reverse)
      group.flows.push(flow)
      live.push({ flow, socket })
      yield* session.connected(flow, socket, test.reverse ? ' (reverse)' : '')
    }
    if (options.printSegment) for (const { flow, socket } of live) yield* segmentLine(session, flow, socket)
    if (live.length === 0) return
    if (options.back !== undefined && !test.reverse)
      for (const { socket } of live) yield* tcpSend(socket, wish(session))
    crew.add(session.ticks(group))
    let left = live.length
    for (const { flow, socket } of live)
      crew.add(
        (function* (): Task<void> {
          const end = yield* writeFlow(session, socket, flow, test)
          yield* report.final(flow, end)
          left--
        })(),
      )
    yield* crew.join(() => left === 0)
    if (live.length === group.flows.length) yield* report.sum(group, session.now)
  } finally {
    for (const { socket } of live) socket.close()
  }
}

function* segmentLine(session: Session, flow: Flow, socket: ReturnType<Session['tcpSocket']>): Task<void> {
  const size = socket.connection?.sender.segment ?? 0
  yield* session.process.print(`${flow.label} MSS size ${size} bytes (MTU ${size + 40} bytes, unknown interface)\n`)
}

/** The head of a stream whose server is to test back. */
const wish = ({ options }: Session): Uint8Array => {
  const bytes = new Uint8Array(24)
  const { listenPort: port, parallel: streams, time, amount, window = 0 } = options
  writeWish(bytes, 0, { now: options.back === 'dual', streams, port, length: 0, window, time, amount })
  return bytes
}
