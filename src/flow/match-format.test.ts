import { expect, test } from 'vitest'
import { type FieldName, writeField } from './fields.ts'
import { word } from './layout.ts'
import { matchOf } from './match.ts'
import { formatMatch } from './match-format.ts'

// As `ofproto/trace` of Open vSwitch 3.1 prints megaflows in which flows and actions have looked at these bits.
test.each<[fields: Parameters<typeof matchOf>[0], looked: Partial<Record<FieldName, bigint>>, text: string]>([
  [{ eth_type: 0x0800n }, { nw_tos: 0x38n }, 'ip,nw_tos=0'],
  [{ eth_type: 0x0800n }, { nw_ecn: 2n }, 'ip,nw_ecn=0'],
  [{ eth_type: 0x0800n }, { nw_ttl: 0x78n }, 'ip,nw_ttl=0'],
  [{ eth_type: 0x8847n }, { mpls_label: 0x1fcn, mpls_tc: 6n }, 'mpls,mpls_label=0,mpls_tc=0'],
  [{ eth_type: 0x86ddn }, { ipv6_label: 0xfffffn }, 'ipv6,ipv6_label=0x00000/0xfffff'],
  [{ eth_type: 0x86ddn, ipv6_label: 3n }, {}, 'ipv6,ipv6_label=0x00003'],
  [{ eth_type: 0x86ddn, ipv6_label: 3n }, { ipv6_label: 0xfffffn }, 'ipv6,ipv6_label=0x00003'],
  [{ eth_type: 0x86ddn, ipv6_label: [3n, 7n] }, {}, 'ipv6,ipv6_label=0x00003/0x00007'],
  [{ eth_type: 0x86ddn, nw_proto: 58n, nd_options_type: 1n }, {}, 'icmp6,nd_options_type=1'],
  [{ eth_type: 0x86ddn, nw_proto: 58n }, { nd_options_type: 0xffn }, 'icmp6,nd_options_type=0x0/0xff'],
  [{ eth_type: 0x86ddn, nw_proto: 58n }, { nd_reserved: 0x20n }, 'icmp6,nd_reserved=0x00000000/0x00000020'],
  [{ eth_type: 0x86ddn, nw_proto: 58n }, { nd_reserved: 0xffffffffn }, 'icmp6,nd_reserved=0'],
  [{ eth_type: 0x8035n, arp_op: 2n }, {}, 'rarp,arp_op=2'],
  [{ eth_type: 0x8035n }, { arp_op: 1n }, 'rarp,arp_op=0'],
  [{ eth_type: 0x0800n }, { nw_proto: 8n }, 'ip,nw_proto=0'],
  // Of a connection, ports are told with the protocol, which is told whole.
  [{ ct_state: 3n }, { ct_tp_src: 0x3fc0n }, 'ct_state=new|est'],
  [{ ct_state: 3n }, { ct_nw_proto: 0x78n, ct_tp_dst: 0x3fn }, 'ct_state=new|est,ct_nw_proto=0,ct_tp_dst=0x0/0x3f'],
])('%o with %o looked at is %s', (fields, looked, text) => {
  const match = matchOf(fields)
  for (const [name, bits] of Object.entries(looked) as [FieldName, bigint][]) writeField(match.mask, name, bits, bits)
  expect(formatMatch(match)).toBe(text)
})

test('the second tag is told where bits of the first are looked at', () => {
  const match = matchOf({ eth_type: 0x1234n })
  match.key[word.vlan1] = 0x81007007
  match.mask[word.vlan1] = 0xffffffff
  expect(formatMatch(match)).toBe('dl_type=0x1234')
  match.mask[word.vlan] = 0xf000
  match.key[word.vlan] = 0x3000
  expect(formatMatch(match)).toBe('dl_vlan_pcp=1,dl_vlan1=7,dl_vlan_pcp1=3,dl_type=0x1234')
})

test('a whole label has the bits above it in its mask, part of one has not', () => {
  expect(matchOf({ ipv6_label: 3n }).mask[word.ipv6Label]).toBe(0xffffffff)
  expect(matchOf({ ipv6_label: [3n, 0xffn] }).mask[word.ipv6Label]).toBe(0xff)
})
