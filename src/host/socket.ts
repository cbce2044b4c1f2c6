import { Signal } from '../runtime/index.ts'
import { type Ip, isIp6, isLinkLocal6 } from '../wire/address.ts'
import type { Errno } from './errno.ts'
import type { Link } from './link.ts'

/** What a socket received. Ports are 0 where the protocol has none. */
export type Datagram = {
  payload: Uint8Array
  src: Ip
  sport: number
  dst: Ip
  dport: number
  link: Link
  ttl: number
  tos: number
  /** When it came in, in the clock's time. */
  time: number
}

/** An entry of the error queue (IP_RECVERR): who reports what about which of our packets. */
export type SocketError = {
  errno: Errno
  origin: 'local' | 'icmp' | 'icmp6'
  /** Who reports; ourselves if `local`. */
  from: Ip
  /** ICMP's own numbers. */
  type: number
  code: number
  /** The MTU for EMSGSIZE, else 0. */
  mtu: number
  /** Where the packet was going. */
  dst: Ip
  dport: number
  /** As much of its payload as came back. */
  payload: Uint8Array
  time: number
}

/** `want`: fragments when too long for the path; `do`: never; `dont`: DF clear; `probe`: DF set and the cache ignored. */
export type PathMtuDiscovery = 'dont' | 'want' | 'do' | 'probe'

/** setsockopt, as fields. */
export type SocketOptions = {
  /** Undefined for the default of the route or of the namespace. */
  ttl: number | undefined
  multicastTtl: number
  multicastLoop: boolean
  /** The link for multicast without a route's choice. */
  multicastLink: Link | undefined
  tos: number
  broadcast: boolean
  reuseAddress: boolean
  /** IPV6_V6ONLY: an IPv6 socket that has nothing to do with IPv4. */
  only6: boolean
  /** SO_BINDTODEVICE. */
  link: Link | undefined
  pathMtu: PathMtuDiscovery
  /** MSG_CONFIRM: answers are coming, so the neighbour need not be probed. */
  confirm: boolean
  /** IP_RECVERR: errors go to the error queue, soft ones too. */
  receiveErrors: boolean
  /** SO_RCVBUF in bytes. */
  receiveSize: number
}

export const defaultOptions = (): SocketOptions => ({
  ttl: undefined,
  multicastTtl: 1,
  multicastLoop: true,
  multicastLink: undefined,
  tos: 0,
  broadcast: false,
  reuseAddress: false,
  only6: false,
  link: undefined,
  pathMtu: 'want',
  confirm: false,
  receiveErrors: false,
  receiveSize: 212992,
})

/** Addresses that mean something on one link only, so that `connect` needs SO_BINDTODEVICE or a scope: EINVAL. */
export const needsLink = (ip: Ip): boolean =>
  isIp6(ip) && (isLinkLocal6(ip) || ip >> 112n === 0xff01n || ip >> 112n === 0xff02n)

// What a small datagram costs a Linux socket besides its bytes.
const overhead = 768

/** The receiving side that all sockets share: a bounded queue, an error queue, and one pending error. */
export class SocketQueue {
  readonly options = defaultOptions()
  /** Wakes when a datagram or an error came, and when the socket closes. */
  readonly onReadable = new Signal()
  closed = false
  private readonly datagrams: Datagram[] = []
  private readonly errors: SocketError[] = []
  private held = 0
  private pending: Errno | undefined
  /** Datagrams that found the queue full. */
  dropped = 0

  /** The oldest datagram, or undefined. */
  recv(): Datagram | undefined {
    const datagram = this.datagrams.shift()
    if (datagram !== undefined) this.held -= datagram.payload.length + overhead
    return datagram
  }

  /** The oldest entry of the error queue, or undefined. */
  recvError(): SocketError | undefined {
    return this.errors.shift()
  }

  /** SO_ERROR: the pending error, which this clears. The next `send` would give it too. */
  takeError(): Errno | undefined {
    const { pending } = this
    this.pending = undefined
    return pending
  }

  /** Bytes of memory that wait to be read. */
  get waiting(): number {
    return this.held
  }

  get readable(): boolean {
    return this.datagrams.length > 0 || this.errors.length > 0 || this.pending !== undefined
  }

  /** False if the queue is full: the datagram is dropped. */
  push(datagram: Datagram): boolean {
    if (this.closed) return false
    if (this.held > this.options.receiveSize) {
      this.dropped++
      return false
    }
    this.datagrams.push(datagram)
    this.held += datagram.payload.length + overhead
    this.onReadable.wake()
    return true
  }

  /** `fatal` errors are for sockets that did not ask for the error queue too, if they are connected. */
  pushError(error: SocketError, fatal: boolean, connected: boolean): void {
    if (this.closed) return
    if (this.options.receiveErrors) {
      if (this.errors.length < 256) this.errors.push(error)
    } else if (!fatal || !connected) return
    this.pending = error.errno
    this.onReadable.wake()
  }

  protected shut(): void {
    this.closed = true
    this.datagrams.length = 0
    this.errors.length = 0
    this.held = 0
    this.onReadable.wake()
  }
}
