/** Every parser of this folder, for tests that feed bytes of any kind to all of them. */
import { parseArp } from './arp.ts'
import { parseBpdu } from './bpdu.ts'
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
import type { Protocol } from './layer.ts'
import { dissect } from './layers.ts'
import { parseLlc } from './llc.ts'
import { parseLldp } from './lldp.ts'
import { parseMld } from './mld.ts'
import { parseMpls } from './mpls.ts'
import { parseNd } from './nd.ts'
import { parseNdOptions } from './nd-options.ts'
import { parseSctp } from './sctp.ts'
import { showLine } from './show.ts'
import { showLayers, toJson } from './show-layers.ts'
import { parseTcp } from './tcp.ts'
import { parseTcpOptions } from './tcp-options.ts'
import { parseUdp } from './udp.ts'
import { parseVlan } from './vlan.ts'
import { parseVxlan } from './vxlan.ts'

/** `parse` is given bytes of which only `start` to `end` are its business; a `protocol` layer begins with what it reads. */
export type Parser = {
  name: string
  protocol?: Protocol
  parse: (bytes: Uint8Array, start: number, end: number) => unknown
}

export const parsers: Parser[] = [
  { name: 'dissect', parse: dissect },
  { name: 'dissect raw', protocol: 'ip', parse: (bytes, start, end) => dissect(bytes, start, end, LinkType.raw) },
  { name: 'ethernet', protocol: 'eth', parse: parseEthernet },
  { name: 'vlan', protocol: 'vlan', parse: parseVlan },
  { name: 'llc', protocol: 'llc', parse: parseLlc },
  { name: 'bpdu', protocol: 'stp', parse: parseBpdu },
  { name: 'arp', protocol: 'arp', parse: parseArp },
  { name: 'mpls', protocol: 'mpls', parse: parseMpls },
  { name: 'lldp', protocol: 'lldp', parse: parseLldp },
  { name: 'ipv4', protocol: 'ip', parse: parseIpv4 },
  { name: 'ipv4 cut', protocol: 'ip', parse: (bytes, start, end) => parseIpv4(bytes, start, end, true) },
  { name: 'ipv6', protocol: 'ip6', parse: parseIpv6 },
  { name: 'ipv6 cut', protocol: 'ip6', parse: (bytes, start, end) => parseIpv6(bytes, start, end, true) },
  { name: 'ipv6 extensions', parse: (bytes, start, end) => walkExtensions(bytes, start, end, 0) },
  { name: 'ipv6 options', parse: (bytes, start, end) => parseIpv6Options(bytes, start, end - start) },
  { name: 'icmp', protocol: 'icmp', parse: parseIcmp },
  { name: 'icmp6', protocol: 'icmp6', parse: parseIcmp6 },
  { name: 'nd', protocol: 'nd', parse: parseNd },
  { name: 'nd options', parse: parseNdOptions },
  { name: 'mld', protocol: 'mld', parse: parseMld },
  { name: 'igmp', protocol: 'igmp', parse: parseIgmp },
  { name: 'udp', protocol: 'udp', parse: parseUdp },
  { name: 'udp cut', protocol: 'udp', parse: (bytes, start, end) => parseUdp(bytes, start, end, true) },
  { name: 'tcp', protocol: 'tcp', parse: parseTcp },
  { name: 'tcp options', parse: parseTcpOptions },
  { name: 'sctp', protocol: 'sctp', parse: parseSctp },
  { name: 'vxlan', protocol: 'vxlan', parse: parseVxlan },
  { name: 'vxlan gbp', protocol: 'vxlan', parse: (bytes, start, end) => parseVxlan(bytes, start, end, 'gbp') },
  { name: 'vxlan gpe', protocol: 'vxlan', parse: (bytes, start, end) => parseVxlan(bytes, start, end, 'gpe') },
  { name: 'dhcp', protocol: 'dhcp', parse: parseDhcp },
  { name: 'dns', protocol: 'dns', parse: parseDns },
  { name: 'show', parse: (bytes, start, end) => showLine(bytes, start, end) },
  {
    name: 'show verbose',
    protocol: 'eth',
    parse: (bytes, start, end) => showLine(bytes, start, end, { link: true, verbose: true }),
  },
  {
    name: 'show layers',
    parse: (bytes, start, end) => {
      const layers = dissect(bytes, start, end)
      return [showLayers(layers, bytes), toJson(layers)]
    },
  },
  { name: 'capture', parse: (bytes, start, end) => readCapture(bytes.subarray(start, end)) },
]
