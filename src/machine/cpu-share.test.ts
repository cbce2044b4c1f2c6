import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { millisecond, second, start, type Task, VirtualClock } from '../runtime/index.ts'
import { CpuShare, unitTime } from './cpu-share.ts'
import { testMachine } from './machine.testing.ts'

const group = (quota: number, period = 100) => {
  const clock = new VirtualClock()
  const share = new CpuShare(clock)
  share.limit(quota * millisecond, period * millisecond)
  return { clock, share }
}

/** Works without end, a millisecond of a processor at a time. */
function* busy(share: CpuShare): Task<void> {
  for (;;) {
    const wait = share.spend(millisecond / unitTime)
    if (wait !== undefined) yield wait
  }
}

describe('a share of the processors', () => {
  test.each([
    [10, 1, 0.1],
    [40, 1, 0.4],
    // Of two processors a process uses one.
    [200, 1, 1],
    [200, 2, 2],
    [20, 3, 0.2],
    [-1, 2, 2],
  ])('%d ms of each 100 ms, %d processes: %d seconds a second', (quota, count, used) => {
    const { clock, share } = group(quota)
    for (let i = 0; i < count; i++) start(busy(share))
    clock.runUntil(10 * second)
    expect(share.used / second / 10).toBeCloseTo(used, 1)
    clock.runUntil(20 * second)
    expect(share.used / second / 20).toBeCloseTo(used, 1)
  })

  test('used up, it is waited for until the next period', () => {
    const { clock, share } = group(2)
    const times: number[] = []
    const worker = function* (): Task<void> {
      for (let i = 0; i < 5; i++) {
        const wait = share.spend(millisecond / unitTime)
        if (wait !== undefined) yield wait
        times.push(clock.now() / millisecond)
      }
    }
    start(worker())
    clock.runUntil(second)
    expect(times).toEqual([1, 2, 101, 102, 201])
  })

  test('what was not used is not saved', () => {
    const { clock, share } = group(2)
    clock.runUntil(10 * second)
    start(busy(share))
    clock.runUntil(11 * second)
    expect(share.used / millisecond).toBeLessThanOrEqual(22)
  })

  test('little work waits for nothing', () => {
    expect(group(1).share.spend(10)).toBeUndefined()
  })

  test('never more than the quota in a period, whatever comes when', () => {
    const works = fc.array(fc.record({ at: fc.integer({ min: 0, max: 500 }), ms: fc.integer({ min: 1, max: 30 }) }))
    fc.assert(
      fc.property(works, fc.integer({ min: 1, max: 150 }), (all, quota) => {
        const { clock, share } = group(quota)
        let done = 0
        for (const { at, ms } of all)
          clock.at(at * millisecond, () => {
            share.spend((ms * millisecond) / unitTime)?.(() => {
              done += ms
              expect(done).toBeLessThanOrEqual((Math.floor(clock.now() / millisecond / 100) + 1) * quota + 1e-6)
            })
          })
        clock.runUntil(10_000 * second)
        expect(done).toBe(all.reduce((sum, { ms }) => sum + ms, 0))
      }),
    )
  })
})

test('a process has the share of its parent, and a busy shell uses no more', () => {
  const { machine, clock } = testMachine()
  const share = new CpuShare(clock)
  share.limit(10 * millisecond, 100 * millisecond)
  const bash = machine.commands.bash
  if (bash === undefined) throw new Error('no shell')
  const shell = machine.init.spawn(bash, { args: ['bash', '-c', '(while true; do a=1; done) & wait'], cpu: share })
  clock.runUntil(second)
  expect(shell.cpu).toBe(share)
  expect(share.used / second).toBeCloseTo(0.1, 2)
})
