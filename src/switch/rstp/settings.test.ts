import { describe, expect, test } from 'vitest'
import { Bed } from '../switch.testing.ts'
import { askedPathCost, askedPortPriority, type RstpOptions, rstpTimes } from './settings.ts'
import { showRstp } from './show.ts'

/** Max age and forward delay after one wish upon the other, from the usual on. */
const told = (...wishes: RstpOptions[]): string => {
  let times = rstpTimes({})
  for (const wish of wishes) times = rstpTimes(wish, times)
  return `${times.maxAge} ${times.forwardDelay}`
}

/** All of it as ovs-vswitchd 3.1 answered. */
describe('what a rapid bridge is told', () => {
  test('times stay in their ranges, and information dies within twice the delay', () => {
    expect(told({ maxAge: 28 })).toBe('28 15')
    expect(told({ maxAge: 29 })).toBe('20 15')
    expect(told({ maxAge: 5 })).toBe('20 15')
    expect(told({ maxAge: 65546 })).toBe('10 15')
    expect(told({ forwardDelay: 10 })).toBe('20 15')
    expect(told({ forwardDelay: 11 })).toBe('20 11')
    expect(told({ maxAge: 10 }, { maxAge: 10, forwardDelay: 5 })).toBe('10 15')
    expect(told({ maxAge: 10 }, { maxAge: 10, forwardDelay: 10 })).toBe('10 10')
    expect(told({ maxAge: 40, forwardDelay: 30 })).toBe('20 30')
    expect(told({ maxAge: 40, forwardDelay: 30 }, { maxAge: 40, forwardDelay: 30 })).toBe('40 30')
    expect(told({ forwardDelay: 31 })).toBe('20 15')
  })

  test('priorities and costs of ports that are none change nothing', () => {
    const priorities = [0x40, 0xf0, 0xf1, 0xff, 300, -0x10, 5].map(askedPortPriority)
    expect(priorities).toEqual([0x40, 0xf0, undefined, undefined, 0x20, 0xf0, 0])
    const costs = [0, 1, 200_000_000, 200_000_001, -1].map(askedPathCost)
    expect(costs).toEqual([undefined, 1, 200_000_000, undefined, undefined])
  })

  test('ports that change their numbers at once', () => {
    const bed = new Bed()
    const bridge = bed.bridge('br0', { rstp: {} })
    const ports = [bed.port(bridge, 'p1'), bed.port(bridge, 'p2')]
    const numbers = (): string[] =>
      [...(showRstp(bridge) ?? '').matchAll(/^ {2}(p\d) .* 128\.(\d+)$/gm)].map(
        ([, name, number]) => `${name} ${number}`,
      )
    expect(numbers()).toHaveLength(2)
    const release = bridge.tree.hold()
    const before = numbers()
    for (const port of ports) bridge.updatePort(port, { treeOptions: { rstp: { number: 7 } } })
    expect(numbers()).toEqual(before)
    release()
    expect(numbers().sort()).toEqual(['p1 1', 'p2 7'])
    bed.switch.close()
  })
})
