/** Every parser of this folder, for tests that feed bytes of any kind to all of them. */
import { parseArp } from './arp.ts'
import { readCapture } from './capture.ts'
import { LinkType } from './captured.ts'
import { parseDhcp } from './dhcp.ts'
import { parseDns } from './dns.ts'
import { parseEthernet } from './ethernet.ts'
import { parseIcmp } from './icmp.ts'
import { parseIcmp6 } from './icmp6.ts'
import { parseIgmp } from './igmp.ts'
import { parseIpv4 } from './ipv4.ts'
import { parseIpv6, walkExtensions } from './ipv6.ts'
import { parseIpv6Options } from './ipv6-options.ts'
import { dissect } from './layers.ts'
import { parseLlc } from './llc.ts'
import { parseLldp } from './lldp.ts'
import { parseMld } from './mld.ts'
import { parseMpls } from './mpls.ts'
import { parseNd } from './nd.ts'
import { parseNdOptions } from './nd-options.ts'
import { parseSctp } from './sctp.ts'
import { parseTcp } from './tcp.ts'
import { parseTcpOptions } from './tcp-options.ts'
import { parseUdp } from './udp.ts'
import { parseVlan } from './vlan.ts'
import { parseVxlan } from './vxlan.ts'

/** `parse` is given bytes of which only `start` to `end` are its business. */
export type Parser = { name: string; parse: (bytes: Uint8Array, start: number, end: number) => unknown }

export const parsers: Parser[] = [
  { name: 'dissect', parse: dissect },
  { name: 'dissect raw', parse: (bytes, start, end) => dissect(bytes, start, end, LinkType.raw) },
  { name: 'ethernet', parse: parseEthernet },
  { name: 'vlan', parse: parseVlan },
  { name: 'llc', parse: parseLlc },
  { name: 'arp', parse: parseArp },
  { name: 'mpls', parse: parseMpls },
  { name: 'lldp', parse: parseLldp },
  { name: 'ipv4', parse: parseIpv4 },
  { name: 'ipv4 cut', parse: (bytes, start, end) => parseIpv4(bytes, start, end, true) },
  { name: 'ipv6', parse: parseIpv6 },
  { name: 'ipv6 cut', parse: (bytes, start, end) => parseIpv6(bytes, start, end, true) },
  { name: 'ipv6 extensions', parse: (bytes, start, end) => walkExtensions(bytes, start, end, 0) },
  { name: 'ipv6 options', parse: (bytes, start, end) => parseIpv6Options(bytes, start, end - start) },
  { name: 'icmp', parse: parseIcmp },
  { name: 'icmp6', parse: parseIcmp6 },
  { name: 'nd', parse: parseNd },
  { name: 'nd options', parse: parseNdOptions },
  { name: 'mld', parse: parseMld },
  { name: 'igmp', parse: parseIgmp },
  { name: 'udp', parse: parseUdp },
  { name: 'udp cut', parse: (bytes, start, end) => parseUdp(bytes, start, end, true) },
  { name: 'tcp', parse: parseTcp },
  { name: 'tcp options', parse: parseTcpOptions },
  { name: 'sctp', parse: parseSctp },
  { name: 'vxlan', parse: parseVxlan },
  { name: 'vxlan gbp', parse: (bytes, start, end) => parseVxlan(bytes, start, end, 'gbp') },
  { name: 'vxlan gpe', parse: (bytes, start, end) => parseVxlan(bytes, start, end, 'gpe') },
  { name: 'dhcp', parse: parseDhcp },
  { name: 'dns', parse: parseDns },
  { name: 'capture', parse: (bytes, start, end) => readCapture(bytes.subarray(start, end)) },
]
