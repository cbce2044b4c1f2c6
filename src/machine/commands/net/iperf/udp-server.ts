import type { Datagram, UdpSocket } from '../../../../host/index.ts'
import { second, type Task } from '../../../../runtime/index.ts'
import { formatIp, type Ip } from '../../../../wire/address.ts'
import { datagramHead, readDatagram, readWish, reportSize, type Wish, writeReport } from './header.ts'
import { joinGroup } from './join.ts'
import { type Arrivals, Flow, Group } from './report.ts'
import { plain, type Session } from './session.ts'
import { udpClient } from './udp-client.ts'

/** Opens the port, or refuses. */
export function* udpListen(session: Session, port: number): Task<UdpSocket> {
  const socket = session.udpSocket(session.options.six)
  session.bindServer(socket, port)
  const { lines, complaint } = joinGroup(session, socket)
  if (complaint !== undefined) yield* session.process.error(complaint)
  yield* session.banner(`Server listening on UDP port ${port}`, session.udpWindow(), ...lines)
  return socket
}

/** What a server knows of one client's datagrams. */
class Client {
  readonly flow: Flow
  readonly group: Group
  /** The answer to the last datagram, once that came. */
  report: Uint8Array | undefined
  private readonly arrivals: Arrivals = { jitter: 0, lost: 0, total: 0, disordered: 0 }
  private highest = 0
  private transit: number | undefined

  constructor(flow: Flow, group: Group) {
    this.flow = flow
    this.group = group
    flow.arrivals = this.arrivals
  }

  /** A datagram with a number came, which was sent at a time. */
  take(id: number, sent: number, now: number, size: number): void {
    const { arrivals, flow } = this
    flow.bytes += size
    if (id > this.highest) {
      arrivals.lost += id - this.highest - 1
      arrivals.total += id - this.highest
      this.highest = id
    } else {
      arrivals.disordered++
      if (arrivals.lost > 0) arrivals.lost--
    }
    // RFC 3550 §6.4.1: how much the time on the way differs from that of the one before, smoothed.
    // Both in whole microseconds, as the datagram tells the first.
    const transit = (Math.floor(now / 1000) * 1000 - sent) / second
    if (this.transit !== undefined) arrivals.jitter += (Math.abs(transit - this.transit) - arrivals.jitter) / 16
    this.transit = transit
  }

  /** The last datagram: the numbers before it that did not come are lost. */
  end(id: number, now: number): void {
    const { arrivals, flow } = this
    const missing = Math.max(0, id - 1 - this.highest)
    arrivals.lost += missing
    arrivals.total += missing
    this.report = new Uint8Array(reportSize)
    writeReport(this.report, { bytes: flow.bytes, time: (now - flow.began) / second, arrivals })
  }
}

/** What a UDP server does: it counts what comes from each client, and tells the client at the end. */
export class UdpServer {
  private readonly session: Session
  private readonly clients = new Map<string, Client>()
  private readonly groups = new Map<Ip, Group>()
  /** Clients that came to their end. */
  finished = 0

  constructor(session: Session) {
    this.session = session
  }

  get active(): boolean {
    for (const { flow } of this.clients.values()) if (!flow.over) return true
    return false
  }

  /** Takes datagrams for ever. */
  *receive(socket: UdpSocket): Task<void> {
    for (;;) {
      const datagram = socket.recv()
      if (datagram === undefined) {
        socket.takeError()
        yield socket.onReadable.wait
      } else yield* this.take(socket, datagram)
    }
  }

  private *take(socket: UdpSocket, datagram: Datagram): Task<void> {
    const { session } = this
    const { src, sport, payload, time } = datagram
    const head = readDatagram(payload)
    if (head === undefined || head.id === 0) return
    const key = `${src} ${sport}`
    let client = this.clients.get(key)
    if (client?.report !== undefined) {
      // The client did not hear the report; or another has its port.
      if (head.id < 0) socket.send(client.report, src, sport)
      if (head.id < 0) return
      client = undefined
    }
    if (client === undefined) {
      if (head.id < 0) return
      client = yield* this.meet(key, datagram)
    }
    if (head.id > 0) {
      client.take(head.id, head.time, time, payload.length)
      return
    }
    client.end(-head.id, time)
    socket.send(client.report as Uint8Array, src, sport)
    const { flow, group } = client
    yield* session.report.final(flow, time)
    this.finished++
    session.crew.look()
    if (group.flows.every(({ over }) => over)) {
      this.groups.delete(flow.ends.remote)
      yield* session.report.sum(group, time)
    }
    const wish = readWish(payload, datagramHead)
    if (wish !== undefined) session.crew.add(this.back(flow, wish))
  }

  private *meet(key: string, { src, sport, dst, dport, time }: Datagram): Task<Client> {
    const { session } = this
    const ends = { local: plain(dst), localPort: dport, remote: plain(src), remotePort: sport }
    const flow = new Flow(session.nextId(), ends, time)
    const group = this.groups.get(ends.remote) ?? new Group()
    this.groups.set(ends.remote, group)
    group.flows.push(flow)
    const client = new Client(flow, group)
    // Clients that are done are remembered only as long as they may ask again.
    for (const [other, { report }] of this.clients)
      if (report !== undefined && this.clients.size > 64) this.clients.delete(other)
    this.clients.set(key, client)
    yield* session.connected(flow)
    if (group.flows.length === 1) session.crew.add(session.ticks(group))
    return client
  }

  private *back({ ends }: Flow, { port, streams, time, amount }: Wish): Task<void> {
    const { options } = this.session
    const gap = gapOf(options.length, options.rate)
    const test = {
      host: formatIp(ends.remote),
      ip: ends.remote,
      port,
      streams,
      time,
      amount,
      length: options.length,
      gap,
    }
    yield* udpClient(this.session, { ...test, reverse: true })
  }

  /** What was going on when the program is told to end. */
  *interrupted(): Task<void> {
    for (const { flow } of this.clients.values())
      if (!flow.over) yield* this.session.report.final(flow, this.session.now)
  }
}

/** Nanoseconds from one datagram to the next. */
export const gapOf = (length: number, rate: { value: number; unit: 'bits' | 'packets' } | undefined): number => {
  if (rate === undefined || rate.value <= 0) return 0
  return rate.unit === 'packets' ? second / rate.value : (length * 8 * second) / rate.value
}
