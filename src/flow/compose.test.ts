import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Frame } from '../wire/frame.ts'
import { isIcmp6ChecksumRight } from '../wire/icmp6.ts'
import { isIpv4ChecksumRight } from '../wire/ipv4.ts'
import { sumsUp, transportSum } from '../wire/transport-checksum.ts'
import { composeFrame } from './compose.ts'
import { extract } from './extract.ts'
import { type FieldName, writeField } from './fields.ts'
import { frameWords, newKey, word } from './layout.ts'

const keyOf = (fields: Partial<Record<FieldName, bigint>>): ReturnType<typeof newKey> => {
  const key = newKey()
  for (const [name, value] of Object.entries(fields)) writeField(key, name as FieldName, value)
  return key
}
const read = (frame: Uint8Array): ReturnType<typeof newKey> => {
  const key = newKey()
  extract(Frame.from(frame), key)
  return key
}
/** What the frame itself says. */
const own = (key: ReturnType<typeof newKey>): number[] => [...key.subarray(word.ethernet, frameWords)]

const mac = fc.bigInt(0n, 2n ** 48n - 1n)
const port = fc.bigInt(0n, 0xffffn)
const byte = fc.bigInt(0n, 0xffn)
const ip4 = fc.bigInt(0n, 2n ** 32n - 1n)
const ip6 = fc.bigInt(0n, 2n ** 128n - 1n)
const base = { eth_src: mac, eth_dst: mac }
const over4 = { ...base, eth_type: fc.constant(0x0800n), ip_src: ip4, ip_dst: ip4, nw_ttl: byte }
const over6 = {
  ...base,
  eth_type: fc.constant(0x86ddn),
  ipv6_src: ip6,
  ipv6_dst: ip6,
  ipv6_label: fc.bigInt(0n, 0xfffffn),
}
const carried = {
  tcp: { nw_proto: fc.constant(6n), tcp_src: port, tcp_dst: port, tcp_flags: fc.bigInt(0n, 0xfffn) },
  udp: { nw_proto: fc.constant(17n), udp_src: port, udp_dst: port },
  sctp: { nw_proto: fc.constant(132n), sctp_src: port, sctp_dst: port },
}
const keys: Record<string, Record<string, fc.Arbitrary<bigint>>> = {
  arp: {
    ...base,
    eth_type: fc.constant(0x0806n),
    arp_op: fc.constantFrom(1n, 2n),
    arp_spa: ip4,
    arp_tpa: ip4,
    arp_sha: mac,
    arp_tha: mac,
  },
  icmp: { ...over4, nw_proto: fc.constant(1n), icmp_type: byte, icmp_code: byte },
  'a tag': { ...over4, ...carried.udp, vlan_tci: fc.bigInt(0x1000n, 0x1fffn) },
  unknown: { ...base, eth_type: fc.bigInt(0x9200n, 0xffffn) },
  ...Object.fromEntries(
    Object.entries(carried).flatMap(([name, fields]) => [
      [`${name} over IPv4`, { ...over4, ...fields }],
      [`${name} over IPv6`, { ...over6, ...fields }],
    ]),
  ),
}

describe('a frame says what its key says', () => {
  test.each(Object.entries(keys))('%s', (_, fields) => {
    fc.assert(
      fc.property(fc.record(fields), values => {
        const key = keyOf(values as Partial<Record<FieldName, bigint>>)
        if ('vlan_tci' in fields) key[word.vlan]! |= 0x81000000
        expect(own(read(composeFrame(key)))).toEqual(own(key))
      }),
      { numRuns: 60 },
    )
  })
})

test('checksums are right', () => {
  const udp = composeFrame(keyOf({ eth_type: 0x0800n, nw_proto: 17n, ip_src: 0x01020304n, udp_dst: 53n }))
  expect(isIpv4ChecksumRight(udp, 14)).toBe(true)
  expect(sumsUp(udp, 34, udp.length, transportSum(udp, 14, 17, udp.length - 34))).toBe(true)
  const icmp6 = composeFrame(keyOf({ eth_type: 0x86ddn, nw_proto: 58n, icmpv6_type: 128n, ipv6_src: 1n }))
  expect(isIcmp6ChecksumRight(icmp6, 14, 54, icmp6.length)).toBe(true)
})

test('a payload goes into what carries one', () => {
  const payload = Uint8Array.of(1, 2, 3)
  const sizeOf = (fields: Partial<Record<FieldName, bigint>>): number => composeFrame(keyOf(fields), payload).length
  expect(sizeOf({ eth_type: 0x0800n, nw_proto: 17n })).toBe(14 + 20 + 8 + 3)
  expect(sizeOf({ eth_type: 0x0800n, nw_proto: 6n })).toBe(14 + 20 + 20 + 3)
  expect(sizeOf({ eth_type: 0x0800n, nw_proto: 6n, tcp_flags: 2n })).toBe(14 + 20 + 20)
  expect(sizeOf({ eth_type: 0x0800n, nw_proto: 17n, ip_frag: 3n })).toBe(14 + 20)
  expect(sizeOf({ eth_type: 0x0800n, nw_proto: 1n, icmp_type: 3n })).toBe(14 + 20 + 8)
  expect(sizeOf({ eth_type: 0x05ffn })).toBe(14)
})

test('neighbour discovery has its options', () => {
  const key = keyOf({ eth_type: 0x86ddn, nw_proto: 58n, icmpv6_type: 135n, nd_target: 5n })
  expect(composeFrame(key).length).toBe(14 + 40 + 24)
  writeField(key, 'nd_sll', 1n)
  const frame = composeFrame(key)
  expect([...frame.subarray(-8)]).toEqual([1, 1, 0, 0, 0, 0, 0, 1])
})

test('labels end at the bottom of the stack', () => {
  const key = keyOf({ eth_type: 0x8847n, mpls_label: 5n })
  expect(composeFrame(key).length).toBe(14 + 12)
  writeField(key, 'mpls_bos', 1n)
  expect(composeFrame(key).length).toBe(14 + 4)
})

test('a type that says a tag, of which there is none, is all of the frame', () => {
  const key = newKey()
  key[word.ethType] = 0x81000000
  expect(composeFrame(key)).toHaveLength(14)
})
