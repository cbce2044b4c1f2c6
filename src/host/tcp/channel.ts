import type { Cancel, Clock } from '../../runtime/index.ts'
import { type Ip, type Ip4, type Ip6, isIp6 } from '../../wire/address.ts'
import { sum16 } from '../../wire/checksum.ts'
import { Frame } from '../../wire/frame.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { TcpHeader } from '../../wire/tcp.ts'
import { endsSum, storeChecksum } from '../../wire/transport-checksum.ts'
import type { Errno } from '../errno.ts'
import { route4, send4Over } from '../ipv4-output.ts'
import { route6, send6Over } from '../ipv6-output.ts'
import type { Link } from '../link.ts'
import type { Path4, Path6 } from '../path.ts'
import type { Stack } from '../stack.ts'
import type { TcpConfig } from './config.ts'
import { Connection } from './connection.ts'
import type { Outgoing, Segment, Surroundings } from './segment.ts'

const protocol = IpProtocol.tcp
const dontFragment = true

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
  /** The family of its socket: one of IPv6 may speak IPv4. */
  family: 4 | 6
  /** Undefined once the user has let go. */
  owner: ChannelOwner | undefined
  tos = 0
  ttl: number | undefined
  /** TCP_MAXSEG; 0 for what the path takes. */
  maxSegment = 0
  /** The pseudo-header's sum without the length. */
  private readonly addresses: number
  /** The way of its packets, and of when that is. */
  private way: Path4 | Path6 | Errno = 'ENETUNREACH'
  private routed = -1
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
    this.family = isIp6(ends.local) ? 6 : 4
    this.addresses = endsSum({ src: ends.local, dst: ends.remote }, IpProtocol.tcp, 0)
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

  /** IP's longest packet less its header and the longest of TCP. */
  get largestRun(): number {
    return 65535 - 120
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
    const { optionsSize, unit } = segment
    if (size > unit) frame.gso = unit
    frame.prepend(20 + optionsSize)
    const { bytes, start, end } = frame
    const { put } = TcpHeader
    put.src(bytes, start, ends.localPort)
    put.dst(bytes, start, ends.remotePort)
    put.seq(bytes, start, segment.seq)
    put.ack(bytes, start, segment.ack)
    bytes[start + 12] = (20 + optionsSize) << 2
    put.flags(bytes, start, segment.flags)
    put.window(bytes, start, segment.window)
    put.urgent(bytes, start, 0)
    for (let i = 0; i < optionsSize; i++) bytes[start + 20 + i] = segment.options[i] as number
    const sum = this.addresses + end - start
    if (frame.gso === 0) storeChecksum(bytes, start + 16, start, end, sum)
    // As with Linux's offload: the sum of what is known already.
    else put.checksum(bytes, start, sum16(bytes, 0, 0, sum))
    this.outbox.push(frame)
  }

  private deliver(frame: Frame): void {
    const { stack, ends } = this
    const data = frame.size - ((frame.bytes[frame.start + 12] as number) >> 4) * 4
    stack.counters.add('Tcp.OutSegs', frame.gso === 0 ? 1 : Math.ceil(data / frame.gso))
    if (this.routed !== stack.generation) {
      this.way = this.route()
      this.routed = stack.generation
    }
    const { way } = this
    if (typeof way === 'string') {
      stack.counters.add(isIp6(ends.local) ? 'Ip6.OutNoRoutes' : 'Ip.OutNoRoutes')
      return
    }
    const { tos, ttl } = this
    const error = isIp6(ends.local)
      ? send6Over(
          stack,
          frame,
          { protocol, dontFragment, src: ends.local, dst: ends.remote as Ip6, trafficClass: tos, hopLimit: ttl },
          way as Path6,
        )
      : send4Over(
          stack,
          frame,
          { protocol, dontFragment, src: ends.local, dst: ends.remote as Ip4, tos, ttl },
          way as Path4,
        )
    if (error === 'EMSGSIZE') this.measure()
  }

  private route(): Path4 | Path6 | Errno {
    const { stack, ends } = this
    const { local, remote, link } = ends
    return isIp6(local) ? route6(stack, remote as Ip6, local, link) : route4(stack, remote as Ip4, local, link)
  }

  /** Data bytes without options in a packet that the path takes now. */
  private mss(): number {
    const { stack, ends, maxSegment } = this
    const { local, remote } = ends
    const headers = isIp6(local) ? 60 : 40
    const path = this.route()
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
