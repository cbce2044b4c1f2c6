/** The `set` action as text: words of the key, named by what the flow's packets are. */
import { type FlowKey, word } from '../flow/layout.ts'
import { formatIp4, formatIp6, formatMac } from '../wire/address.ts'
import { EtherType } from '../wire/ethernet.ts'
import { IpProtocol } from '../wire/ip-protocol.ts'
import type { SparseKey } from './action.ts'
import { formatNshSet } from './nsh-text.ts'

/** Some bits of the key as one number, with the mask of the same bits. */
type Part = { value: bigint; mask: bigint }
type Format = (value: bigint) => string
/** A name inside the group; where its bits are; how it is printed, and how its mask is. */
type Row = readonly [
  name: string,
  words: number,
  count: number,
  low: number,
  width: number,
  format: Format,
  mask?: Format,
]

const decimal: Format = value => `${value}`
/** What printf's %#x gives: zero without 0x. */
const hex: Format = value => (value === 0n ? '0' : `0x${value.toString(16)}`)
const ip4: Format = value => formatIp4(Number(value))
const ip6: Format = value => formatIp6(value)
const mac: Format = value => formatMac(Number(value))

const eth: Row[] = [
  ['src', word.ethernet1, 2, 0, 48, mac],
  ['dst', word.ethernet, 2, 16, 48, mac],
]
const vlan: Row[] = [
  ['vid', word.vlan, 1, 0, 12, decimal, hex],
  ['pcp', word.vlan, 1, 13, 3, decimal, hex],
]
const ipv4: Row[] = [
  ['src', word.ipv4Src, 1, 0, 32, ip4],
  ['dst', word.ipv4Dst, 1, 0, 32, ip4],
  ['tos', word.ip, 1, 16, 8, hex],
  ['ttl', word.ip, 1, 8, 8, decimal, hex],
]
const ipv6: Row[] = [
  ['src', word.ipv6Src, 4, 0, 128, ip6],
  ['dst', word.ipv6Dst, 4, 0, 128, ip6],
  ['label', word.ipv6Label, 1, 0, 20, hex],
  ['tclass', word.ip, 1, 16, 8, hex],
  ['hlimit', word.ip, 1, 8, 8, decimal, hex],
]
const arp: Row[] = [
  ['sip', word.ipv4Src, 1, 0, 32, ip4],
  ['tip', word.ipv4Dst, 1, 0, 32, ip4],
  ['op', word.ip, 1, 0, 8, decimal, hex],
  ['sha', word.arpSha, 2, 16, 48, mac],
  ['tha', word.arpSha + 1, 2, 0, 48, mac],
]
const ports: Row[] = [
  ['src', word.transport, 1, 16, 16, decimal, hex],
  ['dst', word.transport, 1, 0, 16, decimal, hex],
]
const icmp: Row[] = [
  ['type', word.transport, 1, 16, 8, decimal, hex],
  ['code', word.transport, 1, 0, 8, decimal, hex],
]
const nd: Row[] = [
  ['target', word.ndTarget, 4, 0, 128, ip6],
  ['sll', word.arpSha, 2, 16, 48, mac],
  ['tll', word.arpSha + 1, 2, 0, 48, mac],
]
const ndOptions: Row = ['nd_options_type', word.ndOptionsType, 1, 0, 8, decimal, hex]
const mpls: Row[] = [
  ['label', word.mpls, 1, 12, 20, decimal, hex],
  ['tc', word.mpls, 1, 9, 3, decimal],
  ['ttl', word.mpls, 1, 0, 8, decimal, hex],
  ['bos', word.mpls, 1, 8, 1, decimal],
]

const transports: Record<number, readonly [string, Row[]]> = {
  [IpProtocol.tcp]: ['tcp', ports],
  [IpProtocol.udp]: ['udp', ports],
  [IpProtocol.sctp]: ['sctp', ports],
  [IpProtocol.icmp]: ['icmp', icmp],
  [IpProtocol.icmp6]: ['icmpv6', icmp],
}

/** One `set(…)` for each header that changes, outermost first, then what lies beside the frame. */
export const formatSet = (key: SparseKey, mask: SparseKey, flow: FlowKey | undefined): string => {
  const type = flow === undefined ? undefined : flow[word.ethType]! >>> 16
  const protocol = flow === undefined ? undefined : flow[word.ip]! & 255
  const isArp = type === EtherType.arp || type === EtherType.rarp
  const touches6 = mask.some(([place]) => place >= word.ipv6Src && place <= word.ipv6Label)
  const network: readonly [string, Row[]] = isArp
    ? ['arp', arp]
    : type === EtherType.ipv6 || touches6
      ? ['ipv6', ipv6]
      : ['ipv4', ipv4]
  const groups: (readonly [string, Row[]])[] = [
    ['eth', eth],
    ['vlan', vlan],
    ['mpls', mpls],
    network,
    transports[protocol ?? IpProtocol.udp] ?? ['udp', ports],
    ...(isArp ? [] : [['nd', nd] as const]),
  ]
  const sets = groups.flatMap(([name, rows]) => {
    // Open vSwitch tells the whole of a label, whatever part of it is written.
    const parts = rows.flatMap(row => formatRow(row, key, name === 'mpls' ? wholeWords(mask, word.mpls, 1) : mask))
    return parts.length === 0 ? [] : [`set(${name}(${parts.join(',')}))`]
  })
  if (!isArp) sets.push(...formatExtension(key, mask))
  sets.push(...formatNshSet(key, mask))
  for (const [name, place] of [
    ['skb_priority', word.skbPriority],
    ['skb_mark', word.pktMark],
  ] as const) {
    const part = partOf(key, mask, place, 1, 0, 32)
    if (part.mask !== 0n)
      sets.push(`set(${name}(${hex(part.value)}${part.mask === ones(32) ? '' : `/${hex(part.mask)}`}))`)
  }
  return sets.length === 0 ? formatNothing(mask, groups) : sets.join(',')
}

/** A `set` of no bits: its header has a name all the same. */
const formatNothing = (mask: SparseKey, groups: readonly (readonly [string, Row[]])[]): string => {
  const place = mask[0]?.[0]
  if (place === undefined) return ''
  if (place === word.pktMark) return 'set(skb_mark(0/0))'
  if (place === word.ndReserved || place === word.ndOptionsType) return 'set(nd_ext(nd_reserved=0x0))'
  const group = groups.find(([, rows]) => rows.some(([, first, count]) => place >= first && place < first + count))
  return `set(${group?.[0] ?? 'nsh'}())`
}

/** What neighbour discovery's messages may have in addition: the reserved word is always told, without a mask. */
const formatExtension = (key: SparseKey, mask: SparseKey): string[] => {
  const reserved = partOf(key, mask, word.ndReserved, 1, 0, 32)
  const options = formatRow(ndOptions, key, mask)
  if (reserved.mask === 0n && options.length === 0) return []
  return [`set(nd_ext(${[`nd_reserved=0x${reserved.value.toString(16)}`, ...options].join(',')}))`]
}

const wholeWords = (mask: SparseKey, first: number, count: number): SparseKey =>
  mask.map(([place, bits]) => [place, place >= first && place < first + count ? 0xffffffff : bits])

const ones = (width: number): bigint => (1n << BigInt(width)) - 1n

const formatRow = (
  [name, place, count, low, width, format, maskFormat]: Row,
  key: SparseKey,
  mask: SparseKey,
): string[] => {
  const part = partOf(key, mask, place, count, low, width)
  if (part.mask === 0n) return []
  return [`${name}=${format(part.value)}${part.mask === ones(width) ? '' : `/${(maskFormat ?? format)(part.mask)}`}`]
}

const partOf = (key: SparseKey, mask: SparseKey, place: number, count: number, low: number, width: number): Part => {
  const bits = (row: SparseKey): bigint => {
    let value = 0n
    for (let i = place; i < place + count; i++)
      value = (value << 32n) | BigInt((row.find(([w]) => w === i)?.[1] ?? 0) >>> 0)
    return (value >> BigInt(low)) & ones(width)
  }
  return { value: bits(key) & bits(mask), mask: bits(mask) }
}
