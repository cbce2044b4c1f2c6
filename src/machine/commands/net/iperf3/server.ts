import { errnoText, type TcpSocket, tcpAccept, type UdpSocket } from '../../../../host/index.ts'
import { first, fromUtf8, Signal, type Task } from '../../../../runtime/index.ts'
import { formatIp } from '../../../../wire/address.ts'
import { plain } from '../iperf/session.ts'
import { numericIp } from '../names.ts'
import { Refusal } from '../refusal.ts'
import { Ends } from './ends.ts'
import type { TestOptions } from './options.ts'
import { Control, cookieSize, type JsonObject, State } from './protocol.ts'
import { Test } from './test.ts'
import { rule } from './text.ts'

/** A server: one test after the other. Gives its status. */
export function* server(ends: Ends): Task<number> {
  const { process, options } = ends
  const six = options.family === 6
  const socket = ends.tcpSocket(six)
  socket.options.reuseAddress = true
  const address = options.bind === undefined ? undefined : numericIp(options.bind)
  const opened = socket.bind(address, options.port)
  const listening = opened.ok ? socket.listen(5) : opened
  if (!listening.ok) {
    socket.close()
    const why = `unable to start listener for connections: ${errnoText[listening.errno]}`
    throw new Refusal(`iperf3: error - ${why}\niperf3: exiting`, 1)
  }
  try {
    for (let number = 1; ; number++) {
      const own = number === 1 ? ends : new Ends(process, options)
      const turn = new Turn(own, socket, six)
      try {
        yield* own.report.line(`${rule}Server listening on ${options.port} (test #${number})\n${rule}`)
        yield* turn.serve()
      } finally {
        own.crew.stop()
        turn.close()
      }
      if (own.interrupted) return yield* process.fail('iperf3: interrupt - the server has terminated')
      if (options.single) return 0
    }
  } finally {
    socket.close()
  }
}

/** A server's dealing with one client. */
class Turn {
  private readonly ends: Ends
  private readonly socket: TcpSocket
  private readonly six: boolean
  private control: Control | undefined
  private test: Test | undefined
  private cookie = ''
  /** Streams of TCP that came with the right cookie. */
  private readonly arrived: TcpSocket[] = []
  private readonly news = new Signal()
  /** Where the next stream of UDP will come. */
  private waiting: UdpSocket | undefined

  constructor(ends: Ends, socket: TcpSocket, six: boolean) {
    this.ends = ends
    this.socket = socket
    this.six = six
  }

  close(): void {
    this.test?.close()
    this.control?.socket.close()
    this.waiting?.close()
    for (const socket of this.arrived) socket.close()
  }

  /** From the first connection to the end of its test. */
  *serve(): Task<void> {
    const { ends } = this
    ends.crew.add(this.admit())
    while (this.control === undefined) {
      if (ends.interrupted) return
      yield first(this.news.wait, ...ends.interrupts)
    }
    const control = this.control
    yield* this.greet(control.socket)
    yield* control.sendState(State.paramExchange)
    const wishes = yield* control.json()
    if (wishes.kind !== 'heard') return yield* this.lost()
    const options = optionsOf(wishes.value)
    if (options === undefined) {
      yield* control.sendState(State.serverError)
      return
    }
    const { report, crew, process } = ends
    const test: Test = new Test(process, crew, options, false, ends.options.interval, rows =>
      report.interval(test, rows),
    )
    this.test = test
    this.facts(test)
    if (options.udp) this.waiting = this.listenUdp(options)
    yield* control.sendState(State.createStreams)
    if (!(yield* this.streams(test))) return
    yield* report.connected(test)
    report.began(test)
    yield* control.sendState(State.testStart)
    yield* control.sendState(State.testRunning)
    test.run()
    yield* this.follow(test, control)
  }

  /** What the client says while the test runs and after. */
  private *follow(test: Test, control: Control): Task<void> {
    const { ends } = this
    const { report } = ends
    for (;;) {
      const heard = yield* control.state()
      if (heard.kind !== 'heard') {
        test.end()
        if (ends.interrupted) yield* control.sendState(State.serverTerminate)
        else return yield* this.lost()
        yield* report.final(test)
        return
      }
      if (heard.value === State.testEnd) {
        test.end()
        test.hangUp()
        yield* control.sendState(State.exchangeResults)
        const said = yield* control.json()
        if (said.kind !== 'heard') return yield* this.lost()
        yield* control.sendJson(test.results())
        yield* control.sendState(State.displayResults)
        yield* report.final(test)
      } else if (heard.value === State.done) {
        yield* report.finish()
        return
      } else if (heard.value === State.clientTerminate) {
        test.end()
        yield* report.final(test)
        if (ends.options.json) yield* report.finish('the client has terminated')
        else yield* ends.process.error('iperf3: the client has terminated')
        return
      }
    }
  }

  private *lost(): Task<void> {
    if (this.ends.interrupted) return
    const why = 'the client has unexpectedly closed the connection'
    if (this.ends.options.json) yield* this.ends.report.finish(why)
    else yield* this.ends.process.error(`iperf3: ${why}`)
  }

  private *greet(socket: TcpSocket): Task<void> {
    const host = formatIp(plain(socket.peer ?? 0))
    yield* this.ends.report.line(`Accepted connection from ${host}, port ${socket.peerPort}\n`)
  }

  /** The head of the JSON object, whose order differs from a client's. */
  private facts(test: Test): void {
    const { report } = this.ends
    const { socket } = this.control as Control
    const who = (): void => {
      report.stamp()
      report.fact('accepted_connection', { host: formatIp(plain(socket.peer ?? 0)), port: socket.peerPort })
      report.fact('cookie', this.cookie)
    }
    if (test.options.udp) {
      report.fact('target_bitrate', test.options.rate)
      who()
      this.ends.bufferFacts(test)
      return
    }
    report.fact('sock_bufsize', 0)
    report.fact('sndbuf_actual', 0)
    report.fact('rcvbuf_actual', 0)
    who()
    report.fact('tcp_mss_default', 0)
    this.ends.bufferFacts(test)
  }

  /** Takes connections: the first is for control, those with its cookie are streams, and others come at a wrong time. */
  private *admit(): Task<void> {
    for (;;) {
      const accepted = yield* tcpAccept(this.socket)
      if (!accepted.ok) return
      this.ends.crew.add(this.meet(accepted.value))
    }
  }

  private *meet(socket: TcpSocket): Task<void> {
    const { ends } = this
    const control = new Control(socket, ends.interrupts, () => ends.interrupted)
    const heard = yield* control.bytes(cookieSize)
    if (heard.kind !== 'heard') {
      socket.close()
      return
    }
    const cookie = fromUtf8(heard.value.subarray(0, cookieSize - 1))
    if (this.control === undefined) {
      this.control = control
      this.cookie = cookie
    } else if (cookie === this.cookie && this.test !== undefined && !this.test.running) this.arrived.push(socket)
    else {
      yield* control.sendState(State.accessDenied)
      socket.close()
    }
    this.news.wake()
  }

  private listenUdp(options: TestOptions): UdpSocket | undefined {
    const { ends } = this
    const socket = ends.udpSocket(this.six, options)
    socket.options.reuseAddress = true
    const address = ends.options.bind === undefined ? undefined : numericIp(ends.options.bind)
    if (socket.bind(address, ends.options.port).ok) return socket
    socket.close()
    return undefined
  }

  /** Waits for all streams. */
  private *streams(test: Test): Task<boolean> {
    const { ends } = this
    while (test.streams.length < test.count) {
      if (ends.interrupted) return false
      if (test.options.udp) {
        const socket = this.waiting
        if (socket === undefined) return false
        const datagram = socket.recv()
        if (datagram === undefined) {
          yield first(socket.onReadable.wait, ...ends.interrupts)
          continue
        }
        socket.connect(datagram.src, datagram.sport)
        test.add({ kind: 'udp', socket })
        this.waiting = test.streams.length < test.count ? this.listenUdp(test.options) : undefined
        socket.send(Uint8Array.of(0x36, 0x37, 0x38, 0x39))
      } else {
        const socket = this.arrived.shift()
        if (socket === undefined) yield first(this.news.wait, ...ends.interrupts)
        else {
          const { noDelay, tos, congestion } = test.options
          Object.assign(socket.options, { noDelay, tos })
          if (congestion === 'reno' || congestion === 'cubic') socket.options.congestion = congestion
          test.add({ kind: 'tcp', socket })
        }
      }
    }
    return true
  }
}

/** A client's wishes, if they can be fulfilled. */
const optionsOf = (said: JsonObject): TestOptions | undefined => {
  const number = (key: string): number => Math.max(0, said.number(key) ?? 0)
  const udp = said.flag('udp')
  const length = number('len') || (udp ? 1460 : 131072)
  const parallel = number('parallel') || 1
  if (length > 2 ** 20 || (udp && (length < 16 || length > 65507)) || parallel > 128) return undefined
  return {
    udp,
    time: number('time'),
    bytes: number('num'),
    blocks: number('blockcount'),
    omit: number('omit'),
    parallel: Math.trunc(parallel),
    reverse: said.flag('reverse'),
    bidirectional: said.flag('bidirectional'),
    window: number('window'),
    length: Math.trunc(length),
    rate: number('bandwidth'),
    maxSegment: number('MSS'),
    noDelay: said.flag('nodelay'),
    tos: number('TOS') & 255,
    congestion: said.text('congestion'),
    title: said.text('title'),
  }
}
