import { errnoText, type TcpSocket, type UdpSocket } from '../../../../host/index.ts'
import { second, type Task } from '../../../../runtime/index.ts'
import { type Ip, isIp6 } from '../../../../wire/address.ts'
import type { Caught, Process } from '../../../command.ts'
import { Crew } from '../crew.ts'
import { firstAddress } from '../dns/resolver.ts'
import { addressesOfName, numericIp } from '../names.ts'
import { Refusal } from '../refusal.ts'
import type { IperfOptions } from './options.ts'
import { type Flow, type Group, Report, windowText } from './report.ts'
import { endsText, rule } from './text.ts'

/** One run of iperf: what its parts share. */
export class Session {
  readonly process: Process
  readonly options: IperfOptions
  readonly report: Report
  readonly crew = new Crew()
  /** Ctrl-C and `kill` end what is measured, with its lines; the second time at once. */
  readonly interrupts: readonly Caught[]
  private ids = 0

  constructor(process: Process, options: IperfOptions) {
    this.process = process
    this.options = options
    this.report = new Report(process, options)
    this.interrupts = [process.catchSignal('INT'), process.catchSignal('TERM')]
  }

  get interrupted(): boolean {
    return this.interrupts.some(caught => caught.count > 0)
  }

  get now(): number {
    return this.process.clock.now()
  }

  nextId(): number {
    return ++this.ids
  }

  /** The address of one of this host's own names; status 1 without one. */
  resolve(name: string): Ip {
    const { process, options } = this
    const ip = numericIp(name) ?? addressesOfName(process, name, options.six ? undefined : 4)[0]
    if (ip === undefined) throw new Refusal(`${name}: Host name lookup failure`, 1)
    return ip
  }

  /** The address of a server's name, which is asked for if need be. */
  *find(name: string): Task<Ip> {
    const ip = numericIp(name) ?? (yield* firstAddress(this.process, name, this.options.six ? undefined : 4))
    if (typeof ip === 'string') throw new Refusal(`${name}: Host name lookup failure`, 1)
    return ip
  }

  /** `-B`: an address and a port, 0 for none. */
  binding(): { address: Ip | undefined; port: number } {
    const { bind } = this.options
    if (bind === undefined) return { address: undefined, port: 0 }
    const [, name = '', port] = /^(\[.*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(bind) ?? []
    return { address: this.resolve(name.replace(/^\[|\]$|%.*$/g, '')), port: Number(port ?? 0) }
  }

  tcpSocket(six: boolean, window = this.options.window): TcpSocket {
    const { options } = this
    const socket = this.process.namespace.tcpSocket(six ? 6 : 4)
    socket.options.noDelay = options.noDelay
    socket.options.tos = options.tos
    socket.options.maxSegment = options.maxSegment
    if (options.congestion === 'reno' || options.congestion === 'cubic') socket.options.congestion = options.congestion
    socket.options.sendSize = window
    socket.options.receiveSize = window
    return socket
  }

  udpSocket(six: boolean): UdpSocket {
    const { options } = this
    const socket = this.process.namespace.udpSocket(six ? 6 : 4)
    socket.options.tos = options.tos
    socket.options.multicastTtl = options.ttl
    if (options.window !== undefined) socket.options.receiveSize = 2 * options.window
    return socket
  }

  /** Binds a listening socket as `-B` says; a refusal if that cannot be. */
  bindServer(socket: TcpSocket | UdpSocket, port: number): void {
    const { address } = this.binding()
    socket.options.reuseAddress = true
    const bound = socket.bind(address, port)
    if (!bound.ok) throw new Refusal(`listener bind failed: ${errnoText[bound.errno]}`, 0)
  }

  /** The frame with the settings of a client or a server. */
  *banner(title: string, window: string, ...more: string[]): Task<void> {
    const { options, process } = this
    if (options.without.has('S')) return
    const mss =
      options.maxSegment > 0 && !options.udp ? [`MSS req size ${options.maxSegment} bytes (per TCP_MAXSEG)`] : []
    const lines = [title, ...more, ...mss, window].map(line => `${line}\n`).join('')
    yield* process.print(`${rule}${lines}${rule}`)
  }

  /** `TCP window size: …` for a socket; a client's is its send buffer. */
  tcpWindow(socket: TcpSocket, client: boolean): string {
    const { sendBuffer, receiveBuffer } = socket
    return `TCP window size: ${windowText(client ? sendBuffer : receiveBuffer, this.options.window)}`
  }

  udpWindow(): string {
    const { window } = this.options
    const usual = this.process.namespace.settings.value('net.core.rmem_default')
    return `UDP buffer size: ${windowText(window === undefined ? usual : 2 * window, window)}`
  }

  /** `[  1] local … connected with … (icwnd/mss/irtt=14/1448/60)`. */
  *connected(flow: Flow, socket?: TcpSocket, note = ''): Task<void> {
    if (this.options.without.has('C')) return
    this.report.begin()
    const { connection } = socket ?? {}
    const { tos, mode } = this.options
    const asked = tos > 0 && mode === 'client' ? ` (tos rx=0x${tos.toString(16)})` : ''
    yield* this.process.print(
      `${flow.label} ${endsText(flow.ends)}${note}${asked}${connection ? pathText(connection) : ''}\n`,
    )
  }

  /** Prints a group's lines each `-i`, while it has flows that are not over. */
  *ticks(group: Group): Task<void> {
    const { interval } = this.options
    const { clock } = this.process
    if (interval <= 0) return
    const began = group.flows[0]?.began ?? clock.now()
    for (let i = 1; group.flows.some(flow => !flow.over); i++) {
      const when = began + i * interval * second
      yield resume => clock.at(when, resume)
      yield* this.report.interval(group)
    }
  }
}

type Connection = NonNullable<TcpSocket['connection']>

/** Ten segments in KB, bytes of a segment, and the round trip of the handshake in microseconds. */
const pathText = ({ sender }: Connection): string => {
  const { segment, roundTrip } = sender
  return ` (icwnd/mss/irtt=${Math.floor((10 * segment) / 1024)}/${segment}/${Math.round(roundTrip.smoothed / 1000)})`
}

/** The ends of a socket that is connected. */
export const endsOf = (socket: TcpSocket): Flow['ends'] => ({
  local: plain(socket.address ?? 0),
  localPort: socket.port,
  remote: plain(socket.peer ?? 0),
  remotePort: socket.peerPort,
})

/** IPv4 in an IPv6 socket is shown as IPv4. */
export const plain = (ip: Ip): Ip => (isIp6(ip) && ip >> 32n === 0xffffn ? Number(ip & 0xffffffffn) : ip)
