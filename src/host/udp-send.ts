/**
 * The sending side of tunnels. A frame holds the UDP payload; UDP, IP and Ethernet headers go in front of it in place.
 *
 * Finding the way costs a route lookup, a source, a neighbour. All packets to one address with the same options go the
 * same way, so the way is kept with its headers ready made: 42 bytes (IPv4) or 62 (IPv6) to copy and a few to
 * patch. `Stack.generation` says whether what was kept is still right; it changes with any route, address, link or
 * neighbour, more often than needed, which costs a lookup and is safe. The neighbour's timers go on as for any packet.
 */
import { type Ip, isIp6 } from '../wire/address.ts'
import { sum16 } from '../wire/checksum.ts'
import { EtherType } from '../wire/ethernet.ts'
import { Frame } from '../wire/frame.ts'
import { IpProtocol } from '../wire/ip-protocol.ts'
import { pushIpv4 } from '../wire/ipv4.ts'
import { pushIpv6 } from '../wire/ipv6.ts'
import { pushUdp, setUdpChecksum } from '../wire/udp.ts'
import type { Errno } from './errno.ts'
import { route4, send4 } from './ipv4-output.ts'
import { route6, send6Over } from './ipv6-output.ts'
import { type Neighbour, writeLinkHeader } from './neighbour.ts'
import type { Stack } from './stack.ts'

/** What a tunnel says of its datagram. Without `src` the route chooses; `checksum` false sends 0 (RFC 7348 §5, RFC 6935). */
export type UdpSend = {
  src?: Ip | undefined
  dst: Ip
  sport: number
  dport: number
  ttl?: number | undefined
  tos?: number | undefined
  /** IPv4's don't-fragment bit; in IPv6 only that the sender makes no fragments either. */
  df?: boolean | undefined
  checksum?: boolean | undefined
}

type Flow = {
  generation: number
  until: number
  src: Ip | undefined
  ttl: number | undefined
  tos: number | undefined
  df: boolean | undefined
  neighbour: Neighbour
  /** Ethernet, IP and UDP headers, lengths and ports zero. */
  headers: Uint8Array
  /** Of the IPv4 header with length, id and checksum zero. */
  sum: number
  mtu: number
}

/** Sends the datagrams of a namespace's tunnels; one for each namespace. */
export class UdpSender {
  private readonly stack: Stack
  private readonly flows = new Map<Ip, Flow>()

  constructor(stack: Stack) {
    this.stack = stack
  }

  /** Owns the frame, also when it gives an error. EMSGSIZE if it may not be cut and is too long for the path. */
  send(frame: Frame, packet: UdpSend): Errno | undefined {
    const { stack } = this
    let flow = this.flows.get(packet.dst)
    if (flow === undefined || !this.fits(flow, packet)) {
      flow = this.find(packet)
      if (flow === undefined) return this.slow(frame, packet)
    }
    const { headers, neighbour } = flow
    const six = headers.length === 62
    const size = frame.end - frame.start + headers.length - 14
    if (size > flow.mtu) return this.slow(frame, packet)
    if (!neighbour.connected && !(six ? stack.nd : stack.arp).prepare(neighbour)) return this.slow(frame, packet)
    // An answer that came at once has changed what was kept.
    if (flow.generation !== stack.generation) return this.slow(frame, packet)
    frame.prepend(headers.length)
    const { bytes, start } = frame
    for (let i = 0; i < headers.length; i++) bytes[start + i] = headers[i] as number
    const udp = start + headers.length - 8
    const udpSize = frame.end - udp
    if (six) put16(bytes, start + 18, udpSize)
    else {
      const id = stack.nextId()
      put16(bytes, start + 16, size)
      put16(bytes, start + 18, id)
      let sum = flow.sum + size + id
      sum = (sum & 0xffff) + (sum >>> 16)
      put16(bytes, start + 24, ~(sum + (sum >>> 16)))
    }
    put16(bytes, udp, packet.sport)
    put16(bytes, udp + 2, packet.dport)
    put16(bytes, udp + 4, udpSize)
    if (packet.checksum === true) setUdpChecksum(bytes, start + 14, udp, frame.end)
    stack.counters.add(six ? 'Ip6.OutRequests' : 'Ip.OutRequests')
    neighbour.link.transmit(frame)
    return undefined
  }

  private fits(flow: Flow, packet: UdpSend): boolean {
    return (
      flow.generation === this.stack.generation &&
      flow.src === packet.src &&
      flow.ttl === packet.ttl &&
      flow.tos === packet.tos &&
      flow.df === packet.df &&
      (flow.until === Number.POSITIVE_INFINITY || flow.until > this.stack.clock.now())
    )
  }

  /** Finds and keeps the way of unicast packets to a neighbour; all others take the slow road. */
  private find(packet: UdpSend): Flow | undefined {
    const { stack } = this
    const { dst } = packet
    const path = this.route(packet)
    if (typeof path === 'string' || path.cast !== 'unicast') return undefined
    const table = isIp6(dst) ? stack.nd : stack.arp
    const neighbour = table.get(path.link, path.hop)
    if (neighbour === undefined || (!neighbour.connected && !table.prepare(neighbour))) return undefined
    const mtu = stack.pathMtu.of(dst, path.mtu)
    const frame = Frame.of(0)
    pushUdp(frame, { src: 0, dst: 0 })
    if (isIp6(dst)) {
      const hopLimit = packet.ttl ?? stack.settings.of(path.link.name).hop_limit
      pushIpv6(frame, {
        src: path.src as bigint,
        dst,
        nextHeader: IpProtocol.udp,
        hopLimit,
        trafficClass: packet.tos ?? 0,
      })
    } else {
      const ttl = packet.ttl ?? stack.settings.value('net.ipv4.ip_default_ttl')
      const dontFragment = packet.df ?? false
      pushIpv4(frame, {
        src: path.src as number,
        dst,
        protocol: IpProtocol.udp,
        ttl,
        tos: packet.tos ?? 0,
        dontFragment,
      })
      put16(frame.bytes, frame.start + 2, 0)
      put16(frame.bytes, frame.start + 10, 0)
    }
    writeLinkHeader(frame, neighbour.mac, path.link.mac, isIp6(dst) ? EtherType.ipv6 : EtherType.ipv4)
    const headers = frame.bytes.slice(frame.start, frame.end)
    for (let i = headers.length - 8; i < headers.length; i++) headers[i] = 0
    const { src, ttl, tos, df } = packet
    const until = stack.pathMtu.until(dst)
    const sum = isIp6(dst) ? 0 : sum16(headers, 14, 34)
    const flow: Flow = { generation: stack.generation, until, src, ttl, tos, df, neighbour, headers, sum, mtu }
    // Bounded: a sweep through many addresses starts over instead of growing.
    if (this.flows.size >= 4096 && !this.flows.has(dst)) this.flows.clear()
    this.flows.set(dst, flow)
    return flow
  }

  private route(packet: UdpSend) {
    const { dst, src } = packet
    return isIp6(dst)
      ? route6(this.stack, dst, src as bigint | undefined)
      : route4(this.stack, dst, (src as number | undefined) ?? 0)
  }

  private slow(frame: Frame, packet: UdpSend): Errno | undefined {
    const { stack } = this
    const { dst, sport, dport } = packet
    const path = this.route(packet)
    if (typeof path === 'string') {
      stack.counters.add(isIp6(dst) ? 'Ip6.OutNoRoutes' : 'Ip.OutNoRoutes')
      return path
    }
    const ends = packet.checksum === true ? { src: path.src, dst } : undefined
    pushUdp(frame, { src: sport, dst: dport }, ends)
    const common = { protocol: IpProtocol.udp, dontFragment: packet.df ?? false }
    if (isIp6(dst)) {
      const fields = { ...common, src: path.src as bigint, dst, hopLimit: packet.ttl, trafficClass: packet.tos ?? 0 }
      return send6Over(stack, frame, fields, path as Exclude<ReturnType<typeof route6>, string>)
    }
    const fields = { ...common, src: path.src as number, dst, ttl: packet.ttl, tos: packet.tos ?? 0, broadcast: true }
    return send4(stack, frame, fields)
  }
}

const put16 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}
