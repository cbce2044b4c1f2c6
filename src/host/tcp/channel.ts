import type { Cancel, Clock } from '../../runtime/index.ts'
import { type Ip, type Ip4, type Ip6, isIp6 } from '../../wire/address.ts'
import { Frame } from '../../wire/frame.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { pushTcp } from '../../wire/tcp.ts'
import { route4, send4 } from '../ipv4-output.ts'
import { route6, send6 } from '../ipv6-output.ts'
import type { Link } from '../link.ts'
import type { Stack } from '../stack.ts'
import type { TcpConfig } from './config.ts'
import { Connection } from './connection.ts'
import type { Outgoing, Segment, Surroundings } from './segment.ts'

/** The two ends of a connection, as they are on the wire. `link` for addresses that mean something on one link only. */
export type ChannelEnds = {
  local: Ip
  localPort: number
  remote: Ip
  remotePort: number
  link: Link | undefined
}

/** Who looks after a channel: its socket, or the listener that made it. */
export type ChannelOwner = {
  /** Something changed; called when the connection is at rest, so that calls on it are allowed. */
  changed(channel: Channel): void
  admit(): boolean
}

/** A connection in its host: it gives the machine a clock, puts its segments into packets, and leaves the table at its end. */
export class Channel implements Surroundings {
  readonly clock: Clock
  readonly ends: ChannelEnds
  readonly connection: Connection
  /** Undefined once the user has let go. */
  owner: ChannelOwner | undefined
  tos = 0
  ttl: number | undefined
  /** TCP_MAXSEG; 0 for what the path takes. */
  maxSegment = 0
  private readonly stack: Stack
  private readonly onEnd: (channel: Channel) => void
  private readonly outbox: Frame[] = []
  private settling = false
  private news = false
  private over = false
  private cancel: Cancel | undefined
  private armedAt = 0

  constructor(stack: Stack, ends: ChannelEnds, config: TcpConfig, onEnd: (channel: Channel) => void, maxSegment = 0) {
    this.stack = stack
    this.clock = stack.clock
    this.ends = ends
    this.onEnd = onEnd
    this.maxSegment = maxSegment
    const draw = (): number => Math.floor(stack.random() * 0x100000000)
    this.connection = new Connection(this, config, this.mss(), draw(), draw())
  }

  /** Does something with the connection, then sends what it said, tells who waits, and sets the timer. */
  run<T>(action: (connection: Connection) => T): T {
    const result = action(this.connection)
    if (!this.settling) this.settle()
    return result
  }

  /**
   * The machine is never entered while it works: its packets leave, and its user hears, when it is at rest. Either may bring
   * new work at once (an answer over loopback, a user who sends), which waits its turn here.
   */
  private settle(): void {
    this.settling = true
    try {
      while (this.outbox.length > 0 || this.news || (this.connection.over && !this.over)) {
        for (let out = this.outbox.shift(); out !== undefined; out = this.outbox.shift()) this.deliver(out)
        if (this.connection.over && !this.over) {
          this.over = true
          this.cancel?.()
          this.onEnd(this)
        }
        if (!this.news) continue
        this.news = false
        this.owner?.changed(this)
      }
    } finally {
      this.settling = false
    }
    this.arm()
  }

  input(segment: Segment): void {
    this.run(connection => connection.input(segment))
  }

  /** The path may have changed: its MTU is looked at again. */
  measure(): void {
    this.run(connection => connection.setMss(this.mss()))
  }

  changed(): void {
    this.news = true
  }

  count(name: string): void {
    this.stack.counters.add(name)
  }

  admit(): boolean {
    return this.owner?.admit() ?? true
  }

  send(segment: Outgoing): void {
    const { ends } = this
    const { sender } = this.connection
    const first = Math.max(segment.from, 1)
    const size = Math.max(0, Math.min(segment.to, sender.tail) - first)
    const frame = Frame.of(size)
    if (size > 0) sender.read(first, first + size, frame.bytes, frame.start)
    const { seq, ack, flags, window, options } = segment
    const tcp = { src: ends.localPort, dst: ends.remotePort, seq, ack, flags, window, urgent: 0, options }
    pushTcp(frame, tcp, { src: ends.local, dst: ends.remote })
    this.outbox.push(frame)
  }

  private deliver(frame: Frame): void {
    const { stack, ends } = this
    stack.counters.add('Tcp.OutSegs')
    const common = { protocol: IpProtocol.tcp, dontFragment: true, link: ends.link }
    const error = isIp6(ends.local)
      ? send6(stack, frame, {
          ...common,
          src: ends.local,
          dst: ends.remote as Ip6,
          trafficClass: this.tos,
          hopLimit: this.ttl,
        })
      : send4(stack, frame, { ...common, src: ends.local, dst: ends.remote as Ip4, tos: this.tos, ttl: this.ttl })
    if (error === 'EMSGSIZE') this.measure()
  }

  /** Data bytes without options in a packet that the path takes now. */
  private mss(): number {
    const { stack, ends, maxSegment } = this
    const { local, remote, link } = ends
    const headers = isIp6(local) ? 60 : 40
    const path = isIp6(local) ? route6(stack, remote as Ip6, local, link) : route4(stack, remote as Ip4, local, link)
    const mtu = typeof path === 'string' ? 1280 : stack.pathMtu.of(remote, path.mtu)
    const largest = isIp6(local) ? 65535 + 40 : 65535
    const mss = Math.max(48, Math.min(mtu, largest) - headers)
    return maxSegment === 0 ? mss : Math.min(mss, maxSegment)
  }

  /** An earlier alarm than needed is left as it is: it looks again, which is cheaper than a new one each time. */
  private arm(): void {
    const when = this.connection.nextWake()
    if (when === Number.POSITIVE_INFINITY || this.over) return
    if (this.cancel !== undefined && this.armedAt <= when) return
    this.cancel?.()
    this.armedAt = when
    this.cancel = this.clock.at(when, () => {
      this.cancel = undefined
      this.run(connection => {
        if (connection.nextWake() <= this.clock.now()) connection.wake()
      })
    })
  }
}
