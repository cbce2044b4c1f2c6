import { below, type Clock, Counters, type Log, type Random } from '../runtime/index.ts'
import type { Ip, Ip6, Mac } from '../wire/address.ts'
import { EtherType } from '../wire/ethernet.ts'
import type { Frame } from '../wire/frame.ts'
import { u48, u128 } from '../wire/header.ts'
import { IcmpType, IcmpUnreachable } from '../wire/icmp.ts'
import { Icmp6Type, Icmp6Unreachable } from '../wire/icmp6.ts'
import { IpProtocol } from '../wire/ip-protocol.ts'
import { parseIpv4 } from '../wire/ipv4.ts'
import {
  type AddressSpec,
  addAddress,
  down4,
  down6,
  followForwarding,
  removeAddress,
  up4,
  up6,
} from './address-config.ts'
import { type Address, Addresses } from './addresses.ts'
import { receiveArp, solicitArp } from './arp.ts'
import type { Backlog } from './backlog.ts'
import { done, type Errno, failed, type Result } from './errno.ts'
import { Filter } from './filter/filter.ts'
import { Memberships } from './groups/memberships.ts'
import { Groups } from './groups.ts'
import { receiveIcmp } from './icmp.ts'
import { icmpError } from './icmp-error.ts'
import { receiveIcmp6 } from './icmp6.ts'
import { icmp6Error } from './icmp6-error.ts'
import { receive4 } from './ipv4-input.ts'
import { route4 } from './ipv4-output.ts'
import { receive6 } from './ipv6-input.ts'
import { route6 } from './ipv6-output.ts'
import type { Link, LinkEvent, LinkTap } from './link.ts'
import { Links } from './links.ts'
import { solicitNd } from './nd.ts'
import { type Neighbour, Neighbours } from './neighbour.ts'
import { PacketSocket } from './packet-socket.ts'
import type { ForwardPaths, ForwardPaths6, Path4, Path6 } from './path.ts'
import { PathMtu } from './path-mtu.ts'
import { PingSocket } from './ping-socket.ts'
import { RateLimit } from './rate-limit.ts'
import { RawSocket } from './raw-socket.ts'
import { Reassembly } from './reassembly.ts'
import { reassemblyTimeout4, reassemblyTimeout6 } from './reassembly-timeout.ts'
import { type ErrorHandler, type ProtocolHandler, Received } from './received.ts'
import { RedirectLimit } from './redirect-limit.ts'
import { Redirects } from './redirects.ts'
import { addRoute, type RouteSpec, removeRoute } from './route-config.ts'
import { stopSoliciting } from './router-discovery.ts'
import { Routes } from './routes.ts'
import { Settings } from './settings.ts'
import type { RawTap, Stack } from './stack.ts'
import { failTcp, receiveTcp } from './tcp/input.ts'
import { TcpTable } from './tcp/table.ts'
import { TcpSocket } from './tcp-socket.ts'
import { failUdp, receiveUdp } from './udp-input.ts'
import { type UdpSend, UdpSender } from './udp-send.ts'
import { UdpSocket } from './udp-socket.ts'
import { type EncapHandler, UdpTable } from './udp-table.ts'

/** What a namespace is made of that it shares with the others of its kernel. */
export type NamespaceParts = { name: string; clock: Clock; random: Random; log: Log; backlog: Backlog }

/** Takes a frame of an ethertype that is neither IP nor ARP; owns it. */
export type EtherHandler = (link: Link, frame: Frame) => void

/** A network namespace: links, addresses, routes, neighbours, protocols, sockets. Begins with `lo`, which is down. */
export class Namespace implements Stack {
  /** Empty for the one that a machine starts with. */
  readonly name: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly links: Links
  readonly addresses = new Addresses()
  readonly routes4: Routes
  readonly routes6: Routes
  readonly arp: Neighbours
  readonly nd: Neighbours
  readonly groups = new Groups()
  readonly memberships: Memberships = new Memberships(this)
  readonly settings: Settings
  readonly counters = new Counters()
  readonly pathMtu: PathMtu
  readonly forwardPaths: ForwardPaths = { generation: 0, paths: new Map() }
  readonly forwardPaths6: ForwardPaths6 = { generation: 0, paths: new Map() }
  readonly errorLimit: RateLimit
  readonly redirects4: Redirects
  readonly redirects6: Redirects
  readonly redirectLimit: RedirectLimit
  readonly reassembly4: Reassembly
  readonly reassembly6: Reassembly
  readonly protocols4 = new Map<number, ProtocolHandler>()
  readonly protocols6 = new Map<number, ProtocolHandler>()
  readonly errors = new Map<number, ErrorHandler>()
  /** Protocols by ethertype besides IP and ARP: LLDP, for one. */
  readonly etherTypes = new Map<number, EtherHandler>()
  readonly raw = new Set<RawTap>()
  /** Hears of every change of a link: what `ip monitor link` prints. */
  readonly watchers = new Set<(link: Link, event: LinkEvent) => void>()
  readonly udp: UdpTable
  readonly tcp: TcpTable
  filter: Filter | undefined
  generation = 0
  looping = false
  private readonly received = new Received()
  private readonly sender: UdpSender
  private readonly backlog: Backlog
  /** The names that links have in the settings. */
  private readonly linkNames = new WeakMap<Link, string>()
  private id: number
  private lastPing = 0

  constructor({ name, clock, random, log, backlog }: NamespaceParts) {
    this.name = name
    this.clock = clock
    this.random = random
    this.log = log
    this.backlog = backlog
    const changed = (): void => {
      this.generation++
    }
    this.settings = new Settings(setting => this.settingChanged(setting))
    this.links = new Links(this, backlog, random)
    this.routes4 = new Routes(32, changed)
    this.routes6 = new Routes(128, changed)
    this.pathMtu = new PathMtu(clock, changed)
    this.errorLimit = new RateLimit(clock)
    this.redirects4 = new Redirects(clock, changed)
    this.redirects6 = new Redirects(clock, changed)
    this.redirectLimit = new RedirectLimit(clock)
    this.reassembly4 = new Reassembly(clock, 30, 4194304)
    this.reassembly6 = new Reassembly(clock, 60, 4194304)
    const arp = {
      solicit: (neighbour: Neighbour, mac: Mac | undefined) => solicitArp(this, neighbour, mac),
      unreachable: (neighbour: Neighbour, frame: Frame) => this.unreachable4(neighbour, frame),
      changed,
    }
    const nd = {
      solicit: (neighbour: Neighbour, mac: Mac | undefined) => solicitNd(this, neighbour, mac),
      unreachable: (neighbour: Neighbour, frame: Frame) => this.unreachable6(neighbour, frame),
      changed,
    }
    this.arp = new Neighbours(clock, random, this.counters, EtherType.ipv4, arp, this.settings.neigh4)
    this.nd = new Neighbours(clock, random, this.counters, EtherType.ipv6, nd, this.settings.neigh6)
    this.udp = new UdpTable(random, () => this.settings.portRange)
    this.tcp = new TcpTable(random, () => this.settings.portRange)
    this.sender = new UdpSender(this)
    this.id = below(random, 65536)
    this.registerProtocols()
    this.links.add('loopback', 'lo')
  }

  private registerProtocols(): void {
    const udp: ProtocolHandler = packet => receiveUdp(this, this.udp, packet)
    this.protocols4.set(IpProtocol.udp, udp)
    this.protocols6.set(IpProtocol.udp, udp)
    this.protocols4.set(IpProtocol.icmp, packet => receiveIcmp(this, packet))
    this.protocols6.set(IpProtocol.icmp6, packet => receiveIcmp6(this, packet))
    this.protocols4.set(IpProtocol.igmp, packet => this.memberships.receiveIgmp(packet))
    const tcp: ProtocolHandler = packet => receiveTcp(this, this.tcp, packet)
    this.protocols4.set(IpProtocol.tcp, tcp)
    this.protocols6.set(IpProtocol.tcp, tcp)
    this.errors.set(IpProtocol.tcp, news => failTcp(this.tcp, news))
    this.errors.set(IpProtocol.udp, news => failUdp(this.udp, news))
    const raw: ErrorHandler = news => {
      for (const tap of this.raw) if (tap instanceof RawSocket && tap.protocol === news.protocol) tap.failed(news)
    }
    this.errors.set(IpProtocol.icmp, raw)
    this.errors.set(IpProtocol.icmp6, raw)
    this.reassembly4.onTimeout = first => reassemblyTimeout4(this, first)
    this.reassembly6.onTimeout = (first, link) => reassemblyTimeout6(this, first, link)
  }

  get establishedCount(): number {
    const open = ({ connection: { state } }: { connection: { state: string } }): boolean =>
      state === 'ESTABLISHED' || state === 'CLOSE_WAIT'
    return this.tcp.allChannels().filter(open).length
  }

  /** The loopback link. */
  get lo(): Link {
    return this.links.at(1) as Link
  }

  now(): number {
    return this.clock.now()
  }

  nextId(): number {
    this.id = (this.id + 1) & 0xffff
    return this.id
  }

  /** Gives a link an address: `ip addr add`. */
  addAddress(link: Link, spec: AddressSpec): Result<Address> {
    return addAddress(this, link, spec)
  }

  /** `ip addr del`; without a length, whatever it is. */
  removeAddress(link: Link, ip: Ip, length?: number): Result {
    return removeAddress(this, link, ip, length)
  }

  /** `ip route add`, with `replace` `ip route replace`. */
  addRoute(spec: RouteSpec, replace = false): Result {
    return addRoute(this, spec, replace)
  }

  /** `ip route del`. */
  removeRoute(spec: RouteSpec): Result {
    return removeRoute(this, spec)
  }

  /** Where a packet from here would go, or the error that its sender would get: `ip route get`. */
  route(dst: Ip, src?: Ip, link?: Link): Path4 | Path6 | Errno {
    return typeof dst === 'bigint'
      ? route6(this, dst, src as Ip6 | undefined, link)
      : route4(this, dst, (src as number | undefined) ?? 0, link)
  }

  /** `ip neigh add` and `arp -s`: EEXIST if there is one, unless `replace`; EINVAL for what cannot be a neighbour. */
  addNeighbour(
    link: Link,
    ip: Ip,
    mac: Mac,
    state: 'PERMANENT' | 'REACHABLE' | 'STALE' | 'NOARP' = 'PERMANENT',
    replace = false,
  ): Result {
    const table = typeof ip === 'bigint' ? this.nd : this.arp
    if (!replace && table.find(link, ip) !== undefined) return failed('EEXIST')
    if (!link.up) return failed('ENETDOWN')
    return table.set(link, ip, mac, state) === undefined ? failed('ENOBUFS') : done
  }

  /** `ip neigh del`: ENOENT. */
  removeNeighbour(link: Link, ip: Ip): Result {
    const table = typeof ip === 'bigint' ? this.nd : this.arp
    const neighbour = table.find(link, ip)
    if (neighbour === undefined) return failed('ENOENT')
    table.delete(neighbour)
    return done
  }

  /** The rules for packets, which are there from the first question for them on. */
  get rules(): Filter {
    this.filter ??= new Filter(this.clock, this.random)
    return this.filter
  }

  tcpSocket(family: 4 | 6 = 4): TcpSocket {
    return new TcpSocket(this, this.tcp, family)
  }

  udpSocket(family: 4 | 6 = 4): UdpSocket {
    return new UdpSocket(this, this.udp, family)
  }

  rawSocket(family: 4 | 6, protocol: number): RawSocket {
    return new RawSocket(this, family, protocol)
  }

  /** An ICMP echo socket; without an id, one that is free. */
  pingSocket(family: 4 | 6 = 4, id?: number): PingSocket {
    this.lastPing = (this.lastPing % 0xffff) + 1
    return new PingSocket(this, family, id ?? this.lastPing)
  }

  /** Sees and sends frames; without links, those of all links that there are now. */
  packetSocket(links: readonly Link[] = this.links.all(), ...rest: PacketRest): PacketSocket {
    return new PacketSocket(links, ...rest)
  }

  /** Sees the frames of a link without copying them; gives back what ends it. */
  tap(link: Link, tap: LinkTap): () => void {
    link.taps.add(tap)
    link.watching++
    return () => {
      if (link.taps.delete(tap)) link.watching--
    }
  }

  /** A tunnel takes a UDP port, IPv4 and IPv6: EADDRINUSE. Gives back the function that returns it. */
  encap(port: number, handler: EncapHandler): Result<() => void> {
    const release = this.udp.encap(port, handler)
    return release === undefined ? failed('EADDRINUSE') : { ok: true, value: release }
  }

  /** Sends a frame that holds a UDP payload, with headroom: the path of tunnels. Owns the frame. */
  sendUdp(frame: Frame, packet: UdpSend): Errno | undefined {
    return this.sender.send(frame, packet)
  }

  receive(link: Link, frame: Frame): void {
    const { bytes, start } = frame
    if (!link.isLoopback && ((bytes[start] as number) & 1) === 0 && u48.get(bytes, start) !== link.mac) {
      link.drops.add('rx_stranger')
      return
    }
    const type = ((bytes[start + 12] as number) << 8) | (bytes[start + 13] as number)
    if (type === EtherType.ipv4) {
      receive4(this, this.received, link, frame)
      return
    }
    if (type === EtherType.ipv6) {
      receive6(this, this.received, link, frame)
      return
    }
    if (type === EtherType.arp) {
      receiveArp(this, link, frame)
      return
    }
    const handler = this.etherTypes.get(type)
    if (handler === undefined) link.drops.add('rx_protocol')
    else handler(link, frame)
  }

  loop(link: Link, frame: Frame): void {
    const process = (copy: Frame): void => {
      this.looping = true
      this.receive(link, copy)
      this.looping = false
    }
    if (!this.backlog.hand({ process }, frame)) link.drops.add('rx_backlog')
  }

  configure(link: Link, ip: Ip6, length: number, valid: number, preferred: number): void {
    const forever = 0xffffffff
    addAddress(this, link, {
      ip,
      length,
      origin: 'ra',
      ...(valid === forever ? {} : { validLifetime: valid }),
      ...(preferred === forever ? {} : { preferredLifetime: preferred }),
    })
  }

  changed(link: Link, event: LinkEvent): void {
    this.generation++
    if (event === 'added') this.settings.of(link.name)
    if (event === 'name') this.settings.rename(this.linkNames.get(link) ?? '', link.name)
    this.linkNames.set(link, link.name)
    if (event === 'up') {
      up4(this, link)
      if (link.carrier) up6(this, link)
      this.memberships.up(link)
    }
    if (event === 'carrier') {
      if (link.carrier) up6(this, link)
      else {
        this.arp.flushLink(link, true)
        this.nd.flushLink(link, true)
      }
    }
    if (event === 'mac') {
      this.arp.flushLink(link)
      this.nd.flushLink(link)
    }
    if (event === 'down' || event === 'removed') this.takeDown(link, event === 'removed')
    if (link.listeners !== undefined) for (const listener of [...link.listeners]) listener(event)
    for (const watcher of this.watchers) watcher(link, event)
  }

  discard(link: Link): void {
    this.links.drop(link)
  }

  private takeDown(link: Link, removed: boolean): void {
    stopSoliciting(link)
    this.memberships.stop(link)
    this.redirects4.forgetLink(link)
    this.redirects6.forgetLink(link)
    this.arp.flushLink(link)
    this.nd.flushLink(link)
    down4(this, link)
    down6(this, link, removed)
    if (!removed) return
    for (const { ip, length } of this.addresses.of(link)) removeAddress(this, link, ip, length)
    this.routes4.removeOf(link)
    this.routes6.removeOf(link)
    this.groups.forget(link)
    this.settings.forget(link.name)
  }

  private settingChanged(name: string): void {
    this.generation++
    this.reassembly4.limit = this.settings.value('net.ipv4.ipfrag_high_thresh')
    this.reassembly4.lifetime = this.settings.value('net.ipv4.ipfrag_time')
    this.reassembly6.limit = this.settings.value('net.ipv6.ip6frag_high_thresh')
    this.reassembly6.lifetime = this.settings.value('net.ipv6.ip6frag_time')
    if (name.endsWith('.forwarding')) for (const link of this.links.all()) followForwarding(this, link)
    if (name.endsWith('.disable_ipv6'))
      for (const link of this.links.all())
        if (this.settings.of(link.name).disable_ipv6 !== 0) down6(this, link, true)
        else if (link.running && this.addresses.of(link, 6).length === 0) up6(this, link)
  }

  private unreachable4({ link, ip: hop }: Neighbour, frame: Frame): void {
    this.redirects4.forgetHop(link, hop)
    const ip = parseIpv4(frame.bytes, frame.start, frame.end, true)
    if (!ip.ok) return
    const { src, dst, protocol, payload } = ip.value
    const culprit = { src4: src, dst4: dst, protocol, cast: 'unicast', ip: frame.start, payload, frame, link } as const
    icmpError(this, culprit, IcmpType.unreachable, IcmpUnreachable.host, 0)
  }

  private unreachable6({ link, ip: hop }: Neighbour, frame: Frame): void {
    this.redirects6.forgetHop(link, hop)
    const { bytes, start } = frame
    const culprit = {
      src6: u128.get(bytes, start + 8),
      dst6: u128.get(bytes, start + 24),
      protocol: bytes[start + 6] as number,
      cast: 'unicast',
      ip: start,
      payload: start + 40,
      frame,
      link,
    } as const
    icmp6Error(this, culprit, Icmp6Type.unreachable, Icmp6Unreachable.address, 0)
  }
}

type PacketRest = ConstructorParameters<typeof PacketSocket> extends [unknown, ...infer Rest] ? Rest : never
