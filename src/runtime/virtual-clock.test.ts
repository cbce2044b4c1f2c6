import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { every, second } from './clock.ts'
import { VirtualClock } from './virtual-clock.ts'

describe('a virtual clock', () => {
  test('stands at 0 until it is told to run', () => {
    const clock = new VirtualClock()
    let ran = 0
    clock.at(5, () => ran++)
    expect([clock.now(), ran, clock.next()]).toEqual([0, 0, 5])
    clock.runUntil(4)
    expect([clock.now(), ran]).toEqual([4, 0])
    clock.runUntil(5)
    expect([clock.now(), ran, clock.next()]).toEqual([5, 1, undefined])
  })

  test('runs what is late now, after what waits for now', () => {
    const clock = new VirtualClock()
    const order: string[] = []
    clock.at(10, () => {
      order.push('first')
      clock.at(3, () => order.push('late'))
    })
    clock.at(10, () => order.push('second'))
    clock.runUntil(10)
    expect(order).toEqual(['first', 'second', 'late'])
    expect(clock.now()).toBe(10)
  })

  test('does not run what was cancelled, and may be asked twice', () => {
    const clock = new VirtualClock()
    let ran = 0
    const cancel = clock.at(1, () => ran++)
    cancel()
    cancel()
    expect(clock.pending).toBe(0)
    clock.runUntil(2)
    expect(ran).toBe(0)
  })

  test('forgets cancelled entries when they are the majority', () => {
    const clock = new VirtualClock()
    const ran: number[] = []
    for (let i = 0; i < 1000; i++) {
      const cancel = clock.at(1000 - i, () => ran.push(1000 - i))
      if (i % 10 !== 0) cancel()
    }
    expect(clock.pending).toBe(100)
    clock.runUntil(1000)
    expect(ran).toEqual([...ran].sort((a, b) => a - b))
    expect(ran).toHaveLength(100)
  })

  test('refuses a time that is none', () => {
    expect(() => new VirtualClock().at(Number.NaN, () => {})).toThrow(RangeError)
    expect(() => new VirtualClock().at(Number.POSITIVE_INFINITY, () => {})).toThrow(RangeError)
  })

  test('runs entries by time, then by order of request, whatever is cancelled in between', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ when: fc.nat(20), cancel: fc.boolean() }), { maxLength: 300 }), requests => {
        const clock = new VirtualClock()
        const ran: number[] = []
        const cancels = requests.map(({ when }, i) => clock.at(when, () => ran.push(i)))
        for (const [i, { cancel }] of requests.entries()) if (cancel) cancels[i]?.()
        const wanted = requests
          .map(({ when, cancel }, i) => ({ when, cancel, i }))
          .filter(({ cancel }) => !cancel)
          .sort((a, b) => a.when - b.when || a.i - b.i)
          .map(({ i }) => i)
        clock.runUntil(20)
        expect(ran).toEqual(wanted)
      }),
    )
  })

  test('repeats by `every` until cancelled', () => {
    const clock = new VirtualClock()
    const times: number[] = []
    const cancel = every(clock, second, () => times.push(clock.now()))
    clock.runUntil(3.5 * second)
    cancel()
    clock.runUntil(9 * second)
    expect(times).toEqual([second, 2 * second, 3 * second])
  })

  test('runs while something is awaited, and says when nothing more can come', () => {
    const clock = new VirtualClock()
    let there = false
    clock.at(7, () => {
      there = true
    })
    clock.at(9, () => {})
    expect(clock.runWhile(() => !there)).toBe(true)
    expect(clock.now()).toBe(7)
    expect(clock.runWhile(() => true)).toBe(false)
  })
})
