/**
 * Frames as `tcpdump -n` prints them: what `showLine` gives is what tcpdump 4.99 prints behind the time, alone, with `-e`, with `-v`
 * and with both. Each protocol's words are in show/, found by running tcpdump and looking; what follows what is the
 * table here. Verbose output and a frame inside VXLAN take more than one line, joined by `\n`.
 */
import { DhcpPort } from './dhcp.ts'
import { DnsPort } from './dns.ts'
import { EtherType } from './ethernet.ts'
import { IpProtocol } from './ip-protocol.ts'
import { showArp } from './show/arp.ts'
import { showDhcp } from './show/dhcp.ts'
import { showDns } from './show/dns.ts'
import { showEthernet } from './show/ethernet.ts'
import { showGre } from './show/gre.ts'
import { showIcmp } from './show/icmp.ts'
import { showIcmp6 } from './show/icmp6.ts'
import { showIgmp } from './show/igmp.ts'
import { showIpv4 } from './show/ipv4.ts'
import { showIpv6 } from './show/ipv6.ts'
import { Line, type Tables, type TcpBases } from './show/line.ts'
import { showLldp } from './show/lldp.ts'
import { showMpls } from './show/mpls.ts'
import { showTcp } from './show/tcp.ts'
import { showUdp } from './show/udp.ts'
import { showOtv, showVxlan } from './show/vxlan.ts'
import { VxlanPort } from './vxlan.ts'

const tables: Tables = {
  ethernet: showEthernet,
  ethertypes: new Map([
    [EtherType.ipv4, showIpv4],
    [EtherType.ipv6, showIpv6],
    [EtherType.arp, showArp],
    [EtherType.rarp, showArp],
    [EtherType.mpls, showMpls],
    [EtherType.mplsMulticast, showMpls],
    [EtherType.lldp, showLldp],
  ]),
  protocols: new Map([
    [IpProtocol.icmp, showIcmp],
    [IpProtocol.igmp, showIgmp],
    [IpProtocol.ipip, showIpv4],
    [IpProtocol.tcp, showTcp],
    [IpProtocol.udp, showUdp],
    [IpProtocol.ipv6, showIpv6],
    [IpProtocol.gre, showGre],
    [IpProtocol.icmp6, showIcmp6],
  ]),
  ports: new Map([
    [DnsPort, showDns],
    [5353, showDns],
    [DhcpPort.server, showDhcp],
    [DhcpPort.client, showDhcp],
    [VxlanPort.iana, showVxlan],
    [VxlanPort.linux, showOtv],
  ]),
}

export type ShowOptions = {
  /** `-e`: MAC addresses, ethertype and length come first. */
  link?: boolean
  /** `-v`. */
  verbose?: boolean
  /** Kept by the caller for a whole capture, so that TCP's sequence numbers are relative; without it they are as sent. */
  connections?: TcpBases
}

export type { TcpBases }

/** The Ethernet frame from `start` to `end` as tcpdump prints it behind the time. Any bytes have an answer. */
export const showLine = (bytes: Uint8Array, start = 0, end = bytes.length, options: ShowOptions = {}): string => {
  const { link = false, verbose = false, connections } = options
  const line = new Line(bytes, end, tables, { link, verbose, connections })
  line.into(tables.ethernet, start, end - start)
  return line.text
}

/** `HH:MM:SS.ffffff` of nanoseconds since midnight, 1970 or the start of a lab, in UTC. */
export const formatTime = (time: number | bigint): string => {
  const microseconds =
    typeof time === 'bigint' ? Number((time / 1000n) % 86_400_000_000n) : Math.floor(time / 1000) % 86_400_000_000
  const seconds = Math.floor(microseconds / 1e6)
  const two = (value: number): string => String(value).padStart(2, '0')
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':')
  return `${clock}.${String(microseconds % 1e6).padStart(6, '0')}`
}
