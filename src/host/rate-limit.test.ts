import { expect, test } from 'vitest'
import { millisecond, second, VirtualClock } from '../runtime/index.ts'
import { RateLimit } from './rate-limit.ts'

const count = (limit: RateLimit, peer: number, tries: number, interval = 1000): number => {
  let allowed = 0
  for (let i = 0; i < tries; i++) if (limit.allow(peer, interval)) allowed++
  return allowed
}

test('six errors at once, then one a second, for each peer', () => {
  const clock = new VirtualClock()
  const limit = new RateLimit(clock)
  expect(count(limit, 1, 20)).toBe(6)
  expect(count(limit, 2, 20)).toBe(6)
  clock.runUntil(999 * millisecond)
  expect(count(limit, 1, 20)).toBe(0)
  clock.runUntil(second)
  expect(count(limit, 1, 20)).toBe(1)
  clock.runUntil(100 * second)
  expect(count(limit, 1, 20)).toBe(6)
})

test('fifty at once to all peers together', () => {
  const limit = new RateLimit(new VirtualClock())
  let allowed = 0
  for (let peer = 0; peer < 100; peer++) if (limit.allow(peer, 1000)) allowed++
  expect(allowed).toBe(50)
})

test('no limit where the interval is 0', () => {
  expect(count(new RateLimit(new VirtualClock()), 1, 100, 0)).toBe(100)
})

test('peers are remembered up to a bound', () => {
  const clock = new VirtualClock()
  const limit = new RateLimit(clock)
  while (limit.charge(0, 1000));
  for (let peer = 1; peer < 4096; peer++) limit.charge(peer, 1000)
  expect(limit.charge(0, 1000)).toBe(false)
  // One more, and the oldest is forgotten: it starts anew.
  limit.charge(4096, 1000)
  expect(limit.charge(0, 1000)).toBe(true)
})
