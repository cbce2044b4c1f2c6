import { expect, test } from 'vitest'
import { second, VirtualClock } from '../runtime/index.ts'
import { ip } from './lab.testing.ts'
import { PathMtu } from './path-mtu.ts'

const setup = () => {
  const clock = new VirtualClock()
  let changes = 0
  const cache = new PathMtu(clock, () => changes++)
  return { clock, cache, changes: () => changes }
}

test('what a router reported counts for ten minutes', () => {
  const { clock, cache } = setup()
  cache.learn(ip('10.0.0.1'), 1400)
  expect(cache.of(ip('10.0.0.1'), 1500)).toBe(1400)
  expect(cache.of(ip('10.0.0.1'), 1300)).toBe(1300)
  expect(cache.of(ip('10.0.0.2'), 1500)).toBe(1500)
  clock.runUntil(599 * second)
  expect(cache.of(ip('10.0.0.1'), 1500)).toBe(1400)
  clock.runUntil(600 * second)
  expect(cache.of(ip('10.0.0.1'), 1500)).toBe(1500)
})

test('a greater one does not raise it, a tiny one does not push it below the least', () => {
  const { cache } = setup()
  cache.learn(ip('10.0.0.1'), 1300)
  cache.learn(ip('10.0.0.1'), 1400)
  expect(cache.of(ip('10.0.0.1'), 1500)).toBe(1300)
  cache.learn(ip('10.0.0.1'), 68)
  expect(cache.of(ip('10.0.0.1'), 1500)).toBe(552)
  cache.learn(ip('fd00::1'), 100)
  expect(cache.of(ip('fd00::1'), 1500)).toBe(1280)
})

test('the cache is bounded, and says when it changed', () => {
  const { cache, changes } = setup()
  for (let i = 0; i < 3000; i++) cache.learn(i, 1000)
  expect(cache.all()).toHaveLength(1024)
  expect(changes()).toBe(3000)
  cache.flush()
  expect(cache.all()).toEqual([])
})
