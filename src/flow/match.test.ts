import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FieldName, fieldNames, fullMask } from './fields.ts'
import { keyWords, newKey } from './layout.ts'
import {
  allows,
  copyMatch,
  covers,
  equals,
  fieldsOf,
  getField,
  type Match,
  matches,
  matchOf,
  newMatch,
  overlaps,
  setField,
} from './match.ts'

const few: FieldName[] = ['in_port', 'eth_dst', 'eth_type', 'ip_dst', 'ipv6_dst', 'reg3', 'tun_id', 'tcp_dst']
const anyMatch = fc
  .array(
    fc.tuple(
      fc.constantFrom(...few),
      fc.constantFrom(0n, 1n, 2n, 0x0a000001n, 0x0a000002n),
      fc.constantFrom(1n, 3n, 0xffffff00n, (1n << 128n) - 1n),
    ),
    { maxLength: 5 },
  )
  .map(items => {
    const match = newMatch()
    for (const [name, value, mask] of items) setField(match, name, value, mask)
    return match
  })
const anyKey = fc
  .array(fc.tuple(fc.constantFrom(...few), fc.constantFrom(0n, 1n, 2n, 0x0a000001n, 0x0a000002n)), { maxLength: 6 })
  .map(items => {
    const match = newMatch()
    for (const [name, value] of items) setField(match, name, value)
    return match.key
  })

describe('relations', () => {
  test('a match that covers another fits whatever the other fits', () => {
    fc.assert(
      fc.property(anyMatch, anyMatch, anyKey, (a, b, key) => {
        if (covers(a, b) && matches(b, key)) expect(matches(a, key)).toBe(true)
        if (matches(a, key) && matches(b, key)) expect(overlaps(a, b)).toBe(true)
        expect(equals(a, b)).toBe(covers(a, b) && covers(b, a))
        expect(covers(newMatch(), a)).toBe(true)
        expect(overlaps(a, b)).toBe(overlaps(b, a))
      }),
      { numRuns: 1000 },
    )
  })
  test('matches that overlap have a key in common: the bits of both', () => {
    fc.assert(
      fc.property(anyMatch, anyMatch, (a, b) => {
        if (!overlaps(a, b)) return
        const key = newKey().map((_, i) => a.key[i]! | b.key[i]!)
        expect(matches(a, key) && matches(b, key)).toBe(true)
      }),
    )
  })
  test('the key never has a bit that the mask has not', () => {
    fc.assert(
      fc.property(anyMatch, match => {
        for (let i = 0; i < keyWords; i++) expect(match.key[i]! & ~match.mask[i]!).toBe(0)
      }),
    )
  })
})

describe('fields', () => {
  test('setting replaces what was said', () => {
    const match = matchOf({ ip_dst: [0x0a000000n, 0xff000000n] })
    setField(match, 'ip_dst', 1n)
    expect(getField(match, 'ip_dst')).toEqual({ value: 1n, mask: fullMask('ip_dst') })
    setField(match, 'ip_dst', 0n, 0n)
    expect(equals(match, newMatch())).toBe(true)
  })
  test('fieldsOf lists what is looked at, shared words under all their names', () => {
    expect(fieldsOf(matchOf({ in_port: 1n, eth_type: 0x0800n }))).toEqual(['in_port', 'in_port_oxm', 'eth_type'])
    expect(fieldsOf(matchOf({ xreg0: 1n }))).toEqual(['reg0', 'reg1', 'xreg0', 'xxreg0'])
  })
  test('a copy is apart', () => {
    const match = matchOf({ in_port: 1n })
    const copy = copyMatch(match)
    setField(copy, 'in_port', 2n)
    expect(getField(match, 'in_port').value).toBe(1n)
  })
  test('VLAN fields say that there is a tag', () => {
    expect(getField(matchOf({ dl_vlan: 5n }), 'vlan_tci')).toEqual({ value: 0x1005n, mask: 0x1fffn })
    expect(getField(matchOf({ dl_vlan: 0xffffn }), 'vlan_tci')).toEqual({ value: 0n, mask: 0xffffn })
    expect(getField(matchOf({ vlan_pcp: 3n }), 'vlan_tci')).toEqual({ value: 0x7000n, mask: 0xf000n })
    expect(getField(matchOf({ vlan_vid: 0x1005n, vlan_pcp: 3n }), 'vlan_tci')).toEqual({
      value: 0x7005n,
      mask: 0xffffn,
    })
    expect(getField(matchOf({ vlan_vid: 0n }), 'vlan_tci')).toEqual({ value: 0n, mask: 0x1fffn })
  })
})

describe('prerequisites', () => {
  const cases: [FieldName, Match, boolean][] = [
    ['ip_src', matchOf({}), false],
    ['ip_src', matchOf({ eth_type: 0x0800n }), true],
    ['ip_src', matchOf({ eth_type: 0x86ddn }), false],
    ['nw_ttl', matchOf({ eth_type: 0x86ddn }), true],
    ['tcp_dst', matchOf({ eth_type: 0x0800n, nw_proto: 17n }), false],
    ['tcp_dst', matchOf({ eth_type: 0x86ddn, nw_proto: 6n }), true],
    ['arp_spa', matchOf({ eth_type: 0x8035n }), true],
    ['vlan_pcp', matchOf({ vlan_tci: 0n }), false],
    ['vlan_pcp', matchOf({ vlan_tci: [0x1000n, 0x1000n] }), true],
    ['mpls_label', matchOf({ eth_type: 0x8848n }), true],
    ['tcp_dst', matchOf({ eth_type: 0x0800n, nw_proto: 6n, ip_frag: 3n }), false],
    ['tcp_dst', matchOf({ packet_type: 0x10800n, nw_proto: 6n }), true],
    ['icmpv6_type', matchOf({ eth_type: 0x0800n, nw_proto: 58n }), false],
    ['ct_nw_src', matchOf({ ct_state: 0x30n }), false],
    ['ct_nw_src', matchOf({ ct_state: 0x21n }), true],
    ['nd_sll', matchOf({ eth_type: 0x86ddn, nw_proto: 58n, icmpv6_type: 135n, icmpv6_code: 0n }), true],
    ['nd_tll', matchOf({ eth_type: 0x86ddn, nw_proto: 58n, icmpv6_type: 135n, icmpv6_code: 0n }), false],
    ['nd_target', matchOf({ eth_type: 0x86ddn, nw_proto: 58n, icmpv6_type: 136n, icmpv6_code: 0n }), true],
    ['ct_nw_src', matchOf({ eth_type: 0x0800n }), false],
    ['eth_src', matchOf({ packet_type: 0x10800n }), false],
    ['eth_src', matchOf({}), true],
    ['reg0', matchOf({}), true],
  ]
  test.each(cases)('%s', (name, match, want) => {
    expect(allows(match, name)).toBe(want)
  })
  test('every field has an answer', () => {
    for (const name of fieldNames) expect(typeof allows(matchOf({}), name)).toBe('boolean')
  })
})
