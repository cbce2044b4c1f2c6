/**
 * One valid frame of each kind that this folder can build: what layer tests walk, what the fuzzer mutates, and what tshark is
 * shown. MACs are `macA` and `macB`, addresses end in 1 and 2.
 */
import { utf8 } from '../runtime/text.ts'
import { broadcastMac, linkLocal, type Mac, multicastMac, parseIp4, parseIp6, solicitedNode } from './address.ts'
import { type Arp, ArpOp, writeArp } from './arp.ts'
import { type Bpdu, bpduFrame } from './bpdu.ts'
import { DhcpMessage, dhcpMessage, dhcpSize, writeDhcp } from './dhcp.ts'
import { DnsClass, DnsType, dnsMessage } from './dns.ts'
import { EtherType, padFrame, pushEthernet } from './ethernet.ts'
import { Frame } from './frame.ts'
import { GroupRecordType } from './group-code.ts'
import { type Icmp, IcmpType, IcmpUnreachable, pushIcmp } from './icmp.ts'
import { type Icmp6, Icmp6Type, Icmp6Unreachable, pushIcmp6 } from './icmp6.ts'
import { type Igmp, igmpFrame, routerAlertOption } from './igmp.ts'
import { IpProtocol } from './ip-protocol.ts'
import { type Ipv4Fields, pushIpv4 } from './ipv4.ts'
import { type Ipv6Fields, pushIpv6, pushIpv6Fragment } from './ipv6.ts'
import { pushIpv6Options, routerAlertMld } from './ipv6-options.ts'
import { LlcSap, writeLlc } from './llc.ts'
import { LldpChassis, LldpPort, LldpType, lldpMessage } from './lldp.ts'
import { type Mld, mldFrame } from './mld.ts'
import { pushMpls } from './mpls.ts'
import { type Nd, ndFrame } from './nd.ts'
import { setSctpChecksum, writeSctp } from './sctp.ts'
import { pushTcp, type Tcp, TcpFlag } from './tcp.ts'
import { pushUdp } from './udp.ts'
import { pushVlan, vlanTci } from './vlan.ts'
import { pushVxlan, type Vxlan, VxlanPort } from './vxlan.ts'

export type Sample = { name: string; frame: Frame }

export const macA = 0x02000000000a
export const macB = 0x02000000000b
export const ip4 = { src: parseIp4('10.0.0.1') as number, dst: parseIp4('10.0.0.2') as number }
export const ip6 = { src: parseIp6('2001:db8::1') as bigint, dst: parseIp6('2001:db8::2') as bigint }
const local = { src: linkLocal(macA), dst: linkLocal(macB) }
const group4 = parseIp4('239.1.1.1') as number
const group6 = parseIp6('ff05::42') as bigint

const text = (size = 24): Frame => Frame.from(utf8('weft'.repeat(Math.ceil(size / 4))).subarray(0, size))

const ethernet = (frame: Frame, type: number, dst: Mac = macB): Frame => pushEthernet(frame, { dst, src: macA, type })

const over4 = (frame: Frame, protocol: number, more: Partial<Ipv4Fields> = {}): Frame => {
  const dst = more.dst ?? ip4.dst
  const mac = dst >>> 28 === 14 ? multicastMac(dst) : macB
  return ethernet(pushIpv4(frame, { ...ip4, protocol, id: 7, ...more }), EtherType.ipv4, mac)
}

const over6 = (frame: Frame, nextHeader: number, more: Partial<Ipv6Fields> = {}): Frame => {
  const dst = more.dst ?? ip6.dst
  const mac = dst >> 120n === 0xffn ? multicastMac(dst) : macB
  return ethernet(pushIpv6(frame, { ...ip6, nextHeader, ...more }), EtherType.ipv6, mac)
}

const arp = (op: number, type: number = EtherType.arp): Frame => {
  const request = op === ArpOp.request || op === ArpOp.rarpRequest
  const body: Arp = { op, sha: macA, spa: ip4.src, tha: request ? 0 : macB, tpa: ip4.dst }
  const frame = Frame.of(28)
  writeArp(frame.bytes, frame.start, body)
  return padFrame(ethernet(frame, type, request ? broadcastMac : macB))
}

const echo: Icmp = { kind: 'echo', type: IcmpType.echo, code: 0, id: 0x1234, seq: 1 }
const echo6: Icmp6 = { kind: 'echo', type: Icmp6Type.echo, code: 0, id: 0x1234, seq: 1 }
const icmp = (message: Icmp, payload = text()): Frame => over4(pushIcmp(payload, message), IpProtocol.icmp)
const icmp6 = (message: Icmp6, payload = text()): Frame => over6(pushIcmp6(payload, message, ip6), IpProtocol.icmp6)

/** The packet that errors are about: a datagram that went the other way. */
const quoted4 = (): Frame =>
  pushIpv4(pushUdp(text(16), { src: 40000, dst: 33434 }, ip4), { src: ip4.dst, dst: ip4.src, protocol: IpProtocol.udp })
const quoted6 = (): Frame =>
  pushIpv6(pushUdp(text(16), { src: 40000, dst: 33434 }, ip6), {
    src: ip6.dst,
    dst: ip6.src,
    nextHeader: IpProtocol.udp,
  })

const nd = (message: Nd, ends: { src: bigint; dst: bigint }): Frame =>
  over6(ndFrame(message, ends), IpProtocol.icmp6, { ...ends, hopLimit: 255 })

const mld = (message: Mld, dst: bigint): Frame => {
  const ends = { src: local.src, dst }
  const frame = pushIpv6Options(mldFrame(message, ends), IpProtocol.icmp6, [routerAlertMld])
  return over6(frame, IpProtocol.hopByHop, { ...ends, hopLimit: 1 })
}

const igmp = (message: Igmp, dst: string): Frame =>
  over4(igmpFrame(message), IpProtocol.igmp, {
    dst: parseIp4(dst) as number,
    ttl: 1,
    tos: 0xc0,
    options: routerAlertOption,
  })

const segment: Tcp = {
  src: 40000,
  dst: 80,
  seq: 1000,
  ack: 2000,
  flags: TcpFlag.ack,
  window: 512,
  urgent: 0,
  options: [],
}
const syn: Tcp = {
  ...segment,
  ack: 0,
  flags: TcpFlag.syn,
  options: [
    { kind: 'mss', mss: 1460 },
    { kind: 'sackPermitted' },
    { kind: 'timestamps', value: 1000, echo: 0 },
    { kind: 'nop' },
    { kind: 'windowScale', shift: 7 },
  ],
}
const sack: Tcp = {
  ...segment,
  options: [
    { kind: 'nop' },
    { kind: 'nop' },
    { kind: 'timestamps', value: 1000, echo: 900 },
    { kind: 'nop' },
    { kind: 'nop' },
    { kind: 'sack', blocks: [{ left: 3000, right: 4000 }] },
  ],
}
const empty = (): Frame => Frame.of(0)
const tcp4 = (tcp: Tcp, payload = empty()): Frame => over4(pushTcp(payload, tcp, ip4), IpProtocol.tcp)

const udp4 = (dst: number, payload = text(), src = 50000): Frame =>
  over4(pushUdp(payload, { src, dst }, ip4), IpProtocol.udp)

const vxlan = (header: Vxlan, port: number = VxlanPort.iana): Frame => udp4(port, pushVxlan(icmp(echo), header))

const sctp = (): Frame => {
  // A cookie acknowledgement (RFC 9260 §3.3.12) is the smallest chunk.
  const frame = Frame.from(Uint8Array.of(...new Array<number>(12).fill(0), 11, 0, 0, 4))
  writeSctp(frame.bytes, frame.start, { src: 40000, dst: 36412, tag: 0x01020304 })
  setSctpChecksum(frame.bytes, frame.start, frame.end)
  return over4(frame, IpProtocol.sctp)
}

const dhcp = (): Frame => {
  const discover = dhcpMessage(DhcpMessage.discover, { xid: 0x12345678, chaddr: macA })
  const frame = Frame.of(dhcpSize(discover))
  writeDhcp(frame.bytes, frame.start, discover)
  const ends = { src: 0, dst: 0xffffffff }
  pushIpv4(pushUdp(frame, { src: 68, dst: 67 }, ends), { ...ends, protocol: IpProtocol.udp })
  return ethernet(frame, EtherType.ipv4, broadcastMac)
}

const dns = (): Frame => {
  const query = dnsMessage({
    id: 7,
    response: false,
    opcode: 0,
    authoritative: false,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: 0,
    questions: [{ name: 'weft.example.', type: DnsType.A, class: DnsClass.IN }],
    answers: [],
    authorities: [],
    additionals: [],
  })
  return udp4(53, Frame.from(query))
}

/** Spanning tree's configuration message (IEEE 802.1D §9.3.1): root and bridge the same, no cost, times in 1/256 s. */
const tree = {
  ...{ flags: 0, root: 0x800002000000000an, rootCost: 0, bridge: 0x800002000000000an, port: 0x8001 },
  ...{ messageAge: 0, maxAge: 20 * 256, helloTime: 2 * 256, forwardDelay: 15 * 256 },
}
const stp = (bpdu: Bpdu): Frame => padFrame(bpduFrame(bpdu, macA))
const mst = {
  ...{ selector: 0, name: Uint8Array.from({ length: 32 }, (_, i) => (i < 6 ? 0x61 + i : 0)), revision: 3 },
  ...{
    digest: Uint8Array.from({ length: 16 }, (_, i) => i),
    internalCost: 3000,
    bridge: 0x800002000000000bn,
    hops: 19,
  },
}
const instance = (number: bigint) => ({
  ...{ flags: 0x7e, regionalRoot: 0x800002000000000cn + (number << 48n), cost: 100 },
  ...{ bridgePriority: 0x80, portPriority: 0x90, hops: 18 },
})

/** LLC and SNAP around an IPv4 packet. */
const snap = (): Frame => {
  const frame = pushIpv4(pushIcmp(text(), echo), { ...ip4, protocol: IpProtocol.icmp })
  frame.prepend(8)
  const header = { dsap: LlcSap.snap, ssap: LlcSap.snap, control: 3, snap: { oui: 0, type: EtherType.ipv4 } }
  writeLlc(frame.bytes, frame.start, header)
  return padFrame(ethernet(frame, frame.size))
}

const lldp = (): Frame => {
  const message = lldpMessage({
    tlvs: [
      { kind: 'chassis', subtype: LldpChassis.mac, id: Uint8Array.of(2, 0, 0, 0, 0, 0x0a) },
      { kind: 'port', subtype: LldpPort.interfaceName, id: utf8('eth0') },
      { kind: 'ttl', seconds: 120 },
      { kind: 'text', type: LldpType.portDescription, text: 'to the rack' },
      { kind: 'text', type: LldpType.systemName, text: 'hv1' },
      { kind: 'text', type: LldpType.systemDescription, text: 'weft' },
      { kind: 'capabilities', system: 0x14, enabled: 4 },
      // IEEE 802.3's maximum frame size.
      { kind: 'organization', oui: 0x00120f, subtype: 4, data: Uint8Array.of(0x05, 0xee) },
    ],
  })
  return ethernet(Frame.from(message), EtherType.lldp, 0x0180c200000e)
}

const mpls = (): Frame => {
  const packet = pushIpv4(pushIcmp(text(), echo), { ...ip4, protocol: IpProtocol.icmp })
  pushMpls(packet, { label: 200, tc: 0, bottom: true, ttl: 64 })
  pushMpls(packet, { label: 100, tc: 5, bottom: false, ttl: 64 })
  return ethernet(packet, EtherType.mpls)
}

const macOption = { kind: 'source' as const, mac: macA }
const prefix = {
  kind: 'prefix' as const,
  prefix: parseIp6('2001:db8::') as bigint,
  length: 64,
  onLink: true,
  autonomous: true,
  validLifetime: 86400,
  preferredLifetime: 14400,
}
const allNodes = parseIp6('ff02::1') as bigint
const allRouters = parseIp6('ff02::2') as bigint
const mldv2Routers = parseIp6('ff02::16') as bigint

/** Each call builds them anew, so that a test may change its own. */
export const samples = (): Sample[] => {
  const list: [string, Frame][] = [
    ['arp request', arp(ArpOp.request)],
    ['arp reply', arp(ArpOp.reply)],
    ['rarp request', arp(ArpOp.rarpRequest, EtherType.rarp)],
    ['icmp echo', icmp(echo)],
    ['icmp echo reply', icmp({ ...echo, type: IcmpType.echoReply })],
    ['icmp echo, odd size', icmp(echo, text(25))],
    [
      'icmp timestamp',
      icmp({ ...echo, kind: 'timestamp', type: IcmpType.timestamp, originate: 1000, receive: 0, transmit: 0 }, empty()),
    ],
    [
      'icmp port unreachable',
      icmp({ kind: 'unreachable', type: IcmpType.unreachable, code: IcmpUnreachable.port, mtu: 0 }, quoted4()),
    ],
    [
      'icmp fragmentation needed',
      icmp(
        { kind: 'unreachable', type: IcmpType.unreachable, code: IcmpUnreachable.fragmentationNeeded, mtu: 1450 },
        quoted4(),
      ),
    ],
    ['icmp time exceeded', icmp({ kind: 'time-exceeded', type: IcmpType.timeExceeded, code: 0 }, quoted4())],
    [
      'icmp redirect',
      icmp(
        { kind: 'redirect', type: IcmpType.redirect, code: 1, gateway: parseIp4('10.0.0.254') as number },
        quoted4(),
      ),
    ],
    [
      'icmp parameter problem',
      icmp({ kind: 'parameter-problem', type: IcmpType.parameterProblem, code: 0, pointer: 20 }, quoted4()),
    ],
    ['icmp6 echo', icmp6(echo6)],
    ['icmp6 echo reply', icmp6({ ...echo6, type: Icmp6Type.echoReply })],
    [
      'icmp6 port unreachable',
      icmp6({ kind: 'unreachable', type: Icmp6Type.unreachable, code: Icmp6Unreachable.port }, quoted6()),
    ],
    ['icmp6 packet too big', icmp6({ kind: 'packet-too-big', type: 2, code: 0, mtu: 1280 }, quoted6())],
    ['icmp6 time exceeded', icmp6({ kind: 'time-exceeded', type: 3, code: 0 }, quoted6())],
    ['icmp6 parameter problem', icmp6({ kind: 'parameter-problem', type: 4, code: 1, pointer: 40 }, quoted6())],
    [
      'nd router solicitation',
      nd({ kind: 'router-solicitation', options: [macOption] }, { src: local.src, dst: allRouters }),
    ],
    [
      'nd router advertisement',
      nd(
        {
          kind: 'router-advertisement',
          hopLimit: 64,
          managed: false,
          other: true,
          lifetime: 1800,
          reachableTime: 30000,
          retransTimer: 1000,
          options: [
            macOption,
            { kind: 'mtu', mtu: 1450 },
            prefix,
            { kind: 'rdnss', lifetime: 600, servers: [ip6.src, ip6.dst] },
          ],
        },
        { src: local.src, dst: allNodes },
      ),
    ],
    [
      'nd neighbor solicitation',
      nd(
        { kind: 'neighbor-solicitation', target: ip6.dst, options: [macOption] },
        { src: ip6.src, dst: solicitedNode(ip6.dst) },
      ),
    ],
    [
      'nd neighbor advertisement',
      nd(
        {
          kind: 'neighbor-advertisement',
          target: ip6.src,
          router: false,
          solicited: true,
          override: true,
          options: [{ kind: 'target', mac: macA }],
        },
        ip6,
      ),
    ],
    [
      'nd redirect',
      nd(
        { kind: 'redirect', target: local.dst, destination: ip6.dst, options: [{ kind: 'target', mac: macB }] },
        { src: local.src, dst: ip6.src },
      ),
    ],
    ['mld query', mld({ kind: 'query', group: 0n, maxResponse: 10000 }, allNodes)],
    [
      'mld2 query',
      mld(
        {
          kind: 'query',
          group: group6,
          maxResponse: 10000,
          v2: { suppress: false, robustness: 2, interval: 125, sources: [ip6.src] },
        },
        group6,
      ),
    ],
    ['mld report', mld({ kind: 'report', group: group6 }, group6)],
    ['mld done', mld({ kind: 'done', group: group6 }, allRouters)],
    [
      'mld2 report',
      mld(
        { kind: 'report2', records: [{ type: GroupRecordType.toExclude, group: group6, sources: [] }] },
        mldv2Routers,
      ),
    ],
    ['igmp general query', igmp({ kind: 'query', group: 0, maxResponse: 100 }, '224.0.0.1')],
    [
      'igmp3 query',
      igmp(
        {
          kind: 'query',
          group: group4,
          maxResponse: 10,
          v3: { suppress: true, robustness: 2, interval: 125, sources: [ip4.src] },
        },
        '239.1.1.1',
      ),
    ],
    ['igmp1 report', igmp({ kind: 'report', version: 1, group: group4 }, '239.1.1.1')],
    ['igmp2 report', igmp({ kind: 'report', version: 2, group: group4 }, '239.1.1.1')],
    ['igmp leave', igmp({ kind: 'leave', group: group4 }, '224.0.0.2')],
    [
      'igmp3 report',
      igmp(
        {
          kind: 'report3',
          records: [
            { type: GroupRecordType.toExclude, group: group4, sources: [] },
            { type: GroupRecordType.allow, group: group4 + 1, sources: [ip4.src, ip4.dst] },
          ],
        },
        '224.0.0.22',
      ),
    ],
    ['udp', udp4(9999)],
    ['udp, odd size', udp4(9999, text(7))],
    ['udp without a checksum', over4(pushUdp(text(), { src: 50000, dst: 9999 }), IpProtocol.udp)],
    ['udp6', over6(pushUdp(text(), { src: 50000, dst: 9999 }, ip6), IpProtocol.udp)],
    ['tcp syn', tcp4(syn)],
    ['tcp with data', tcp4({ ...segment, flags: TcpFlag.ack | TcpFlag.psh }, text(9))],
    ['tcp sack', tcp4(sack)],
    ['tcp6 syn', over6(pushTcp(empty(), syn, ip6), IpProtocol.tcp)],
    ['sctp', sctp()],
    ['ip options', over4(pushIcmp(text(), echo), IpProtocol.icmp, { options: routerAlertOption })],
    [
      'ip first fragment',
      over4(Frame.from(icmp(echo).content().subarray(34, 50)), IpProtocol.icmp, { moreFragments: true }),
    ],
    ['ip last fragment', over4(text(), IpProtocol.icmp, { fragmentOffset: 16 })],
    ['ip6 fragment', over6(pushIpv6Fragment(text(), IpProtocol.udp, { offset: 8, more: false, id: 9 }), 44)],
    ['vlan', pushVlan(icmp(echo), EtherType.vlan, vlanTci(10, 5))],
    ['vlan in vlan', pushVlan(pushVlan(icmp(echo), EtherType.vlan, 30), EtherType.vlanService, 20)],
    ['stp', stp({ kind: 'config', version: 0, ...tree })],
    ['stp change', stp({ kind: 'change', version: 0 })],
    ['rstp', stp({ kind: 'rapid', version: 2, ...tree, flags: 0x3c, rootCost: 2000 })],
    ['mstp', stp({ kind: 'rapid', version: 3, ...tree, flags: 0x7e, mst: { ...mst, instances: [] } })],
    [
      'mstp of two',
      stp({
        kind: 'rapid',
        version: 3,
        ...tree,
        flags: 0x7c,
        mst: { ...mst, instances: [instance(1n), instance(2n)] },
      }),
    ],
    ['snap', snap()],
    ['mpls', mpls()],
    ['lldp', lldp()],
    ['dhcp', dhcp()],
    ['dns', dns()],
    ['vxlan', vxlan({ vni: 42 })],
    ['vxlan on linux port', vxlan({ vni: 0xffffff }, VxlanPort.linux)],
    ['vxlan gbp', vxlan({ vni: 42, gbp: { dontLearn: true, applied: true, policy: 0x1234 } })],
    [
      'vxlan gpe',
      udp4(
        VxlanPort.gpe,
        pushVxlan(pushIpv4(pushIcmp(text(), echo), { ...ip4, protocol: IpProtocol.icmp }), {
          vni: 42,
          gpe: { protocol: 1, bum: false, oam: false },
        }),
      ),
    ],
    [
      'vxlan over ip6',
      over6(pushUdp(pushVxlan(icmp6(echo6), { vni: 42 }), { src: 50000, dst: VxlanPort.iana }, ip6), IpProtocol.udp),
    ],
    ['vxlan in vxlan', udp4(VxlanPort.iana, pushVxlan(vxlan({ vni: 42 }), { vni: 43 }))],
  ]
  return list.map(([name, frame]) => ({ name, frame }))
}
