import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matchOf, newMatch } from '../flow/match.ts'
import { second } from '../runtime/clock.ts'
import { flowMod, Stores } from './bridge-stores.testing.ts'
import { deadline, Eviction } from './eviction.ts'
import { FlowTable } from './flow-table.ts'
import { Rule } from './rule.ts'

/** A flow from host `who`, of which a table has groups. */
type Wanted = { who: number; importance: number; idle: number; hard: number }
const byHost = [{ field: 'eth_src', start: 0, count: 48 }] as const

/** What ovs-vswitchd.conf.db(5) says, word for word: the rules that may be chosen. */
const mayGo = (rules: readonly Rule[], grouped: boolean): Rule[] => {
  const evictable = rules.filter(rule => deadline(rule) < Number.POSITIVE_INFINITY)
  const groups = new Map<number, Rule[]>()
  for (const rule of evictable) {
    const key = grouped ? rule.match.key[3]! : 0
    groups.set(key, [...(groups.get(key) ?? []), rule])
  }
  const largest = Math.max(...[...groups.values()].map(group => group.length))
  const worth = (rule: Rule): number[] => [rule.importance, Math.floor(deadline(rule) / (1.024 * second))]
  const least = (group: readonly Rule[]): Rule[] => {
    const [first] = [...group].sort((a, b) => worth(a)[0]! - worth(b)[0]! || worth(a)[1]! - worth(b)[1]!)
    return group.filter(rule => `${worth(rule)}` === `${worth(first!)}`)
  }
  return [...groups.values()].filter(group => group.length === largest).flatMap(least)
}

describe('which flow goes', () => {
  const flow = fc.record<Wanted>({
    who: fc.nat(3),
    importance: fc.nat(2),
    idle: fc.nat(3).map(n => n * 10),
    hard: fc.nat(3).map(n => n * 15),
  })
  test.each([false, true])('the least of the largest group, grouped: %s', grouped => {
    const uses = fc.array(fc.tuple(fc.nat(30), fc.nat(40)), { maxLength: 10 })
    fc.assert(
      fc.property(fc.array(flow, { minLength: 1, maxLength: 30 }), uses, (wanted, used) => {
        const table = new FlowTable(0)
        const eviction = new Eviction(grouped ? byHost : [])
        const rules = wanted.map(({ who, importance, idle, hard }, i) => {
          const match = matchOf({ in_port: BigInt(i), eth_src: BigInt(who) })
          const rule = new Rule({ match, actions: [], importance, idleTimeout: idle, hardTimeout: hard }, 0)
          table.insert(rule, match)
          eviction.add(rule)
          return rule
        })
        for (const [which, when] of used) {
          const rule = rules[which]
          if (rule !== undefined) rule.used = Math.max(rule.used, when * second)
        }
        let left = rules
        for (;;) {
          const chosen = eviction.choose()
          if (chosen === undefined) break
          expect(mayGo(left, grouped)).toContain(chosen)
          eviction.remove(chosen)
          left = left.filter(rule => rule !== chosen)
        }
        expect(left.every(rule => deadline(rule) === Number.POSITIVE_INFINITY)).toBe(true)
      }),
    )
  })
})

describe('a full table', () => {
  const add = (stores: Stores, priority: number, more = {}) =>
    stores.bridge.flows.apply(flowMod({ priority, match: newMatch(), sendFlowRemoved: true, ...more }))

  test('refuses, unless the flow replaces one', () => {
    const stores = new Stores()
    stores.bridge.flows.configureTable(0, { limit: 2 })
    expect([1, 2, 3].map(priority => add(stores, priority))).toEqual([undefined, undefined, 'OFPFMFC_TABLE_FULL'])
    expect(add(stores, 2)).toBeUndefined()
    expect(add(stores, 7, { checkOverlap: true })).toBe('OFPFMFC_TABLE_FULL')
    expect(add(stores, 2, { checkOverlap: true, match: matchOf({ in_port: 1n }) })).toBe('OFPFMFC_OVERLAP')
  })
  test('gives a flow up that has a timeout, where the database or a controller says so', () => {
    const stores = new Stores()
    const { flows } = stores.bridge
    flows.configureTable(0, { limit: 2, name: 'main' })
    add(stores, 1)
    add(stores, 2, { hardTimeout: 100, importance: 5 })
    flows.modifyTable(0, { miss: undefined, eviction: true, evictionFlags: undefined, vacancy: undefined })
    expect(add(stores, 3)).toBeUndefined()
    expect(add(stores, 4)).toBe('OFPFMFC_TABLE_FULL')
    expect([stores.priorities(), stores.told]).toEqual([[1, 3], ['2 eviction']])
    expect(flows.table(0)!.settings).toMatchObject({ name: 'main', evictsByOpenFlow: true })
    flows.modifyTable(0, { miss: undefined, eviction: false, evictionFlags: undefined, vacancy: undefined })
    expect(flows.table(0)!.settings.eviction).toBeUndefined()
  })
  test('that has become too small gives up what it may', () => {
    const stores = new Stores()
    for (let i = 1; i <= 5; i++) add(stores, i, { idleTimeout: i === 2 ? 0 : i * 60 })
    stores.bridge.flows.configureTable(0, { limit: 2, evictBy: [] })
    expect(stores.priorities()).toEqual([2, 5])
    stores.bridge.flows.configureTable(0, { limit: 0, evictBy: [] })
    expect(stores.priorities()).toEqual([2])
  })
  test('fin_timeout makes a flow go sooner', () => {
    const stores = new Stores()
    const { flows } = stores.bridge
    add(stores, 1, { idleTimeout: 100 })
    add(stores, 2, { idleTimeout: 200 })
    const rule = flows.dump().find(({ priority }) => priority === 2)!
    flows.reduceTimeouts(rule, 10, 0)
    flows.reduceTimeouts(rule, 50, 0)
    expect([rule.idleTimeout, rule.hardTimeout]).toEqual([10, 0])
    expect(flows.nextExpiry()).toBe(10 * second)
    flows.reduceTimeouts(rule, 0, 5)
    expect(flows.nextExpiry()).toBe(5 * second)
  })
})

describe('vacancy', () => {
  test('is told when room falls below and when it rises above, in turns', () => {
    const stores = new Stores()
    const { flows } = stores.bridge
    flows.configureTable(0, { limit: 10 })
    const vacancy = { enabled: true, down: 20, up: 80 }
    flows.modifyTable(0, { miss: undefined, eviction: undefined, evictionFlags: undefined, vacancy })
    const fill = (from: number, to: number): void => {
      for (let i = from; i <= to; i++) flows.apply(flowMod({ priority: i }))
    }
    fill(1, 8)
    expect(stores.told).toEqual([])
    fill(9, 10)
    expect(stores.told).toEqual(['table 0 vacancy_down'])
    for (let i = 1; i <= 8; i++) flows.apply(flowMod({ command: 'delete_strict', priority: i }))
    expect(stores.told).toHaveLength(1)
    flows.apply(flowMod({ command: 'delete' }))
    expect(stores.told).toEqual(['table 0 vacancy_down', 'table 0 vacancy_up'])
    fill(1, 9)
    expect(stores.told).toHaveLength(3)
  })
  test('tables that are not there or not for users', () => {
    const { flows } = new Stores().bridge
    const nothing = { miss: undefined, eviction: true, evictionFlags: undefined, vacancy: undefined }
    expect(flows.modifyTable(254, nothing)).toBe('OFPTMFC_EPERM')
    expect(flows.modifyTable(300, nothing)).toBe('OFPTMFC_BAD_TABLE')
    expect(flows.modifyTable(255, nothing)).toBeUndefined()
    expect(flows.table(253)!.settings.evictsByOpenFlow).toBe(true)
  })
})
