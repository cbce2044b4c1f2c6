import { describe, expect, test } from 'vitest'
import { matchOf } from '../flow/match.ts'
import { OfPort } from '../openflow/action.ts'
import { second } from '../runtime/clock.ts'
import { Frame } from '../wire/frame.ts'
import type { PacketIn } from './packet-in.ts'
import { Bed, packet } from './switch.testing.ts'

const out = (port: number) => ({ type: 'output', port }) as const

describe('a learning bridge', () => {
  const bed = new Bed()
  const br0 = bed.bridge('br0')
  const [p1, p2, p3] = ['p1', 'p2', 'p3'].map(name => bed.port(br0, name)) as [never, never, never]

  test('floods what it does not know, but not back', () => {
    expect(bed.reaches(p1, packet({ src: 0xa, dst: 0xb }))).toEqual(['br0', 'p2', 'p3'])
  })
  test('sends to where it saw the destination, from the next frame on', () => {
    expect(bed.reaches(p2, packet({ src: 0xb, dst: 0xa }))).toEqual(['p1'])
    expect(bed.reaches(p1, packet({ src: 0xa, dst: 0xb }))).toEqual(['p2'])
    expect(bed.reaches(p1, packet({ src: 0xa, dst: 0xb }))).toEqual(['p2'])
  })
  test('follows a MAC that moves', () => {
    expect(bed.reaches(p3, packet({ src: 0xb, dst: 0xa }))).toEqual(['p1'])
    expect(bed.reaches(p1, packet({ src: 0xa, dst: 0xb }))).toEqual(['p3'])
  })
  test('does not send back to the port of the sender', () => {
    expect(bed.reaches(p1, packet({ src: 0xc, dst: 0xa }))).toEqual([])
  })
  test('drops reserved multicast unless told to forward it', () => {
    expect(bed.reaches(p1, packet({ dst: 0x0180c2000003 }))).toEqual([])
    br0.configure({ forwardBpdu: true })
    expect(bed.reaches(p1, packet({ dst: 0x0180c2000003 }))).toEqual(['br0', 'p2', 'p3'])
  })
  test('counts every frame on the flow at the time of asking', () => {
    expect(br0.flows.aggregate()).toEqual({ packets: 9, bytes: 9 * 42, flows: 1 })
  })
  test('keeps a MAC while frames use the cached flow, and forgets it after 300 s of silence', () => {
    for (let i = 0; i < 80; i++) {
      bed.clock.runUntil(bed.clock.now() + 5 * second)
      bed.reaches(p1, packet({ src: 0xa, dst: 0xb }))
    }
    expect([...br0.macs.entries()].map(entry => entry.mac)).toEqual([0xa])
    bed.clock.runUntil(bed.clock.now() + 301 * second)
    expect(br0.macs.size).toBe(0)
    expect(bed.datapath.stats().flows).toBe(0)
    expect(bed.clock.pending).toBe(0)
  })
})

test('a secure bridge has no flows and drops', () => {
  const bed = new Bed()
  const br0 = bed.bridge('br0', { failMode: 'secure' })
  const p1 = bed.port(br0, 'p1')
  expect(bed.reaches(p1, packet({}))).toEqual([])
  expect(bed.switch.drops.get('no_match')).toBe(1)
})

test('a frame right after a change of flows is treated by it', () => {
  const bed = new Bed()
  const br0 = bed.bridge('br0', { failMode: 'secure' })
  const [p1] = ['p1', 'p2', 'p3'].map(name => bed.port(br0, name)) as [never]
  br0.flows.add({ match: matchOf({}), actions: [out(2)] })
  expect(bed.reaches(p1, packet({}))).toEqual(['p2'])
  expect(bed.reaches(p1, packet({}))).toEqual(['p2'])
  const high = br0.flows.add({ priority: 0xffff, match: matchOf({ tcp_dst: 80n }), actions: [out(3)] })
  if (typeof high === 'string') throw new Error(high)
  br0.flows.add({ priority: 0xfff0, match: matchOf({ eth_src: 1n }), actions: [out(3)] })
  expect(bed.reaches(p1, packet({}))).toEqual(['p3'])
  expect(bed.reaches(p1, packet({}))).toEqual(['p3'])
  expect(
    br0.flows
      .dump()
      .map(rule => [rule.priority, rule.packets])
      .sort(),
  ).toEqual([
    [0x8000, 2],
    [0xfff0, 2],
    [0xffff, 0],
  ])
  expect(br0.flows.delete({ match: matchOf({ eth_src: 1n }) })).toBe(1)
  expect(bed.reaches(p1, packet({}))).toEqual(['p2'])
})

test('patch ports join bridges without a datapath port', () => {
  const bed = new Bed()
  const [br0, br1] = [bed.bridge('br0'), bed.bridge('br1')]
  const p1 = bed.port(br0, 'p1')
  const q1 = bed.port(br1, 'q1')
  const pa = bed.patch(br0, 'pa', 'pb')
  const pb = bed.patch(br1, 'pb', 'pa')
  expect(bed.reaches(p1, packet({ src: 1, dst: 2 }))).toEqual(['br0', 'br1', 'q1'])
  expect(bed.reaches(q1, packet({ src: 2, dst: 1 }))).toEqual(['p1'])
  expect([pa.datapathPort, pa.traffic.txPackets, pb.traffic.rxPackets, pb.traffic.txPackets]).toEqual([
    undefined,
    1,
    1,
    1,
  ])
})

test('a patch in a circle ends at a limit instead of turning for ever', () => {
  const bed = new Bed()
  const br0 = bed.bridge('br0', { failMode: 'secure' })
  const p1 = bed.port(br0, 'p1')
  bed.patch(br0, 'pa', 'pb', 10)
  bed.patch(br0, 'pb', 'pa', 11)
  br0.flows.add({ match: matchOf({}), actions: [out(10), out(OfPort.local)] })
  br0.flows.add({ match: matchOf({ in_port: 11n }), actions: [out(10)], priority: 0xffff })
  expect(bed.reaches(p1, packet({}))).toEqual(['br0'])
})

test('a table that looks itself up ends at a limit, and forwards nothing', () => {
  const bed = new Bed()
  const br0 = bed.bridge('br0', { failMode: 'secure' })
  const p1 = bed.port(br0, 'p1')
  br0.flows.add({ match: matchOf({}), actions: [out(OfPort.local), { type: 'resubmit', port: undefined, table: 0 }] })
  expect(bed.reaches(p1, packet({}))).toEqual([])
  expect(bed.switch.drops.get('depth')).toBe(1)
})

test('idle and hard timeouts', () => {
  const bed = new Bed()
  const br0 = bed.bridge('br0', { failMode: 'secure' })
  const p1 = bed.port(br0, 'p1')
  const gone: string[] = []
  br0.setController({
    packetIn: () => {},
    flowRemoved: ({ rule, reason, duration }) =>
      gone.push(`${rule.priority} ${reason} ${duration / second} ${rule.packets}`),
  })
  const flags = { sendFlowRemoved: true }
  br0.flows.add({ priority: 1, match: matchOf({}), actions: [out(2)], idleTimeout: 10, flags })
  br0.flows.add({ priority: 2, match: matchOf({ eth_src: 9n }), actions: [out(2)], hardTimeout: 30, flags })
  for (let i = 1; i <= 12; i++) {
    bed.clock.runUntil(i * 5 * second)
    if (i < 8) bed.send(p1, packet({}))
  }
  expect(gone).toEqual(['2 hard 30 0', '1 idle 45 7'])
})

test('a port that is to call for no packet-ins keeps to that where its table was told to call, as in Open vSwitch', () => {
  const bed = new Bed()
  const br0 = bed.bridge('br0', { failMode: 'secure' })
  const p1 = bed.port(br0, 'p1')
  let told = 0
  br0.setController({ packetIn: () => void told++, wantsMisses: true })
  const misses = (): number => {
    const before = told
    bed.send(p1, packet({ src: 7 }))
    return told - before
  }
  expect(misses()).toBe(1)
  br0.updatePort(p1, { config: { ...p1.config, noPacketIn: true } })
  expect(misses()).toBe(1)
  br0.flows.modifyTable(0, { miss: 'controller', eviction: undefined, evictionFlags: undefined, vacancy: undefined })
  expect(misses()).toBe(0)
  br0.updatePort(p1, { config: { ...p1.config, noPacketIn: false } })
  expect(misses()).toBe(1)
})

test('controller actions hand frames up, changed as they were', () => {
  const bed = new Bed()
  const br0 = bed.bridge('br0', { failMode: 'secure' })
  const p1 = bed.port(br0, 'p1')
  const events: PacketIn[] = []
  br0.setController({ packetIn: event => events.push(event), wantsMisses: true })
  bed.send(p1, packet({ src: 7 }))
  br0.flows.add({
    match: matchOf({ eth_type: 0x800n }),
    cookie: 5n,
    actions: [
      { type: 'set_field', field: 'eth_src', value: 0xabn, mask: 0xffffffffffffn },
      { type: 'controller', maxLength: 128, reason: 'action', controllerId: 3 },
      { type: 'dec_ttl', controllerIds: [0] },
      out(OfPort.inPort),
    ],
  })
  expect(bed.send(p1, packet({ ttl: 9 })).map(sent => sent.port)).toEqual(['p1'])
  expect(bed.send(p1, packet({ ttl: 1 }))).toEqual([])
  expect(
    events.map(({ reason, maxLength, controllerId, cookie, frame }) => [
      reason,
      maxLength,
      controllerId,
      cookie,
      frame.content()[11],
    ]),
  ).toEqual([
    ['implicit_miss', 0xffff, 0, 0n, 7],
    ['action', 128, 3, 5n, 0xab],
    ['action', 128, 3, 5n, 0xab],
    ['invalid_ttl', 0xffff, 0, 5n, 0xab],
  ])
})

test('packet-out runs actions on a frame, and TABLE the flows', () => {
  const bed = new Bed()
  const br0 = bed.bridge('br0')
  for (const name of ['p1', 'p2', 'p3']) bed.port(br0, name)
  br0.packetOut(Frame.from(packet({})), OfPort.none, [{ type: 'push_vlan', ethType: 0x8100 }, out(2)])
  expect(bed.sent.map(sent => [sent.port, sent.bytes.slice(24, 32)])).toEqual([['p2', '81000000']])
  bed.sent = []
  br0.packetOut(Frame.from(packet({})), 1, [out(OfPort.table)])
  expect(bed.sent.map(sent => sent.port)).toEqual(['br0', 'p2', 'p3'])
})

test('a port that goes takes its MACs along, and its number rests', () => {
  const bed = new Bed()
  const br0 = bed.bridge('br0')
  const [p1, p2] = ['p1', 'p2', 'p3'].map(name => bed.port(br0, name)) as [never, never]
  bed.send(p2, packet({ src: 0xb, dst: 0xa }))
  expect(bed.reaches(p1, packet({ src: 0xa, dst: 0xb }))).toEqual(['p2'])
  bed.switch.removePort(br0, p2)
  expect(bed.reaches(p1, packet({ src: 0xa, dst: 0xb }))).toEqual(['br0', 'p3'])
  expect(bed.port(br0, 'p4').ofport).toBe(4)
})
