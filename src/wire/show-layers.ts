/**
 * A frame for people who learn from it: one line a layer, from the outside in, each with the header's fields that matter
 * and its size with all it carries. `toJson` gives the same as plain data, addresses as text.
 *
 *     Ethernet  02:00:00:00:01:01 > 02:00:00:00:01:fe, IPv4, 148 bytes
 *     IPv4      192.168.1.10 > 192.168.2.20, UDP, ttl 64, DF, 134 bytes
 *     UDP       54321 > 4789, checksum 0, 114 bytes
 *     VXLAN     VNI 100, flags I, 106 bytes
 */
import { formatIp4, formatIp6, formatMac } from './address.ts'
import { formatBridgeId } from './bpdu.ts'
import type { Layer, Protocol } from './layer.ts'
import { wordsOf } from './show/layer-words.ts'

const titles: { readonly [P in Protocol]: string } = {
  eth: 'Ethernet',
  vlan: 'VLAN',
  llc: 'LLC',
  stp: 'STP',
  arp: 'ARP',
  ip: 'IPv4',
  ip6: 'IPv6',
  icmp: 'ICMP',
  icmp6: 'ICMPv6',
  nd: 'ND',
  mld: 'MLD',
  igmp: 'IGMP',
  udp: 'UDP',
  tcp: 'TCP',
  sctp: 'SCTP',
  vxlan: 'VXLAN',
  mpls: 'MPLS',
  lldp: 'LLDP',
  dhcp: 'DHCP',
  dns: 'DNS',
  data: 'Data',
  padding: 'Padding',
}

/** Bytes of data shown before they are cut off. */
const mostData = 16

/** The layers of `dissect` as aligned lines; `bytes` are those they were read from. */
export const showLayers = (layers: readonly Layer[], bytes: Uint8Array): string => {
  const width = Math.max(0, ...layers.map(layer => title(layer).length))
  return layers.map(layer => `${title(layer).padEnd(width)}  ${lineOf(layer, bytes)}`).join('\n')
}

/** What an ICMP error quotes is set in, for it is no layer of this frame but a piece of another. */
const title = (layer: Layer): string => `${layer.quoted ? '  ' : ''}${titles[layer.protocol]}`

const lineOf = (layer: Layer, bytes: Uint8Array): string => {
  const size = layer.limit - layer.start
  const count = `${size} ${size === 1 ? 'byte' : 'bytes'}`
  if (layer.protocol === 'data') return `${count}${size > 0 ? `: ${digits(bytes, layer.start, layer.limit)}` : ''}`
  if (layer.protocol === 'padding') return count
  const words = wordsOf(layer)
  const bad = layer.bad === undefined ? [] : [`bad (${layer.bad})`]
  return [...words, ...bad, count].join(', ')
}

const digits = (bytes: Uint8Array, start: number, end: number): string => {
  const stop = Math.min(end, start + mostData)
  let text = ''
  for (let i = start; i < stop; i++) text += bytes[i]!.toString(16).padStart(2, '0')
  return stop < end ? `${text}…` : text
}

/** What `toJson` gives: nothing but plain data. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/**
 * Layers as plain data. MAC and IP addresses become text, bytes hex. `size` is the layer's with all it carries; `value` holds
 * the protocol's fields and is missing if the bytes were not understood.
 */
export const toJson = (layers: readonly Layer[]): { [name: string]: Json }[] =>
  layers.map(layer => ({
    protocol: layer.protocol,
    start: layer.start,
    end: layer.end,
    size: layer.limit - layer.start,
    ...(layer.bad !== undefined && { bad: layer.bad }),
    ...(layer.quoted && { quoted: true }),
    ...(layer.value !== undefined && { value: plain(layer.value, '') }),
  }))

/** Fields that hold 48-bit numbers, and fields that hold IPv4 addresses: numbers do not tell by themselves. */
const macFields = new Set(['dst', 'src', 'sha', 'tha', 'mac', 'chaddr'])
const ip4Fields = new Set('src dst spa tpa gateway group sources ciaddr yiaddr siaddr giaddr address'.split(' '))

/** Fields that hold identifiers of bridges, not IPv6 addresses. */
const bridgeFields = new Set(['root', 'bridge', 'regionalRoot'])

/** Fields that only repeat the layer's own `end` and `limit`. */
const places = new Set(['payload', 'end'])

const plain = (value: unknown, name: string, parent: object = {}): Json => {
  if (typeof value === 'bigint') return bridgeFields.has(name) ? formatBridgeId(value) : formatIp6(value)
  if (typeof value === 'number') return numberText(value, name, parent)
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (value instanceof Uint8Array) return digitsOf(value)
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, item]) => [String(key), plain(item, '')]))
  }
  if (Array.isArray(value)) return value.map(item => plain(item, name, parent))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key, item]) => item !== undefined && !places.has(key))
        .map(([key, item]) => [key, plain(item, key, value)]),
    )
  }
  return null
}

const digitsOf = (bytes: Uint8Array): string => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')

/** `src` and `dst` are MACs in Ethernet, IPv4 addresses in IPv4, ports elsewhere; the fields beside them tell. */
const numberText = (value: number, name: string, parent: object): Json => {
  if (name === 'src' || name === 'dst') {
    if ('ttl' in parent) return formatIp4(value)
    return 'type' in parent ? formatMac(value) : value
  }
  if (macFields.has(name)) return formatMac(value)
  return ip4Fields.has(name) ? formatIp4(value) : value
}
