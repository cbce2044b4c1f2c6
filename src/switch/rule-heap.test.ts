import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newMatch } from '../flow/match.ts'
import { Rule } from './rule.ts'
import { RuleHeap } from './rule-heap.ts'

test('the first is always the one with the smallest number, whatever is put in, changed or taken out', () => {
  const steps = fc.array(fc.tuple(fc.nat(20), fc.option(fc.nat(50))), { maxLength: 200 })
  fc.assert(
    fc.property(steps, todo => {
      const rules = Array.from({ length: 21 }, () => new Rule({ match: newMatch(), actions: [] }, 0))
      const heap = new RuleHeap('timer')
      const twin = new Map<Rule, number>()
      for (const [which, key] of todo) {
        const rule = rules[which]!
        if (key === null) {
          heap.remove(rule)
          twin.delete(rule)
        } else {
          heap.set(rule, key)
          twin.set(rule, key)
        }
        expect(heap.size).toBe(twin.size)
        expect(heap.firstKey()).toBe(twin.size === 0 ? undefined : Math.min(...twin.values()))
        const first = heap.first()
        if (first !== undefined) expect(twin.get(first)).toBe(heap.firstKey())
        for (const each of rules) expect(heap.has(each)).toBe(twin.has(each))
      }
      expect(new Set(heap)).toEqual(new Set(twin.keys()))
    }),
  )
})
