import { describe, expect, test } from 'vitest'
import { matchOf, newMatch } from '../flow/match.ts'
import type { OfAction } from '../openflow/action.ts'
import { second } from '../runtime/clock.ts'
import type { FlowEvent } from './flow-event.ts'
import { FlowStore } from './flow-store.ts'
import type { FlowSpec, Rule } from './rule.ts'

const out = (port: number): OfAction => ({ type: 'output', port })

class Owner {
  time = 0
  changes = 0
  pulls = 0
  gone: string[] = []
  events: FlowEvent[] = []
  readonly store = new FlowStore({
    now: () => this.time,
    pullStats: () => {
      this.pulls++
    },
    changed: () => {
      this.changes++
    },
    event: event => {
      this.events.push(event)
      if (event.what === 'removed') this.gone.push(`${event.rule.table}/${event.rule.priority} ${event.reason}`)
    },
  })

  add(spec: Partial<FlowSpec>): Rule {
    const rule = this.store.add({ match: newMatch(), actions: [out(1)], ...spec })
    if (typeof rule === 'string') throw new Error(rule)
    return rule
  }

  priorities(): number[] {
    return this.store
      .dump()
      .map(rule => rule.priority)
      .sort((a, b) => a - b)
  }
}

describe('add', () => {
  test('a flow like one that is there replaces it, and takes its counts over unless told not to', () => {
    const owner = new Owner()
    Object.assign(owner.add({ match: matchOf({ in_port: 1n }) }), { packets: 5, bytes: 500 })
    const second = owner.add({ match: matchOf({ in_port: 1n }), actions: [out(2)] })
    expect([owner.store.size, second.packets, second.bytes]).toEqual([1, 5, 500])
    expect(owner.add({ match: matchOf({ in_port: 1n }), flags: { resetCounts: true } }).packets).toBe(0)
    expect(owner.gone).toEqual([])
  })
  test('overlap is checked when asked: one packet could hit both, at the same priority', () => {
    const { store } = new Owner()
    const add = (match: FlowSpec['match'], priority: number) =>
      store.add({ match, priority, actions: [], flags: { checkOverlap: true } })
    expect(add(matchOf({ in_port: 1n }), 5)).toBeTypeOf('object')
    expect(add(matchOf({ eth_src: 1n }), 5)).toBe('OFPFMFC_OVERLAP')
    expect(add(matchOf({ eth_src: 1n }), 6)).toBeTypeOf('object')
    expect(add(matchOf({ in_port: 2n, eth_src: 1n }), 5)).toBeTypeOf('object')
  })
  test('tables 254 and 255 are not for users', () => {
    const { store } = new Owner()
    const spec = { match: newMatch(), actions: [] }
    expect(store.add({ ...spec, table: 255 })).toBe('OFPBRC_BAD_TABLE_ID')
    expect(store.add({ ...spec, table: 254 })).toBe('OFPBRC_EPERM')
    expect(store.add({ ...spec, table: 253 })).toBeTypeOf('object')
  })
})

describe('which flows', () => {
  const fill = (): Owner => {
    const owner = new Owner()
    owner.add({ priority: 1, match: matchOf({ in_port: 1n }), cookie: 0x11n })
    owner.add({ priority: 2, match: matchOf({ in_port: 1n, eth_src: 2n }), cookie: 0x12n, actions: [out(7)] })
    owner.add({ priority: 3, match: newMatch(), table: 4, cookie: 0x21n })
    return owner
  }
  test('loose: equal or more specific; strict: equal, with the priority', () => {
    const owner = fill()
    expect(owner.store.delete({ match: matchOf({ in_port: 1n, eth_src: 2n }), strict: true, priority: 1 })).toBe(0)
    expect(owner.store.delete({ match: matchOf({ in_port: 1n }), strict: true, priority: 1, table: 0 })).toBe(1)
    expect(owner.priorities()).toEqual([2, 3])
    expect(owner.store.delete({ match: matchOf({ in_port: 1n }) })).toBe(1)
    expect(owner.gone).toEqual(['0/1 delete', '0/2 delete'])
  })
  test('by cookie under a mask, by table, by output port', () => {
    const owner = fill()
    expect(owner.store.dump({ cookie: 0x10n, cookieMask: 0xf0n }).length).toBe(2)
    expect(owner.store.dump({ table: 4 }).length).toBe(1)
    expect(owner.store.dump({ outPort: 7 }).map(rule => rule.priority)).toEqual([2])
    expect(owner.store.aggregate({ table: 0 })).toEqual({ packets: 0, bytes: 0, flows: 2 })
  })
  test('modify gives new actions and keeps counts; it adds only when asked', () => {
    const owner = fill()
    const changes = owner.changes
    expect(owner.store.modify({ match: matchOf({ in_port: 9n }) }, { match: newMatch(), actions: [] })).toBe(0)
    expect(owner.changes).toBe(changes)
    expect(owner.store.modify({ match: matchOf({ in_port: 1n }) }, { match: newMatch(), actions: [out(9)] })).toBe(2)
    expect(
      owner.store
        .dump({ outPort: 9 })
        .map(rule => rule.cookie)
        .sort(),
    ).toEqual([0x11n, 0x12n])
    const spec = { match: matchOf({ in_port: 9n }), actions: [] }
    expect(owner.store.modify({ match: spec.match }, spec, true)).toBe(1)
    expect(owner.store.size).toBe(4)
  })
})

describe('timeouts', () => {
  test('idle counts from the last packet, hard from the last change', () => {
    const owner = new Owner()
    const idle = owner.add({ priority: 1, idleTimeout: 10 })
    owner.add({ priority: 2, hardTimeout: 20 })
    expect(owner.store.nextExpiry()).toBe(10 * second)
    idle.used = 5 * second
    owner.time = 10 * second
    owner.store.expire()
    expect(owner.gone).toEqual([])
    owner.time = 15 * second
    owner.store.expire()
    expect(owner.gone).toEqual(['0/1 idle'])
    owner.store.modify({}, { match: newMatch(), actions: [] })
    owner.time = 30 * second
    owner.store.expire()
    expect(owner.store.nextExpiry()).toBe(35 * second)
    owner.time = 35 * second
    owner.store.expire()
    expect([owner.gone, owner.store.size]).toEqual([['0/1 idle', '0/2 hard'], 0])
  })
})
