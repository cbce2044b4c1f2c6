import { type Ip, isIp6, isMulticastIp } from '../wire/address.ts'
import { Frame } from '../wire/frame.ts'
import { fillIcmp6Checksum } from '../wire/icmp6.ts'
import { IpProtocol } from '../wire/ip-protocol.ts'
import { done, type Errno, failed, type Result } from './errno.ts'
import { route4, send4 } from './ipv4-output.ts'
import { route6, send6Over } from './ipv6-output.ts'
import type { IcmpNews, Received } from './received.ts'
import { needsLink, SocketQueue } from './socket.ts'
import { icmpErrno, newsToError } from './socket-error.ts'
import type { RawTap, Stack } from './stack.ts'

/**
 * A raw socket (raw(7)): sends payloads of its protocol and receives every packet of it that is for this host. Payloads
 * are without their IP header, both ways. The checksum of ICMPv6 is filled in on sending.
 */
export class RawSocket extends SocketQueue implements RawTap {
  readonly family: 4 | 6
  readonly protocol: number
  address: Ip | undefined
  peer: Ip | undefined
  protected readonly stack: Stack

  constructor(stack: Stack, family: 4 | 6, protocol: number) {
    super()
    this.stack = stack
    this.family = family
    this.protocol = protocol
    stack.raw.add(this)
  }

  /** Only packets to this address are received, and it is the source of those sent. */
  bind(address: Ip): Result {
    if (isIp6(address) !== (this.family === 6)) return failed('EINVAL')
    if (this.stack.addresses.find(address) === undefined) return failed('EADDRNOTAVAIL')
    this.address = address
    return done
  }

  /** Only packets from this address are received, and it is where `send` sends to. */
  connect(peer: Ip): Result {
    if (needsLink(peer) && this.options.link === undefined) return failed('EINVAL')
    const path = this.route(peer)
    if (typeof path === 'string') return failed(path)
    this.peer = peer
    return done
  }

  /** The source address that `send` would use, or the error it would give. */
  source(dst: Ip): Ip | Errno {
    const path = this.route(dst)
    return typeof path === 'string' ? path : path.src
  }

  private route(dst: Ip) {
    const link = this.options.link ?? (isMulticastIp(dst) ? this.options.multicastLink : undefined)
    return isIp6(dst)
      ? route6(this.stack, dst, this.address as bigint | undefined, link)
      : route4(this.stack, dst, (this.address as number | undefined) ?? 0, link)
  }

  /** Sends one packet with this payload. */
  send(payload: Uint8Array, dst: Ip | undefined = this.peer): Errno | undefined {
    const pending = this.takeError()
    if (pending !== undefined) return pending
    if (dst === undefined) return 'EDESTADDRREQ'
    if (this.closed || isIp6(dst) !== (this.family === 6)) return 'EINVAL'
    if (payload.length > 65535 - (this.family === 4 ? 20 : 0)) return 'EMSGSIZE'
    const { options, stack, protocol } = this
    const link = options.link ?? (isMulticastIp(dst) ? options.multicastLink : undefined)
    const ttl = isMulticastIp(dst) ? options.multicastTtl : options.ttl
    const never = options.pathMtu === 'do' || options.pathMtu === 'probe'
    const probe = options.pathMtu === 'probe'
    const frame = Frame.from(payload)
    let error: Errno | undefined
    if (isIp6(dst)) {
      const path = route6(stack, dst, this.address as bigint | undefined, link)
      if (typeof path === 'string') return path
      if (protocol === IpProtocol.icmp6 && payload.length >= 4) fillIcmp6Checksum(frame, { src: path.src, dst })
      const packet = {
        src: path.src,
        dst,
        protocol,
        link,
        hopLimit: ttl,
        trafficClass: options.tos,
        dontFragment: never,
        probe,
      }
      error = send6Over(
        stack,
        frame,
        { ...packet, multicastLoop: options.multicastLoop, confirm: options.confirm },
        path,
      )
    } else {
      const path = route4(stack, dst, (this.address as number | undefined) ?? 0, link)
      if (typeof path === 'string') return path
      const short = options.pathMtu === 'want' && payload.length + 20 <= stack.pathMtu.of(dst, path.mtu)
      const { broadcast, multicastLoop, tos, confirm } = options
      const dontFragment = never || (short && path.cast === 'unicast')
      error = send4(stack, frame, {
        src: path.src,
        dst,
        protocol,
        link,
        ttl,
        tos,
        broadcast,
        multicastLoop,
        confirm,
        probe,
        dontFragment,
      })
    }
    if (error === 'EMSGSIZE' && options.receiveErrors) this.tooLong(dst, payload)
    return error
  }

  private tooLong(dst: Ip, payload: Uint8Array): void {
    const path = this.route(dst)
    const mtu = this.stack.pathMtu.of(dst, typeof path === 'string' ? 65535 : path.mtu)
    const time = this.stack.clock.now()
    this.pushError(
      { errno: 'EMSGSIZE', origin: 'local', from: dst, type: 0, code: 0, mtu, dst, dport: 0, payload, time },
      false,
      true,
    )
  }

  received(packet: Received): void {
    if (this.address !== undefined && packet.dst !== this.address) return
    if (this.peer !== undefined && packet.src !== this.peer) return
    if (this.options.link !== undefined && packet.link !== this.options.link) return
    if (!this.wants(packet)) return
    this.push({
      payload: packet.frame.bytes.slice(packet.payload, packet.frame.end),
      src: packet.src,
      sport: 0,
      dst: packet.dst,
      dport: 0,
      link: packet.link,
      ttl: packet.ttl,
      tos: packet.tos,
      time: this.stack.clock.now(),
    })
  }

  /** What a kind of raw socket that is choosier overrides. */
  protected wants(_packet: Received): boolean {
    return true
  }

  /** An ICMP error about a packet of this protocol. */
  failed(news: IcmpNews): void {
    if (this.closed || news.family !== this.family || (this.peer !== undefined && news.dst !== this.peer)) return
    const { errno, fatal } = icmpErrno(news)
    this.pushError(newsToError(news, errno, 0, 0, this.stack.clock.now()), fatal, this.peer !== undefined)
  }

  close(): void {
    this.stack.raw.delete(this)
    this.shut()
  }
}
