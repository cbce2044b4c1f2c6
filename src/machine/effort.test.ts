import { expect, test } from 'vitest'
import { VirtualClock } from '../runtime/index.ts'
import { Effort } from './effort.ts'

test('what is done in one instant is free up to a bound, then everybody waits a millisecond', () => {
  const clock = new VirtualClock()
  const effort = new Effort(clock)
  expect(effort.spend((1 << 20) - 1)).toBeUndefined()
  const wait = effort.spend(1)
  expect(wait).toBeDefined()
  expect(effort.spend(1)).toBeDefined()
  let resumed = false
  wait?.(() => (resumed = true))
  clock.step()
  expect([resumed, clock.now()]).toEqual([true, 1e6])
  expect(effort.spend(1)).toBeUndefined()
})

test('time that passes makes room', () => {
  const clock = new VirtualClock()
  const effort = new Effort(clock)
  for (let i = 1; i < 10; i++) {
    expect(effort.spend(1 << 19)).toBeUndefined()
    clock.runUntil(i)
  }
})
