/** Every frame kind that `wire` builds, dissected by Wireshark: nothing malformed, no wrong checksum, the same meaning. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  dissect,
  formatIp4,
  formatIp6,
  formatMac,
  type Layer,
  PcapngWriter,
  readCapture,
} from '../../src/wire/index.ts'
import { samples } from '../../src/wire/samples.testing.ts'

/** What Wireshark says of a frame: a field's values joined by `|`, outermost first; empty where it has none. */
type Seen = Record<string, string>

/** The fields asked for, and what we say of the same layers. */
const ours: Record<string, (layer: Layer) => string | undefined> = {
  'eth.dst': layer => (layer.protocol === 'eth' ? layer.value && formatMac(layer.value.dst) : undefined),
  'eth.src': layer => (layer.protocol === 'eth' ? layer.value && formatMac(layer.value.src) : undefined),
  'vlan.id': layer => (layer.protocol === 'vlan' ? layer.value?.vid.toString() : undefined),
  'vlan.priority': layer => (layer.protocol === 'vlan' ? layer.value?.pcp.toString() : undefined),
  'arp.opcode': layer => (layer.protocol === 'arp' ? layer.value?.op.toString() : undefined),
  'arp.src.proto_ipv4': layer => (layer.protocol === 'arp' ? layer.value && formatIp4(layer.value.spa) : undefined),
  'arp.dst.proto_ipv4': layer => (layer.protocol === 'arp' ? layer.value && formatIp4(layer.value.tpa) : undefined),
  'arp.src.hw_mac': layer => (layer.protocol === 'arp' ? layer.value && formatMac(layer.value.sha) : undefined),
  'ip.src': layer => (layer.protocol === 'ip' ? layer.value && formatIp4(layer.value.src) : undefined),
  'ip.dst': layer => (layer.protocol === 'ip' ? layer.value && formatIp4(layer.value.dst) : undefined),
  'ip.proto': layer => (layer.protocol === 'ip' ? layer.value?.protocol.toString() : undefined),
  'ip.ttl': layer => (layer.protocol === 'ip' ? layer.value?.ttl.toString() : undefined),
  'ip.len': layer => (layer.protocol === 'ip' ? layer.value?.totalLength.toString() : undefined),
  'ipv6.src': layer => (layer.protocol === 'ip6' ? layer.value && formatIp6(layer.value.src) : undefined),
  'ipv6.dst': layer => (layer.protocol === 'ip6' ? layer.value && formatIp6(layer.value.dst) : undefined),
  'ipv6.nxt': layer => (layer.protocol === 'ip6' ? layer.value?.nextHeader.toString() : undefined),
  'ipv6.hlim': layer => (layer.protocol === 'ip6' ? layer.value?.hopLimit.toString() : undefined),
  'udp.srcport': layer => (layer.protocol === 'udp' ? layer.value?.src.toString() : undefined),
  'udp.dstport': layer => (layer.protocol === 'udp' ? layer.value?.dst.toString() : undefined),
  'udp.length': layer => (layer.protocol === 'udp' ? layer.value?.length.toString() : undefined),
  'tcp.srcport': layer => (layer.protocol === 'tcp' ? layer.value?.src.toString() : undefined),
  'tcp.seq_raw': layer => (layer.protocol === 'tcp' ? layer.value?.seq.toString() : undefined),
  'tcp.ack_raw': layer => (layer.protocol === 'tcp' ? layer.value?.ack.toString() : undefined),
  'sctp.verification_tag': layer => (layer.protocol === 'sctp' ? hex(layer.value?.tag, 8) : undefined),
  'icmp.type': layer => (layer.protocol === 'icmp' ? layer.value?.type.toString() : undefined),
  'icmp.code': layer => (layer.protocol === 'icmp' ? layer.value?.code.toString() : undefined),
  'vxlan.vni': layer => (layer.protocol === 'vxlan' ? layer.value?.vni.toString() : undefined),
  'mpls.label': layer => (layer.protocol === 'mpls' ? layer.value?.label.toString() : undefined),
  'mpls.exp': layer => (layer.protocol === 'mpls' ? layer.value?.tc.toString() : undefined),
  'mpls.ttl': layer => (layer.protocol === 'mpls' ? layer.value?.ttl.toString() : undefined),
  'dns.qry.name': layer => (layer.protocol === 'dns' ? layer.value?.questions[0]?.name.replace(/\.$/, '') : undefined),
}

/** Fields that single frames are checked for, as literals. */
const literal: Record<string, Seen> = {
  'icmp fragmentation needed': { 'icmp.mtu': '1450' },
  'icmp redirect': { 'icmp.redir_gw': '10.0.0.254' },
  'icmp6 packet too big': { 'icmpv6.mtu': '1280' },
  'nd neighbor solicitation': { 'icmpv6.nd.ns.target_address': '2001:db8::2' },
  'nd neighbor advertisement': {
    'icmpv6.nd.na.target_address': '2001:db8::1',
    'icmpv6.nd.na.flag.s': '1',
    'icmpv6.nd.na.flag.o': '1',
    'icmpv6.nd.na.flag.r': '0',
    'icmpv6.opt.linkaddr': '02:00:00:00:00:0a',
  },
  'nd router advertisement': {
    'icmpv6.nd.ra.cur_hop_limit': '64',
    'icmpv6.nd.ra.flag.m': '0',
    'icmpv6.nd.ra.flag.o': '1',
    'icmpv6.nd.ra.router_lifetime': '1800',
    'icmpv6.nd.ra.retrans_timer': '1000',
    'icmpv6.opt.mtu': '1450',
    'icmpv6.opt.prefix': '2001:db8::',
    'icmpv6.opt.prefix.valid_lifetime': '86400',
    'icmpv6.opt.rdnss': '2001:db8::1|2001:db8::2',
  },
  'nd redirect': {
    'icmpv6.nd.rd.target_address': 'fe80::ff:fe00:b',
    'icmpv6.rd.na.destination_address': '2001:db8::2',
  },
  'mld2 query': { 'icmpv6.mld.maximum_response_code': '10000', 'icmpv6.mld.flag.qrv': '2', 'icmpv6.mld.qqi': '125' },
  'mld2 report': { 'icmpv6.mldr.mar.multicast_address': 'ff05::42', 'icmpv6.mldr.mar.record_type': '4' },
  'igmp general query': { 'igmp.version': '2', 'igmp.max_resp': '100' },
  'igmp3 query': { 'igmp.version': '3', 'igmp.qqic': '125', 'igmp.saddr': '10.0.0.1', 'igmp.s': '1', 'igmp.qrv': '2' },
  'igmp1 report': { 'igmp.type': '0x12', 'igmp.maddr': '239.1.1.1' },
  'igmp3 report': { 'igmp.record_type': '4|5', 'igmp.maddr': '239.1.1.1|239.1.1.2', 'igmp.saddr': '10.0.0.1|10.0.0.2' },
  'tcp syn': {
    'tcp.options.mss_val': '1460',
    'tcp.options.wscale.shift': '7',
    'tcp.options.timestamp.tsval': '1000',
    'tcp.flags': '0x0002',
  },
  'tcp sack': { 'tcp.options.sack_le': '3000', 'tcp.options.sack_re': '4000' },
  'vlan in vlan': { 'ieee8021ad.id': '20', 'ieee8021ad.priority': '0' },
  'ip last fragment': { 'ip.flags.mf': '0' },
  'ip6 fragment': { 'ipv6.fraghdr.ident': '0x00000009' },
  stp: { 'llc.dsap': '0x42', 'stp.type': '0x00', 'stp.root.hw': '02:00:00:00:00:0a', 'stp.max_age': '20' },
  'stp change': { 'stp.type': '0x80' },
  rstp: { 'stp.version': '2', 'stp.root.cost': '2000', 'stp.flags.port_role': '3', 'stp.flags.forwarding': '1' },
  mstp: { 'mstp.cist_internal_root_path_cost': '3000', 'mstp.cist_remaining_hops': '19', 'mstp.config_name': 'abcdef' },
  'mstp of two': { 'mstp.msti.root_cost': '100|100', 'mstp.msti.remaining_hops': '18|18' },
  snap: { 'llc.dsap': '0xaa', 'llc.type': '0x0800' },
  lldp: { 'lldp.time_to_live': '120', 'lldp.tlv.system.name': 'hv1', 'lldp.ieee.802_3.max_frame_size': '1518' },
  dhcp: { 'dhcp.option.dhcp': '1', 'dhcp.id': '0x12345678' },
  'vxlan gbp': { 'vxlan.flag_g': '1', 'vxlan.flag_d': '1', 'vxlan.flag_a': '1', 'vxlan.gbp': '4660' },
  'vxlan gpe': { 'vxlan.next_proto': '1', 'vxlan.p_bit': '1' },
}

const verdicts = ['_ws.malformed', '_ws.expert.severity', '_ws.expert.message']
const options = [
  'ip.check_checksum:TRUE',
  'udp.check_checksum:TRUE',
  'tcp.check_checksum:TRUE',
  'sctp.checksum:TRUE',
  'ip.defragment:FALSE',
  'ipv6.defragment:FALSE',
  'tcp.relative_sequence_numbers:FALSE',
].flatMap(option => ['-o', option])
const fields = [...new Set([...verdicts, ...Object.keys(ours), ...Object.values(literal).flatMap(Object.keys)])]

const hex = (value: number | undefined, digits: number): string | undefined =>
  value === undefined ? undefined : `0x${value.toString(16).padStart(digits, '0')}`

/** Everything Wireshark says, frame by frame. */
const ask = (file: string): Seen[] => {
  const words = ['-n', '-r', file, ...options, '-d', 'udp.port==8472,vxlan', '-T', 'fields']
  const asked = [...words, '-E', 'aggregator=|', '-E', 'separator=/t', ...fields.flatMap(field => ['-e', field])]
  const { stdout, stderr, status } = spawnSync('tshark', asked, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return stdout
    .replace(/\n$/, '')
    .split('\n')
    .map(line => {
      const seen: Seen = Object.fromEntries(line.split('\t').map((value, i) => [fields[i] as string, value]))
      // A service tag has field names of its own.
      if (seen['ieee8021ad.id'] !== '') {
        seen['vlan.id'] = `${seen['ieee8021ad.id']}|${seen['vlan.id']}`
        seen['vlan.priority'] = `${seen['ieee8021ad.priority']}|${seen['vlan.priority']}`
      }
      return seen
    })
}

/** Wireshark's severities: a warning is 0x600000, an error 0x800000. */
const worst = (seen: Seen): number => Math.max(0, ...(seen['_ws.expert.severity'] ?? '').split('|').map(Number))

describe('tshark reads our frames', () => {
  const frames = samples()
  const folder = join(tmpdir(), `weft-tshark-${process.pid}`)
  const file = join(folder, 'ours.pcapng')
  let seen: Seen[] = []

  beforeAll(() => {
    mkdirSync(folder, { recursive: true })
    const blocks: Uint8Array[] = []
    const writer = new PcapngWriter(block => blocks.push(block), { epoch: 1_700_000_000_000_000_000n })
    const port = writer.addInterface({ name: 'weft0' })
    // A minute apart, or frames that repeat numbers would look like retransmissions.
    for (const [i, { frame }] of frames.entries()) writer.packet(port, i * 60e9, frame.bytes, frame.start, frame.end)
    writeFileSync(file, Buffer.concat(blocks))
    seen = ask(file)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('all of them', () => {
    expect(seen).toHaveLength(frames.length)
  })

  test.each(frames.map(({ name }, i) => [name, i] as const))('%s is in order', (_, i) => {
    const said = seen[i] as Seen
    expect(said['_ws.malformed']).toBe('')
    expect(worst(said) < 0x600000 ? '' : said['_ws.expert.message']).toBe('')
  })

  test.each(frames.map(({ name }, i) => [name, i] as const))('%s means the same', (_, i) => {
    const said = seen[i] as Seen
    const { frame } = frames[i] as (typeof frames)[number]
    expect(meaning(dissect(frame.bytes, frame.start, frame.end), said)).toEqual(meaningOf(said))
  })

  test.each(Object.entries(literal))('%s has these fields', (name, expected) => {
    const said = seen[frames.findIndex(frame => frame.name === name)] as Seen
    for (const [field, value] of Object.entries(expected)) expect(`${field} ${said[field]}`).toBe(`${field} ${value}`)
  })
})

describe('tshark and we read frames of the Linux kernel', () => {
  const file = new URL('../captures/linux-protocols.pcap', import.meta.url).pathname

  test('alike', () => {
    const seen = ask(file)
    const { packets } = readCapture(readFileSync(file))
    expect(seen).toHaveLength(packets.length)
    for (const [i, { bytes }] of packets.entries()) {
      const said = seen[i] as Seen
      expect(meaning(dissect(bytes), said)).toEqual(meaningOf(said))
    }
  })
})

/** What we say, of the fields that Wireshark has too. */
const meaning = (layers: readonly Layer[], said: Seen): Seen =>
  Object.fromEntries(
    Object.entries(ours)
      .filter(([field]) => said[field] !== '')
      .map(([field, read]) => [
        field,
        layers
          .map(read)
          .filter(value => value !== undefined)
          .join('|'),
      ]),
  )

const meaningOf = (said: Seen): Seen =>
  Object.fromEntries(Object.entries(said).filter(([field, value]) => field in ours && value !== ''))
