import { type Ip, isIp6, isMulticastIp } from '../wire/address.ts'
import { Frame } from '../wire/frame.ts'
import { IpProtocol } from '../wire/ip-protocol.ts'
import { pushUdp } from '../wire/udp.ts'
import { done, type Errno, failed, type Result } from './errno.ts'
import { SocketGroups } from './groups/socket-groups.ts'
import { everySource } from './groups/source-filter.ts'
import { route4, send4 } from './ipv4-output.ts'
import { route6, send6Over } from './ipv6-output.ts'
import type { Link } from './link.ts'
import { isMapped, onWire, seenBy } from './mapped.ts'
import type { IcmpNews, Received } from './received.ts'
import { needsLink, SocketQueue } from './socket.ts'
import { icmpErrno, newsToError } from './socket-error.ts'
import type { Stack } from './stack.ts'
import type { UdpEndpoint, UdpTable } from './udp-table.ts'

/** A UDP socket (udp(7)). Calls do not block; `onReadable` tells when to call `recv` again. */
export class UdpSocket extends SocketQueue implements UdpEndpoint {
  readonly family: 4 | 6
  address: Ip | undefined
  port = 0
  peer: Ip | undefined
  peerPort = 0
  private readonly stack: Stack
  private readonly table: UdpTable
  private readonly joined: SocketGroups

  constructor(stack: Stack, table: UdpTable, family: 4 | 6) {
    super()
    this.stack = stack
    this.table = table
    this.family = family
    this.joined = new SocketGroups(stack, family)
    this.options.only6 = stack.settings.value('net.ipv6.bindv6only') !== 0
  }

  get boundLink(): Link | undefined {
    return this.options.link
  }

  get reuseAddress(): boolean {
    return this.options.reuseAddress
  }

  get dual(): boolean {
    return this.family === 6 && !this.options.only6 && (this.address === undefined || isMapped(this.address))
  }

  /** `undefined` binds any address, port 0 draws one. EINVAL if bound, EADDRNOTAVAIL, EADDRINUSE. */
  bind(address: Ip | undefined, port: number): Result {
    if (this.port !== 0 || (address !== undefined && isIp6(address) !== (this.family === 6))) return failed('EINVAL')
    if (address !== undefined && isMapped(address) && this.options.only6) return failed('EINVAL')
    const wire = address === undefined ? undefined : onWire(address)
    const own = wire === undefined || this.stack.addresses.find(wire) !== undefined
    if (!own && !this.mayBind(wire)) return failed('EADDRNOTAVAIL')
    const { family, table, reuseAddress } = this
    const { link, only6 } = this.options
    const dual = family === 6 && !only6 && (address === undefined || isMapped(address))
    const wanted = port === 0 ? table.ephemeral(family, address, link, dual) : port
    if (wanted === undefined || table.taken(family, address, wanted, reuseAddress, link, dual))
      return failed('EADDRINUSE')
    this.address = address
    this.port = wanted
    this.table.insert(this)
    return done
  }

  private mayBind(address: Ip): boolean {
    if (isMulticastIp(address) || address === 0xffffffff) return true
    const route = isIp6(address) ? undefined : this.stack.routes4.lookup(address)
    return route?.type === 'local' || route?.type === 'broadcast'
  }

  /** Fixes the far end: others' datagrams are not received, and its errors are. ENETUNREACH and other routing errors. */
  connect(peer: Ip, port: number): Result {
    if (needsLink(peer) && this.options.link === undefined) return failed('EINVAL')
    const wire = onWire(peer)
    const unfit = this.otherFamily(peer)
    if (unfit !== undefined) return failed(unfit)
    const path = isIp6(wire)
      ? route6(this.stack, wire, this.address as bigint | undefined, this.options.link)
      : route4(this.stack, wire, sourceOf(this.address), this.options.link)
    if (typeof path === 'string') return failed(path)
    const src = seenBy(this.family, path.src)
    if (path.cast === 'local' || this.address === undefined) {
      if (this.port === 0) {
        const bound = this.bind(src, 0)
        if (!bound.ok) return bound
      } else if (this.address === undefined) this.address = src
    }
    this.peer = peer
    this.peerPort = port
    return done
  }

  /** Why an IPv6 socket cannot reach an address from where it is bound: IPv4 from IPv6, or the other way round. */
  private otherFamily(dst: Ip): Errno | undefined {
    if (this.family === 4) return undefined
    const { address } = this
    if (isMapped(dst))
      return this.options.only6 || (address !== undefined && !isMapped(address)) ? 'ENETUNREACH' : undefined
    return address !== undefined && isMapped(address) ? 'EAFNOSUPPORT' : undefined
  }

  /** Sends to `dst`, or to the connected peer. Gives the error, as `sendto` would. */
  send(payload: Uint8Array, dst: Ip | undefined = this.peer, dport = this.peerPort): Errno | undefined {
    const pending = this.takeError()
    if (pending !== undefined) return pending
    if (this.closed) return 'EINVAL'
    if (dst === undefined) return 'EDESTADDRREQ'
    if (dport === 0 || isIp6(dst) !== (this.family === 6)) return 'EINVAL'
    const unfit = this.otherFamily(dst)
    if (unfit !== undefined) return unfit
    const wire = onWire(dst)
    if (payload.length > 65535 - 8 - (isIp6(wire) ? 0 : 20)) return 'EMSGSIZE'
    if (this.port === 0) {
      const bound = this.bind(undefined, 0)
      if (!bound.ok) return 'EAGAIN'
    }
    const error = isIp6(wire) ? this.send6(payload, wire, dport) : this.send4(payload, wire, dport)
    if (error === undefined) this.stack.counters.add(isIp6(wire) ? 'Udp6.OutDatagrams' : 'Udp.OutDatagrams')
    if (error === 'EMSGSIZE') this.tooLong(dst, dport, payload)
    return error
  }

  private send4(payload: Uint8Array, dst: number, dport: number): Errno | undefined {
    const { options, stack } = this
    const multicast = isMulticastIp(dst)
    const link = options.link ?? (multicast ? options.multicastLink : undefined)
    const path = route4(stack, dst, sourceOf(this.address), link)
    if (typeof path === 'string') return path
    const frame = pushUdp(Frame.from(payload), { src: this.port, dst: dport }, { src: path.src, dst })
    return send4(stack, frame, {
      src: path.src,
      dst,
      protocol: IpProtocol.udp,
      link,
      ttl: multicast ? options.multicastTtl : options.ttl,
      tos: options.tos,
      dontFragment: options.pathMtu === 'do' || options.pathMtu === 'probe' || this.fits(payload, dst, path.mtu),
      broadcast: options.broadcast,
      multicastLoop: options.multicastLoop,
      probe: options.pathMtu === 'probe',
      confirm: options.confirm,
    })
  }

  /** With `want`, DF is set as long as the packet fits the path (ip(7)). */
  private fits(payload: Uint8Array, dst: number, mtu: number): boolean {
    if (this.options.pathMtu !== 'want' || isMulticastIp(dst)) return false
    return payload.length + 28 <= this.stack.pathMtu.of(dst, mtu)
  }

  private send6(payload: Uint8Array, dst: bigint, dport: number): Errno | undefined {
    const { options, stack } = this
    const multicast = isMulticastIp(dst)
    const link = options.link ?? (multicast ? options.multicastLink : undefined)
    const path = route6(stack, dst, this.address as bigint | undefined, link)
    if (typeof path === 'string') return path
    const frame = pushUdp(Frame.from(payload), { src: this.port, dst: dport }, { src: path.src, dst })
    const packet = {
      src: path.src,
      dst,
      protocol: IpProtocol.udp,
      link,
      hopLimit: multicast ? options.multicastTtl : options.ttl,
      trafficClass: options.tos,
      dontFragment: options.pathMtu === 'do' || options.pathMtu === 'probe',
      multicastLoop: options.multicastLoop,
      probe: options.pathMtu === 'probe',
      confirm: options.confirm,
    }
    return send6Over(stack, frame, packet, path)
  }

  private tooLong(dst: Ip, dport: number, payload: Uint8Array): void {
    if (!this.options.receiveErrors) return
    const mtu = this.stack.pathMtu.of(onWire(dst), this.options.link?.mtu ?? 65535)
    const time = this.stack.clock.now()
    const local = {
      errno: 'EMSGSIZE',
      origin: 'local',
      from: dst,
      type: 0,
      code: 0,
      mtu,
      dst,
      dport,
      payload,
      time,
    } as const
    this.pushError(local, false, true)
  }

  /** IP_ADD_MEMBERSHIP. EINVAL for what is no group, ENODEV without a link, EADDRINUSE the second time, ENOBUFS for too many. */
  join(group: Ip, link: Link): Result {
    return this.joined.has(group, link) ? failed('EADDRINUSE') : this.joined.add(group, link, everySource)
  }

  /** IP_DROP_MEMBERSHIP. EADDRNOTAVAIL if it was not joined. */
  leave(group: Ip, link: Link): Result {
    return this.joined.remove(group, link)
  }

  /** IP_ADD_SOURCE_MEMBERSHIP: hears a group from this source, and from those that were named before. */
  joinSource(group: Ip, link: Link, source: Ip): Result {
    return this.joined.addSource(group, link, source)
  }

  /** IP_DROP_SOURCE_MEMBERSHIP: without its last source the group is left. */
  leaveSource(group: Ip, link: Link, source: Ip): Result {
    return this.joined.removeSource(group, link, source)
  }

  /** IP_BLOCK_SOURCE: hears a group that it joined from all but this source, and those that were named before. */
  blockSource(group: Ip, link: Link, source: Ip): Result {
    return this.joined.block(group, link, source)
  }

  /** IP_UNBLOCK_SOURCE. */
  unblockSource(group: Ip, link: Link, source: Ip): Result {
    return this.joined.unblock(group, link, source)
  }

  close(): void {
    if (this.closed) return
    if (this.port !== 0) this.table.delete(this)
    this.joined.clear()
    this.shut()
  }

  accepts(packet: Received): boolean {
    return packet.cast !== 'multicast' || this.joined.hears(packet.link, packet.dst, packet.src)
  }

  received(packet: Received, sport: number, start: number, end: number): boolean {
    return this.push({
      payload: packet.frame.bytes.slice(start, end),
      src: seenBy(this.family, packet.src),
      sport,
      dst: seenBy(this.family, packet.dst),
      dport: this.port,
      link: packet.link,
      ttl: packet.ttl,
      tos: packet.tos,
      time: this.stack.clock.now(),
    })
  }

  failed(news: IcmpNews, dport: number): void {
    const { errno, fatal } = icmpErrno(news)
    const error = newsToError(news, errno, dport, 8, this.stack.clock.now())
    const { family, peer } = this
    const seen = { from: seenBy(family, error.from), dst: seenBy(family, error.dst) }
    this.pushError({ ...error, ...seen }, fatal, peer !== undefined)
  }
}

/** A socket bound to a group or a broadcast address sends from an address that the route chooses. */
const sourceOf = (address: Ip | undefined): number => {
  const wire = address === undefined ? 0 : onWire(address)
  return isIp6(wire) || isMulticastIp(wire) || wire === 0xffffffff ? 0 : wire
}
