import { expect, test } from 'vitest'
import { millisecond, second, VirtualClock } from '../runtime/index.ts'
import { ip, ip4, TestLab } from './lab.testing.ts'
import { RedirectLimit } from './redirect-limit.ts'
import { Redirects } from './redirects.ts'

const setup = () => {
  const lab = new TestLab()
  const host = lab.host('h')
  const [eth0, eth1] = [lab.nic(host, 'eth0'), lab.nic(host, 'eth1')]
  let changes = 0
  const table = new Redirects(lab.clock, () => changes++)
  return { lab, eth0, eth1, table, changes: () => changes }
}

test('a redirect counts on its link for five minutes', () => {
  const { lab, eth0, eth1, table, changes } = setup()
  expect(table.hop(ip('10.9.0.1'), eth0)).toBeUndefined()
  table.learn(ip('10.9.0.1'), eth0, ip('10.0.0.3'))
  expect(changes()).toBe(1)
  expect(table.hop(ip('10.9.0.1'), eth0)).toBe(ip('10.0.0.3'))
  expect(table.hop(ip('10.9.0.1'), eth1)).toBeUndefined()
  expect(table.hop(ip('10.9.0.2'), eth0)).toBeUndefined()
  lab.pass(299)
  expect(table.find(ip('10.9.0.1'))).toMatchObject({ via: ip('10.0.0.3'), until: 300 * second })
  lab.pass(1)
  expect(table.find(ip('10.9.0.1'))).toBeUndefined()
  expect(changes()).toBe(2)
})

test('a later one takes the place of an earlier one, and has its own time', () => {
  const { lab, eth0, table } = setup()
  table.learn(1, eth0, 2)
  lab.pass(200)
  table.learn(1, eth0, 3)
  lab.pass(200)
  expect(table.all()).toMatchObject([{ dst: 1, via: 3 }])
  lab.pass(100)
  expect(table.all()).toEqual([])
})

test('those of a hop that is dead, or of a link, are forgotten; the others stay', () => {
  const { eth0, eth1, table, changes } = setup()
  table.learn(1, eth0, 10)
  table.learn(2, eth0, 11)
  table.learn(3, eth1, 10)
  table.forgetHop(eth0, 10)
  expect(table.all().map(entry => entry.dst)).toEqual([2, 3])
  table.forgetLink(eth1)
  expect(table.all().map(entry => entry.dst)).toEqual([2])
  expect(changes()).toBe(5)
})

test('the table holds 1024, the oldest go first', () => {
  const { eth0, table } = setup()
  for (let dst = 0; dst < 2000; dst++) table.learn(dst, eth0, 1)
  expect(table.all()).toHaveLength(1024)
  expect(table.find(975)).toBeUndefined()
  expect(table.find(976)).toBeDefined()
})

test('a host is told at growing intervals, nine times at most, and again after 20.48 seconds of silence', () => {
  const clock = new VirtualClock()
  const limit = new RedirectLimit(clock)
  const host = ip4('10.0.0.1')
  const told: number[] = []
  for (let at = 0; at <= 12_000; at++) {
    clock.runUntil(at * millisecond)
    if (limit.allow(host)) told.push(at)
  }
  expect(told).toEqual([0, 41, 122, 283, 604, 1245, 2526, 5087, 10208])
  clock.runUntil(12_000 * millisecond + 20480 * millisecond)
  expect(limit.allow(host)).toBe(false)
  clock.runUntil(clock.now() + 20481 * millisecond)
  expect(limit.allow(host)).toBe(true)
  expect(limit.allow(ip4('10.0.0.2'))).toBe(true)
})
