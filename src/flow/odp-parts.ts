/**
 * The parts of a flow in a datapath's notation, `ipv4(src=…,ttl=…)` and so on: which values each has, in the order in which it
 * tells them, and where they lie in the flow key. One table reads them (`odp-parse.ts`) and tells them (`odp-part-text.ts`).
 */
import { type FlowKey, word } from './layout.ts'

/**
 * How a value is written: `number` and `hex` are read alike and told in decimal or with `0x`, `id` with `0x` even if it is 0.
 */
export type OdpKind = 'number' | 'hex' | 'id' | 'mac' | 'ip4' | 'ip6' | 'fragment'

/** A value of a part: its bits are `width` bits from bit `low` of `count` words, the first of which is `at`. */
export type OdpRow = {
  readonly label: string
  readonly at: number
  readonly count: number
  readonly low: number
  readonly width: number
  readonly kind: OdpKind
  /** Bits that the text has room for: what is above them is lost; with 0, what is above those of the field is refused. */
  readonly room: number
}

/** One part that a text told, with what was inside it. */
export type OdpPart = {
  readonly name: string
  /** Of `encap`. */
  readonly inner?: readonly OdpPart[]
  /** Of `mpls`: how many entries. */
  readonly labels?: number
  /** Of `arp`: an operation that a key has no room for. */
  readonly op?: number
}

const row = (label: string, [at, low, width]: readonly number[], kind: OdpKind = 'number', room = width): OdpRow => ({
  label,
  at: at as number,
  count: Math.ceil(((low as number) + (width as number)) / 32),
  low: low as number,
  width: width as number,
  kind,
  room: room as number,
})

const ports = (at: number): OdpRow[] => [row('src', [at, 16, 16]), row('dst', [at, 0, 16])]
const ip = (tos: string, ttl: string): OdpRow[] => [
  row(tos, [word.ip, 16, 8], 'hex'),
  row(ttl, [word.ip, 8, 8]),
  row('frag', [word.ip, 24, 2], 'fragment'),
]
const connection = [
  row('proto', [word.ctProto, 0, 8]),
  row('tp_src', [word.ctTransport, 16, 16]),
  row('tp_dst', [word.ctTransport, 0, 16]),
]
/** A key has room for ports there. */
const icmp = [row('type', [word.transport, 16, 16], 'number', 8), row('code', [word.transport, 0, 16], 'number', 8)]
const protocol = row('proto', [word.ip, 0, 8])

/** Parts of several values, each with its label. */
export const odpGroups: Readonly<Record<string, readonly OdpRow[]>> = {
  eth: [row('src', [word.ethernet1, 0, 48], 'mac'), row('dst', [word.ethernet, 16, 48], 'mac')],
  ipv4: [
    row('src', [word.ipv4Src, 0, 32], 'ip4'),
    row('dst', [word.ipv4Dst, 0, 32], 'ip4'),
    protocol,
    ...ip('tos', 'ttl'),
  ],
  ipv6: [
    row('src', [word.ipv6Src, 0, 128], 'ip6'),
    row('dst', [word.ipv6Dst, 0, 128], 'ip6'),
    row('label', [word.ipv6Label, 0, 20], 'hex', 0),
    protocol,
    ...ip('tclass', 'hlimit'),
  ],
  arp: [
    row('sip', [word.ipv4Src, 0, 32], 'ip4'),
    row('tip', [word.ipv4Dst, 0, 32], 'ip4'),
    row('op', [word.ip, 0, 8], 'number', 16),
    row('sha', [word.arpSha, 16, 48], 'mac'),
    row('tha', [word.arpSha + 1, 0, 48], 'mac'),
  ],
  tcp: ports(word.transport),
  udp: ports(word.transport),
  sctp: ports(word.transport),
  icmp,
  icmpv6: icmp,
  nd: [
    row('target', [word.ndTarget, 0, 128], 'ip6'),
    row('sll', [word.arpSha, 16, 48], 'mac'),
    row('tll', [word.arpSha + 1, 0, 48], 'mac'),
  ],
  nd_ext: [row('nd_reserved', [word.ndReserved, 0, 32], 'id'), row('nd_options_type', [word.ndOptionsType, 0, 8])],
  packet_type: [row('ns', [word.packetType, 16, 16]), row('id', [word.packetType, 0, 16], 'hex')],
  ct_tuple4: [row('src', [word.ctIpv4Src, 0, 32], 'ip4'), row('dst', [word.ctIpv4Dst, 0, 32], 'ip4'), ...connection],
  ct_tuple6: [row('src', [word.ctIpv6Src, 0, 128], 'ip6'), row('dst', [word.ctIpv6Dst, 0, 128], 'ip6'), ...connection],
}

/** Parts of one value, without a label. */
export const odpSingles: Readonly<Record<string, OdpRow>> = {
  skb_priority: row('', [word.skbPriority, 0, 32], 'hex'),
  skb_mark: row('', [word.pktMark, 0, 32], 'hex'),
  recirc_id: row('', [word.recircId, 0, 32], 'hex'),
  dp_hash: row('', [word.dpHash, 0, 32], 'hex'),
  ct_zone: row('', [word.ctZone, 0, 16], 'hex'),
  ct_mark: row('', [word.ctMark, 0, 32], 'hex'),
  ct_label: row('', [word.ctLabel, 0, 128], 'hex'),
  eth_type: row('', [word.ethType, 16, 16], 'hex'),
}

/** What a tunnel's outer headers tell, without flags and options. */
export const odpTunnel: readonly OdpRow[] = [
  row('tun_id', [word.tunIdHigh, 0, 64], 'id'),
  row('src', [word.tunSrc, 0, 32], 'ip4'),
  row('dst', [word.tunDst, 0, 32], 'ip4'),
  row('ipv6_src', [word.tunIpv6Src, 0, 128], 'ip6'),
  row('ipv6_dst', [word.tunIpv6Dst, 0, 128], 'ip6'),
  row('tos', [word.tunFlags, 8, 8], 'hex'),
  row('ttl', [word.tunFlags, 0, 8]),
  row('tp_src', [word.tunTransport, 16, 16]),
  row('tp_dst', [word.tunTransport, 0, 16]),
]
export const odpTunnelGroup: readonly OdpRow[] = [
  row('id', [word.tunGbp, 0, 16]),
  row('flags', [word.tunGbp, 16, 8], 'hex'),
]

/** The parts of a label stack entry; the first is in `word.mpls`, others behind it. */
export const odpLabel: readonly OdpRow[] = [
  row('label', [word.mpls, 12, 20], 'number', 0),
  row('tc', [word.mpls, 9, 3], 'number', 0),
  row('ttl', [word.mpls, 0, 8], 'number', 0),
  row('bos', [word.mpls, 8, 1], 'number', 0),
]
export const mostLabels = 3

/** The parts of a tag, in `word.vlan` or behind it. `cfi` is the bit that says that a tag is there. */
export const odpTag: readonly OdpRow[] = [
  row('vid', [word.vlan, 0, 12], 'number', 0),
  row('pcp', [word.vlan, 13, 3], 'number', 0),
  row('cfi', [word.vlan, 12, 1], 'number', 0),
]

export const onesOf = (width: number): bigint => (1n << BigInt(width)) - 1n

/** The bits of a row, in a key or a mask; `shift` words further on. */
export const readRow = ({ at, count, low, width }: OdpRow, key: FlowKey, shift = 0): bigint => {
  let value = 0n
  for (let i = 0; i < count; i++) value = (value << 32n) | BigInt(key[at + shift + i]!)
  return (value >> BigInt(low)) & onesOf(width)
}

export const writeRow = ({ at, count, low, width }: OdpRow, key: FlowKey, bits: bigint, shift = 0): void => {
  let value = 0n
  for (let i = 0; i < count; i++) value = (value << 32n) | BigInt(key[at + shift + i]!)
  value = (value & ~(onesOf(width) << BigInt(low))) | ((bits & onesOf(width)) << BigInt(low))
  for (let i = count - 1; i >= 0; i--, value >>= 32n) key[at + shift + i] = Number(value & 0xffffffffn)
}
