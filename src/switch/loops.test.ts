import { describe, expect, test } from 'vitest'
import { matchOf } from '../flow/match.ts'
import type { OfAction } from '../openflow/action.ts'
import type { Frame } from '../wire/frame.ts'
import type { BridgePort } from './port.ts'
import { Bed, packet } from './switch.testing.ts'

const out = (port: number) => ({ type: 'output', port }) as const
const counted = (bed: Bed) => Object.fromEntries(bed.switch.counters())
const broadcast = packet({ src: 1, dst: 0xffffffffffff })

describe('what goes round ends, and is counted', () => {
  test('two bridges joined by two pairs of patch ports', () => {
    const bed = new Bed()
    const [a, b] = [bed.bridge('a'), bed.bridge('b')]
    const p = bed.port(a, 'p')
    for (const i of [1, 2]) {
      bed.patch(a, `a${i}`, `b${i}`)
      bed.patch(b, `b${i}`, `a${i}`)
    }
    bed.send(p, broadcast)
    // Depth 64 there and back, by either way round, as Open vSwitch; what was sent before that stays sent.
    expect(bed.sent.length).toBeGreaterThan(64)
    expect(bed.sent.length).toBeLessThan(1000)
    expect(counted(bed)).toEqual({ drop_depth: 1 })
  })

  test('two ports joined outside by a cable without delay', () => {
    const bed = new Bed({ burstLimit: 100 })
    const bridge = bed.bridge('br0')
    const p = bed.port(bridge, 'p')
    const ends: BridgePort[] = []
    for (const [i, name] of ['x', 'y'].entries()) {
      const send = (frame: Frame): void => ends[1 - i]!.receive(frame)
      const port = bed.switch.addPort(bridge, { name, type: 'dummy', vport: { name, type: 'dummy', send } })
      if (typeof port === 'string') throw new Error(port)
      ends.push(port)
    }
    bed.send(p, broadcast)
    // Both ways round until the burst is over; then both frames are dropped.
    expect(counted(bed)).toEqual({ datapath_drop_loop: 2 })
    expect(bed.datapath.stats().missed).toBe(101)
    // The next frame is handled as if nothing had been.
    expect(bed.reaches(p, packet({ src: 2, dst: 1, type: 0x1234 })).length).toBeLessThanOrEqual(1)
  })

  test('a table that sends to itself', () => {
    const bed = new Bed()
    const bridge = bed.bridge('br0', { failMode: 'secure' })
    const p = bed.port(bridge, 'p')
    bridge.flows.add({ match: matchOf({}), actions: [{ type: 'resubmit', port: undefined, table: 0 }] })
    bed.send(p, broadcast)
    expect(counted(bed)).toMatchObject({ drop_depth: 1 })
    expect(bed.datapath.stats().flows).toBe(0)
  })

  test('a table that asks the next one twice, and so on', () => {
    const bed = new Bed()
    const bridge = bed.bridge('br0', { failMode: 'secure' })
    const p = bed.port(bridge, 'p')
    for (let table = 0; table < 20; table++) {
      const next: OfAction = { type: 'resubmit', port: undefined, table: table + 1 }
      bridge.flows.add({ table, match: matchOf({}), actions: [next, next] })
    }
    bed.send(p, broadcast)
    expect(counted(bed)).toMatchObject({ drop_resubmits: 1 })
  })
})

test('a TTL of 0 or 1 is over; the controller that is not there is counted', () => {
  const bed = new Bed()
  const bridge = bed.bridge('br0', { failMode: 'secure' })
  const p = bed.port(bridge, 'p')
  bed.port(bridge, 'q')
  bridge.flows.add({ match: matchOf({}), actions: [{ type: 'dec_ttl', controllerIds: [0] }, out(2)] })
  expect([0, 1, 2].map(ttl => bed.reaches(p, packet({ ttl })))).toEqual([[], [], ['q']])
  expect(counted(bed)).toEqual({ drop_no_controller: 2 })
})

test('more upcalls of one frame than may wait are lost, and counted', () => {
  const bed = new Bed()
  const bridge = bed.bridge('br0', { failMode: 'secure' })
  const p = bed.port(bridge, 'p')
  let taken = 0
  bridge.setController({ wantsMisses: false, packetIn: () => void taken++ })
  const up: OfAction = { type: 'controller', reason: 'action', maxLength: 64, controllerId: 0 }
  bridge.flows.add({ match: matchOf({}), actions: Array.from({ length: 200 }, () => up) })
  bed.send(p, broadcast)
  expect(taken + bed.datapath.stats().lost).toBe(200)
  expect(bed.datapath.stats().lost).toBeGreaterThan(0)
})

test('a MAC table at its bound floods for the oldest, and goes on', () => {
  const bed = new Bed()
  const bridge = bed.bridge('br0', { macTableSize: 10 })
  const [p, q] = ['p', 'q'].map(name => bed.port(bridge, name)) as [BridgePort, BridgePort]
  bed.port(bridge, 'r')
  for (let src = 1; src <= 12; src++) bed.send(p, packet({ src, dst: 0xffffffffffff }))
  expect(bridge.macs.stats()).toMatchObject({ entries: 10, evicted: 2 })
  expect(bed.reaches(q, packet({ src: 12, dst: 11 }))).toEqual(['p'])
  expect(bed.reaches(q, packet({ src: 12, dst: 1 }))).toEqual(['br0', 'p', 'r'])
})
