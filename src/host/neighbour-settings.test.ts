/** What net.ipv4.neigh and net.ipv6.neigh change in the life of a neighbour. */
import { describe, expect, test } from 'vitest'
import { Counters, second } from '../runtime/index.ts'
import { Frame } from '../wire/frame.ts'
import { ip, TestLab } from './lab.testing.ts'
import { Neighbours } from './neighbour.ts'
import { NeighbourConfig, type NeighbourSettings } from './neighbour-settings.ts'

const news = { mac: 0x020000000099, solicited: true, override: true }

const setup = (changes: Partial<NeighbourSettings> = {}, limits: Partial<NeighbourConfig['limits']> = {}) => {
  const lab = new TestLab()
  const link = lab.nic(lab.kernel().root, 'eth0')
  link.plug({ send: () => {} })
  const config = new NeighbourConfig()
  Object.assign(config.of('eth0'), changes)
  Object.assign(config.limits, limits)
  const asked: number[] = []
  const protocol = { solicit: () => asked.push(lab.clock.now() / second), unreachable: () => {}, changed: () => {} }
  const counters = new Counters()
  // A draw of 0.5 makes the reachable time the base itself.
  const table = new Neighbours(lab.clock, () => 0.5, counters, 0x0800, protocol, config)
  return { lab, link, table, asked, config, counters }
}

describe('questions', () => {
  test.each([1, 3, 5])('mcast_solicit %i', count => {
    const { lab, link, table, asked } = setup({ mcast_solicit: count })
    table.output(link, 9, Frame.of(1))
    lab.pass(count - 0.5)
    expect(table.find(link, 9)?.state).toBe('INCOMPLETE')
    lab.pass(1)
    expect(asked).toHaveLength(count)
    expect(table.find(link, 9)?.state).toBe('FAILED')
  })

  test('ucast_solicit and retrans_time_ms', () => {
    const { lab, link, table, asked } = setup({ ucast_solicit: 2, retrans_time_ms: 250 })
    table.set(link, 9, news.mac, 'STALE')
    table.output(link, 9, Frame.of(1))
    lab.pass(10)
    expect(asked).toEqual([5, 5.25])
    expect(table.find(link, 9)?.state).toBe('FAILED')
  })

  test('delay_first_probe_time', () => {
    const { lab, link, table, asked } = setup({ delay_first_probe_time: 2 })
    table.set(link, 9, news.mac, 'STALE')
    table.output(link, 9, Frame.of(1))
    expect(table.find(link, 9)?.state).toBe('DELAY')
    lab.pass(3)
    expect(asked[0]).toBe(2)
  })
})

test('base_reachable_time_ms says how long an answer is good', () => {
  const { lab, link, table } = setup({ base_reachable_time_ms: 1500 })
  table.learn(table.get(link, 9)!, news)
  lab.pass(1.4)
  expect(table.find(link, 9)?.state).toBe('REACHABLE')
  lab.pass(0.2)
  expect(table.find(link, 9)?.state).toBe('STALE')
})

test('unres_qlen says how many frames wait', () => {
  const { link, table, counters } = setup({ unres_qlen: 2 })
  for (const size of [1, 2, 3]) table.output(link, 9, Frame.of(size))
  expect(table.find(link, 9)?.queue.map(frame => frame.size)).toEqual([2, 3])
  expect(counters.get('Neigh.QueueDiscards')).toBe(1)
})

describe('collection', () => {
  test('leaves alone what is less than gc_thresh1', () => {
    const { lab, link, table } = setup({}, { gc_thresh1: 4 })
    for (const ip of [1, 2, 3]) table.set(link, ip, news.mac, 'STALE')
    lab.pass(1000)
    table.get(link, 4)
    expect(table.size).toBe(4)
    table.get(link, 5)
    expect(table.all().map(n => n.ip)).toEqual([4, 5])
  })

  test('takes what was idle for gc_stale_time', () => {
    const { lab, link, table } = setup({ gc_stale_time: 10 }, { gc_thresh1: 1 })
    table.set(link, 1, news.mac, 'STALE')
    lab.pass(9)
    table.get(link, 2)
    expect(table.size).toBe(2)
    lab.pass(1)
    table.get(link, 3)
    expect(table.all().map(n => n.ip)).toEqual([2, 3])
  })

  test('never holds more than gc_thresh3', () => {
    const { link, table, counters } = setup({}, { gc_thresh1: 1, gc_thresh3: 3 })
    for (let ip = 1; ip <= 5; ip++) table.set(link, ip, news.mac, 'PERMANENT')
    expect(table.size).toBe(3)
    expect(counters.get('Neigh.TableFulls')).toBe(2)
  })
})

test('a namespace gives its settings to its neighbours, each family its own', () => {
  const lab = new TestLab()
  const { a } = lab.pair()
  lab.pass(3)
  a.settings.set('net.ipv4.neigh.eth0.mcast_solicit', '1')
  for (const [dst, after] of [
    ['10.0.0.99', 'FAILED'],
    ['fd00::99', 'INCOMPLETE'],
  ] as const) {
    const table = dst.includes(':') ? a.nd : a.arp
    const neighbour = table.resolve(a.links.get('eth0')!, ip(dst))
    lab.pass(1.5)
    expect(neighbour?.state).toBe(after)
  }
})
