/** The words of `showLayers`: for each protocol the fields that matter, each a word of its own. */
import { formatIp, formatIp4, formatIp6, formatMac } from '../address.ts'
import { ArpOp } from '../arp.ts'
import { BpduFlag, formatBridgeId, roleShift } from '../bpdu.ts'
import { dhcpType } from '../dhcp.ts'
import { smallestEtherType } from '../ethernet.ts'
import { Icmp6Type } from '../icmp6.ts'
import type { Layer, LayerValues, Protocol } from '../layer.ts'
import { TcpFlag } from '../tcp.ts'
import { dnsTypeNames, ethertypeNames, protocolNames } from './names.ts'

type Words = { readonly [P in Protocol]: (value: LayerValues[P]) => string[] }

/** The words of a layer, none if its bytes were not understood. */
export const wordsOf = (layer: Layer): string[] =>
  layer.value === undefined ? [] : (words[layer.protocol] as (value: unknown) => string[])(layer.value)

const hex = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`
const ethertype = (type: number): string => ethertypeNames.get(type) ?? `ethertype ${hex(type, 4)}`
const protocol = (number: number): string => protocolNames.get(number) ?? `protocol ${number}`
const when = (condition: boolean, word: string): string[] => (condition ? [word] : [])

const arpOps: ReadonlyMap<number, (arp: LayerValues['arp']) => string> = new Map([
  [ArpOp.request, a => `who has ${formatIp4(a.tpa)}? tell ${formatIp4(a.spa)} (${formatMac(a.sha)})`],
  [ArpOp.reply, a => `${formatIp4(a.spa)} is at ${formatMac(a.sha)}`],
  [ArpOp.rarpRequest, a => `who is ${formatMac(a.tha)}? tell ${formatMac(a.sha)}`],
  [ArpOp.rarpReply, a => `${formatMac(a.tha)} is ${formatIp4(a.tpa)}`],
])

const bpduNames = { config: 'configuration', rapid: 'rapid configuration', change: 'topology change' } as const
const bpduRoles = ['unknown port', 'alternate port', 'root port', 'designated port']
const bpduFlags = [
  [BpduFlag.change, 'topology change'],
  [BpduFlag.proposal, 'proposal'],
  [BpduFlag.learning, 'learning'],
  [BpduFlag.forwarding, 'forwarding'],
  [BpduFlag.agreement, 'agreement'],
  [BpduFlag.changeAck, 'change acknowledged'],
] as const

const icmpNames: ReadonlyMap<number, string> = new Map([
  [0, 'echo reply'],
  [3, 'destination unreachable'],
  [4, 'source quench'],
  [5, 'redirect'],
  [8, 'echo request'],
  [11, 'time exceeded'],
  [12, 'parameter problem'],
  [13, 'timestamp request'],
  [14, 'timestamp reply'],
])
const unreachables = ['net', 'host', 'protocol', 'port', 'fragmentation needed']

const icmp6Names: ReadonlyMap<number, string> = new Map([
  [Icmp6Type.unreachable, 'destination unreachable'],
  [Icmp6Type.packetTooBig, 'packet too big'],
  [Icmp6Type.timeExceeded, 'time exceeded'],
  [Icmp6Type.parameterProblem, 'parameter problem'],
  [Icmp6Type.echo, 'echo request'],
  [Icmp6Type.echoReply, 'echo reply'],
])

const dhcpMessages = ['BOOTP', 'discover', 'offer', 'request', 'decline', 'ack', 'nak', 'release', 'inform']

const tcpFlags = (flags: number): string =>
  Object.entries(TcpFlag)
    .filter(([, bit]) => (flags & bit) !== 0)
    .map(([name]) => name.toUpperCase())
    .join(' ') || 'no flags'

const fragment = (offset: number, more: boolean): string[] =>
  offset > 0 || more ? [`fragment at ${offset}${more ? ', more follow' : ', the last'}`] : []

const words: Words = {
  eth: v => [
    `${formatMac(v.src)} > ${formatMac(v.dst)}`,
    v.type < smallestEtherType ? `802.3 length ${v.type}` : ethertype(v.type),
  ],
  vlan: v => [`VLAN ${v.vid}`, `priority ${v.pcp}`, ...when(v.dei, 'drop eligible'), ethertype(v.type)],
  llc: v => [
    `dsap ${hex(v.dsap, 2)}`,
    `ssap ${hex(v.ssap, 2)}`,
    `control ${hex(v.control, 2)}`,
    ...(v.snap === undefined ? [] : [`SNAP ${hex(v.snap.oui, 6)}`, ethertype(v.snap.type)]),
  ],
  stp: v => {
    const name = `${bpduNames[v.kind]} version ${v.version}`
    if (v.kind === 'change') return [name]
    const flags = bpduFlags.filter(([bit]) => (v.flags & bit) !== 0).map(([, word]) => word)
    return [
      name,
      `root ${formatBridgeId(v.root)} at ${v.rootCost}`,
      `bridge ${formatBridgeId(v.bridge)} port ${hex(v.port, 4)}`,
      ...when(v.kind === 'rapid', bpduRoles[(v.flags >> roleShift) & 3] as string),
      ...flags,
      ...(v.kind === 'rapid' && v.mst !== undefined ? [`${v.mst.instances.length} instances`] : []),
    ]
  },
  arp: v => [arpOps.get(v.op)?.(v) ?? `operation ${v.op}`],
  ip: v => [
    `${formatIp4(v.src)} > ${formatIp4(v.dst)}`,
    protocol(v.protocol),
    `ttl ${v.ttl}`,
    ...when(v.tos !== 0, `tos ${hex(v.tos, 2)}`),
    ...when(v.dontFragment, 'DF'),
    ...fragment(v.fragmentOffset, v.moreFragments),
    ...when(v.options.length > 0, `${v.options.length} bytes of options`),
  ],
  ip6: v => [
    `${formatIp6(v.src)} > ${formatIp6(v.dst)}`,
    ...v.extensions.map(extension => protocol(extension.protocol)),
    protocol(v.protocol),
    `hop limit ${v.hopLimit}`,
    ...when(v.trafficClass !== 0, `class ${hex(v.trafficClass, 2)}`),
    ...(v.fragment === undefined ? [] : fragment(v.fragment.offset, v.fragment.more)),
  ],
  icmp: v => {
    const name = icmpNames.get(v.type) ?? `type ${v.type}, code ${v.code}`
    switch (v.kind) {
      case 'echo':
      case 'timestamp':
        return [name, `id ${v.id}`, `seq ${v.seq}`]
      case 'unreachable':
        return [`${name}: ${unreachables[v.code] ?? `code ${v.code}`}`, ...when(v.code === 4, `mtu ${v.mtu}`)]
      case 'redirect':
        return [`${name} to ${formatIp4(v.gateway)}`]
      case 'time-exceeded':
        return [`${name} ${v.code === 0 ? 'in transit' : 'in reassembly'}`]
      case 'parameter-problem':
        return [`${name} at byte ${v.pointer}`]
      default:
        return [name]
    }
  },
  icmp6: v => {
    const name = icmp6Names.get(v.type) ?? `type ${v.type}, code ${v.code}`
    if (v.kind === 'echo') return [name, `id ${v.id}`, `seq ${v.seq}`]
    if (v.kind === 'packet-too-big') return [name, `mtu ${v.mtu}`]
    if (v.kind === 'parameter-problem') return [`${name} at byte ${v.pointer}`]
    return [v.kind === 'unreachable' || v.kind === 'time-exceeded' ? `${name}, code ${v.code}` : name]
  },
  nd: v => {
    const name = v.kind.replace('-', ' ')
    const macs = v.options.flatMap(option =>
      option.kind === 'source' || option.kind === 'target' ? [`${option.kind} ${formatMac(option.mac)}`] : [],
    )
    const prefixes = v.options.flatMap(option =>
      option.kind === 'prefix' ? [`prefix ${formatIp6(option.prefix)}/${option.length}`] : [],
    )
    if (v.kind === 'neighbor-solicitation') return [`${name}: who has ${formatIp6(v.target)}?`, ...macs]
    if (v.kind === 'neighbor-advertisement') {
      const flags = [...when(v.router, 'router'), ...when(v.solicited, 'solicited'), ...when(v.override, 'override')]
      return [`${name}: ${formatIp6(v.target)}`, ...flags, ...macs]
    }
    if (v.kind === 'redirect') return [`${name}: ${formatIp6(v.destination)} by ${formatIp6(v.target)}`, ...macs]
    return [name, ...prefixes, ...macs]
  },
  mld: v => {
    if (v.kind === 'report2') return ['report version 2', records(v.records)]
    const name = v.kind === 'query' ? `query version ${v.v2 === undefined ? 1 : 2}` : v.kind
    return [name, v.group === 0n ? 'all groups' : `group ${formatIp6(v.group)}`]
  },
  igmp: v => {
    if (v.kind === 'report3') return ['report version 3', records(v.records)]
    const names = { query: 'query', report: 'report', leave: 'leave', other: 'other' } as const
    const version = v.kind === 'report' ? ` version ${v.version}` : v.kind === 'query' && v.v3 ? ' version 3' : ''
    return [`${names[v.kind]}${version}`, v.group === 0 ? 'all groups' : `group ${formatIp4(v.group)}`]
  },
  udp: v => [`${v.src} > ${v.dst}`, v.checksum === 0 ? 'checksum 0' : `checksum ${hex(v.checksum, 4)}`],
  tcp: v => [`${v.src} > ${v.dst}`, tcpFlags(v.flags), `seq ${v.seq}`, `ack ${v.ack}`, `window ${v.window}`],
  sctp: v => [`${v.src} > ${v.dst}`, `tag ${hex(v.tag, 8)}`],
  vxlan: v => [
    `VNI ${v.vni}`,
    `flags I${v.gbp === undefined ? '' : ' G'}${v.gpe === undefined ? '' : ' P'}`,
    ...(v.gbp === undefined ? [] : [`policy ${v.gbp.policy}`]),
  ],
  mpls: v => [`label ${v.label}`, `class ${v.tc}`, `ttl ${v.ttl}`, ...when(v.bottom, 'bottom of stack')],
  lldp: v => [`${v.tlvs.length} values`],
  dhcp: v => [
    dhcpMessages[dhcpType(v)] ?? `message ${dhcpType(v)}`,
    `client ${formatMac(v.chaddr)}`,
    ...when(v.yiaddr !== 0, `address ${formatIp4(v.yiaddr)}`),
  ],
  dns: v => [
    v.response ? 'response' : 'query',
    `id ${v.id}`,
    ...v.questions.map(question => `${dnsTypeNames.get(question.type) ?? question.type} ${question.name}`),
    ...v.answers.flatMap(({ data }) => (data.kind === 'a' || data.kind === 'aaaa' ? [formatIp(data.address)] : [])),
    ...when(v.rcode !== 0, `error ${v.rcode}`),
  ],
  data: () => [],
  padding: () => [],
}

const records = (all: readonly { group: number | bigint }[]): string =>
  all.length === 1 ? `group ${formatIp(all[0]!.group)}` : `${all.length} groups`
