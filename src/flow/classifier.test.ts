import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Classifier } from './classifier.ts'
import { keyWords, newKey, word } from './layout.ts'
import { type Classified, LinearClassifier } from './linear-classifier.ts'
import { covers, equals, type Match, matchOf, overlaps } from './match.ts'
import type { MatchRows, Seated } from './match-rows.ts'
import type { PrefixField } from './prefix-fields.ts'

type Rule = Classified & Seated
const rule = (match: Match, priority: number): Rule => ({ match, priority, rows: undefined, row: 0 })
const put = (classifier: Classifier<Rule>, r: Rule): void => classifier.insert(r, r.match)
const mask32 = (length: number): number => (length === 0 ? 0 : -1 << (32 - length)) >>> 0

/** Few words and few values, so that rules and packets often meet; masks are prefixes, whole fields or arbitrary. */
const places = [
  word.inPort,
  word.ethernet1,
  word.ethType,
  word.ipv4Src,
  word.ipv4Dst,
  word.ipv6Dst + 1,
  word.transport,
  word.regs,
]
const value = fc.constantFrom(
  0,
  1,
  0x80000000,
  0x0a000001,
  0x0a000002,
  0x0a010001,
  0xc0a80101,
  0x00500035,
  0x00510035,
  0xffffffff,
)
const bits = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 32 }).map(mask32) },
  { weight: 1, arbitrary: fc.constantFrom(0xffff, 0xffff0000, 0x0f0f, 1) },
)
const keyOf = (words: readonly number[]): Uint32Array => {
  const key = newKey()
  words.forEach((word, i) => {
    key[places[i] as number] = word
  })
  return key
}
const packet = fc.array(value, { minLength: places.length, maxLength: places.length }).map(keyOf)
const match = fc
  .tuple(packet, fc.array(bits, { minLength: places.length, maxLength: places.length }))
  .map(([key, masks]) => {
    const mask = keyOf(masks)
    return { mask, key: key.map((word, i) => word & (mask[i] as number)) }
  })

describe('against the linear twin', () => {
  test('rules come and go, the same rule is found, and the mask suffices to find it', () => {
    fc.assert(
      fc.property(
        fc.array(match, { minLength: 1, maxLength: 40 }),
        fc.array(fc.nat(39), { maxLength: 20 }),
        fc.array(packet, { minLength: 1, maxLength: 12 }),
        fc.infiniteStream(fc.nat(0xffffffff)),
        fc.constantFrom<readonly PrefixField[]>([], ['ip_dst', 'ip_src'], ['ipv6_dst', 'ip_src']),
        fc.boolean(),
        (matches, removed, packets, noise, kept, isLate) => {
          const fast = new Classifier<Rule>()
          if (!isLate) fast.keepPrefixes(kept)
          const slow = new LinearClassifier<Classified>()
          // Each rule has a priority of its own, so that there is one answer.
          const rules = matches.map((m, i) => rule(m, (i * 7919) % 1009))
          for (const r of rules) {
            put(fast, r)
            slow.insert(r)
          }
          for (const i of removed) {
            const r = rules[i]
            if (r !== undefined) expect(fast.remove(r)).toBe(slow.remove(r))
          }
          if (isLate) fast.keepPrefixes(kept)
          expect(fast.size).toBe(slow.size)
          expect(new Set(fast)).toEqual(new Set(slow))
          for (const r of rules) {
            expect(fast.find(r.match, r.priority)).toBe(slow.find(r.match, r.priority))
            expect(equals((r.rows as MatchRows).match(r.row), r.match)).toBe(true)
            expect(new Set(fast.narrower(r.match))).toEqual(new Set([...slow].filter(s => covers(r.match, s.match))))
            const overlapping = [...slow].some(s => s.priority === 0 && overlaps(s.match, r.match))
            expect(fast.overlaps(r.match, 0)).toBe(overlapping)
          }
          for (const key of packets) {
            const want = slow.lookup(key)
            expect(fast.lookup(key)).toBe(want)
            const mask = newKey()
            expect(fast.lookup(key, mask)).toBe(want)
            for (let round = 0; round < 8; round++) {
              const other = key.map((word, i) => {
                if (!places.includes(i)) return word
                const differ =
                  round < 4 ? noise.next().value : (packets[round % packets.length] as Uint32Array)[i]! ^ word
                return word ^ (differ & ~(mask[i] as number))
              })
              expect(slow.lookup(other)).toBe(want)
            }
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('wide masks', () => {
  test('a prefix is told apart by its leading bits', () => {
    const c = new Classifier<Rule>()
    put(c, rule(matchOf({ eth_type: 0x0800n, ip_dst: [0x0a000000n, 0xff000000n] }), 10))
    put(c, rule(matchOf({ eth_type: 0x0800n, ip_dst: [0x14000000n, 0xffffff00n] }), 10))
    const mask = newKey()
    const key = matchOf({ eth_type: 0x0800n, ip_dst: 0xc0a80101n }).key
    expect(c.lookup(key, mask)).toBeUndefined()
    expect(mask[word.ipv4Dst]).toBe(0x80000000)
  })
  test('a stage that fails keeps later layers out', () => {
    const c = new Classifier<Rule>()
    put(c, rule(matchOf({ in_port: 3n, eth_type: 0x0800n, nw_proto: 17n, udp_dst: 53n, nw_ttl: 1n }), 10))
    const mask = newKey()
    c.lookup(matchOf({ in_port: 1n, udp_dst: 53n }).key, mask)
    expect(mask).toEqual(matchOf({ in_port: 1n }).mask)
  })
  test('a rule of high priority hides the subtables below', () => {
    const c = new Classifier<Rule>()
    const top = rule(matchOf({ in_port: 1n }), 10)
    put(c, rule(matchOf({ eth_dst: 5n }), 9))
    put(c, top)
    const mask = newKey()
    expect(c.lookup(matchOf({ in_port: 1n, eth_dst: 5n }).key, mask)).toBe(top)
    expect(mask).toEqual(top.match.mask)
  })
})

test('rules may come and go while one iterates', () => {
  const c = new Classifier<Rule>()
  const rules = Array.from({ length: 50 }, (_, i) =>
    rule(matchOf({ in_port: BigInt(i), ...(i % 2 ? { eth_dst: 1n } : {}) }), i % 5),
  )
  for (const r of rules) put(c, r)
  const seen: Classified[] = []
  for (const r of c) {
    seen.push(r)
    c.remove(r)
    if (seen.length < 10) put(c, rule(matchOf({ eth_src: BigInt(seen.length) }), 1))
  }
  expect(new Set(seen)).toEqual(new Set(rules))
  expect(c.size).toBe(9)
})

test('a rule in the place of another leaves its mask where it was among its equals', () => {
  const c = new Classifier<Rule>()
  const [first, second] = [rule(matchOf({ in_port: 1n }), 5), rule(matchOf({ eth_dst: 5n }), 5)]
  put(c, first)
  put(c, second)
  const { key } = matchOf({ in_port: 1n, eth_dst: 5n })
  const instead = rule(matchOf({ in_port: 1n }), 5)
  c.replace(first, instead, instead.match)
  expect([c.lookup(key), c.size, c.masks]).toEqual([instead, 2, 2])
  c.remove(instead)
  put(c, first)
  expect(c.lookup(key)).toBe(second)
})

test('the same match with several priorities', () => {
  const c = new Classifier<Rule>()
  const m = matchOf({ in_port: 1n })
  const rules = [5, 1, 9].map(priority => rule(m, priority))
  for (const r of rules) put(c, r)
  expect(c.masks).toBe(1)
  expect(c.lookup(m.key)).toBe(rules[2])
  c.remove(rules[2] as Rule)
  expect(c.lookup(m.key)).toBe(rules[0])
  expect(c.find(m, 1)).toBe(rules[1])
  expect(c.find(m, 2)).toBeUndefined()
})

test('an empty match fits all', () => {
  const c = new Classifier<Rule>()
  const all = rule(matchOf({}), 0)
  put(c, all)
  const mask = new Uint32Array(keyWords)
  expect(c.lookup(newKey().fill(77), mask)).toBe(all)
  expect(mask.every(word => word === 0)).toBe(true)
  expect(c.remove(rule(matchOf({}), 0))).toBe(false)
})

test('rows that were given up are used again, and the order in which rules came stays', () => {
  const c = new Classifier<Rule>()
  const rules = Array.from({ length: 300 }, (_, i) => rule(matchOf({ in_port: BigInt(i), tcp_dst: 80n }), i % 3))
  for (const r of rules) put(c, r)
  for (const r of rules) if (r.priority !== 1) c.remove(r)
  const later = Array.from({ length: 300 }, (_, i) => rule(matchOf({ in_port: BigInt(i), tcp_dst: 80n }), 3 + (i % 3)))
  for (const r of later) put(c, r)
  expect([...c]).toEqual([...rules.filter(r => r.priority === 1), ...later])
  for (const r of c) expect(equals((r.rows as MatchRows).match(r.row), r.match)).toBe(true)
  for (const r of later) expect(c.lookup(r.match.key)).toBe(r)
})
