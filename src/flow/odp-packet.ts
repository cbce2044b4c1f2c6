/**
 * The packet that a flow in a datapath's notation tells: of its parts only those count that such a packet has. A type asks for a
 * header of its own, a protocol for its ports, and a later fragment has none; so many tags are looked into.
 */
import { type FlowKey, fragment, word } from './layout.ts'
import type { OdpPart } from './odp-parts.ts'

/** What each part tells, as words with their bits. */
type Told = readonly (readonly [word: number, bits: number])[]

const all = 0xffffffff
const words = (first: number, count: number): Told => Array.from({ length: count }, (_, i) => [first + i, all] as const)

const addresses4 = [...words(word.ipv4Src, 1), ...words(word.ipv4Dst, 1)]
const ipv4: Told = [...words(word.ip, 1), ...addresses4]
const ipv6: Told = [...words(word.ip, 1), ...words(word.ipv6Src, 9)]
const arp: Told = [[word.ip, 0xff], ...addresses4, ...words(word.arpSha, 3)]
const mpls = words(word.mpls, word.nsh - word.mpls)
const nsh = words(word.nsh, word.packetType - word.nsh)

/** The header that a type asks for. */
const network: ReadonlyMap<number, { part: string; told: Told }> = new Map([
  [0x0800, { part: 'ipv4', told: ipv4 }],
  [0x86dd, { part: 'ipv6', told: ipv6 }],
  [0x0806, { part: 'arp', told: arp }],
  [0x8035, { part: 'arp', told: arp }],
  [0x8847, { part: 'mpls', told: mpls }],
  [0x8848, { part: 'mpls', told: mpls }],
  [0x894f, { part: 'nsh', told: nsh }],
])

/** The part with the ports, by the protocol and, of ICMP, the version of IP. */
const transport: ReadonlyMap<string, string> = new Map([
  ['6', 'tcp'],
  ['17', 'udp'],
  ['132', 'sctp'],
  ['1 4', 'icmp'],
  ['58 6', 'icmpv6'],
])

const tagTypes = new Set([0x8100, 0x88a8])

/** The key that `parts` leave of `key`, in which all of them are. `tags`: how many are looked into. */
export const packetOf = (key: FlowKey, parts: readonly OdpPart[], tags: number): FlowKey => {
  const packet = key.slice()
  packet.fill(0, word.ethernet + 3, word.packetType)
  let inner = parts
  let type = typeAt(key, inner, 0)
  for (let level = 0; level < tags && tagTypes.has(type); level++) {
    const encap = inner.find(({ name }) => name === 'encap')
    if (has(inner, 'vlan')) packet[word.vlan + level] = key[word.vlan + level]!
    inner = encap?.inner ?? []
    // What ends behind a tag, or before it, has no type.
    type = encap === undefined || packet[word.vlan + level] === 0 ? 0 : typeAt(key, inner, level + 1)
  }
  packet[word.ethType] = ((type << 16) | (key[word.ethType]! & 0xffff)) >>> 0
  keepNetwork(packet, key, inner, type)
  return packet
}

const has = (parts: readonly OdpPart[], wanted: string): boolean => parts.some(({ name }) => name === wanted)

/** The type of a frame that tells none, an 802.2 one. */
const noType = 0x05ff

/** Where no type is told, some headers say it. */
const typeAt = (key: FlowKey, parts: readonly OdpPart[], level: number): number => {
  if (!has(parts, 'eth_type')) {
    if (has(parts, 'ipv4')) return 0x0800
    if (has(parts, 'ipv6')) return 0x86dd
    return has(parts, 'mpls') ? 0x8847 : noType
  }
  return key[has(parts, 'vlan') && level < 2 ? word.vlan + level : word.ethType]! >>> 16
}

const keep = (packet: FlowKey, key: FlowKey, told: Told): void => {
  for (const [at, bits] of told) packet[at] = (packet[at]! & ~bits) | (key[at]! & bits)
}

const keepNetwork = (packet: FlowKey, key: FlowKey, parts: readonly OdpPart[], type: number): void => {
  const header = network.get(type)
  if (header === undefined || !has(parts, header.part)) return
  const { part, told } = header
  keep(packet, key, told)
  const [protocol, frag] = [packet[word.ip]! & 0xff, packet[word.ip]! >>> 24]
  if ((part !== 'ipv4' && part !== 'ipv6') || (frag & fragment.later) !== 0) return
  const name = transport.get(`${protocol}`) ?? transport.get(`${protocol} ${part === 'ipv4' ? 4 : 6}`)
  if (name === 'tcp' && has(parts, 'tcp_flags')) keep(packet, key, words(word.tcpFlags, 1))
  if (name === undefined || !has(parts, name)) return
  keep(packet, key, words(word.transport, 1))
  const isNeighbour = name === 'icmpv6' && [135 << 16, 136 << 16].includes(packet[word.transport]!)
  if (isNeighbour && has(parts, 'nd')) keep(packet, key, [...words(word.ndTarget, 4), ...words(word.arpSha, 3)])
  if (isNeighbour && has(parts, 'nd_ext'))
    keep(packet, key, [...words(word.ndReserved, 1), ...words(word.ndOptionsType, 1)])
}
