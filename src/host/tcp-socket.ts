import { Signal } from '../runtime/index.ts'
import { type Ip, isIp6, isMulticastIp } from '../wire/address.ts'
import { done, type Errno, failed, made, type Result } from './errno.ts'
import { route4 } from './ipv4-output.ts'
import { route6 } from './ipv6-output.ts'
import type { Link } from './link.ts'
import { isMapped, onWire, seenBy, toMapped } from './mapped.ts'
import { needsLink } from './socket.ts'
import type { Stack } from './stack.ts'
import { Channel, type ChannelEnds } from './tcp/channel.ts'
import { type TcpConfig, tcpConfig } from './tcp/config.ts'
import type { Connection } from './tcp/connection.ts'
import { Listener } from './tcp/listener.ts'
import type { TcpState } from './tcp/segment.ts'
import type { Hold, TcpTable } from './tcp/table.ts'

/** setsockopt, as fields; set them before `connect` or `listen`, or call `apply`. Times in nanoseconds. */
export type TcpOptions = {
  /** SO_REUSEADDR. */
  reuseAddress: boolean
  /** IPV6_V6ONLY. */
  only6: boolean
  /** SO_BINDTODEVICE. */
  link: Link | undefined
  tos: number
  ttl: number | undefined
  /** TCP_NODELAY. */
  noDelay: boolean
  /** TCP_MAXSEG; 0 for what the path takes. */
  maxSegment: number
  keepAlive: boolean
  /** TCP_KEEPIDLE, TCP_KEEPINTVL and TCP_KEEPCNT; undefined for sysctl's. */
  keepIdle: number | undefined
  keepInterval: number | undefined
  keepCount: number | undefined
  /** SO_LINGER: undefined is off; 0 makes `close` a reset. Other times mean the same as off: `close` never waits. */
  linger: number | undefined
  /** SO_SNDBUF and SO_RCVBUF in bytes of data; undefined lets them tune themselves. */
  sendSize: number | undefined
  receiveSize: number | undefined
  /** TCP_CONGESTION. */
  congestion: TcpConfig['congestion'] | undefined
}

const defaultOptions = (): TcpOptions => ({
  reuseAddress: false,
  only6: false,
  link: undefined,
  tos: 0,
  ttl: undefined,
  noDelay: false,
  maxSegment: 0,
  keepAlive: false,
  keepIdle: undefined,
  keepInterval: undefined,
  keepCount: undefined,
  linger: undefined,
  sendSize: undefined,
  receiveSize: undefined,
  congestion: undefined,
})

/**
 * A TCP socket (tcp(7)), non-blocking: what cannot be done now gives EAGAIN, and `onReadable` and `onWritable` wake when it
 * is worth trying again. tcp/blocking.ts has the calls that wait.
 */
export class TcpSocket {
  readonly family: 4 | 6
  readonly options = defaultOptions()
  /** Wakes for data, the peer's end, an error, and for a connection to accept. */
  readonly onReadable = new Signal()
  /** Wakes when a connection is made or failed, and when there is room to write. */
  readonly onWritable = new Signal()
  address: Ip | undefined
  port = 0
  peer: Ip | undefined
  peerPort = 0
  closed = false
  private readonly stack: Stack
  private readonly table: TcpTable
  private hold: Hold | undefined
  private channel: Channel | undefined
  private listener: Listener | undefined
  private pending: Errno | undefined
  private writeShut = false

  constructor(stack: Stack, table: TcpTable, family: 4 | 6) {
    this.stack = stack
    this.table = table
    this.family = family
    this.options.only6 = stack.settings.value('net.ipv6.bindv6only') !== 0
  }

  /** As `ss` shows it; `CLOSED` for a socket that is not connected. */
  get state(): TcpState | 'LISTEN' {
    return this.listener === undefined ? (this.channel?.connection.state ?? 'CLOSED') : 'LISTEN'
  }

  /** The machine beneath, for those who show its insides (`ss -i`). */
  get connection(): Connection | undefined {
    return this.channel?.connection
  }

  /** What getsockopt says of SO_SNDBUF: twice what was set, or what a connection begins with (`tcp_init_buffer_space`). */
  get sendBuffer(): number {
    const { sendSize } = this.options
    if (sendSize !== undefined) return 2 * sendSize
    const [, usual, most] = this.stack.settings.tcpSend
    const { connection } = this
    if (connection?.established !== true) return usual
    // Room for two windows of ten segments, each with the kernel's own bytes around it.
    const cost = 2 ** Math.ceil(Math.log2(connection.sender.segment + 640)) + 256
    return Math.min(most, Math.max(usual, 2 * 10 * cost))
  }

  /** The same of SO_RCVBUF; half of it is the window. */
  get receiveBuffer(): number {
    const { receiveSize } = this.options
    return receiveSize === undefined ? this.stack.settings.tcpReceive[1] : 2 * receiveSize
  }

  /** `undefined` binds any address, port 0 draws one. EINVAL if bound, EADDRNOTAVAIL, EADDRINUSE. */
  bind(address: Ip | undefined, port: number): Result {
    if (this.hold !== undefined || this.closed) return failed('EINVAL')
    if (address !== undefined && isIp6(address) !== (this.family === 6)) return failed('EINVAL')
    if (address !== undefined && isMapped(address) && this.options.only6) return failed('EINVAL')
    if (address !== undefined && !this.isOwn(onWire(address))) return failed('EADDRNOTAVAIL')
    const free = (candidate: number): boolean => !this.table.taken(this.holdOf(address, candidate))
    const wanted = port === 0 ? this.table.draw(free) : port
    if (wanted === undefined || !free(wanted)) return failed('EADDRINUSE')
    this.take(this.holdOf(address, wanted))
    return done
  }

  private isOwn(wire: Ip): boolean {
    if (isMulticastIp(wire) || wire === 0xffffffff) return false
    return this.stack.addresses.find(wire) !== undefined || (!isIp6(wire) && wire >>> 24 === 127)
  }

  private holdOf(address: Ip | undefined, port: number, shared = false): Hold {
    const { family } = this
    const { only6, link, reuseAddress: reuse } = this.options
    const dual = family === 6 && !only6 && (address === undefined || isMapped(address))
    return { family, address, port, link, dual, reuse, listening: false, shared }
  }

  private take(hold: Hold): void {
    this.table.hold(hold)
    this.hold = hold
    this.address = hold.address
    this.port = hold.port
  }

  /** Takes connections; binds to a port of its own first if need be. EADDRINUSE, EINVAL for a socket in use. */
  listen(backlog: number): Result {
    if (this.closed || this.channel !== undefined) return failed('EINVAL')
    const most = this.stack.settings.value('net.core.somaxconn')
    const size = Math.min(backlog < 0 ? most : backlog, most)
    if (this.listener !== undefined) {
      this.listener.backlog = size
      return done
    }
    if (this.hold === undefined) {
      const bound = this.bind(undefined, 0)
      if (!bound.ok) return bound
    }
    const hold = this.hold as Hold
    this.table.release(hold)
    hold.listening = true
    const clashes = this.table.taken(hold)
    this.table.hold(hold)
    if (clashes) {
      hold.listening = false
      return failed('EADDRINUSE')
    }
    const { stack, table, onReadable } = this
    const parts = { stack, table, onReadable, config: () => this.config() }
    this.listener = new Listener(parts, hold, size, channel => this.configure(channel))
    table.listen(this.listener)
    return done
  }

  /** The next connection: EAGAIN, EINVAL for a socket that does not listen. */
  accept(): Result<TcpSocket> {
    if (this.listener === undefined) return failed('EINVAL')
    const channel = this.listener.accept()
    if (channel === undefined) return failed('EAGAIN')
    const socket = new TcpSocket(this.stack, this.table, this.family)
    Object.assign(socket.options, this.options)
    socket.adopt(channel)
    return made(socket)
  }

  /** Connections that wait to be accepted, and the most that may. */
  get queue(): { waiting: number; backlog: number } {
    return { waiting: this.listener?.waiting ?? 0, backlog: this.listener?.backlog ?? 0 }
  }

  /**
   * Begins to connect, and is done at once: `onWritable` wakes when the state is ESTABLISHED, or when `takeError` tells why
   * not. EISCONN, EALREADY, ENETUNREACH and other errors of routing, EADDRNOTAVAIL without a free port.
   */
  connect(peer: Ip, port: number): Result {
    if (this.closed || this.listener !== undefined) return failed(this.closed ? 'EINVAL' : 'EISCONN')
    if (this.channel !== undefined && this.state !== 'CLOSED')
      return failed(this.state === 'SYN_SENT' ? 'EALREADY' : 'EISCONN')
    if (isIp6(peer) !== (this.family === 6)) return failed('EAFNOSUPPORT')
    if (needsLink(peer) && this.options.link === undefined) return failed('EINVAL')
    const ends = this.endsTo(peer, port)
    if (!ends.ok) return ends
    const channel = new Channel(
      this.stack,
      ends.value,
      this.config(),
      ended => this.ended(ended),
      this.options.maxSegment,
    )
    this.table.insert(channel)
    this.adopt(channel)
    this.configure(channel)
    channel.run(connection => connection.connect())
    return done
  }

  /** The two ends of a new connection: the source that the route chooses, and a port that is held. */
  private endsTo(peer: Ip, remotePort: number): Result<ChannelEnds> {
    const { stack, table } = this
    const { link } = this.options
    // A connection to no address is one to this host.
    const target = onWire(peer)
    const remote = target === 0 ? 0x7f000001 : target === 0n ? 1n : target
    const own = this.address === undefined ? undefined : onWire(this.address)
    if (own !== undefined && isIp6(own) !== isIp6(remote)) return failed('ENETUNREACH')
    const path = isIp6(remote)
      ? route6(stack, remote, own as bigint | undefined, link)
      : route4(stack, remote, (own as number | undefined) ?? 0, link)
    if (typeof path === 'string') return failed(path)
    if (path.cast !== 'local' && path.cast !== 'unicast') return failed('ENETUNREACH')
    const local = path.src
    if (this.hold === undefined) {
      const drawn = table.draw(candidate => table.isFreeFor(candidate, local, remote, remotePort))
      if (drawn === undefined) return failed('EADDRNOTAVAIL')
      this.take(this.holdOf(seenBy(this.family, local), drawn, true))
    } else if (table.find(local, this.port, remote, remotePort, link) !== undefined) return failed('EADDRNOTAVAIL')
    return made({ local, localPort: this.port, remote, remotePort, link })
  }

  private config(): TcpConfig {
    const config = tcpConfig(this.stack.settings)
    const { keepIdle, keepInterval, keepCount, congestion } = this.options
    return {
      ...config,
      congestion: congestion ?? config.congestion,
      keepIdle: keepIdle ?? config.keepIdle,
      keepInterval: keepInterval ?? config.keepInterval,
      keepCount: keepCount ?? config.keepCount,
    }
  }

  private adopt(channel: Channel): void {
    const { ends } = channel
    this.channel = channel
    channel.family = this.family
    channel.owner = { changed: () => this.changed(), admit: () => true }
    this.address = this.seen(ends.local)
    this.port = ends.localPort
    this.peer = this.seen(ends.remote)
    this.peerPort = ends.remotePort
  }

  private seen(wire: Ip): Ip {
    return this.family === 6 && !isIp6(wire) ? toMapped(wire) : wire
  }

  /** Gives the connection the options as they are now. */
  apply(): void {
    if (this.channel !== undefined) this.configure(this.channel)
  }

  private configure(channel: Channel): void {
    const { noDelay, keepAlive, sendSize, receiveSize, tos, ttl, maxSegment } = this.options
    channel.tos = tos
    channel.ttl = ttl
    channel.maxSegment = maxSegment
    channel.run(connection => {
      connection.sender.noDelay = noDelay
      connection.keepAlive = keepAlive
      connection.sendSize = sendSize
      if (receiveSize !== undefined) connection.receiver.setSpace(receiveSize)
      if (connection.established) connection.output.transmit()
    })
  }

  private changed(): void {
    const { connection } = this
    if (connection === undefined) return
    const over = connection.state === 'CLOSED'
    if (over && connection.error !== undefined) {
      this.pending = connection.error
      connection.error = undefined
    }
    if (over || this.readable) this.onReadable.wake()
    if (over || (connection.established && connection.room * 3 >= connection.sendSpace)) this.onWritable.wake()
  }

  private ended(channel: Channel): void {
    this.table.remove(channel)
    if (this.hold !== undefined && (this.closed || this.hold.shared)) {
      this.table.release(this.hold)
      this.hold = undefined
    }
  }

  /** SO_ERROR: the pending error, which this clears. */
  takeError(): Errno | undefined {
    const { pending } = this
    this.pending = undefined
    return pending
  }

  /** `recv` or `accept` would give something, be it an error or the end. */
  get readable(): boolean {
    if (this.listener !== undefined) return this.listener.waiting > 0
    const { connection } = this
    return this.pending !== undefined || (connection !== undefined && (connection.receiver.readable > 0 || this.atEnd))
  }

  private get atEnd(): boolean {
    const { connection } = this
    return connection?.ended === true && connection.state !== 'SYN_SENT'
  }

  /** `send` would take something, or give an error. */
  get writable(): boolean {
    const { connection } = this
    return this.pending !== undefined || (connection !== undefined && (connection.room > 0 || !this.open))
  }

  private get open(): boolean {
    const { state } = this
    return state === 'SYN_SENT' || state === 'SYN_RECV' || this.connection?.canSend === true
  }

  /** Takes as much as there is room for, and says how many bytes. EAGAIN for none; EPIPE, ENOTCONN, or a pending error. */
  send(bytes: Uint8Array): Result<number> {
    const error = this.takeError()
    if (error !== undefined) return failed(error)
    const { channel } = this
    if (channel === undefined || this.writeShut || !this.open) return failed('EPIPE')
    const taken = channel.run(connection => connection.send(bytes))
    return taken === 0 && bytes.length > 0 ? failed('EAGAIN') : made(taken)
  }

  /** What has come, at most `limit` bytes; empty at the end of the stream. EAGAIN, ENOTCONN, or a pending error. */
  recv(limit = 65536): Result<Uint8Array> {
    const { channel } = this
    if (channel === undefined) return failed('ENOTCONN')
    const bytes = channel.run(connection => connection.recv(limit))
    if (bytes.length > 0) return made(bytes)
    const error = this.takeError()
    if (error !== undefined) return failed(error)
    return this.atEnd ? made(bytes) : failed('EAGAIN')
  }

  /** ENOTCONN. */
  shutdown(how: 'read' | 'write' | 'both'): Result {
    const { channel } = this
    if (channel === undefined || this.state === 'CLOSED' || this.state === 'SYN_SENT') return failed('ENOTCONN')
    if (how !== 'read') {
      this.writeShut = true
      channel.run(connection => connection.shutdown())
    }
    if (how !== 'write') {
      channel.connection.readShut = true
      this.onReadable.wake()
    }
    return done
  }

  /** Lets go. What was written is still delivered, unless `linger` is 0 or data came that was not read. */
  close(): void {
    if (this.closed) return
    this.closed = true
    this.listener?.close()
    this.listener = undefined
    const { channel, hold } = this
    if (channel === undefined || channel.connection.state === 'CLOSED') {
      if (hold !== undefined) this.table.release(hold)
      this.hold = undefined
    }
    if (channel !== undefined) {
      channel.owner = undefined
      channel.run(connection => (this.options.linger === 0 ? connection.abort() : connection.close()))
    }
    this.onReadable.wake()
    this.onWritable.wake()
  }
}
