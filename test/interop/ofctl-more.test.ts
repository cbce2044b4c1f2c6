/** The commands of ovs-ofctl that need no switch, on right and wrong words: the same output, errors and status. */
import { describe, expect, test } from 'vitest'
import { below, type Random, seeded } from '../../src/runtime/random.ts'
import { disagreements, type ToolRun } from './ofctl-tool.testing.ts'
import { hasOpenVswitch } from './real-switch.ts'

const random = seeded(Number(process.env.WEFT_SEED ?? 5))
const pick = <T>(items: readonly T[], from: Random = random): T => items[below(from, items.length)] as T
const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))
const same = (runs: readonly ToolRun[]): void => expect(disagreements(runs).slice(0, 6)).toEqual([])

const versions = ['OpenFlow10', 'OpenFlow11', 'OpenFlow12', 'OpenFlow13', 'OpenFlow14', 'OpenFlow15', 'openflow13']

describe.skipIf(!hasOpenVswitch())('ovs-ofctl without a switch', () => {
  test('counts of arguments', () => {
    const names = ['parse-nxm', 'parse-nx-match', 'parse-oxm', 'parse-actions', 'parse-instructions', 'parse-group']
    names.push('parse-ofp10-match', 'parse-ofp11-match', 'parse-pcap', 'check-vlan', 'print-error', 'encode-hello')
    names.push('encode-error-reply', 'ofp-print', 'ofp-parse', 'ofp-parse-pcap', 'parse-key-value', 'compose-packet')
    names.push('parse-packet')
    same(
      names.flatMap(name => [
        { args: [name] },
        { args: [name, 'a', 'b', 'c'] },
        // The original breaks off by an assertion where it has no version to say hello in.
        ...(name === 'encode-hello' ? [] : [{ args: [name, 'nofile'] }]),
      ]),
    )
  })

  test('lines of matches and actions', () => {
    const stdin = [
      '# a comment\n\n   \n  # one more\n\t\n',
      'NXM_OF_IN_PORT(0001) # behind\n#\nOXM_OF_ETH_TYPE(0800), OXM_OF_IP_PROTO(06)\n',
      'foo(01)\nNXM_OF_IN_PORT(0001)\n',
      '0000 0008 0001 0000 # an output\n\n   \n#\n0000 0010 00000001 0000 000000000000\n',
      '0004 0018 00000000 0000 0010 00000001 0000 000000000000\n',
      '3,0001 0008 02000000\n',
      '0000 0008 0001 000\n',
      '0000 0008 0001 0 0 0 0\n',
      'xx',
      '',
    ]
    const names = versions.concat('', '1.3', 'OpenFlow1.3', 'OpenFlow10,OpenFlow13')
    same([
      ...stdin.flatMap(input => [
        { args: ['parse-nxm'], stdin: input },
        { args: ['-m', '--strict', 'parse-nx-match'], stdin: input },
        { args: ['parse-ofp10-match'], stdin: input },
        { args: ['parse-ofp11-match'], stdin: input },
        { args: ['parse-actions', pick(versions)], stdin: input },
        { args: ['parse-instructions', pick(versions)], stdin: input },
        { args: ['parse-oxm', pick(versions)], stdin: input },
      ]),
      ...names.flatMap(name =>
        ['parse-oxm', 'parse-actions', 'parse-instructions'].map(verb => ({ args: [verb, name], stdin: pick(stdin) })),
      ),
    ])
  })

  test('parse-group', () => {
    const parts = [
      'group_id=1',
      'group_id=all',
      'type=all',
      'type=select',
      'type=ff',
      'bucket=output:1',
      'fields(ip_dst)',
    ]
    parts.push('bucket=weight:5,actions=2', 'bucket=watch_port:1,output:3', 'selection_method=hash', 'bucket=meter:1')
    parts.push('bucket=ct(commit)', 'bucket=set_field:1.2.3.4->ip_dst', 'foo=1', 'bucket=')
    same(
      times(60, () => ({
        args: [
          ...pick([[], ['-O', 'OpenFlow13'], ['-O', 'OpenFlow15'], ['-O', 'OpenFlow10,OpenFlow15'], ['-mm']]),
          'parse-group',
          ['group_id=5,type=all', ...times(below(random, 3), () => pick(parts))].slice(below(random, 2)).join(','),
        ],
      })),
    )
  })

  test('check-vlan', () => {
    const bits = [0, 0x0fff, 0x1000, 0x1fff, 0xe000, 0xf000, 0xffff, 0xefff]
    same(
      times(60, i => {
        const mask = bits[i] ?? pick([pick(bits), below(random, 0x10000)])
        const tci = (below(random, 0x10000) | pick([0, 0x1000])) & mask
        const hex = (value: number): string => `${pick(['', '0x'])}${value.toString(16)}`
        return { args: ['check-vlan', hex(tci), hex(mask)] }
      }),
    )
  })

  test('key-value, errors, hellos, single messages', () => {
    const texts = ['a=b,c(d),e:f g', 'x=(y,z)', 'a=(b', '', 'a=', '=', 'a((b),c)d', 'x->y', ' a ,  b', ',,,', 'n:m:o=p']
    const echo = '0102000800000001'
    same([
      { args: ['parse-key-value', ...texts] },
      ...['FOO', 'OFPBRC_BAD_TYPE', 'NXBRC_MUST_BE_ZERO', 'ofpbrc_bad_type'].map(name => ({
        args: ['print-error', name],
      })),
      ...['', '00', 'zz', echo, `${echo}0`, `${echo} ff\n`, '0902000800000001'].flatMap(hex => [
        { args: ['encode-error-reply', 'OFPBMC_BAD_PREREQ', hex] },
        { args: ['ofp-print', hex] },
        { args: ['-m', 'ofp-print', hex, pick(['0', '5', 'x', '-1'])] },
        { args: ['ofp-print', '-'], stdin: hex },
        { args: ['ofp-print', '-', '5'], stdin: `${hex}\n00` },
      ]),
      { args: ['encode-error-reply', 'FOO', echo] },
      ...['2', '0x12', '022', '126x', '0x80', '4294967298', '-2'].map(bits => ({ args: ['encode-hello', bits] })),
    ])
  })

  test('compose-packet', () => {
    const protocols = [
      'ip',
      'tcp',
      'udp',
      'icmp',
      'sctp',
      'ipv6',
      'tcp6',
      'udp6',
      'sctp6',
      'icmp6',
      'arp',
      'rarp',
      'mpls',
    ]
    protocols.push(
      'mplsm',
      'dl_type=0x1234',
      'dl_type=0x894f',
      'ip,nw_proto=2',
      'ip,nw_proto=47',
      'dl_type=0x5ff',
      '',
      'eth',
    )
    const fields = ['dl_src=1:2:3:4:5:6', 'dl_dst=ff:ff:ff:ff:ff:ff', 'dl_vlan=5', 'dl_vlan_pcp=3', 'vlan_tci=0x1005']
    fields.push(
      'nw_src=1.2.3.4',
      'ip_dst=5.6.7.8',
      'nw_tos=252',
      'nw_ecn=3',
      'nw_ttl=64',
      'nw_frag=first',
      'nw_frag=later',
    )
    fields.push('tcp_src=80', 'tcp_dst=65535', 'tp_src=5', 'tcp_flags=2', 'tcp_flags=0xfff', 'udp_src=53', 'udp_dst=67')
    fields.push('sctp_src=7', 'icmp_type=8', 'icmp_type=3', 'icmp_code=1', 'icmpv6_type=128', 'icmpv6_type=135')
    fields.push(
      'icmpv6_type=136',
      'nd_target=fe80::1',
      'nd_sll=1:2:3:4:5:6',
      'nd_tll=6:5:4:3:2:1',
      'ipv6_src=2001:db8::1',
    )
    fields.push('ipv6_dst=ff02::1', 'ipv6_label=0x12345', 'arp_op=1', 'arp_op=2', 'arp_spa=1.1.1.1', 'arp_tpa=2.2.2.2')
    fields.push(
      'arp_sha=1:1:1:1:1:1',
      'arp_tha=2:2:2:2:2:2',
      'mpls_label=1000',
      'mpls_tc=3',
      'mpls_bos=1',
      'mpls_ttl=9',
    )
    fields.push(
      'in_port=1',
      'in_port=LOCAL',
      'reg0=5',
      'metadata=1',
      'tun_id=3',
      'ct_state=0x21',
      'pkt_mark=9',
      'foo=1',
    )
    fields.push(
      'nw_src=1.2.3.0/24',
      'dl_src=5',
      'nw_proto=6',
      'nw_proto=300',
      'tcp',
      'dl_type=0x800',
      'vlan_vid=0x1007',
    )
    const usual: Record<string, string[]> = {
      arp: ['arp_op=1', 'arp_spa=1.1.1.1', 'arp_tpa=2.2.2.2', 'arp_sha=1:1:1:1:1:1', 'arp_tha=2:2:2:2:2:2'],
      icmp6: ['icmpv6_type=135', 'nd_target=fe80::1', 'nd_sll=1:2:3:4:5:6'],
      tcp6: ['ipv6_src=2001:db8::1', 'tcp_flags=0x10'],
    }
    same(
      times(260, i => {
        const protocol = protocols[i] ?? pick(protocols)
        const own = i % 3 === 0 ? (usual[protocol] ?? []) : []
        const text = [protocol, ...own, ...times(below(random, 4), () => pick(fields))].join(',')
        return { args: ['compose-packet', text, ...pick([[], [], [''], ['00 01'], ['0102030405'], ['0x']])] }
      }),
    )
  })
})
