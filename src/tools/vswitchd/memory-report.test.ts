import { expect, test } from 'vitest'
import { second, VirtualClock } from '../../runtime/index.ts'
import { reportMemory } from './memory-report.ts'

test('memory is told of when it is known, and when it is half as much again', () => {
  const clock = new VirtualClock()
  const lines: string[] = []
  const now = { size: 1000, usage: '' }
  const stop = reportMemory(
    clock,
    (module, level, text) => void lines.push(`${module}|${level}|${text}`),
    () => now.size,
    () => now.usage,
  )
  const pass = (seconds: number): string[] => {
    clock.runUntil(clock.now() + seconds * second)
    return lines.splice(0)
  }
  expect(pass(9)).toEqual([])
  expect(pass(1)).toEqual(['memory|info|1000 kB peak resident set size after 10.0 seconds'])
  now.size = 1499
  expect(pass(60)).toEqual([])
  now.size = 1500
  now.usage = 'ports:3 rules:6\n'
  expect(pass(10)).toEqual([
    'memory|info|peak resident set size grew 50% in last 70.0 seconds, from 1000 kB to 1500 kB',
    'memory|info|ports:3 rules:6',
  ])
  stop()
  now.size = 9000
  expect(pass(100)).toEqual([])
})
