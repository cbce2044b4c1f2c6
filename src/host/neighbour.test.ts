import { describe, expect, test } from 'vitest'
import { Counters, second, seeded, VirtualClock } from '../runtime/index.ts'
import { Frame } from '../wire/frame.ts'
import { TestLab } from './lab.testing.ts'
import type { Link } from './link.ts'
import { Neighbours } from './neighbour.ts'
import { neighbourDefaults, neighbourLimits } from './neighbour-settings.ts'

const mac = 0x020000000099
const setup = () => {
  const lab = new TestLab()
  const { clock } = lab
  const link = lab.nic(lab.kernel().root, 'eth0')
  const sent: Frame[] = []
  link.plug({ send: frame => sent.push(frame) })
  const asked: (number | undefined)[] = []
  const failed: Frame[] = []
  const counters = new Counters()
  // A draw of 0.5 makes the reachable time the base itself: 30 seconds.
  const table = new Neighbours(clock, () => 0.5, counters, 0x0800, {
    solicit: (_, to) => asked.push(to),
    unreachable: (_, frame) => failed.push(frame),
    changed: () => {},
  })
  sent.length = 0
  return { lab, clock, link, sent, asked, failed, counters, table }
}

describe('a neighbour', () => {
  test('that answers gets what waited, in order', () => {
    const { table, link, sent, asked } = setup()
    const frames = [1, 2, 3].map(size => Frame.of(size))
    for (const frame of frames) table.output(link, 9, frame)
    expect(asked).toEqual([undefined])
    const neighbour = table.find(link, 9)
    expect(neighbour?.state).toBe('INCOMPLETE')
    table.learn(neighbour!, { mac, solicited: true, override: true })
    expect(neighbour?.state).toBe('REACHABLE')
    expect(sent).toEqual(frames)
    expect(Array.from(sent[0]!.content().subarray(0, 6))).toEqual([2, 0, 0, 0, 0, 0x99])
  })

  test('that is silent is asked three times a second apart, then fails with all that waited', () => {
    const { lab, table, link, asked, failed, counters } = setup()
    table.output(link, 9, Frame.of(1))
    table.output(link, 9, Frame.of(2))
    lab.pass(2.9)
    expect(asked).toEqual([undefined, undefined, undefined])
    expect(failed).toHaveLength(0)
    lab.pass(0.2)
    expect(failed.map(frame => frame.size)).toEqual([1, 2])
    expect(table.find(link, 9)?.state).toBe('FAILED')
    expect(counters.get('Neigh.ResolveFails')).toBe(1)
    table.output(link, 9, Frame.of(3))
    expect(asked).toHaveLength(4)
  })

  test('grows stale, and is probed by unicast when used again', () => {
    const { lab, table, link, asked, sent } = setup()
    const neighbour = table.get(link, 9)!
    table.learn(neighbour, { mac, solicited: true, override: true })
    lab.pass(29.9)
    expect(neighbour.state).toBe('REACHABLE')
    lab.pass(0.2)
    expect(neighbour.state).toBe('STALE')
    sent.length = 0
    table.output(link, 9, Frame.of(1))
    expect(sent).toHaveLength(1)
    expect(neighbour.state).toBe('DELAY')
    lab.pass(4.9)
    expect(asked).toEqual([])
    lab.pass(0.2)
    expect(neighbour.state).toBe('PROBE')
    expect(asked).toEqual([mac])
    lab.pass(1)
    expect(asked).toEqual([mac, mac])
    table.learn(neighbour, { mac, solicited: true, override: true })
    expect(neighbour.state).toBe('REACHABLE')
    lab.pass(3)
    expect(asked).toHaveLength(2)
  })

  test('that does not answer three probes has failed', () => {
    const { lab, table, link, asked } = setup()
    const neighbour = table.set(link, 9, mac, 'STALE')!
    table.output(link, 9, Frame.of(1))
    lab.pass(8.1)
    expect(asked).toEqual([mac, mac, mac])
    expect(neighbour.state).toBe('FAILED')
  })

  test('that an upper layer heard of need not be probed', () => {
    const { lab, table, link, asked } = setup()
    const neighbour = table.set(link, 9, mac, 'STALE')!
    table.output(link, 9, Frame.of(1))
    lab.pass(1)
    table.confirm(neighbour)
    lab.pass(3.9)
    expect(neighbour.state).toBe('DELAY')
    lab.pass(0.2)
    expect(neighbour.state).toBe('REACHABLE')
    // A minute of answers, one a second.
    for (let i = 0; i < 60; i++) {
      table.output(link, 9, Frame.of(1))
      table.confirm(neighbour)
      lab.pass(1)
    }
    expect(neighbour.state).toBe('REACHABLE')
    expect(asked).toEqual([])
  })

  test('that a user made permanent is never asked for or changed', () => {
    const { lab, table, link, asked } = setup()
    const neighbour = table.set(link, 9, mac, 'PERMANENT')!
    table.learn(neighbour, { mac: 1, solicited: true, override: true })
    table.output(link, 9, Frame.of(1))
    lab.pass(100)
    expect([neighbour.mac, neighbour.state, asked.length]).toEqual([mac, 'PERMANENT', 0])
  })

  test('whose unsolicited news may not override grows stale (RFC 4861 §7.2.5)', () => {
    const { table, link } = setup()
    const neighbour = table.set(link, 9, mac, 'REACHABLE')!
    table.learn(neighbour, { mac: mac + 1, solicited: false, override: false })
    expect([neighbour.mac, neighbour.state]).toEqual([mac, 'STALE'])
    table.learn(neighbour, { mac: mac + 1, solicited: false, override: true })
    expect([neighbour.mac, neighbour.state]).toEqual([mac + 1, 'STALE'])
  })

  test('on a dummy needs no question', () => {
    const { table, lab, asked } = setup()
    const made = lab.kernel().root.links.add('dummy', 'd0')
    const dummy = (made.ok && made.value) as Link
    dummy.setUp(true)
    table.output(dummy, 9, Frame.of(1))
    expect(table.find(dummy, 9)?.state).toBe('NOARP')
    expect(asked).toEqual([])
  })
})

describe('bounds', () => {
  test('the oldest of too many frames that wait is dropped and counted', () => {
    const { table, link, counters } = setup()
    for (let i = 0; i < 150; i++) table.output(link, 9, Frame.of(i))
    const queue = table.find(link, 9)!.queue
    expect(queue).toHaveLength(neighbourDefaults().unres_qlen)
    expect(queue[0]?.size).toBe(49)
    expect(counters.get('Neigh.QueueDiscards')).toBe(49)
  })

  test('a sweep through a network does not grow the table beyond its limit', () => {
    const { lab, table, link, counters } = setup()
    for (let i = 0; i < 2000; i++) table.output(link, i, Frame.of(1))
    expect(table.size).toBe(neighbourLimits().gc_thresh3)
    expect(counters.get('Neigh.TableFulls')).toBe(2000 - 1024)
    lab.pass(10)
    expect(table.get(link, 5000)).toBeDefined()
    expect(table.size).toBeLessThanOrEqual(neighbourLimits().gc_thresh3)
  })

  test('what was not used for a minute is collected where there are many', () => {
    const { lab, table, link } = setup()
    for (let i = 0; i < 128; i++) table.set(link, i, mac, 'STALE')
    table.set(link, 500, mac, 'PERMANENT')
    lab.pass(61)
    table.get(link, 1000)
    expect(table.all().map(n => n.ip)).toEqual([500, 1000])
  })

  test('a link that goes down is forgotten; one that only lost its carrier keeps what is permanent', () => {
    const { table, link } = setup()
    table.set(link, 1, mac, 'PERMANENT')
    table.set(link, 2, mac, 'STALE')
    table.flushLink(link, true)
    expect(table.all().map(n => n.ip)).toEqual([1])
    table.flushLink(link)
    expect(table.size).toBe(0)
  })

  test('deleting while questions are out stops them', () => {
    const { lab, table, link, asked, failed } = setup()
    table.output(link, 9, Frame.of(1))
    table.delete(table.find(link, 9)!)
    lab.pass(10)
    expect([asked.length, failed.length, table.size]).toEqual([1, 0, 0])
  })
})

test('the reachable time is drawn between half and one and a half of the base', () => {
  for (let seed = 0; seed < 20; seed++) {
    const clock = new VirtualClock()
    const lab = new TestLab()
    const link = lab.nic(lab.kernel().root, 'eth0')
    const protocol = { solicit: () => {}, unreachable: () => {}, changed: () => {} }
    const table = new Neighbours(clock, seeded(seed), new Counters(), 0x0800, protocol)
    const neighbour = table.set(link, 9, mac, 'REACHABLE')!
    clock.runUntil(15 * second - 1)
    expect(neighbour.state).toBe('REACHABLE')
    clock.runUntil(45 * second)
    expect(neighbour.state).toBe('STALE')
  }
})
