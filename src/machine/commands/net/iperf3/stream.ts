import type { TcpSocket, UdpSocket } from '../../../../host/index.ts'
import { second } from '../../../../runtime/index.ts'
import type { JsonObject } from './protocol.ts'

/** What one interval measured, or a whole test. Times in nanoseconds since the test began, or since its omitted part was over. */
export type Measure = {
  from: number
  to: number
  bytes: number
  omitted: boolean
  /** Segments sent again, and the connection at the end of the interval; of senders of TCP. */
  retransmits: number
  window: number
  peerWindow: number
  roundTrip: number
  variation: number
  pathMtu: number
  /** Datagrams sent, or counted by a receiver, and how many of them did not come. */
  packets: number
  lost: number
  /** Seconds. */
  jitter: number
}

/** What the other end says of a stream. Time in nanoseconds. */
export type Remote = { bytes: number; retransmits: number; jitter: number; lost: number; packets: number; time: number }

export type Socket = { kind: 'tcp'; socket: TcpSocket } | { kind: 'udp'; socket: UdpSocket }

/** One stream of a test, as one of its ends sees it. */
export class Stream {
  /** As the ends name it to each other. */
  readonly id: number
  /** As it is shown. */
  readonly label: number
  readonly sends: boolean
  readonly socket: Socket
  /** Bytes and datagrams since the test began, or since its omitted part was over. */
  bytes = 0
  packets = 0
  lost = 0
  disordered = 0
  jitter = 0
  /** Of every interval, for the most that there was. */
  readonly measures: Measure[] = []
  remote: Remote | undefined
  private transit: number | undefined
  /** The highest number of a datagram, and how many counted as lost, before the omitted part was over. */
  private omittedPackets = 0
  private seen: { at: number; bytes: number; retransmits: number; packets: number; lost: number }
  private retransmitsBefore = 0
  private highest = 0

  constructor(id: number, label: number, sends: boolean, socket: Socket) {
    this.id = id
    this.label = label
    this.sends = sends
    this.socket = socket
    this.seen = { at: 0, bytes: 0, retransmits: 0, packets: 0, lost: 0 }
  }

  /** Segments sent again since the test began. */
  get retransmits(): number {
    return (
      (this.socket.kind === 'tcp' ? (this.socket.socket.connection?.sender.again ?? 0) : 0) - this.retransmitsBefore
    )
  }

  /** What was measured so far does not count. */
  reset(): void {
    this.retransmitsBefore += this.retransmits
    this.omittedPackets = this.highest
    this.bytes = 0
    this.packets = 0
    this.lost = 0
    this.disordered = 0
    this.jitter = 0
    this.seen = { at: 0, bytes: 0, retransmits: 0, packets: 0, lost: 0 }
  }

  /** A datagram went out. */
  sent(size: number): void {
    this.bytes += size
    this.packets++
  }

  /** The number of the next datagram, from 1. */
  number(): number {
    return ++this.highest
  }

  /** Bytes of TCP were written or read. */
  moved(size: number): void {
    this.bytes += size
  }

  /** A datagram with its number came, which was sent at a time; both times in nanoseconds. */
  arrived(number: number, sentAt: number, now: number, size: number): void {
    this.bytes += size
    if (number > this.highest) {
      this.lost += number - this.highest - 1
      this.highest = number
      this.packets = number - this.omittedPackets
    } else {
      this.disordered++
      if (this.lost > 0) this.lost--
    }
    // RFC 1889 §6.3.1: how the time on the way differs from that of the one before, smoothed.
    const transit = (now - sentAt) / second
    if (this.transit !== undefined) this.jitter += (Math.abs(transit - this.transit) - this.jitter) / 16
    this.transit = transit
  }

  /** Ends an interval. `now` in nanoseconds since the test began. */
  measure(now: number, omitted: boolean): Measure {
    const { seen, bytes, packets, lost, retransmits, jitter } = this
    const connection = this.socket.kind === 'tcp' ? this.socket.socket.connection : undefined
    const measure: Measure = {
      from: seen.at,
      to: now,
      bytes: bytes - seen.bytes,
      omitted,
      retransmits: retransmits - seen.retransmits,
      window: connection?.sender.congestion.window ?? 0,
      peerWindow: connection === undefined ? 0 : Math.max(0, connection.sender.edge - connection.sender.una),
      roundTrip: Math.round((connection?.sender.roundTrip.smoothed ?? 0) / 1000),
      variation: Math.round((connection?.sender.roundTrip.variation ?? 0) / 1000),
      pathMtu: connection === undefined ? 0 : connection.sender.segment + 52,
      packets: packets - seen.packets,
      lost: lost - seen.lost,
      jitter,
    }
    this.seen = { at: now, bytes, retransmits, packets, lost }
    this.measures.push(measure)
    return measure
  }

  /** When the last interval ended. */
  get measuredUntil(): number {
    return this.seen.at
  }

  /** Bytes since then. */
  get unmeasured(): number {
    return this.bytes - this.seen.bytes
  }
}

/** What the other end wrote of a stream. */
export const remoteOf = (said: JsonObject): Remote => {
  const number = (key: string): number => said.number(key) ?? 0
  return {
    bytes: number('bytes'),
    // One that does not know says the largest number there is.
    retransmits: number('retransmits') > 2 ** 53 || number('retransmits') < 0 ? -1 : number('retransmits'),
    jitter: number('jitter'),
    lost: number('errors'),
    packets: number('packets'),
    time: (number('end_time') - number('start_time')) * second,
  }
}
