/**
 * The counters of a namespace as the texts of /proc/net that `netstat -s`, `nstat` and their like read. What is not counted
 * here (octets and multicast packets of IP, most of TCP) has no column; readers go by the names.
 */
import { isIp6 } from '../wire/address.ts'
import type { Link } from './link.ts'
import type { Stack } from './stack.ts'

const ip =
  'InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos InDiscards InDelivers OutRequests OutDiscards OutNoRoutes ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs FragFails FragCreates'
const tcp =
  'ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors'
/** In the kernel's order. */
const tcpExt =
  'ArpFilter TW PAWSEstab DelayedACKs ListenOverflows ListenDrops TCPRenoRecovery TCPSackRecovery TCPTimeouts TCPAbortOnData TCPAbortOnClose TCPAbortOnTimeout IPReversePathFilter TCPChallengeACK TCPSYNChallenge TCPWinProbe TCPKeepAlive'
const udp = 'InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors'

/** ICMP types in the order of the columns (RFC 2011). */
const icmpTypes: readonly [string, number][] = [
  ['DestUnreachs', 3],
  ['TimeExcds', 11],
  ['ParmProbs', 12],
  ['SrcQuenchs', 4],
  ['Redirects', 5],
  ['Echos', 8],
  ['EchoReps', 0],
  ['Timestamps', 13],
  ['TimestampReps', 14],
  ['AddrMasks', 17],
  ['AddrMaskReps', 18],
]

const ip6 =
  'InReceives InHdrErrors InTooBigErrors InNoRoutes InAddrErrors InUnknownProtos InTruncatedPkts InDiscards InDelivers OutForwDatagrams OutRequests OutDiscards OutNoRoutes ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs FragFails FragCreates'
const icmp6Types: readonly [string, number][] = [
  ['DestUnreachs', 1],
  ['PktTooBigs', 2],
  ['TimeExcds', 3],
  ['ParmProblems', 4],
  ['Echos', 128],
  ['EchoReplies', 129],
  ['GroupMembQueries', 130],
  ['GroupMembResponses', 131],
  ['GroupMembReductions', 132],
  ['RouterSolicits', 133],
  ['RouterAdvertisements', 134],
  ['NeighborSolicits', 135],
  ['NeighborAdvertisements', 136],
  ['Redirects', 137],
  ['MLDv2Reports', 143],
]

type Column = readonly [string, number]

const table = (name: string, columns: readonly Column[]): string =>
  `${name}: ${columns.map(([column]) => column).join(' ')}\n${name}: ${columns.map(([, value]) => value).join(' ')}\n`

const counted = ({ counters }: Stack, group: string, names: string): Column[] =>
  names.split(' ').map(name => [name, counters.get(`${group}.${name}`)])

/** The counters by ICMP type, `In` or `Out`. */
const byType = (
  { counters }: Stack,
  group: string,
  way: 'In' | 'Out',
  types: readonly (readonly [string, number])[],
): Column[] => types.map(([name, type]) => [way + name, counters.get(`${group}.${way}Type${type}`)])

/** Of the types that came or went at all: `InType8 1`. */
const seenTypes = ({ counters }: Stack, group: string): Column[] =>
  counters.entries().flatMap(([name, value]): Column[] => {
    const parts = /^(Icmp6?)\.((?:In|Out)Type[0-9]+)$/.exec(name)
    return parts?.[1] === group ? [[parts[2] as string, value]] : []
  })

/** /proc/net/snmp: IPv4, ICMP, TCP and UDP. */
export const snmpText = (stack: Stack): string => {
  const { settings } = stack
  const messages = seenTypes(stack, 'Icmp')
  return [
    table('Ip', [
      ['Forwarding', settings.all.forwarding === 0 ? 2 : 1],
      ['DefaultTTL', settings.value('net.ipv4.ip_default_ttl')],
      ...counted(stack, 'Ip', ip),
    ]),
    table('Icmp', [
      ...counted(stack, 'Icmp', 'InMsgs InErrors InCsumErrors'),
      ...byType(stack, 'Icmp', 'In', icmpTypes),
      ...counted(stack, 'Icmp', 'OutMsgs OutErrors OutRateLimitGlobal OutRateLimitHost'),
      ...byType(stack, 'Icmp', 'Out', icmpTypes),
    ]),
    messages.length === 0 ? '' : table('IcmpMsg', messages),
    table('Tcp', [
      ['RtoAlgorithm', 1],
      ['RtoMin', 200],
      ['RtoMax', 120000],
      ['MaxConn', -1],
      ...counted(stack, 'Tcp', tcp).map(
        ([name, value]): Column => [name, name === 'CurrEstab' ? stack.establishedCount : value],
      ),
    ]),
    table('Udp', counted(stack, 'Udp', udp)),
    table('UdpLite', counted(stack, 'UdpLite', udp)),
  ].join('')
}

/** /proc/net/snmp6: IPv6, ICMPv6 and UDP over IPv6, a line each. */
export const snmp6Text = (stack: Stack): string => {
  const rows: Column[] = [
    ...counted(stack, 'Ip6', ip6).map(([name, value]): Column => [`Ip6${name}`, value]),
    ...counted(stack, 'Icmp6', 'InMsgs InErrors OutMsgs OutErrors InCsumErrors OutRateLimitHost')
      .concat(byType(stack, 'Icmp6', 'In', icmp6Types), byType(stack, 'Icmp6', 'Out', icmp6Types))
      .concat(seenTypes(stack, 'Icmp6'))
      .map(([name, value]): Column => [`Icmp6${name}`, value]),
    ...counted(stack, 'Udp6', udp).map(([name, value]): Column => [`Udp6${name}`, value]),
  ]
  return rows.map(([name, value]) => `${name.padEnd(32)}\t${value}\n`).join('')
}

/** /proc/net/netstat: what RFC 2011 and its like do not name. */
export const netstatText = (stack: Stack): string =>
  table('TcpExt', counted(stack, 'TcpExt', tcpExt)) +
  table('IpExt', counted(stack, 'IpExt', 'InNoRoutes InTruncatedPkts InCsumErrors'))

const deviceRow = ({ name, rx, tx }: Link): string => {
  const widths = [7, 7, 4, 4, 4, 5, 10, 9, 8, 7, 4, 4, 4, 5, 7, 10]
  const values = [rx.bytes, rx.packets, rx.errors, rx.dropped, 0, 0, 0, rx.multicast]
  values.push(tx.bytes, tx.packets, tx.errors, tx.dropped, 0, 0, 0, 0)
  return `${name.padStart(6)}: ${values.map((value, i) => String(value).padStart(widths[i] as number)).join(' ')}\n`
}

/** /proc/net/dev: what each link received and sent. */
export const deviceText = (stack: Stack): string =>
  'Inter-|   Receive                                                |  Transmit\n' +
  ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n' +
  stack.links.all().map(deviceRow).join('')

const scopes: Record<string, string> = { global: '00', host: '10', link: '20', site: '40' }

/** /proc/net/if_inet6: each IPv6 address with its link's index, length, scope, flags and name, in hexadecimal. */
export const ifInet6Text = (stack: Stack): string => {
  const hex = (value: number | bigint, size: number): string => value.toString(16).padStart(size, '0')
  return stack.addresses
    .all()
    .filter(address => isIp6(address.ip))
    .map(({ ip, link, length, scope, tentative, dadFailed, validUntil, preferredUntil }) => {
      const forever = validUntil === Number.POSITIVE_INFINITY
      const deprecated = preferredUntil <= stack.clock.now()
      const flags = (forever ? 0x80 : 0) | (tentative ? 0x40 : 0) | (deprecated ? 0x20 : 0) | (dadFailed ? 0x08 : 0)
      return `${hex(ip, 32)} ${hex(link.index, 2)} ${hex(length, 2)} ${scopes[scope] ?? '00'} ${hex(flags, 2)} ${link.name.padStart(8)}\n`
    })
    .join('')
}
