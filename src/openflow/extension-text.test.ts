import { expect, test } from 'vitest'
import { parseCtTuples } from './ct-tuple-text.ts'
import { hexBytes } from './hex-text.ts'
import { parseTlvMaps } from './tlv-map-text.ts'

test('tunnel options and their fields', () => {
  expect(parseTlvMaps('')).toEqual([])
  expect(parseTlvMaps('{class=0xffff,type=1,len=4}->tun_metadata0,{class=2,type=010,len=8}->tun_metadata63')).toEqual([
    { class: 0xffff, type: 1, length: 4, index: 0 },
    { class: 2, type: 8, length: 8, index: 63 },
  ])
  expect(parseTlvMaps('{class=-1,type=300,len=256}->tun_metadata65540')).toEqual([
    { class: 0xffff, type: 0x2c, length: 0, index: 4 },
  ])
})

test.each([
  'x',
  '{class=1,type=1,len=4}->tun_metadata',
  '{class=1,type=1,len=}->tun_metadata1',
  '{class=08,type=1,len=4}->tun_metadata1',
  '{class=1,type=1,len=4}->tun_metadata1,',
  '{class=1,type=1,len=4}->tun_metadata1 {class=1,type=2,len=4}->tun_metadata2',
])('%s is no mapping', text => {
  expect(parseTlvMaps(text)).toBeUndefined()
})

test('tuples of connections', () => {
  const tuples = parseCtTuples(['ct_nw_src=10.0.0.1,ct_nw_proto=17,ct_tp_src=2', 'ct_nw_dst=10.0.0.2,ct_tp_dst=3'])
  expect(tuples).toMatchObject({
    original: { protocol: 17, source: 0xffff_0a00_0001n, sourcePort: 2, destinationPort: 0 },
    reply: { protocol: 17, destination: 0xffff_0a00_0002n, destinationPort: 3 },
  })
  expect(parseCtTuples(['ct_nw_proto=1,icmp_type=8,icmp_code=3,icmp_id=7'])).toMatchObject({
    original: { icmpType: 8, icmpCode: 3, icmpId: 7, sourcePort: 0 },
  })
  expect(parseCtTuples([])).toMatchObject({ original: { protocol: 0, source: 0n } })
})

test.each([
  ['ct_nw_src', 'field ct_nw_src missing value'],
  ['ct_nw_src=::1', 'failed to parse field ct_nw_src'],
  ['ct_nw_src=1.2.3.4,ct_ipv6_dst=::1', 'the L3 protocol does not match ::1'],
  ['ct_nw_src=1.2.3.4,ct_nw_src=1.2.3.5', 'ct_nw_src is set multiple times'],
  ['ct_tp_src=5', 'port is set without protocol'],
  ['icmp_type=8', 'invalid L4 fields'],
  ['ct_nw_proto=256', 'failed to parse field ct_nw_proto'],
  ['zone=5', 'invalid conntrack tuple field: zone'],
])('%s: %s', (text, error) => {
  expect(parseCtTuples([text])).toBe(error)
})

test('bytes in hexadecimal', () => {
  expect(hexBytes(' 01\t0a\r\nff ')).toEqual(Uint8Array.of(1, 10, 255))
  expect(hexBytes('')).toEqual(new Uint8Array(0))
  for (const text of ['0', '0 1', '012', 'zz', '01-02', '0x01']) expect(hexBytes(text)).toBeUndefined()
})
