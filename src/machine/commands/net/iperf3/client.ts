import { errnoText, tcpConnect, tcpSend } from '../../../../host/index.ts'
import { elapsed, first, second, type Task } from '../../../../runtime/index.ts'
import { type Ip, isIp6 } from '../../../../wire/address.ts'
import { addressesOfName, numericIp } from '../names.ts'
import type { Ends } from './ends.ts'
import { Control, cookieBytes, newCookie, State } from './protocol.ts'
import { Test } from './test.ts'

/** The words between two parts that both know what they are: 32 bits each, in the order of iperf3's own machines. */
const hello = Uint8Array.of(0x39, 0x38, 0x37, 0x36)

/** How long a server is waited for that should say hello to a stream of UDP. */
const patience = 30 * second

/** A client's whole test; gives its status. */
export function* client(ends: Ends): Task<number> {
  const { process, options, report, crew } = ends
  const ip = numericIp(options.host) ?? addressesOfName(process, options.host, options.family)[0]
  // The original asks for the reason at a place that knows none.
  if (ip === undefined) return yield* fail(ends, `unable to connect to server: ${errnoText.EAGAIN}`)
  const socket = ends.tcpSocket(isIp6(ip))
  let test: Test | undefined
  try {
    const made = bound(ends, socket, 0) ?? (yield* tcpConnect(socket, ip, options.port))
    if (!made.ok) return yield* fail(ends, `unable to connect to server: ${errnoText[made.errno]}`)
    const cookie = newCookie(process.random)
    yield* tcpSend(socket, cookieBytes(cookie))
    const segment = socket.connection?.sender.segment ?? 0
    const own = { ...options.test }
    if (own.length === 0) own.length = segment > 0 ? segment : 1460
    test = new Test(process, crew, own, true, options.interval, rows => report.interval(test as Test, rows))
    const control = new Control(
      socket,
      [...ends.interrupts, test.ended],
      () => ends.interrupted || (test?.over === true && !ended),
    )
    let ended = false
    for (;;) {
      const heard = yield* control.state()
      if (ends.interrupted) return yield* broken(ends, test, control)
      if (heard.kind === 'told') {
        ended = true
        yield* control.sendState(State.testEnd)
        continue
      }
      if (heard.kind === 'closed') {
        test.end()
        return yield* fail(ends, 'control socket has closed unexpectedly')
      }
      switch (heard.value) {
        case State.paramExchange: {
          yield* greet(ends, test, cookie, segment)
          yield* control.sendJson(wishes(test))
          break
        }
        case State.createStreams: {
          const why = yield* connect(ends, test, ip, cookie)
          if (why !== undefined) return yield* fail(ends, why)
          yield* report.connected(test)
          report.began(test)
          break
        }
        case State.testStart:
          break
        case State.testRunning:
          test.run()
          break
        case State.exchangeResults: {
          yield* control.sendJson(test.results())
          const said = yield* control.json()
          if (said.kind === 'heard') test.learn(said.value)
          break
        }
        case State.displayResults: {
          yield* report.final(test)
          yield* control.sendState(State.done)
          yield* report.line('\niperf Done.\n', own.title)
          return yield* report.finish()
        }
        case State.accessDenied:
          return yield* fail(ends, 'the server is busy running a test. try again later')
        case State.serverTerminate:
          test.end()
          yield* report.final(test)
          return yield* fail(ends, 'the server has terminated')
        case State.serverError:
          return yield* fail(ends, 'server error')
        default:
          return yield* fail(ends, 'received an unknown control message (ensure other side is iperf3 and not iperf)')
      }
    }
  } finally {
    test?.close()
    socket.close()
  }
}

const fail = ({ report }: Ends, why: string): Task<number> => report.finish(why, 'error - ')

const bound = ({ options }: Ends, socket: ReturnType<Ends['tcpSocket']>, port: number) => {
  const address = options.bind === undefined ? undefined : numericIp(options.bind)
  if (address === undefined && port === 0) return undefined
  const result = socket.bind(address, port)
  return result.ok ? undefined : result
}

/** Ctrl-C: says so to the server, and tells what there is. */
function* broken(ends: Ends, test: Test, control: Control): Task<number> {
  test.end()
  if (test.duration > 0) yield* ends.report.final(test)
  yield* control.sendState(State.clientTerminate)
  const why = 'interrupt - the client has terminated'
  return ends.options.json ? yield* ends.report.finish(why) : yield* ends.process.fail(`iperf3: ${why}`)
}

function* greet(ends: Ends, test: Test, cookie: string, segment: number): Task<void> {
  const { options, report } = ends
  const { title, reverse } = options.test
  report.stamp()
  report.fact('connecting_to', { host: options.host, port: options.port })
  report.fact('cookie', cookie)
  if (!test.options.udp) report.fact('tcp_mss_default', segment)
  ends.bufferFacts(test)
  yield* report.line(`Connecting to host ${options.host}, port ${options.port}\n`, title)
  if (reverse) yield* report.line(`Reverse mode, remote host ${options.host} is sending\n`, title)
}

/** The parameters as the server wants to have them. */
const wishes = ({ options }: Test): Parameters<Control['sendJson']>[0] => ({
  tcp: options.udp ? undefined : true,
  udp: options.udp ? true : undefined,
  omit: options.omit,
  time: options.time,
  num: options.bytes,
  blockcount: options.blocks,
  MSS: options.maxSegment > 0 ? options.maxSegment : undefined,
  nodelay: options.noDelay ? true : undefined,
  parallel: options.parallel,
  reverse: options.reverse ? true : undefined,
  bidirectional: options.bidirectional ? true : undefined,
  window: options.window > 0 ? options.window : undefined,
  len: options.length,
  bandwidth: options.rate > 0 ? options.rate : undefined,
  pacing_timer: 1000,
  TOS: options.tos > 0 ? options.tos : undefined,
  title: options.title,
  congestion: options.congestion,
  client_version: '3.12',
})

/** Makes the streams; gives what went wrong. */
function* connect(ends: Ends, test: Test, ip: Ip, cookie: string): Task<string | undefined> {
  const { options, process } = ends
  for (let i = 0; i < test.count; i++) {
    const port = options.clientPort === 0 ? 0 : options.clientPort + i
    if (test.options.udp) {
      const socket = ends.udpSocket(isIp6(ip), test.options)
      const made = socket.bind(options.bind === undefined ? undefined : numericIp(options.bind), port)
      const joined = made.ok ? socket.connect(ip, options.port) : made
      if (!joined.ok) {
        socket.close()
        return `unable to connect stream: ${errnoText[joined.errno]}`
      }
      test.add({ kind: 'udp', socket })
      socket.send(hello)
      const until = process.clock.now() + patience
      for (;;) {
        if (socket.recv() !== undefined) break
        if (socket.takeError() !== undefined) return `unable to read from stream socket: ${errnoText.ECONNREFUSED}`
        if (process.clock.now() >= until || ends.interrupted)
          return `unable to read from stream socket: ${errnoText.EAGAIN}`
        yield first(socket.onReadable.wait, elapsed(process.clock, until - process.clock.now()), ...ends.interrupts)
      }
    } else {
      const socket = ends.tcpSocket(isIp6(ip), test.options)
      const made = bound(ends, socket, port) ?? (yield* tcpConnect(socket, ip, options.port))
      if (!made.ok) {
        socket.close()
        return `unable to connect stream: ${errnoText[made.errno]}`
      }
      yield* tcpSend(socket, cookieBytes(cookie))
      test.add({ kind: 'tcp', socket })
    }
  }
  return undefined
}
