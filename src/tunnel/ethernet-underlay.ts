/**
 * The smallest underlay: one Ethernet link, one address of each family, and a table of neighbours, with no routes and
 * no ARP. It is what tests and measurements put under a tunnel; a simulated host's IP stack is the usual one.
 */
import { type TunnelRow, tunnelFlag } from '../flow/layout.ts'
import { Counters } from '../runtime/counters.ts'
import type { Ip6, Mac } from '../wire/address.ts'
import { EtherType } from '../wire/ethernet.ts'
import type { Frame, FrameSink } from '../wire/frame.ts'
import { u16, u32 } from '../wire/header.ts'
import { IpProtocol } from '../wire/ip-protocol.ts'
import { isIpv4ChecksumRight } from '../wire/ipv4.ts'
import { isUdpChecksumRight, setUdpChecksum } from '../wire/udp.ts'
import { at, ip6At, isOuter6, newRow } from './row.ts'
import type { Underlay } from './underlay.ts'

export type EthernetUnderlayOptions = {
  /** Where frames leave. */
  link: FrameSink
  mac: Mac
  /** The source address where the row names none. */
  ip?: number
  ip6?: Ip6
  /** The MAC behind an IPv4 address; without one, or for IPv6 addresses not in `neighbours6`, the datagram is dropped. */
  neighbours?: ReadonlyMap<number, Mac>
  neighbours6?: ReadonlyMap<Ip6, Mac>
  /** Datagrams for this host's UDP ports, by port. */
  receivers?: ReadonlyMap<number, { receive(frame: Frame, outer: TunnelRow): void }>
}

/** Why a datagram was dropped. */
export type UnderlayRefusal =
  | 'no_neighbour'
  | 'not_ours'
  | 'short'
  | 'fragment'
  | 'ip_checksum'
  | 'udp_checksum'
  | 'no_port'

const defaultTtl = 64

export class EthernetUnderlay implements Underlay {
  readonly counters = new Counters<UnderlayRefusal>()
  private readonly options: EthernetUnderlayOptions
  private readonly row = newRow()
  /** The row holds IPv6 addresses. */
  private wasIp6 = false
  private readonly address: number
  /** Our MAC as the two words that it takes in a header, the second with room for the type. */
  private readonly macHigh: number
  private readonly macLow: number
  /** The last IPv4 neighbour, for datagrams come in rows: its address, and its MAC as 16 and 32 bits. */
  private hop: number | undefined
  private hopHigh = 0
  private hopLow = 0

  constructor(options: EthernetUnderlayOptions) {
    this.options = options
    this.address = options.ip ?? 0
    this.macHigh = Math.floor(options.mac / 0x10000) | 0
    this.macLow = options.mac << 16
  }

  /** Puts UDP, IP and Ethernet in front of a payload and sends it. */
  send(frame: Frame, outer: TunnelRow): void {
    this.count(isOuter6(outer) ? this.send6(frame, outer) : this.send4(frame, outer))
  }

  private send4(frame: Frame, outer: TunnelRow): UnderlayRefusal | undefined {
    const dst = outer[at.dst]!
    if (dst !== this.hop && !this.turnTo(dst)) return 'no_neighbour'
    const size = frame.end - frame.start
    frame.prepend(42)
    const { bytes, start, end } = frame
    const flags = outer[at.flags]!
    const ip = start + 14
    const first = 0x4500 | ((flags >>> 8) & 255)
    const fragment = ((flags >>> 16) & tunnelFlag.dontFragment) !== 0 ? 0x4000 : 0
    const ttl = ((flags & 255 || defaultTtl) << 8) | IpProtocol.udp
    const src = outer[at.src]! || this.address
    u32.set(bytes, ip, (first << 16) | (28 + size))
    u32.set(bytes, ip + 4, fragment)
    let sum = first + 28 + size + fragment + ttl + (src >>> 16) + (src & 0xffff) + (dst >>> 16) + (dst & 0xffff)
    sum = (sum & 0xffff) + (sum >>> 16)
    sum += sum >>> 16
    u32.set(bytes, ip + 8, (ttl << 16) | (~sum & 0xffff))
    u32.set(bytes, ip + 12, src)
    u32.set(bytes, ip + 16, dst)
    this.udp(bytes, ip, start + 34, end, outer)
    this.ethernet(frame, this.hopHigh, this.hopLow, EtherType.ipv4)
    return undefined
  }

  /** Makes this IPv4 address the next hop; false if nobody is known to have it. */
  private turnTo(ip: number): boolean {
    const mac = this.options.neighbours?.get(ip)
    this.hop = mac === undefined ? undefined : ip
    if (mac === undefined) return false
    this.hopHigh = Math.floor(mac / 2 ** 32)
    this.hopLow = mac | 0
    return true
  }

  private send6(frame: Frame, outer: TunnelRow): UnderlayRefusal | undefined {
    const mac = this.options.neighbours6?.get(ip6At(outer, at.dst6))
    if (mac === undefined) return 'no_neighbour'
    const size = frame.end - frame.start
    frame.prepend(62)
    const { bytes, start, end } = frame
    const flags = outer[at.flags]!
    const ip = start + 14
    u32.set(bytes, ip, (0x60000000 | (((flags >>> 8) & 255) << 20)) >>> 0)
    u16.set(bytes, ip + 4, 8 + size)
    u16.set(bytes, ip + 6, (IpProtocol.udp << 8) | (flags & 255 || defaultTtl))
    const src = ip6At(outer, at.src6) || (this.options.ip6 ?? 0n)
    for (let i = 0; i < 4; i++) {
      u32.set(bytes, ip + 8 + 4 * i, Number((src >> BigInt(96 - 32 * i)) & 0xffffffffn))
      u32.set(bytes, ip + 24 + 4 * i, outer[at.dst6 + i]!)
    }
    this.udp(bytes, ip, start + 54, end, outer)
    this.ethernet(frame, Math.floor(mac / 2 ** 32), mac | 0, EtherType.ipv6)
    return undefined
  }

  private udp(bytes: Uint8Array, ip: number, udp: number, end: number, outer: TunnelRow): void {
    u32.set(bytes, udp, outer[at.transport]!)
    u32.set(bytes, udp + 4, ((end - udp) << 16) >>> 0)
    if (((outer[at.flags]! >>> 16) & tunnelFlag.csum) !== 0) setUdpChecksum(bytes, ip, udp, end)
  }

  private ethernet(frame: Frame, dstHigh: number, dstLow: number, type: number): void {
    const { bytes, start } = frame
    u16.set(bytes, start, dstHigh)
    u32.set(bytes, start + 2, dstLow)
    u32.set(bytes, start + 6, this.macHigh)
    u32.set(bytes, start + 10, this.macLow | type)
    this.options.link.send(frame)
  }

  /** A frame came from the link. What is not UDP to one of our ports is dropped and counted. */
  receive(frame: Frame): void {
    this.count(this.input(frame))
  }

  private count(why: UnderlayRefusal | undefined): void {
    if (why !== undefined) this.counters.add(why)
  }

  private input(frame: Frame): UnderlayRefusal | undefined {
    const { bytes, start, end } = frame
    if (start + 42 > end) return 'short'
    const type = u16.get(bytes, start + 12)
    const ip = start + 14
    if (type === EtherType.ipv4 && bytes[ip]! === 0x45 && bytes[ip + 9] === IpProtocol.udp) {
      if (u32.get(bytes, ip + 16) !== this.options.ip) return 'not_ours'
      if ((u16.get(bytes, ip + 6) & 0x3fff) !== 0) return 'fragment'
      if (!isIpv4ChecksumRight(bytes, ip)) return 'ip_checksum'
      return this.deliver(frame, ip, ip + 20, ip + u16.get(bytes, ip + 2), 4)
    }
    if (type === EtherType.ipv6 && start + 62 <= end && bytes[ip + 6] === IpProtocol.udp)
      return this.deliver(frame, ip, ip + 40, ip + 40 + u16.get(bytes, ip + 4), 6)
    return 'not_ours'
  }

  private deliver(
    frame: Frame,
    ip: number,
    udp: number,
    packetEnd: number,
    version: 4 | 6,
  ): UnderlayRefusal | undefined {
    const { bytes } = frame
    if (packetEnd > frame.end || udp + 8 > packetEnd) return 'short'
    const end = udp + u16.get(bytes, udp + 4)
    if (end > packetEnd || end < udp + 8) return 'short'
    if (!isUdpChecksumRight(bytes, ip, udp, end)) return 'udp_checksum'
    const receiver = this.options.receivers?.get(u16.get(bytes, udp + 2))
    if (receiver === undefined) return 'no_port'
    const { row } = this
    const csum = u16.get(bytes, udp + 6) === 0 ? 0 : tunnelFlag.csum
    row[at.transport] = u32.get(bytes, udp)
    if (version === 4) {
      const df = (bytes[ip + 6]! & 0x40) !== 0 ? tunnelFlag.dontFragment : 0
      row[at.flags] = (((csum | df) << 16) | (bytes[ip + 1]! << 8) | bytes[ip + 8]!) >>> 0
      row[at.src] = u32.get(bytes, ip + 12)
      row[at.dst] = u32.get(bytes, ip + 16)
      if (this.wasIp6) row.fill(0, at.src6, at.dst6 + 4)
      this.wasIp6 = false
    } else {
      row[at.flags] = ((csum << 16) | ((u16.get(bytes, ip) & 0xff0) << 4) | bytes[ip + 7]!) >>> 0
      row[at.src] = row[at.dst] = 0
      this.wasIp6 = true
      for (let i = 0; i < 4; i++) {
        row[at.src6 + i] = u32.get(bytes, ip + 8 + 4 * i)
        row[at.dst6 + i] = u32.get(bytes, ip + 24 + 4 * i)
      }
    }
    frame.start = udp + 8
    frame.end = end
    receiver.receive(frame, row)
    return undefined
  }
}
