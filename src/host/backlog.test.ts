import { describe, expect, test } from 'vitest'
import { microsecond, VirtualClock } from '../runtime/index.ts'
import { Frame } from '../wire/frame.ts'
import { Backlog, type Receiver } from './backlog.ts'

describe('the backlog', () => {
  test('hands an idle kernel its frame at once', () => {
    const backlog = new Backlog(new VirtualClock())
    let taken = 0
    expect(backlog.hand({ process: () => taken++ }, Frame.of(0))).toBe(true)
    expect(taken).toBe(1)
  })

  test('works off what follows in order, one call deep', () => {
    const backlog = new Backlog(new VirtualClock())
    const order: string[] = []
    let depth = 0
    let deepest = 0
    const node = (name: string, ...to: Receiver[]): Receiver => ({
      process: frame => {
        deepest = Math.max(deepest, ++depth)
        order.push(name)
        for (const next of to) backlog.hand(next, frame)
        depth--
      },
    })
    backlog.hand(node('a', node('b', node('d')), node('c')), Frame.of(0))
    expect(order).toEqual(['a', 'b', 'c', 'd'])
    expect(deepest).toBe(1)
  })

  test('lets time pass in a loop, so that a loop does not hang the clock', () => {
    const clock = new VirtualClock()
    const backlog = new Backlog(clock)
    let rounds = 0
    const loop: Receiver = {
      process: frame => {
        rounds++
        backlog.hand(loop, frame)
      },
    }
    backlog.hand(loop, Frame.of(0))
    expect(rounds).toBe(301)
    clock.runUntil(300 * microsecond)
    expect(rounds).toBe(601)
    expect(backlog.size).toBe(1)
  })

  test('drops and counts what a storm brings beyond its limit', () => {
    const clock = new VirtualClock()
    const backlog = new Backlog(clock, 100)
    const storm: Receiver = {
      process: frame => {
        backlog.hand(storm, frame)
        backlog.hand(storm, frame.copy())
      },
    }
    backlog.hand(storm, Frame.of(0))
    clock.runUntil(10_000 * microsecond)
    expect(backlog.size).toBeLessThanOrEqual(100)
    expect(backlog.dropped).toBeGreaterThan(1000)
  })

  test('keeps its order when a task sends while frames rest', () => {
    const clock = new VirtualClock()
    const backlog = new Backlog(clock)
    const order: number[] = []
    let count = 0
    const loop: Receiver = { process: frame => void (count++ < 400 && backlog.hand(loop, frame)) }
    backlog.hand(loop, Frame.of(0))
    backlog.hand({ process: () => order.push(1) }, Frame.of(0))
    backlog.hand({ process: () => order.push(2) }, Frame.of(0))
    expect(order).toEqual([])
    clock.runUntil(1000 * microsecond)
    expect(order).toEqual([1, 2])
  })

  test('goes on after a receiver threw', () => {
    const backlog = new Backlog(new VirtualClock())
    const bad: Receiver = {
      process: () => {
        throw new Error('a mistake of ours')
      },
    }
    expect(() => backlog.hand(bad, Frame.of(0))).toThrow()
    let taken = 0
    backlog.hand({ process: () => taken++ }, Frame.of(0))
    expect(taken).toBe(1)
  })
})
