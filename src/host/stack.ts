import type { Clock, Counters, Log, Random } from '../runtime/index.ts'
import type { Ip6 } from '../wire/address.ts'
import type { Frame } from '../wire/frame.ts'
import type { Addresses } from './addresses.ts'
import type { Filter } from './filter/filter.ts'
import type { Groups } from './groups.ts'
import type { Link, LinkOwner } from './link.ts'
import type { Links } from './links.ts'
import type { Neighbours } from './neighbour.ts'
import type { ForwardPaths, ForwardPaths6 } from './path.ts'
import type { PathMtu } from './path-mtu.ts'
import type { RateLimit } from './rate-limit.ts'
import type { Reassembly } from './reassembly.ts'
import type { ErrorHandler, ProtocolHandler, Received } from './received.ts'
import type { RedirectLimit } from './redirect-limit.ts'
import type { Redirects } from './redirects.ts'
import type { Routes } from './routes.ts'
import type { Settings } from './settings.ts'

/** What the protocols of a namespace share. `Namespace` puts it together; each protocol is functions over it. */
export interface Stack extends LinkOwner {
  /** TCP connections that are open (Tcp.CurrEstab). */
  readonly establishedCount: number
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly links: Links
  readonly addresses: Addresses
  readonly routes4: Routes
  readonly routes6: Routes
  readonly arp: Neighbours
  readonly nd: Neighbours
  readonly groups: Groups
  readonly memberships: MulticastListener
  readonly settings: Settings
  /** Named as in /proc/net/snmp, netstat and snmp6 with a dot: `Ip.InReceives`, `Udp.NoPorts`, `Ip6.InDiscards`. */
  readonly counters: Counters
  readonly pathMtu: PathMtu
  readonly errorLimit: RateLimit
  readonly redirects4: Redirects
  readonly redirects6: Redirects
  readonly redirectLimit: RedirectLimit
  readonly reassembly4: Reassembly
  readonly reassembly6: Reassembly
  /** Upper protocols by their number; TCP, IGMP, MLD and PIM register here. */
  readonly protocols4: Map<number, ProtocolHandler>
  readonly protocols6: Map<number, ProtocolHandler>
  /** Who hears of ICMP errors about packets of a protocol. */
  readonly errors: Map<number, ErrorHandler>
  /** Sees each packet for this host before its protocol does: raw sockets. */
  readonly raw: Set<RawTap>
  /** Changes whenever a path kept from an earlier lookup may be wrong. */
  generation: number
  readonly forwardPaths: ForwardPaths
  readonly forwardPaths6: ForwardPaths6
  /** Rules for packets, once there are any (`iptables`). */
  readonly filter: Filter | undefined
  /** The next IPv4 identification. */
  nextId(): number
  /** Adds the address that a router's prefix makes (RFC 4862 §5.5.3); lifetimes in seconds, 0xffffffff for ever. */
  configure(link: Link, ip: Ip6, length: number, valid: number, preferred: number): void
  /** The frame that is being received now is one of this host's own, see `loop`. */
  readonly looping: boolean
  /** Takes a frame of this host's own, sent to all or to a group, in again on the link it leaves by; after this call. */
  loop(link: Link, frame: Frame): void
}

/** Who tells multicast routers of the groups, as ICMPv6 knows it. */
export interface MulticastListener {
  receiveMld(packet: Received): void
}

/** A raw socket, as IP input knows it. */
export interface RawTap {
  readonly family: 4 | 6
  readonly protocol: number
  received: ProtocolHandler
}
