import { expect, test } from 'vitest'
import { readField } from '../flow/fields.ts'
import { word } from '../flow/layout.ts'
import { hasOption, placed } from '../flow/tlv.ts'
import { parseExactFlow } from './exact-flow.ts'
import { formatPacketFlow } from './packet-text.ts'

const errorOf = (text: string): string | undefined => {
  const read = parseExactFlow(text)
  return read.ok ? undefined : read.error
}

test('what is not said is zero', () => {
  const read = parseExactFlow('tcp,nw_src=10.0.0.1,tp_dst=80')
  if (!read.ok) throw new Error(read.error)
  expect(readField(read.key, 'tcp_dst')).toBe(80n)
  expect(readField(read.key, 'ip_dst')).toBe(0n)
  expect(read.key[word.inPort]).toBe(0xffff)
  expect(formatPacketFlow(read.key)).toMatch(/^tcp,in_port=ANY,vlan_tci=0x0000,.*tp_src=0,tp_dst=80,tcp_flags=0$/)
})

test('what comes beside a frame is told if it is not zero', () => {
  const read = parseExactFlow('in_port=1,metadata=5,tun_id=3,reg0=7,dl_type=0x1234')
  if (!read.ok) throw new Error(read.error)
  expect(formatPacketFlow(read.key)).toMatch(/^reg0=0x7,tun_id=0x3,metadata=0x5,in_port=1,/)
})

test.each([
  ['tcp,udp', 'Ethernet type set multiple times'],
  ['tcp,nw_proto=17', 'field nw_proto set multiple times'],
  ['nw_src=1.2.3.4', 'prerequisites not met for setting nw_src'],
  ['udp,tp_src=5', 'prerequisites not met for setting tp_src'],
  ['eth', 'unknown field eth'],
  ['NXM_OF_IP_SRC=1.2.3.4', 'unknown field NXM_OF_IP_SRC'],
  ['ip,nw_src=1.2.3.0/24', 'bad value for nw_src (1.2.3.0/24: wildcards not allowed here)'],
  ['ip,nw_frag=later,nw_frag=later', 'field nw_frag set multiple times'],
  ['ip,nw_frag=yes', 'bad value for nw_frag (yes: wildcards not allowed here)'],
  ['tun_flags=+oam', 'bad value for tun_flags (+oam: wildcards not allowed here)'],
  ['ip,nw_src=x', 'bad value for nw_src (x: invalid IP address)'],
])('%s is refused', (text, error) => {
  expect(errorOf(text)).toBe(`${text}: ${error}`)
})

test('bits that no value of a field may have are lost', () => {
  const read = parseExactFlow('mpls,mpls_label=0x100005,mpls_tc=9,dl_vlan=4101')
  if (!read.ok) throw new Error(read.error)
  expect(readField(read.key, 'mpls_label')).toBe(5n)
  expect(readField(read.key, 'mpls_tc')).toBe(1n)
  expect(read.key[word.vlan]).toBe(0x81001005)
})

test('tunnel options lie where the layout says', () => {
  const layout = placed(undefined, 5, 2)
  const read = parseExactFlow('tun_metadata5=0x1234', { layout })
  if (!read.ok) throw new Error(read.error)
  expect(readField(read.key, 'tun_metadata5', layout)).toBe(0x1234n)
  expect(hasOption(read.key, 5)).toBe(true)
})

test('a priority says that there is a tag', () => {
  const read = parseExactFlow('dl_vlan_pcp=3,dl_vlan=5')
  expect(read.ok && read.key[word.vlan]).toBe(0x81007005)
})
