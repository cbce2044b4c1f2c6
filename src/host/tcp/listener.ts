import type { Signal } from '../../runtime/index.ts'
import { type Ip, isIp6, isLinkLocal6 } from '../../wire/address.ts'
import type { Link } from '../link.ts'
import type { Stack } from '../stack.ts'
import { Channel } from './channel.ts'
import type { TcpConfig } from './config.ts'
import type { Segment } from './segment.ts'
import type { Acceptor, Hold, TcpTable } from './table.ts'

/** `listen`: half-open connections, and those that wait for `accept`. Both are bounded by the backlog. */
export class Listener implements Acceptor {
  readonly hold: Hold
  backlog: number
  private readonly half = new Set<Channel>()
  private readonly ready: Channel[] = []
  private readonly stack: Stack
  private readonly table: TcpTable
  private readonly config: () => TcpConfig
  private readonly onReadable: Signal
  private readonly prepare: (channel: Channel) => void

  /** `prepare` gives a new connection what it inherits from the listening socket. */
  constructor(
    parts: { stack: Stack; table: TcpTable; config: () => TcpConfig; onReadable: Signal },
    hold: Hold,
    backlog: number,
    prepare: (channel: Channel) => void,
  ) {
    this.stack = parts.stack
    this.table = parts.table
    this.config = parts.config
    this.onReadable = parts.onReadable
    this.hold = hold
    this.backlog = backlog
    this.prepare = prepare
  }

  /** Connections that wait for `accept`. */
  get waiting(): number {
    return this.ready.length
  }

  opened(dst: Ip, src: Ip, sport: number, link: Link, segment: Segment): void {
    const { stack, table, hold } = this
    if (!this.hasRoom()) return
    if (this.half.size >= Math.max(8, this.backlog)) {
      stack.counters.add('TcpExt.ListenDrops')
      return
    }
    const scoped = isIp6(src) && isLinkLocal6(src) && !link.isLoopback ? link : hold.link
    const ends = { local: dst, localPort: hold.port, remote: src, remotePort: sport, link: scoped }
    const own: Hold = { ...hold, address: dst, listening: false, shared: false }
    const channel = new Channel(stack, ends, this.config(), ended => {
      table.remove(ended)
      table.release(own)
      this.half.delete(ended)
    })
    channel.family = hold.family
    table.hold(own)
    table.insert(channel)
    this.prepare(channel)
    this.half.add(channel)
    channel.owner = {
      admit: () => this.hasRoom(),
      changed: () => this.promote(channel),
    }
    channel.run(connection => connection.open(segment))
  }

  /** Whether one more may wait for `accept`; if not, that is counted: what asked is dropped. */
  private hasRoom(): boolean {
    if (this.ready.length <= this.backlog) return true
    this.stack.counters.add('TcpExt.ListenOverflows')
    this.stack.counters.add('TcpExt.ListenDrops')
    return false
  }

  private promote(channel: Channel): void {
    if (!channel.connection.established || !this.half.delete(channel)) return
    this.stack.counters.add('Tcp.PassiveOpens')
    this.ready.push(channel)
    this.onReadable.wake()
  }

  /** The connection that waits longest. */
  accept(): Channel | undefined {
    return this.ready.shift()
  }

  /** Whoever waits gets a reset. */
  close(): void {
    this.table.unlisten(this)
    for (const channel of [...this.half, ...this.ready.splice(0)]) {
      channel.owner = undefined
      channel.run(connection => connection.abort())
    }
    this.half.clear()
  }
}
