import { expect, test } from 'vitest'
import { pairsOf, scanned, tupleError, zoneLimitOf, zonesOf } from './conntrack-tuple.ts'

test.each([
  ['5', 16, 5],
  [' +7x', 8, 7],
  ['65535', 16, 65535],
  ['65536', 16, undefined],
  ['x5', 16, undefined],
  ['', 32, undefined],
  ['4294967295', 32, 4294967295],
] as const)('a number in %j of %i bits', (text, bits, value) => {
  expect(scanned(text, bits)).toBe(value)
})

test('pairs are separated by commas or spaces, keys and values in three ways', () => {
  expect(pairsOf('a=1, b:2,c(3) d ::1')).toEqual([
    ['a', '1'],
    ['b', '2'],
    ['c', '3'],
    ['d', ''],
    ['', ':1'],
  ])
})

test.each([
  ['', undefined],
  ['ct_nw_src=1.1.1.1,ct_nw_dst=2.2.2.2,ct_nw_proto=6,ct_tp_src=1,ct_tp_dst=2', undefined],
  ['ct_ipv6_src=::1,ct_nw_proto=58,icmp_type=128,icmp_id=9', undefined],
  ['ct_nw_src', 'field ct_nw_src missing value'],
  ['ct_nw_src=x', 'failed to parse field ct_nw_src'],
  ['ct_ipv6_src=::1,ct_nw_src=1.1.1.1', 'the L3 protocol does not match 1.1.1.1'],
  ['ct_nw_proto=256', 'failed to parse field ct_nw_proto'],
  ['ct_tp_dst=4', 'port is set without protocol'],
  ['icmp_id=3,ct_nw_proto=6', 'invalid L4 fields'],
  ['constructor=1', 'invalid conntrack tuple field: constructor'],
])('tuple %j', (text, error) => {
  expect(tupleError(text)).toBe(error)
})

test.each([
  ['zone=1,limit=4', { zone: 1, limit: 4 }],
  ['limit=4', 'failed to parse zone limit'],
  ['zone=70000,limit=1', 'failed to parse field zone'],
  ['default=9', 'invalid zone limit field: default'],
  ['a', 'field a missing value'],
])('limit %j', (text, limit) => {
  expect(zoneLimitOf(text)).toEqual(limit)
})

test.each([
  ['zone=5,6x', [5, 6]],
  ['zone=5,x', 'invalid zone'],
  ['5', 'invalid argument 5'],
])('zones %j', (text, zones) => {
  expect(zonesOf(text)).toEqual(zones)
})
