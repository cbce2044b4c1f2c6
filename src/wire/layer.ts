import type { Arp } from './arp.ts'
import type { Bpdu } from './bpdu.ts'
import type { Dhcp } from './dhcp.ts'
import type { Dns } from './dns.ts'
import type { Ethernet } from './ethernet.ts'
import type { Icmp } from './icmp.ts'
import type { Icmp6 } from './icmp6.ts'
import type { Igmp } from './igmp.ts'
import type { Ipv4 } from './ipv4.ts'
import type { Ipv6, Ipv6Chain } from './ipv6.ts'
import type { Llc } from './llc.ts'
import type { Lldp } from './lldp.ts'
import type { Mld } from './mld.ts'
import type { Mpls } from './mpls.ts'
import type { Nd } from './nd.ts'
import type { Reason } from './parsed.ts'
import type { Sctp } from './sctp.ts'
import type { Tcp } from './tcp.ts'
import type { Udp } from './udp.ts'
import type { Vlan } from './vlan.ts'
import type { Vxlan } from './vxlan.ts'

/** What each protocol's layer means. `data` is bytes that nothing here reads, `padding` what lies behind a packet's end. */
export type LayerValues = {
  eth: Ethernet
  vlan: Vlan
  llc: Llc
  stp: Bpdu
  arp: Arp
  ip: Ipv4 & { totalLength: number }
  ip6: Ipv6 & Ipv6Chain & { payloadLength: number }
  icmp: Icmp
  icmp6: Icmp6
  nd: Nd
  mld: Mld
  igmp: Igmp
  udp: Udp & { length: number }
  tcp: Tcp & { checksum: number }
  sctp: Sctp
  vxlan: Vxlan
  mpls: Mpls
  lldp: Lldp
  dhcp: Dhcp
  dns: Dns
  data: undefined
  padding: undefined
}

export type Protocol = keyof LayerValues

/**
 * One protocol's part of a frame. Its own bytes (a header, mostly) are `start` to `end`, and what it carries reaches to
 * `limit`. The layers of a frame lie side by side and cover it: each starts where the one before ends.
 *
 * `value` is there if the bytes were understood. `bad` is why they were not, or with a value that a checksum is wrong;
 * what could not be understood has no bytes of its own, and a `data` layer holds them. `quoted` is true for what lies
 * behind an ICMP error: the beginning of another packet, perhaps cut short.
 */
export type Layer<P extends Protocol = Protocol> = {
  [K in P]: {
    protocol: K
    start: number
    end: number
    limit: number
    value?: LayerValues[K]
    bad?: Reason
    quoted?: true
  }
}[P]
