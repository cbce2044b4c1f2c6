import { second, sleep, type Task } from '../../../../runtime/index.ts'
import type { Command, Process } from '../../../command.ts'
import { Refusal } from '../refusal.ts'
import { type IperfOptions, readIperfOptions } from './options.ts'
import { Session } from './session.ts'
import { tcpClient } from './tcp-client.ts'
import { TcpServer, tcpListen, untilTold } from './tcp-server.ts'
import { udpClient } from './udp-client.ts'
import { gapOf, UdpServer, udpListen } from './udp-server.ts'

/** iperf(1), version 2: how fast TCP and UDP are from here to there. */
export const iperf: Command = function* (process) {
  try {
    const { options, warnings } = readIperfOptions(process.args.slice(1))
    for (const warning of warnings) yield* process.error(warning)
    const session = new Session(process, options)
    try {
      if (options.mode === 'client') yield* client(session)
      else if (options.background) yield* detached(process, options)
      else yield* server(session)
    } finally {
      session.crew.stop()
    }
    return 0
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return yield* process.fail(error.text, error.status)
  }
}

/** `-D`: a server that goes on when the command is over. */
function* detached(process: Process, options: IperfOptions): Task<void> {
  const child = process.spawn(
    function* (own) {
      const session = new Session(own, options)
      try {
        yield* server(session)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return yield* own.fail(error.text, error.status)
      } finally {
        session.crew.stop()
      }
      return 0
    },
    { args: process.args, background: true },
  )
  yield* process.print(`Running Iperf Server as a daemon\nThe Iperf daemon process ID: ${child.pid}\n`)
}

type Listening = { part: TcpServer | UdpServer; close(): void }

/** Opens the port and begins to take what comes. */
function* listen(session: Session, port: number): Task<Listening> {
  const { crew } = session
  if (session.options.udp) {
    const socket = yield* udpListen(session, port)
    const part = new UdpServer(session)
    crew.add(part.receive(socket))
    return { part, close: () => socket.close() }
  }
  const socket = yield* tcpListen(session, port)
  const part = new TcpServer(session)
  crew.add(part.accept(socket))
  return { part, close: () => socket.close() }
}

function* server(session: Session): Task<void> {
  const { options, process } = session
  const { part, close } = yield* listen(session, options.port)
  try {
    const most = options.single ? 1 : Number.POSITIVE_INFINITY
    yield* untilTold(session, () => part.finished >= most && !part.active)
    if (!part.active) return
    yield* process.error('Waiting for server threads to complete. Interrupt again to force quit.')
    yield* part.interrupted()
  } finally {
    close()
  }
}

function* client(session: Session): Task<void> {
  const { options } = session
  const ip = yield* session.find(options.host)
  const { host, port, parallel: streams, time, amount, length, rate, window } = options
  const common = { host, ip, port, streams, time, amount, length, reverse: false }
  const run = (): Task<void> =>
    options.udp
      ? udpClient(session, { ...common, gap: gapOf(length, rate) })
      : tcpClient(session, { ...common, window, rate: rate?.value })
  if (options.back === undefined) yield* run()
  else yield* bothWays(session, run)
}

/** Tests there, and has the server test back: at the same time or after. */
function* bothWays(session: Session, run: () => Task<void>): Task<void> {
  const { options, crew } = session
  const { part, close } = yield* listen(session, options.listenPort)
  try {
    yield* run()
    let late = false
    crew.add(
      (function* (): Task<void> {
        yield* sleep(session.process.clock, (options.time + 10) * second)
        late = true
      })(),
    )
    yield* crew.join(() => part.finished >= options.parallel || late || session.interrupted)
    if (part.finished === 0) yield* session.process.error('ERROR: expected reverse connect did not occur')
  } finally {
    close()
  }
}
