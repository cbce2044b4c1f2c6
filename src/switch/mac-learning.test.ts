import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { second } from '../runtime/clock.ts'
import { MacLearning } from './mac-learning.ts'

const macsOf = (table: MacLearning): number[] => [...table.entries()].map(entry => entry.mac)

describe('learning', () => {
  test('a MAC is on one port in one VLAN', () => {
    const table = new MacLearning()
    expect(table.learn(1, 0xa, 1, 0).what).toBe('added')
    expect(table.learn(2, 0xa, 2, 0).what).toBe('added')
    expect(table.learn(1, 0xa, 1, 5).what).toBe('refreshed')
    expect(table.learn(1, 0xa, 3, 6).what).toBe('moved')
    expect([table.lookup(1, 0xa)?.port, table.lookup(2, 0xa)?.port, table.lookup(3, 0xa)]).toEqual([3, 2, undefined])
    expect(table.stats()).toEqual({ entries: 2, maximum: 8192, learned: 2, expired: 0, evicted: 0, moved: 1 })
  })
  test('groups are not learned', () => {
    const table = new MacLearning()
    expect(table.learn(0, 0x010000000001, 1, 0).what).toBe('refused')
    expect(table.size).toBe(0)
  })
  test('news that is older than what is known changes nothing', () => {
    const table = new MacLearning()
    table.learn(0, 0xa, 1, 10)
    expect(table.learn(0, 0xa, 2, 9).what).toBe('refreshed')
    expect(table.lookup(0, 0xa)?.port).toBe(1)
  })
  test('static entries neither move nor age', () => {
    const table = new MacLearning()
    table.setStatic(0, 0xa, 1, 0)
    expect(table.learn(0, 0xa, 2, 1).what).toBe('refused')
    expect(table.expire(1e6 * second)).toEqual([])
    expect(table.flush()).toEqual([])
    expect(table.nextExpiry()).toBeUndefined()
    expect(table.remove(0, 0xa)).toBe(true)
    expect(table.remove(0, 0xa)).toBe(false)
  })
})

describe('ageing', () => {
  test('300 s without a frame', () => {
    const table = new MacLearning()
    table.learn(0, 0xa, 1, 0)
    table.learn(0, 0xb, 1, 10 * second)
    table.learn(0, 0xa, 1, 20 * second)
    expect(table.nextExpiry()).toBe(310 * second)
    expect(table.expire(310 * second - 1)).toEqual([])
    expect(table.expire(310 * second).map(entry => entry.mac)).toEqual([0xb])
    expect(macsOf(table)).toEqual([0xa])
  })
  test('the time is held to 15 to 3600 s', () => {
    const table = new MacLearning()
    table.learn(0, 0xa, 1, 0)
    table.setAgeing(1)
    expect(table.nextExpiry()).toBe(15 * second)
    table.setAgeing(1e9)
    expect(table.nextExpiry()).toBe(3600 * second)
  })
})

describe('a full table', () => {
  test('the oldest of the port with most entries goes', () => {
    const table = new MacLearning()
    table.setLimit(10)
    table.learn(0, 1, 1, 0)
    table.learn(0, 2, 1, 1)
    for (let i = 0; i < 8; i++) table.learn(0, 100 + i, 2, 2 + i)
    const { what, evicted } = table.learn(0, 200, 3, 20)
    expect([what, evicted?.mac, table.size]).toEqual(['added', 100, 10])
    expect(table.lookup(0, 1)?.port).toBe(1)
  })
  test('static entries stay, and if there are only such nothing is learned', () => {
    const table = new MacLearning()
    table.setLimit(10)
    for (let i = 0; i < 10; i++) table.setStatic(0, i, 1, 0)
    expect(table.learn(0, 50, 2, 1)).toEqual({ what: 'refused' })
    expect(table.size).toBe(10)
  })
  test('a lower limit makes the surplus go at once', () => {
    const table = new MacLearning()
    for (let i = 0; i < 30; i++) table.learn(0, i + 1, 1, i)
    expect(table.setLimit(10).length).toBe(20)
    expect(macsOf(table)[0]).toBe(21)
  })
})

test('flushing one port leaves the others', () => {
  const table = new MacLearning()
  table.learn(0, 1, 1, 0)
  table.learn(0, 2, 2, 0)
  table.setStatic(0, 3, 1, 0)
  expect(table.flush(1).map(entry => entry.mac)).toEqual([1])
  expect(macsOf(table)).toEqual([2, 3])
  expect(table.forgetPort(1).map(entry => entry.mac)).toEqual([3])
})

test('the table and a plain list agree, and entries stay in the order of their last frame', () => {
  const op = fc.record({ vlan: fc.nat(1), mac: fc.nat(9), port: fc.integer({ min: 1, max: 3 }) })
  fc.assert(
    fc.property(fc.array(op, { maxLength: 60 }), ops => {
      const table = new MacLearning()
      let list: { vlan: number; mac: number; port: number }[] = []
      for (const [time, { vlan, mac, port }] of ops.entries()) {
        table.learn(vlan, mac, port, time)
        list = [...list.filter(entry => entry.vlan !== vlan || entry.mac !== mac), { vlan, mac, port }]
      }
      expect([...table.entries()].map(({ vlan, mac, port }) => ({ vlan, mac, port }))).toEqual(list)
    }),
    { numRuns: 200 },
  )
})
