import { expect, test } from 'vitest'
import { Classifier } from './classifier.ts'
import { prefixLength } from './field-text.ts'
import { type FieldName, fullMask, readField, writeField } from './fields.ts'
import { newKey } from './layout.ts'
import { type Match, matchOf } from './match.ts'
import type { MatchRows } from './match-rows.ts'
import { defaultPrefixFields, type PrefixField } from './prefix-fields.ts'

const prefix = (length: number, width: number): bigint => ((1n << BigInt(length)) - 1n) << BigInt(width - length)
const first = 0x0a000000n
const first6 = 0xfd00n << 112n
/** The flows that were in Open vSwitch 3.1 when the lengths below were recorded. */
const flows: readonly [priority: number, match: Match][] = [
  [10, matchOf({ eth_type: 0x0800n, ip_dst: [first, prefix(8, 32)] })],
  [9, matchOf({ eth_type: 0x0800n, ip_src: [first, prefix(8, 32)] })],
  [8, matchOf({ eth_type: 0x86ddn, ipv6_dst: [first6, prefix(16, 128)] })],
  [7, matchOf({ eth_type: 0x86ddn, ipv6_src: [first6, prefix(16, 128)] })],
  [1, matchOf({})],
]

type Rule = { priority: number; rows: MatchRows | undefined; row: number }
const looked = (classifier: Classifier<Rule>, packet: Match): Record<string, number | undefined> => {
  const mask = newKey()
  classifier.lookup(packet.key, mask)
  const names = ['ip_src', 'ip_dst', 'ipv6_src', 'ipv6_dst'] as const satisfies readonly FieldName[]
  const lengths = names.map(name => [name, prefixLength(readField(mask, name), fullMask(name) > 1n << 32n ? 128 : 32)])
  return Object.fromEntries(lengths.filter(([, length]) => length !== 0))
}
const packet4 = matchOf({ eth_type: 0x0800n, ip_src: 0x82010101n, ip_dst: 0xc0a80001n })
const packet6 = matchOf({ eth_type: 0x86ddn, ipv6_src: 0x8000n << 112n, ipv6_dst: 0x2001n << 112n })

test.each<[fields: readonly PrefixField[], v4: object, v6: object]>([
  [defaultPrefixFields, { ip_src: 1, ip_dst: 1 }, { ipv6_src: 16, ipv6_dst: 16 }],
  [[], { ip_src: 8, ip_dst: 8 }, { ipv6_src: 16, ipv6_dst: 16 }],
  [['ip_dst'], { ip_src: 8, ip_dst: 1 }, { ipv6_src: 16, ipv6_dst: 16 }],
  [['ip_src'], { ip_src: 1, ip_dst: 8 }, { ipv6_src: 16, ipv6_dst: 16 }],
  [['ipv6_dst'], { ip_src: 8, ip_dst: 8 }, { ipv6_src: 16, ipv6_dst: 1 }],
  [['ipv6_dst', 'ipv6_src', 'ip_dst'], { ip_src: 8, ip_dst: 1 }, { ipv6_src: 2, ipv6_dst: 1 }],
  [['tun_dst', 'tun_id', 'tun_src'], { ip_src: 8, ip_dst: 8 }, { ipv6_src: 16, ipv6_dst: 16 }],
])('with prefixes of %j', (fields, v4, v6) => {
  const before = new Classifier<Rule>()
  const after = new Classifier<Rule>()
  before.keepPrefixes(fields)
  for (const [priority, match] of flows)
    for (const classifier of [before, after]) classifier.insert({ priority, rows: undefined, row: 0 }, match)
  after.keepPrefixes(fields)
  for (const classifier of [before, after]) {
    expect(looked(classifier, packet4)).toEqual(v4)
    expect(looked(classifier, packet6)).toEqual(v6)
  }
})

test('rules that are taken out afterwards leave no prefix', () => {
  const classifier = new Classifier<Rule>()
  const rules = flows.map(([priority, match]): [Rule, Match] => [{ priority, rows: undefined, row: 0 }, match])
  for (const [rule, match] of rules) classifier.insert(rule, match)
  classifier.keepPrefixes(['ipv6_dst', 'tun_id'])
  for (const [rule] of rules.slice(0, 4)) classifier.remove(rule)
  expect(looked(classifier, packet6)).toEqual({})
  const key = newKey()
  writeField(key, 'tun_id', 5n)
  expect(classifier.lookup(key)?.priority).toBe(1)
})
