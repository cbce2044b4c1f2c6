import { describe, expect, test } from 'vitest'
import { second } from '../runtime/clock.ts'
import { VirtualClock } from '../runtime/virtual-clock.ts'
import { broadcastMac, type Ip } from '../wire/address.ts'
import type { Frame } from '../wire/frame.ts'
import { hexFrame, inner, ip, Kept, mac } from './bytes.testing.ts'
import { RemoteMacs } from './remote-macs.ts'
import { newRow, type Outer, readRow, writeRow } from './row.ts'
import type { Underlay } from './underlay.ts'
import { Vtep, type VtepOptions } from './vtep.ts'

const a = ip('192.168.2.10')
const b = ip('192.168.2.20')
const c = ip('192.168.2.30')
const one = '02:00:00:00:00:01'
const two = '02:00:00:00:00:02'
const all = 'ff:ff:ff:ff:ff:ff'

/** VTEPs on one network: what an underlay sends arrives at the VTEP of the destination. */
class Network {
  readonly clock = new VirtualClock()
  readonly vteps = new Map<Ip, Vtep>()
  readonly sent: Outer[] = []

  add(local: Ip, options: Partial<VtepOptions> = {}): Vtep {
    const underlay: Underlay = {
      send: (frame, row) => {
        this.sent.push(readRow(row))
        const { dst, ...outer } = readRow(row)
        this.vteps.get(dst)?.receive(frame, writeRow({ ...outer, dst, vni: 0, src: local, flags: 0 }))
      },
    }
    const vtep = new Vtep({ clock: this.clock, underlay, local, ...options })
    this.vteps.set(local, vtep)
    return vtep
  }
}

const threeVteps = (vni = 42) => {
  const network = new Network()
  const kept = [a, b, c].map(() => new Kept())
  const segments = [a, b, c].map((local, i) =>
    network.add(local).join(
      vni,
      [a, b, c].filter(other => other !== local),
      kept[i]!,
    ),
  )
  return { network, kept, segments }
}

describe('a VTEP', () => {
  test('sends what it does not know to all, and what it learned to one', () => {
    const { network, kept, segments } = threeVteps()
    segments[0]!.send(inner(one, all))
    expect(network.sent.map(({ dst }) => dst)).toEqual([b, c])
    expect(kept.map(each => each.take().length)).toEqual([0, 1, 1])
    segments[1]!.send(inner(two, one))
    expect(network.sent.at(-1)).toMatchObject({ src: b, dst: a, vni: 42 })
    expect(kept.map(each => each.take())).toEqual([[hexFrame(inner(two, one))], [], []])
    segments[2]!.send(inner('02:00:00:00:00:03', two))
    expect(kept.map(each => each.take().length)).toEqual([1, 1, 0])
  })

  test('gives every remote a frame of its own', () => {
    const { kept, segments } = threeVteps()
    const frame = inner(one, all)
    segments[0]!.send(frame)
    expect(kept[1]!.frames[0]!.bytes).not.toBe(kept[2]!.frames[0]!.bytes)
    expect(kept[2]!.frames[0]).toBe(frame)
  })

  test('keeps VNIs apart', () => {
    const network = new Network()
    const blue = new Kept()
    const red = new Kept()
    const far = network.add(b)
    const near = network.add(a)
    far.join(100, [a], blue)
    far.join(200, [a], red)
    near.join(100, [b], new Kept()).send(inner(one, two))
    expect([blue.take().length, red.take().length]).toEqual([1, 0])
    expect([...far.macs.entries()]).toEqual([{ vni: 100, mac: mac(one), remote: a, age: 0 }])
    near.join(300, [b], new Kept()).send(inner(one, two))
    expect(far.counters.get('vtep_unknown_vni')).toBe(1)
    far.leave(100)
    expect([...far.macs.entries()]).toEqual([])
    near.join(100, [b], new Kept()).send(inner(one, two))
    expect(far.counters.get('vtep_unknown_vni')).toBe(2)
  })

  test('counts what has nowhere to go', () => {
    const vtep = new Network().add(a)
    vtep.join(1, [], new Kept()).send(inner())
    expect(vtep.counters.get('vtep_no_remote')).toBe(1)
    const short = inner()
    short.end = short.start + 13
    vtep.join(1, [b], new Kept()).send(short)
    expect(vtep.counters.get('vtep_short')).toBe(1)
  })

  test('tells the underlay what it was told', () => {
    const network = new Network()
    network.add(a, { ttl: 9, tos: 4, csum: true, dontFragment: true }).join(1, [b], new Kept()).send(inner())
    expect(network.sent[0]).toMatchObject({ ttl: 9, tos: 4, flags: 14, dstPort: 4789 })
  })

  test('takes hostile datagrams', () => {
    const vtep = new Network().add(a)
    const local = new Kept()
    vtep.join(0, [b], local)
    for (let size = 0; size < 30; size++) {
      const frame: Frame = inner()
      frame.end = frame.start + size
      vtep.receive(frame, writeRow({ dstPort: 4789, src: b }))
    }
    expect(local.frames).toHaveLength(0)
    expect(vtep.vport.counters.entries().map(([name]) => name)).toEqual(['vxlan_flags', 'vxlan_short'])
    vtep.receive(inner(), newRow())
    expect(vtep.vport.counters.get('vxlan_wrong_port')).toBe(1)
  })
})

describe('remote MACs', () => {
  const table = (limit = 3) => {
    const clock = new VirtualClock()
    return { clock, macs: new RemoteMacs({ clock, limit, ageing: 300 * second }) }
  }

  test('age', () => {
    const { clock, macs } = table()
    macs.learn(1, 5, a)
    clock.runUntil(299 * second)
    expect(macs.find(1, 5)).toBe(a)
    expect([...macs.entries()]).toEqual([{ vni: 1, mac: 5, remote: a, age: 299 * second }])
    clock.runUntil(300 * second)
    expect([...macs.entries()]).toEqual([])
    expect(macs.find(1, 5)).toBeUndefined()
  })

  test('are bounded in each VNI: who was heard least recently goes', () => {
    const { clock, macs } = table()
    for (const station of [1, 2, 3, 1, 4]) {
      clock.runUntil(clock.now() + 1)
      macs.learn(1, station, a)
    }
    macs.learn(2, 9, a)
    expect([1, 2, 3, 4].map(station => macs.find(1, station))).toEqual([a, undefined, a, a])
    expect(macs.find(2, 9)).toBe(a)
  })

  test('move with the station, and go with their VTEP', () => {
    const { macs } = table()
    macs.learn(1, 5, a)
    macs.learn(1, 5, b)
    macs.learn(1, 6, a)
    expect(macs.find(1, 5)).toBe(b)
    macs.forget(1, b)
    expect([macs.find(1, 5), macs.find(1, 6)]).toEqual([undefined, a])
    macs.forget(1)
    expect(macs.find(1, 6)).toBeUndefined()
  })

  test('are never those of a group', () => {
    const { macs } = table()
    macs.learn(1, broadcastMac, a)
    macs.learn(1, 0, a)
    expect([...macs.entries()]).toEqual([])
  })
})
