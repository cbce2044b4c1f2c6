import { describe, expect, test } from 'vitest'
import { matchOf, newMatch } from '../flow/match.ts'
import { formatMatch } from '../flow/match-text.ts'
import type { FlowMonitorRequest, FlowUpdate } from '../openflow/message.ts'
import { flowMod, groupMod, output, Stores, toGroup } from './bridge-stores.testing.ts'

const all = {
  initial: true,
  add: true,
  removed: true,
  modify: true,
  instructions: true,
  noAbbrev: false,
  onlyOwn: true,
}
const request = (change: Partial<Omit<FlowMonitorRequest, 'flags'>> = {}, flags = {}): FlowMonitorRequest => ({
  id: 1,
  command: 'add',
  table: undefined,
  outPort: undefined,
  outGroup: undefined,
  match: newMatch(),
  ...change,
  flags: { ...all, ...flags },
})

const text = (update: FlowUpdate): string => {
  if (update.event === 'abbreviated') return `abbreviated ${update.xid}`
  if (!('match' in update)) return update.event
  const { event, reason = '', table, priority, match, actions } = update
  return [event, reason, table, priority, formatMatch(match), actions?.length].join(' ')
}

/** A controller that watches a bridge, and writes down what it hears, a list for each message. */
class Watcher {
  readonly stores: Stores
  heard: string[][] = []
  waiting = 0

  constructor(stores: Stores) {
    this.stores = stores
  }
  updates(updates: readonly FlowUpdate[]): void {
    this.heard.push(updates.map(text))
  }
  paused(): void {
    this.heard.push(['paused'])
  }
  resumed(): void {
    this.heard.push(['resumed'])
  }
  backlog(): number {
    return this.waiting
  }
  watch(...requests: FlowMonitorRequest[]): string[] | string {
    const answer = this.stores.bridge.monitors.request(this, this, requests)
    return answer.ok ? answer.updates.map(text) : answer.error
  }
  take(): string[][] {
    return this.heard.splice(0)
  }
}

const begin = (): { stores: Stores; watcher: Watcher; apply: Stores['bridge']['flows']['apply'] } => {
  const stores = new Stores()
  const { flows } = stores.bridge
  return { stores, watcher: new Watcher(stores), apply: (mod, by) => flows.apply(mod, by) }
}

describe('what is told', () => {
  test('flows at the beginning, those that come, change and go, by message', () => {
    const { watcher, apply } = begin()
    apply(flowMod({ priority: 1, actions: [output(1)] }))
    expect(watcher.watch(request())).toEqual(['initial  0 1  1'])
    apply(flowMod({ priority: 2, match: matchOf({ in_port: 1n }) }))
    apply(flowMod({ command: 'modify', actions: [output(1)] }))
    apply(flowMod({ command: 'modify', actions: [output(1)] }))
    apply(flowMod({ command: 'modify', actions: [output(1)], newCookie: 5n }))
    apply(flowMod({ command: 'delete' }))
    expect(watcher.take()).toEqual([
      ['added  0 2 in_port=1 0'],
      ['modified  0 2 in_port=1 1'],
      ['modified  0 2 in_port=1 1', 'modified  0 1  1'],
      ['removed delete 0 2 in_port=1 1', 'removed delete 0 1  1'],
    ])
  })
  test('only the events, flows and parts that were asked for', () => {
    const { stores, watcher, apply } = begin()
    stores.bridge.groups.apply(groupMod({}))
    const silent = { initial: false, instructions: false }
    watcher.watch(
      request({ id: 1, table: 1 }, { ...silent, modify: false, removed: false }),
      request({ id: 2, outPort: 7 }, { ...silent, add: false }),
      request({ id: 3, outGroup: 1 }, { ...silent, add: false, removed: false }),
      request({ id: 4, match: matchOf({ eth_type: 0x800n }) }, { ...silent, modify: false, removed: false }),
    )
    apply(flowMod({ table: 0 }))
    apply(flowMod({ table: 1 }))
    apply(flowMod({ match: matchOf({ eth_type: 0x800n, ip_dst: 1n }) }))
    expect(watcher.take()).toEqual([['added  1 32768  '], ['added  0 32768 ip,nw_dst=0.0.0.1 ']])
    apply(flowMod({ command: 'modify_strict', actions: [output(7)] }))
    apply(flowMod({ command: 'modify_strict', actions: [toGroup(1)] }))
    apply(flowMod({ command: 'modify_strict', actions: [output(2)] }))
    apply(flowMod({ command: 'modify_strict', actions: [output(3)] }))
    expect(watcher.take()).toEqual(new Array(3).fill(['modified  0 32768  ']))
  })
  test('the reason of a removal; hidden flows never', () => {
    const { stores, watcher, apply } = begin()
    stores.bridge.groups.apply(groupMod({}))
    apply(flowMod({ actions: [toGroup(1)], hardTimeout: 1 }))
    apply(flowMod({ priority: 1, hardTimeout: 1 }))
    watcher.watch(request({}, { initial: false, instructions: false }))
    stores.bridge.groups.apply(groupMod({ command: 'delete' }))
    stores.time = 1e9
    stores.bridge.flows.expire()
    stores.bridge.flows.addInternal({ priority: 0x10000, match: newMatch(), actions: [] })
    expect(watcher.take()).toEqual([['removed group_delete 0 32768  '], ['removed hard 0 1  ']])
    expect(stores.bridge.flows.dump()).toEqual([])
  })
  test('own changes in short, once a message, unless they are wanted whole', () => {
    const { watcher, apply } = begin()
    const by = { connection: watcher, xid: 77 }
    watcher.watch(request({}, { onlyOwn: false }))
    apply(flowMod({ priority: 1 }), by)
    apply(flowMod({ priority: 2 }), { connection: {}, xid: 5 })
    apply(flowMod({ command: 'delete' }), by)
    expect(watcher.take()).toEqual([['abbreviated 77'], ['added  0 2  0'], ['abbreviated 77']])
    expect(watcher.watch(request({ command: 'modify' }, { initial: false }))).toEqual([])
    apply(flowMod({ priority: 1 }), by)
    expect(watcher.take()).toEqual([['added  0 1  0']])
  })
  test('a bundle is one message', () => {
    const { stores, watcher } = begin()
    watcher.watch(request())
    const add = (priority: number) => ({ mod: { type: 'flow_mod' as const, mod: flowMod({ priority }) } })
    stores.bridge.commit([add(1), add(2)])
    stores.bridge.commit([add(3), { mod: { type: 'flow_mod', mod: flowMod({ actions: [toGroup(9)] }) } }])
    expect(watcher.take()).toEqual([['added  0 1  0', 'added  0 2  0']])
  })
})

describe('a slow controller', () => {
  test('hears only of removals of what it knows, and then what became of the rest', () => {
    const { stores, watcher, apply } = begin()
    apply(flowMod({ priority: 1 }))
    apply(flowMod({ priority: 2 }))
    watcher.watch(request({}, { initial: false }))
    watcher.waiting = 1e6
    apply(flowMod({ priority: 3 }))
    expect(watcher.take()).toEqual([['added  0 3  0'], ['paused']])
    apply(flowMod({ priority: 4 }))
    apply(flowMod({ priority: 5 }))
    apply(flowMod({ command: 'delete_strict', priority: 5 }))
    apply(flowMod({ command: 'modify_strict', priority: 1, actions: [output(1)] }))
    expect(watcher.take()).toEqual([])
    apply(flowMod({ command: 'delete_strict', priority: 2 }))
    expect(watcher.take()).toEqual([['removed delete 0 2  0']])
    watcher.waiting = 0
    stores.bridge.monitors.drained(watcher)
    expect(watcher.take()).toEqual([['added  0 4  0', 'modified  0 1  1'], ['resumed']])
    stores.bridge.monitors.drained(watcher)
    apply(flowMod({ priority: 6 }))
    expect(watcher.take()).toEqual([['added  0 6  0']])
  })
})

describe('which monitors there are', () => {
  test('numbers are given once, and are known when changed or cancelled', () => {
    const { stores, watcher } = begin()
    const { monitors } = stores.bridge
    expect(watcher.watch(request({ command: 'modify' }))).toBe('OFPMOFC_UNKNOWN_MONITOR')
    expect(watcher.watch(request({ id: 1 }), request({ id: 1 }))).toBe('OFPMOFC_MONITOR_EXISTS')
    expect(monitors.isIdle).toBe(true)
    expect(watcher.watch(request({ id: 1 }), request({ id: 2 }))).toEqual([])
    expect(watcher.watch(request({ id: 2 }))).toBe('OFPMOFC_MONITOR_EXISTS')
    expect(monitors.cancel(watcher, 2)).toBeUndefined()
    expect(monitors.cancel(watcher, 2)).toBe('OFPMOFC_UNKNOWN_MONITOR')
    expect(watcher.watch(request({ id: 1, command: 'delete' }))).toEqual([])
    expect(monitors.isIdle).toBe(true)
    watcher.watch(request())
    monitors.close(watcher)
    expect(monitors.isIdle).toBe(true)
  })
  test('each connection has its own', () => {
    const { stores, watcher, apply } = begin()
    const other = new Watcher(stores)
    watcher.watch(request({}, { initial: false }))
    other.watch(request({ table: 3 }, { initial: false }))
    apply(flowMod({ table: 3 }))
    apply(flowMod({ table: 0 }))
    expect([watcher.take().length, other.take().length]).toEqual([2, 1])
  })
})
