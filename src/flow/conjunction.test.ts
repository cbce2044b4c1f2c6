import { expect, test } from 'vitest'
import { Classifier } from './classifier.ts'
import type { Conjunction } from './conjunction.ts'
import { newKey, word } from './layout.ts'
import { type Match, matchOf } from './match.ts'
import type { Seated } from './match-rows.ts'

type Rule = Seated & { name: string; conjunctions?: readonly Conjunction[] }

const clause = (id: number, place: number, clauses: number): Conjunction => ({ id, clause: place, clauses })

/** A classifier with these rules. */
const withRules = (rules: readonly (readonly [name: string, priority: number, match: Match, ...Conjunction[]])[]) => {
  const classifier = new Classifier<Rule>(rule => rule.conjunctions)
  for (const [name, priority, match, ...conjunctions] of rules) {
    const rule: Rule = { name, priority, rows: undefined, row: 0, ...(conjunctions.length > 0 ? { conjunctions } : {}) }
    classifier.insert(rule, match)
  }
  return classifier
}

const source = matchOf({ eth_type: 0x800n, ip_src: 1n })
const target = matchOf({ eth_type: 0x800n, ip_dst: 2n })
const both = matchOf({ eth_type: 0x800n, ip_src: 1n, ip_dst: 2n }).key
const whole = matchOf({ conj_id: 7n })

test('a conjunction is found when all its clauses match, and looks at what they look at', () => {
  const classifier = withRules([
    ['a', 10, source, clause(7, 0, 2)],
    ['b', 10, target, clause(7, 1, 2)],
    ['whole', 5, whole],
    ['rest', 1, matchOf({})],
  ])
  const mask = newKey()
  expect(classifier.lookup(both, mask)?.name).toBe('whole')
  expect(mask[word.ipv4Src]).toBe(0xffffffff)
  expect(mask[word.ipv4Dst]).toBe(0xffffffff)
  expect(both[word.conjId]).toBe(0)
  expect(classifier.lookup(source.key)?.name).toBe('rest')
})

test('a plain rule of higher priority decides before; one of lower does not', () => {
  const parts = [
    ['a', 10, source, clause(7, 0, 2)],
    ['b', 10, target, clause(7, 1, 2)],
    ['whole', 5, whole],
  ] as const
  const plain = matchOf({ eth_type: 0x800n })
  expect(withRules([...parts, ['plain', 11, plain]]).lookup(both)?.name).toBe('plain')
  expect(withRules([...parts, ['plain', 4, plain]]).lookup(both)?.name).toBe('whole')
})

test('clauses of different priorities make no conjunction; a rule below with the same match counts instead', () => {
  const classifier = withRules([
    ['a', 10, source, clause(7, 0, 2)],
    ['below', 3, source],
    ['b', 9, target, clause(7, 1, 2)],
    ['whole', 5, whole],
    ['rest', 1, matchOf({})],
  ])
  expect(classifier.lookup(both)?.name).toBe('below')
})

test('a conjunction whose number nothing matches gives way to the next', () => {
  const classifier = withRules([
    ['a', 10, source, clause(8, 0, 2), clause(7, 0, 2)],
    ['b', 10, target, clause(8, 1, 2), clause(7, 1, 2)],
    ['low a', 4, matchOf({ eth_type: 0x800n, ip_src: [1n, 1n] }), clause(7, 0, 2)],
    ['low b', 4, matchOf({ eth_type: 0x800n, ip_dst: [2n, 2n] }), clause(7, 1, 2)],
    ['whole', 5, whole],
  ])
  // Of several that are whole at once the first is asked; with nothing for it, lower ones are.
  expect(classifier.lookup(both)?.name).toBe('whole')
})
