import type { TcpSocket, UdpSocket } from '../../../../host/index.ts'
import type { Wait } from '../../../../runtime/index.ts'
import type { Caught, Process } from '../../../command.ts'
import { Crew } from '../crew.ts'
import type { Iperf3Options, TestOptions } from './options.ts'
import { Report } from './report.ts'
import type { Test } from './test.ts'

/** net.core.wmem_default. */
const usualSend = 212_992

/** What a client and a server have in common. */
export class Ends {
  readonly process: Process
  readonly options: Iperf3Options
  readonly crew = new Crew()
  readonly report: Report
  private readonly caught: readonly Caught[]

  constructor(process: Process, options: Iperf3Options) {
    this.process = process
    this.options = options
    this.report = new Report(process, options)
    this.caught = [process.catchSignal('INT'), process.catchSignal('TERM')]
  }

  get interrupted(): boolean {
    return this.caught.some(({ count }) => count > 0)
  }

  get interrupts(): Wait[] {
    return this.caught.map(({ wait }) => wait)
  }

  /** A socket of the test, or one for control. */
  tcpSocket(six: boolean, test?: TestOptions): TcpSocket {
    const socket = this.process.namespace.tcpSocket(six ? 6 : 4)
    if (test === undefined) return socket
    socket.options.noDelay = test.noDelay
    socket.options.tos = test.tos
    socket.options.maxSegment = test.maxSegment
    if (test.window > 0) {
      socket.options.sendSize = test.window
      socket.options.receiveSize = test.window
    }
    if (test.congestion === 'reno' || test.congestion === 'cubic') socket.options.congestion = test.congestion
    return socket
  }

  udpSocket(six: boolean, test: TestOptions): UdpSocket {
    const socket = this.process.namespace.udpSocket(six ? 6 : 4)
    socket.options.tos = test.tos
    if (test.window > 0) socket.options.receiveSize = 2 * test.window
    return socket
  }

  /** Sizes of buffers, and the rate, for the head of the JSON object. */
  bufferFacts({ options }: Test): void {
    const { settings } = this.process.namespace
    const usual = options.udp
      ? [usualSend, settings.value('net.core.rmem_default')]
      : [settings.tcpSend[1], settings.tcpReceive[1]]
    const [send = 0, receive = 0] = options.window > 0 ? [2 * options.window, 2 * options.window] : usual
    this.report.fact('target_bitrate', options.rate)
    this.report.fact('sock_bufsize', options.window)
    this.report.fact('sndbuf_actual', send)
    this.report.fact('rcvbuf_actual', receive)
  }
}
