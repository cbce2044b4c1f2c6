/** The fields of a flexible match one after the other, and which of them say nothing of others. */
import type { FieldName } from '../flow/fields.ts'
import { type OxmField, oxmOf } from './oxm-fields.ts'

const numbered = (count: number): FieldName[] => Array.from({ length: count }, (_, i) => `reg${i}` as FieldName)

/** Fields of which a value says nothing of other fields, by the name that text has for their place. */
const free: ReadonlyMap<FieldName, FieldName> = new Map([
  ...(['ip_src', 'ip_dst', 'eth_src', 'eth_dst', 'arp_sha', 'arp_tha', 'in_port', 'metadata', 'tun_id'] as const).map(
    name => [name, name] as const,
  ),
  ...numbered(16).map(name => [name, name] as const),
  ['in_port_oxm', 'in_port'],
  ['arp_spa', 'ip_src'],
  ['arp_tpa', 'ip_dst'],
  ['tcp_src', 'tcp_src'],
  ['udp_src', 'tcp_src'],
  ['sctp_src', 'tcp_src'],
  ['tcp_dst', 'tcp_dst'],
  ['udp_dst', 'tcp_dst'],
  ['sctp_dst', 'tcp_dst'],
])

/** Whether the value of a field says nothing of other fields, of what is refused, or of the actions behind the match. */
export const isFree = (name: FieldName): boolean => free.has(name)

/** The name that a match's text has for the place of a field whose value changes nothing else there. */
export const placeName = (name: FieldName): FieldName | undefined =>
  name === 'vlan_vid' || name === 'vlan_tci' ? 'vlan_tci' : free.get(name)

export type Head = { it: OxmField | undefined; at: number; width: number; masked: boolean }

/** The fields of a list that is known to be good. */
export const headsOf = (bytes: Uint8Array, start: number, end: number): Head[] => {
  const heads: Head[] = []
  for (let at = start; at < end; ) {
    const first = number(bytes, at, 4)
    const extra = first >>> 16 === 0xffff ? 4 : 0
    const masked = (first & 0x100) !== 0
    const length = (first & 0xff) - extra
    const payload = at + 4 + extra
    const it = oxmOf(first, extra === 0 ? 0 : number(bytes, at + 4, 4))
    heads.push({ it, at: payload, width: masked ? length >>> 1 : length, masked })
    at = payload + length
  }
  return heads
}

export const number = (bytes: Uint8Array, at: number, size: number): number => {
  let value = 0
  for (let i = at; i < at + size; i++) value = (value << 8) | bytes[i]!
  return value >>> 0
}
