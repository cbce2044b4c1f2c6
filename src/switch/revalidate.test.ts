import { describe, expect, test } from 'vitest'
import { matchOf, newMatch } from '../flow/match.ts'
import type { OfAction } from '../openflow/action.ts'
import { parseActions } from '../openflow/action-text.ts'
import { second } from '../runtime/clock.ts'
import type { BridgePort } from './port.ts'
import { Bed, packet } from './switch.testing.ts'

const out = (port: number): OfAction => ({ type: 'output', port })

const bedWith = (...names: string[]) => {
  const bed = new Bed()
  const bridge = bed.bridge('br0', { failMode: 'secure' })
  return { bed, bridge, ports: names.map(name => bed.port(bridge, name)) as [BridgePort, BridgePort, BridgePort] }
}
const ids = (bed: Bed): number[] => [...bed.datapath.flows()].map(flow => flow.id)

describe('cached flows', () => {
  test('one whose answer stays the same stays, with its count', () => {
    const { bed, bridge, ports } = bedWith('p1', 'p2', 'p3')
    bridge.flows.add({ match: newMatch(), actions: [out(2)] })
    for (let i = 0; i < 3; i++) bed.send(ports[0], packet({}))
    const before = ids(bed)
    bridge.flows.add({ table: 7, match: newMatch(), actions: [] })
    bed.send(ports[0], packet({}))
    expect(ids(bed)).toEqual(before)
    expect(bed.datapath.stats()).toMatchObject({ hit: 3, missed: 1 })
    expect(bridge.flows.aggregate({ table: 0 }).packets).toBe(4)
  })
  test('one whose actions change keeps its place in the datapath', () => {
    const { bed, bridge, ports } = bedWith('p1', 'p2', 'p3')
    bridge.flows.add({ match: newMatch(), actions: [out(2)] })
    bed.send(ports[0], packet({}))
    const before = ids(bed)
    bridge.flows.modify({}, { match: newMatch(), actions: [out(3)] })
    expect(bed.reaches(ports[0], packet({}))).toEqual(['p3'])
    expect(ids(bed)).toEqual(before)
  })
  test('one that must look at more goes', () => {
    const { bed, bridge, ports } = bedWith('p1', 'p2', 'p3')
    bridge.flows.add({ match: newMatch(), actions: [out(2)] })
    bed.send(ports[0], packet({ src: 1 }))
    bridge.flows.add({ priority: 0xffff, match: matchOf({ eth_src: 5n }), actions: [out(3)] })
    expect(bed.reaches(ports[0], packet({ src: 5 }))).toEqual(['p3'])
    expect(bed.reaches(ports[0], packet({ src: 1 }))).toEqual(['p2'])
  })
  test('one is asked about as its frame was: that it is IP shows in no bit that its mask looks at', () => {
    const { bed, bridge, ports } = bedWith('p1', 'p2', 'p3')
    const actions = parseActions('set_field:40->ip_dscp,output:2')
    if (!Array.isArray(actions)) throw new Error(String(actions))
    const mark = { match: matchOf({ eth_type: 0x0800n }), actions }
    const ip = new Uint8Array(42)
    ip.set([0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1, 8, 0, 0x45, 36, 0, 28, 0, 0, 0, 0, 64, 17])
    bridge.flows.add(mark)
    const [marked] = bed.send(ports[0], ip.slice())
    bridge.flows.modify({}, { ...mark, actions: [out(2)] })
    bridge.flows.modify({}, mark)
    expect(bed.send(ports[0], ip.slice())).toEqual([marked])
    expect(bed.datapath.stats()).toMatchObject({ hit: 1, missed: 1 })
    expect(marked?.bytes.slice(28, 32)).toBe('45a0')
  })
  test('one whose own frame taught the tables something is asked about again', () => {
    const { bed, bridge, ports } = bedWith('p1', 'p2', 'p3')
    const timeouts = { idleTimeout: 0, hardTimeout: 0, finIdleTimeout: 0, finHardTimeout: 0 }
    const flags = { sendFlowRemoved: false, deleteLearned: false, limit: 0, result: undefined }
    // What is learned drops all.
    const learn = { table: 0, priority: 0xffff, cookie: 0n, specs: [], ...timeouts, ...flags }
    bridge.flows.add({ match: newMatch(), actions: [{ type: 'learn', learn }, out(2)] })
    expect(bed.reaches(ports[0], packet({}))).toEqual(['p2'])
    expect(bed.reaches(ports[0], packet({}))).toEqual([])
    expect(bed.datapath.stats()).toMatchObject({ hit: 1, missed: 1 })
  })
  test('many changes in a row are one round of work, done when somebody wants to see the flows if no frame comes', () => {
    const { bed, bridge, ports } = bedWith('p1', 'p2', 'p3')
    bridge.flows.add({ match: newMatch(), actions: [out(2)] })
    bed.send(ports[0], packet({}))
    for (let i = 0; i < 1000; i++)
      bridge.flows.add({ priority: 5, match: matchOf({ eth_src: BigInt(i + 100) }), actions: [out(3)] })
    const [before] = [...bed.datapath.flows()]
    bridge.flows.modify({ strict: true, match: newMatch() }, { match: newMatch(), actions: [out(3)] })
    bed.switch.settle()
    const [after] = [...bed.datapath.flows()]
    expect(after?.flow.actions).not.toEqual(before?.flow.actions)
  })
  test('one without frames for 10 s goes, and what it counted is kept', () => {
    const { bed, bridge, ports } = bedWith('p1', 'p2', 'p3')
    bridge.flows.add({ match: newMatch(), actions: [out(2)] })
    for (let i = 0; i < 5; i++) bed.send(ports[0], packet({}))
    bed.clock.runUntil(9 * second)
    expect(ids(bed).length).toBe(1)
    bed.clock.runUntil(12 * second)
    expect(ids(bed).length).toBe(0)
    expect(bridge.flows.aggregate()).toEqual({ packets: 5, bytes: 5 * 42, flows: 1 })
  })
})

describe('statistics', () => {
  test('belong to the flows that forwarded the frames, whatever came later', () => {
    const { bed, bridge, ports } = bedWith('p1', 'p2', 'p3')
    const old = bridge.flows.add({ priority: 1, match: newMatch(), actions: [out(2)] })
    for (let i = 0; i < 4; i++) bed.send(ports[0], packet({}))
    const fresh = bridge.flows.add({ priority: 2, match: newMatch(), actions: [out(3)] })
    for (let i = 0; i < 2; i++) bed.send(ports[0], packet({}))
    bed.switch.syncStats()
    expect([old, fresh].map(rule => (typeof rule === 'string' ? rule : rule.packets))).toEqual([4, 2])
  })
  test('a flow that is hit twice on the way counts twice; look-ups count with and without a hit', () => {
    const { bed, bridge, ports } = bedWith('p1', 'p2')
    const again: OfAction = { type: 'resubmit', port: undefined, table: 1 }
    bridge.flows.add({ match: newMatch(), actions: [again, again, { type: 'resubmit', port: undefined, table: 2 }] })
    bridge.flows.add({ table: 1, match: newMatch(), actions: [out(2)] })
    bridge.flows.add({ table: 2, match: matchOf({ in_port: 9n }), actions: [] })
    for (let i = 0; i < 3; i++) expect(bed.reaches(ports[0], packet({}))).toEqual(['p2', 'p2'])
    expect(bridge.flows.aggregate({ table: 1 }).packets).toBe(6)
    const counts = (id: number): unknown[] => [bridge.table(id)?.lookups, bridge.table(id)?.matches]
    expect(counts(2)).toEqual([3, 0])
  })
  test('a table that never had a flow counts look-ups too', () => {
    const { bed, bridge, ports } = bedWith('p1', 'p2')
    bridge.flows.add({ match: newMatch(), actions: [{ type: 'resubmit', port: undefined, table: 7 }] })
    for (let i = 0; i < 3; i++) expect(bed.reaches(ports[0], packet({}))).toEqual([])
    bed.switch.syncStats()
    expect([bridge.table(7)?.lookups, bridge.table(7)?.matches]).toEqual([3, 0])
  })
  test('a flow may leave its counts out', () => {
    const { bed, bridge, ports } = bedWith('p1', 'p2')
    bridge.flows.add({ match: newMatch(), actions: [out(2)], flags: { noPacketCounts: true } })
    for (let i = 0; i < 3; i++) bed.send(ports[0], packet({}))
    expect(bridge.flows.aggregate()).toMatchObject({ packets: 0, bytes: 3 * 42 })
  })
})

describe('MACs', () => {
  test('learning one touches only the flows that asked for it', () => {
    const { bed, bridge, ports } = bedWith('p1', 'p2', 'p3')
    bridge.flows.add({ match: newMatch(), actions: [out(0xfffa)] })
    bed.send(ports[0], packet({ src: 1, dst: 2 }))
    bed.send(ports[0], packet({ src: 1, dst: 3 }))
    expect(bed.reaches(ports[1], packet({ src: 2, dst: 1 }))).toEqual(['p1'])
    expect(bed.reaches(ports[0], packet({ src: 1, dst: 2 }))).toEqual(['p2'])
    expect(bed.reaches(ports[0], packet({ src: 1, dst: 3 }))).toEqual(['br0', 'p2', 'p3'])
  })
  test('a flush is seen by the next frame, which teaches again', () => {
    const { bed, bridge, ports } = bedWith('p1', 'p2', 'p3')
    bridge.flows.add({ match: newMatch(), actions: [out(0xfffa)] })
    bed.send(ports[1], packet({ src: 2, dst: 1 }))
    expect(bed.reaches(ports[0], packet({ src: 1, dst: 2 }))).toEqual(['p2'])
    expect(bridge.flushMacs()).toBe(2)
    expect(bed.reaches(ports[0], packet({ src: 1, dst: 2 }))).toEqual(['br0', 'p2', 'p3'])
    expect([...bridge.macs.entries()].map(entry => entry.mac)).toEqual([1])
  })
  test('statistics of a cached flow do not move a MAC back that has moved in the same instant', () => {
    const { bed, bridge, ports } = bedWith('p1', 'p2', 'p3')
    bridge.flows.add({ match: newMatch(), actions: [out(0xfffa)] })
    bed.send(ports[1], packet({ src: 2, dst: 0xffffffffffff }))
    bed.send(ports[1], packet({ src: 2, dst: 0xffffffffffff }))
    bed.send(ports[0], packet({ src: 2, dst: 9 }))
    expect(bed.reaches(ports[2], packet({ src: 3, dst: 2 }))).toEqual(['p1'])
  })
  test('static entries hold against frames', () => {
    const { bed, bridge, ports } = bedWith('p1', 'p2', 'p3')
    bridge.flows.add({ match: newMatch(), actions: [out(0xfffa)] })
    bridge.addMac(0, 2, 3)
    bed.send(ports[1], packet({ src: 2, dst: 9 }))
    expect(bed.reaches(ports[0], packet({ src: 1, dst: 2 }))).toEqual(['p3'])
    expect(bridge.removeStaticMac(0, 2)).toBe(true)
    expect(bed.reaches(ports[0], packet({ src: 1, dst: 2 }))).toEqual(['br0', 'p2', 'p3'])
  })
})

test('ports: no-flood, no-forward, no-receive, down and a changed VLAN hold from the next frame on', () => {
  const { bed, bridge, ports } = bedWith('p1', 'p2', 'p3')
  const [p1, p2, p3] = ports
  bridge.flows.add({ match: newMatch(), actions: [out(0xfffa)] })
  const flood = (): string[] => bed.reaches(p1, packet({ src: 1, dst: 0xffffffffffff }))
  expect(flood()).toEqual(['br0', 'p2', 'p3'])
  bridge.updatePort(p2, { config: { ...p2.config, noFlood: true } })
  expect(flood()).toEqual(['br0', 'p3'])
  bridge.updatePort(p3, { config: { ...p3.config, noForward: true } })
  expect(flood()).toEqual(['br0'])
  bridge.updatePort(p3, { config: { ...p3.config, noForward: false, down: true } })
  expect(flood()).toEqual(['br0'])
  bridge.updatePort(p2, { config: { ...p2.config, noFlood: false }, vlan: { ...p2.vlan, mode: 'access', tag: 5 } })
  expect(flood()).toEqual(['br0'])
  bridge.updatePort(p1, { config: { ...p1.config, noReceive: true } })
  expect(flood()).toEqual([])
})
