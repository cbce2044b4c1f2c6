import type { Random } from '../runtime/index.ts'
import type { Ip } from '../wire/address.ts'
import type { Frame } from '../wire/frame.ts'
import type { Link } from './link.ts'
import { onWire } from './mapped.ts'
import type { IcmpNews, Received } from './received.ts'

/** Takes datagrams of a port as frames: `frame.start` is at the UDP payload, `packet` says the rest and is used again. */
export type EncapHandler = (frame: Frame, packet: Received, sport: number) => void

/** A UDP socket, as the table knows it. An address of `undefined` is any. */
export interface UdpEndpoint {
  readonly family: 4 | 6
  readonly port: number
  readonly address: Ip | undefined
  readonly peer: Ip | undefined
  readonly peerPort: number
  readonly boundLink: Link | undefined
  readonly reuseAddress: boolean
  /** An IPv6 socket that takes IPv4 too, as `::ffff:a.b.c.d`. */
  readonly dual?: boolean
  /** Bytes that it has not read. */
  readonly waiting?: number
  accepts(packet: Received): boolean
  received(packet: Received, sport: number, start: number, end: number): boolean
  failed(news: IcmpNews, dport: number): void
}

/** Ephemeral ports, unless net.ipv4.ip_local_port_range says otherwise. */
export const firstEphemeral = 32768
export const lastEphemeral = 60999

/** Who listens on which UDP port. */
export class UdpTable {
  private readonly ports = new Map<number, UdpEndpoint[]>()
  private readonly encaps = new Map<number, EncapHandler>()
  private readonly random: Random
  private readonly range: () => readonly [number, number]

  constructor(random: Random, range: () => readonly [number, number] = () => [firstEphemeral, lastEphemeral]) {
    this.random = random
    this.range = range
  }

  /**
   * Gives a port's datagrams to a tunnel, IPv4 and IPv6, before any socket. Undefined if the port is taken (EADDRINUSE),
   * else the function that gives it back.
   */
  encap(port: number, handler: EncapHandler): (() => void) | undefined {
    if (this.encaps.has(port) || this.ports.has(port)) return undefined
    this.encaps.set(port, handler)
    return () => {
      if (this.encaps.get(port) === handler) this.encaps.delete(port)
    }
  }

  encapOf(port: number): EncapHandler | undefined {
    return this.encaps.get(port)
  }

  /** Whether a bind to these would be refused (EADDRINUSE). */
  taken(
    family: 4 | 6,
    address: Ip | undefined,
    port: number,
    reuse: boolean,
    link: Link | undefined,
    dual = false,
  ): boolean {
    if (this.encaps.has(port)) return true
    return (this.ports.get(port) ?? []).some(
      other =>
        (other.family === family || (other.family === 6 ? other.dual === true : dual)) &&
        !(reuse && other.reuseAddress) &&
        (other.address === undefined || address === undefined || onWire(other.address) === onWire(address)) &&
        (other.boundLink === undefined || link === undefined || other.boundLink === link),
    )
  }

  /** A free port, drawn at random as Linux does; undefined if all are taken. */
  ephemeral(family: 4 | 6, address: Ip | undefined, link: Link | undefined, dual = false): number | undefined {
    const [first, last] = this.range()
    const count = last - first + 1
    const from = Math.floor(this.random() * count)
    for (let i = 0; i < count; i++) {
      const port = first + ((from + i) % count)
      if (!this.taken(family, address, port, false, link, dual)) return port
    }
    return undefined
  }

  insert(endpoint: UdpEndpoint): void {
    const others = this.ports.get(endpoint.port)
    if (others === undefined) this.ports.set(endpoint.port, [endpoint])
    else others.push(endpoint)
  }

  delete(endpoint: UdpEndpoint): void {
    const rest = (this.ports.get(endpoint.port) ?? []).filter(other => other !== endpoint)
    if (rest.length === 0) this.ports.delete(endpoint.port)
    else this.ports.set(endpoint.port, rest)
  }

  all(): UdpEndpoint[] {
    return [...this.ports.values()].flat()
  }

  /** All that would take a datagram, the most particular first. */
  matches(family: 4 | 6, dst: Ip, port: number, src: Ip, sport: number, link: Link): UdpEndpoint[] {
    const found = this.ports.get(port)
    if (found === undefined) return []
    const fits = found.filter(
      e =>
        (e.family === family || (family === 4 && e.dual === true)) &&
        (e.address === undefined || onWire(e.address) === dst) &&
        (e.peer === undefined || (onWire(e.peer) === src && e.peerPort === sport)) &&
        (e.boundLink === undefined || e.boundLink === link),
    )
    return fits.length < 2 ? fits : fits.sort((a, b) => rank(b, family) - rank(a, family))
  }
}

const rank = (e: UdpEndpoint, family: 4 | 6): number =>
  (e.peer === undefined ? 0 : 8) +
  (e.address === undefined ? 0 : 4) +
  (e.boundLink === undefined ? 0 : 2) +
  (e.family === family ? 1 : 0)
