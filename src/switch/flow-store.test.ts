import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { covers, equals, matchOf, newMatch } from '../flow/match.ts'
import { type OfAction, OfPort } from '../openflow/action.ts'
import { second } from '../runtime/clock.ts'
import { flowMod, Stores } from './bridge-stores.testing.ts'
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

describe('frames and flows', () => {
  const learned = {
    table: 1,
    priority: 5,
    match: matchOf({ in_port: 1n }),
    actions: [out(2)],
    cookie: 9n,
    hardTimeout: 30,
  }

  test('a flow that is learned again lives longer; one that says something else replaces it', () => {
    const owner = new Owner()
    owner.store.learn(learned, 0)
    const [rule] = owner.store.dump()
    owner.time = 20 * second
    owner.store.learn(learned, owner.time)
    expect(owner.store.dump()).toEqual([rule])
    expect([rule?.modified, rule?.used]).toEqual([20 * second, 0])
    owner.time = 40 * second
    owner.store.expire()
    expect(owner.gone).toEqual([])
    owner.store.learn({ ...learned, actions: [out(3)] }, owner.time)
    expect(owner.store.dump().map(({ actions }) => actions)).toEqual([[out(3)]])
    expect(rule?.removed).toBe(true)
  })
  test('one that says something else has its actions and cookie, and the timeouts, flags and age of the old one', () => {
    const owner = new Owner()
    owner.store.learn({ ...learned, flags: { sendFlowRemoved: true } }, 0)
    const [old] = owner.store.dump()
    if (old === undefined) throw new Error('nothing was learned')
    Object.assign(old, { packets: 3, bytes: 300 })
    owner.time = 20 * second
    const other = { ...learned, cookie: 8n, hardTimeout: 0, idleTimeout: 7, actions: [out(3)] }
    const made = owner.store.learn(other, owner.time)
    expect(made?.before).toBe(old)
    expect(made?.rule).toMatchObject({
      cookie: 8n,
      actions: [out(3)],
      idleTimeout: 0,
      hardTimeout: 30,
      created: 0,
      used: 0,
    })
    expect(made?.rule).toMatchObject({
      packets: 3,
      bytes: 300,
      modified: 20 * second,
      flags: { sendFlowRemoved: true },
    })
  })
  test('an idle timeout goes on though the flow is learned again', () => {
    const owner = new Owner()
    owner.store.learn({ ...learned, hardTimeout: 0, idleTimeout: 7 }, 0)
    owner.time = 6 * second
    owner.store.learn({ ...learned, hardTimeout: 0, idleTimeout: 7 }, owner.time)
    owner.time = 7 * second
    owner.store.expire()
    expect(owner.gone).toEqual(['1/5 idle'])
  })
  test('no more than so many with one cookie in one table', () => {
    const owner = new Owner()
    for (let port = 1n; port <= 5n; port++) owner.store.learn({ ...learned, match: matchOf({ in_port: port }) }, 0, 2)
    owner.store.learn({ ...learned, table: 2 }, 0, 2)
    owner.store.learn({ ...learned, match: matchOf({ in_port: 1n }), actions: [] }, 0, 2)
    expect(owner.store.dump({ table: 1 })).toHaveLength(2)
    expect(owner.store.size).toBe(3)
  })
  test('learned flows go with the last flow that teaches them, if it says so', () => {
    const owner = new Owner()
    const learn = (deleteLearned: boolean): OfAction => ({
      type: 'learn',
      learn: {
        table: 1,
        priority: 5,
        idleTimeout: 0,
        hardTimeout: 0,
        finIdleTimeout: 0,
        finHardTimeout: 0,
        cookie: 9n,
        sendFlowRemoved: false,
        deleteLearned,
        limit: 0,
        result: undefined,
        specs: [],
      },
    })
    owner.add({ priority: 1, actions: [learn(true)] })
    owner.add({ priority: 2, actions: [{ type: 'clone', actions: [learn(true)] }] })
    owner.add({ priority: 3, actions: [learn(false)] })
    owner.store.learn(learned, 0)
    owner.add({ table: 1, priority: 6, cookie: 8n })
    owner.store.delete({ match: newMatch(), priority: 1, strict: true })
    expect(owner.store.dump({ table: 1 })).toHaveLength(2)
    owner.store.modify({ table: 0 }, { match: newMatch(), actions: [learn(false)] })
    expect(owner.store.dump({ table: 1 }).map(({ cookie }) => cookie)).toEqual([8n])
    expect(owner.gone).toEqual(['0/1 delete', '1/5 delete'])
  })
})

describe('flow_mod', () => {
  const change = (store: FlowStore, wanted: Parameters<typeof flowMod>[0]) => store.apply(flowMod(wanted))

  test('a modification adds the flow where it brings a cookie and looks for none', () => {
    const { store } = new Owner()
    expect(change(store, { command: 'modify' })).toBeUndefined()
    expect(change(store, { command: 'modify', newCookie: 0n, cookieMask: 1n })).toBeUndefined()
    expect(store.size).toBe(0)
    change(store, { command: 'modify_strict', newCookie: 4n })
    expect(store.dump().map(({ cookie }) => cookie)).toEqual([4n])
  })
  test('counts and last use: kept or begun anew', () => {
    const owner = new Owner()
    const rule = owner.add({ idleTimeout: 100 })
    Object.assign(rule, { packets: 3, bytes: 300, used: 5 })
    owner.time = 10
    change(owner.store, { command: 'modify', actions: [out(3)] })
    expect(rule).toMatchObject({ packets: 3, used: 5, created: 0, modified: 10, idleTimeout: 100 })
    change(owner.store, { command: 'modify', resetCounts: true })
    expect(rule).toMatchObject({ packets: 0, bytes: 0, used: 5 })
    change(owner.store, { resetCounts: true })
    expect(owner.store.dump()[0]).toMatchObject({ packets: 0, used: 5, created: 10 })
  })
  test('the internal table can be looked at, no more', () => {
    const { flows } = new Stores().bridge
    expect(flows.dump({ table: 254 })).toHaveLength(4)
    expect([flows.size, flows.dump().length]).toEqual([0, 0])
    expect(change(flows, { table: 254 })).toBe('OFPBRC_EPERM')
    expect(change(flows, { table: 254, command: 'modify' })).toBe('OFPBRC_EPERM')
    expect(change(flows, { table: 254, command: 'delete' })).toBe('OFPBRC_EPERM')
    expect(change(flows, { table: 254, command: 'delete', match: matchOf({ reg5: 5n }) })).toBeUndefined()
    expect(change(flows, { table: undefined, command: 'delete' })).toBeUndefined()
    expect(flows.dump({ table: 254 })).toHaveLength(4)
    expect(flows.checkTable({ command: 'add', table: 254 })).toBe('OFPBRC_EPERM')
    expect(flows.checkTable({ command: 'delete', table: 254 })).toBeUndefined()
    expect(flows.checkTable({ command: 'add', table: 300 })).toBe('OFPBRC_BAD_TABLE_ID')
  })
  test('flows of the switch itself are hidden until all go', () => {
    const { bridge } = new Stores()
    bridge.flows.addInternal({ priority: 0x10000, match: newMatch(), actions: [] })
    change(bridge.flows, { command: 'delete', table: undefined })
    expect([bridge.flows.dump().length, bridge.table(0)?.size]).toEqual([0, 1])
    bridge.close()
    expect(bridge.table(0)?.size).toBe(0)
  })
  test('outputs that a filter counts, inner ones too', () => {
    const owner = new Owner()
    const priorities = (outPort: number) => owner.store.dump({ outPort }).map(({ priority }) => priority)
    owner.add({ priority: 1, actions: [{ type: 'write_actions', actions: [out(7)] }] })
    owner.add({ priority: 2, actions: [{ type: 'enqueue', port: 7, queue: 1 }] })
    owner.add({ priority: 3, actions: [{ type: 'output_trunc', port: 7, maxLength: 9 }] })
    owner.add({ priority: 4, actions: [{ type: 'controller', maxLength: 9, reason: 'action', controllerId: 0 }] })
    expect([priorities(7), priorities(OfPort.controller)]).toEqual([[1, 2], [4]])
  })
})

test('store and twin agree on what is selected, whatever changes', () => {
  const match = fc.constantFrom(
    newMatch(),
    matchOf({ in_port: 1n }),
    matchOf({ in_port: 1n, eth_src: 2n }),
    matchOf({ eth_src: 2n }),
  )
  const wanted = fc.record({ match, priority: fc.nat(2), table: fc.nat(1), cookie: fc.constantFrom(0n, 1n, 3n) })
  const filters = fc.record({
    match,
    priority: fc.nat(2),
    strict: fc.boolean(),
    cookie: fc.constant(1n),
    cookieMask: fc.constantFrom(0n, 1n, 3n),
  })
  fc.assert(
    fc.property(fc.array(fc.tuple(wanted, filters, fc.nat(4)), { maxLength: 40 }), steps => {
      const { store } = new Owner()
      let twin: (typeof steps)[number][0][] = []
      const isIn = (f: (typeof steps)[number][1], w: (typeof twin)[number]): boolean =>
        (f.strict ? equals(f.match, w.match) && f.priority === w.priority : covers(f.match, w.match)) &&
        ((w.cookie ^ f.cookie) & f.cookieMask) === 0n
      for (const [spec, filter, what] of steps) {
        if (what > 0) {
          store.add({ ...spec, actions: [] })
          twin = twin.filter(
            w => !(equals(w.match, spec.match) && w.priority === spec.priority && w.table === spec.table),
          )
          twin.push(spec)
        } else {
          expect(store.delete(filter)).toBe(twin.filter(w => isIn(filter, w)).length)
          twin = twin.filter(w => !isIn(filter, w))
        }
        const textOf = (w: { table: number; priority: number; cookie: bigint }): string =>
          `${w.table} ${w.priority} ${w.cookie}`
        expect(store.dump(filter).map(textOf).sort()).toEqual(
          twin
            .filter(w => isIn(filter, w))
            .map(textOf)
            .sort(),
        )
        expect(store.size).toBe(twin.length)
      }
    }),
  )
})
