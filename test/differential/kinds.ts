import type { FieldName, Prerequisite } from '../../src/flow/fields.ts'
import { field } from '../../src/flow/fields.ts'

/** Kinds of packets, as a match names them, and which prerequisites of fields they fulfil. */
type Row = { text: string; is: readonly Prerequisite[] }

const ip4 = ['ipv4', 'ip', 'ct'] as const
const ip6 = ['ipv6', 'ip', 'ct'] as const

const rows = {
  any: { text: '', is: [] },
  other: { text: 'dl_type=0x1234', is: [] },
  ip: { text: 'ip', is: ip4 },
  tcp: { text: 'tcp', is: [...ip4, 'tcp'] },
  udp: { text: 'udp', is: [...ip4, 'udp'] },
  sctp: { text: 'sctp', is: [...ip4, 'sctp'] },
  icmp: { text: 'icmp', is: [...ip4, 'icmp'] },
  igmp: { text: 'ip,nw_proto=2', is: ip4 },
  ipv6: { text: 'ipv6', is: ip6 },
  tcp6: { text: 'tcp6', is: [...ip6, 'tcp'] },
  udp6: { text: 'udp6', is: [...ip6, 'udp'] },
  sctp6: { text: 'sctp6', is: [...ip6, 'sctp'] },
  icmp6: { text: 'icmp6', is: [...ip6, 'icmpv6'] },
  solicit: { text: 'icmp6,icmpv6_type=135,icmpv6_code=0', is: [...ip6, 'icmpv6', 'nd', 'nd solicit'] },
  advert: { text: 'icmp6,icmpv6_type=136,icmpv6_code=0', is: [...ip6, 'icmpv6', 'nd', 'nd advert'] },
  arp: { text: 'arp', is: ['arp'] },
  rarp: { text: 'rarp', is: ['arp'] },
  mpls: { text: 'mpls', is: ['mpls'] },
  mplsm: { text: 'mplsm', is: ['mpls'] },
  nsh: { text: 'dl_type=0x894f', is: ['nsh'] },
  // Packets without Ethernet, whose type says what else would.
  bareIp: { text: 'packet_type=(1,0x800)', is: ip4 },
  bareTcp: { text: 'packet_type=(1,0x800),nw_proto=6', is: [...ip4, 'tcp'] },
  bareUdp6: { text: 'packet_type=(1,0x86dd),nw_proto=17', is: [...ip6, 'udp'] },
  bareMpls: { text: 'packet_type=(1,0x8847)', is: ['mpls'] },
  bareNsh: { text: 'packet_type=(1,0x894f)', is: ['nsh'] },
} as const satisfies Record<string, Row>

export type Kind = keyof typeof rows
export const kinds = Object.keys(rows) as Kind[]
export const textOf = (kind: Kind): string => rows[kind].text

const fulfilled: { readonly [K in Kind]: Row } = rows
export const fulfils = (kind: Kind, needs: Prerequisite): boolean => fulfilled[kind].is.includes(needs)
/** Whether it has an Ethernet header, and may have tags. */
export const isFramed = (kind: Kind): boolean => !kind.startsWith('bare')
export const isIp = (kind: Kind): boolean => fulfils(kind, 'ip')

/** Whether every packet of this kind has the field; `tagged`: it has a VLAN tag. */
export const has = (kind: Kind, name: FieldName, tagged: boolean): boolean => {
  const { needs } = field(name)
  if (needs === 'ethernet') return isFramed(kind)
  return needs === undefined || (needs === 'vlan' ? tagged : fulfils(kind, needs))
}
