import type { Random } from '../../runtime/index.ts'
import type { Ip } from '../../wire/address.ts'
import type { Link } from '../link.ts'
import { onWire } from '../mapped.ts'
import type { Channel } from './channel.ts'
import type { Segment } from './segment.ts'

/** A port that is held, by a socket or by a connection that outlives it. An address of `undefined` is any. */
export type Hold = {
  readonly family: 4 | 6
  readonly address: Ip | undefined
  readonly port: number
  readonly link: Link | undefined
  /** An IPv6 socket that takes IPv4 too. */
  readonly dual: boolean
  reuse: boolean
  listening: boolean
  /** Drawn by `connect`: other connections may have it too. */
  readonly shared: boolean
}

/** Takes the SYNs of a port. */
export interface Acceptor {
  readonly hold: Hold
  /** Connections that wait to be accepted, and how many may. */
  readonly waiting: number
  readonly backlog: number
  opened(dst: Ip, src: Ip, sport: number, link: Link, segment: Segment): void
}

/** The ports and connections of a namespace. */
export class TcpTable {
  private readonly holds = new Map<number, Set<Hold>>()
  private readonly acceptors = new Map<number, Acceptor[]>()
  /** By both ports; the few of one pair are told apart by their addresses. */
  private readonly channels = new Map<number, Channel[]>()
  private readonly random: Random
  private readonly range: () => readonly [number, number]

  constructor(random: Random, range: () => readonly [number, number]) {
    this.random = random
    this.range = range
  }

  /** Whether a port cannot be held so (EADDRINUSE). */
  taken(wanted: Hold): boolean {
    for (const other of this.holds.get(wanted.port) ?? []) if (clash(wanted, other)) return true
    return false
  }

  hold(hold: Hold): void {
    const others = this.holds.get(hold.port)
    if (others === undefined) this.holds.set(hold.port, new Set([hold]))
    else others.add(hold)
  }

  release(hold: Hold): void {
    const others = this.holds.get(hold.port)
    others?.delete(hold)
    if (others?.size === 0) this.holds.delete(hold.port)
  }

  /** The first free port from a random place on; undefined if there is none. */
  draw(free: (port: number) => boolean): number | undefined {
    const [first, last] = this.range()
    const count = last - first + 1
    const from = Math.floor(this.random() * count)
    for (let i = 0; i < count; i++) {
      const port = first + ((from + i) % count)
      if (free(port)) return port
    }
    return undefined
  }

  /** Whether `connect` may take this port for a new connection. */
  isFreeFor(port: number, local: Ip, remote: Ip, remotePort: number): boolean {
    for (const other of this.holds.get(port) ?? []) if (!other.shared) return false
    return this.find(local, port, remote, remotePort, undefined) === undefined
  }

  insert(channel: Channel): void {
    const key = keyOf(channel.ends.localPort, channel.ends.remotePort)
    const others = this.channels.get(key)
    if (others === undefined) this.channels.set(key, [channel])
    else others.push(channel)
  }

  remove(channel: Channel): void {
    const key = keyOf(channel.ends.localPort, channel.ends.remotePort)
    const rest = (this.channels.get(key) ?? []).filter(other => other !== channel)
    if (rest.length === 0) this.channels.delete(key)
    else this.channels.set(key, rest)
  }

  find(local: Ip, localPort: number, remote: Ip, remotePort: number, link: Link | undefined): Channel | undefined {
    const found = this.channels.get(keyOf(localPort, remotePort))
    if (found === undefined) return undefined
    for (const channel of found) {
      const { ends } = channel
      if (ends.remote === remote && ends.local === local && (ends.link === undefined || !link || ends.link === link))
        return channel
    }
    return undefined
  }

  listen(acceptor: Acceptor): void {
    const { port } = acceptor.hold
    this.acceptors.set(port, [...(this.acceptors.get(port) ?? []), acceptor])
  }

  unlisten(acceptor: Acceptor): void {
    const { port } = acceptor.hold
    const rest = (this.acceptors.get(port) ?? []).filter(other => other !== acceptor)
    if (rest.length === 0) this.acceptors.delete(port)
    else this.acceptors.set(port, rest)
  }

  /** Who listens there: the most particular. */
  acceptor(family: 4 | 6, dst: Ip, port: number, link: Link): Acceptor | undefined {
    let best: Acceptor | undefined
    let most = -1
    for (const acceptor of this.acceptors.get(port) ?? []) {
      const { hold } = acceptor
      if (hold.family !== family && !(family === 4 && hold.dual)) continue
      if (hold.address !== undefined && onWire(hold.address) !== dst) continue
      if (hold.link !== undefined && hold.link !== link) continue
      const rank = (hold.address ? 4 : 0) + (hold.link ? 2 : 0) + (hold.family === family ? 1 : 0)
      if (rank > most) {
        best = acceptor
        most = rank
      }
    }
    return best
  }

  allChannels(): Channel[] {
    return [...this.channels.values()].flat()
  }

  allAcceptors(): Acceptor[] {
    return [...this.acceptors.values()].flat()
  }
}

const keyOf = (localPort: number, remotePort: number): number => localPort * 65536 + remotePort

/** Whether `a` cannot have the port as `b` has it. With SO_REUSEADDR only who listens there is in the way. */
const clash = (a: Hold, b: Hold): boolean =>
  (a.family === b.family || (a.family === 6 ? a.dual : b.dual)) &&
  !(a.reuse && b.reuse && !b.listening) &&
  (a.address === undefined || b.address === undefined || onWire(a.address) === onWire(b.address)) &&
  (a.link === undefined || b.link === undefined || a.link === b.link)
