import { expect, test } from 'vitest'
import { second, VirtualClock } from '../../runtime/index.ts'
import { Coverage } from './coverage.ts'

const lines = (coverage: Coverage): string[] => coverage.show().split('\n').slice(1, -1)

test('counts by name, in the form of ovs-vswitchd 3.1', () => {
  const coverage = new Coverage(() => [
    ['seq_change', 40],
    ['bridge_reconfigure', 1],
    ['never', 0],
    ['seq_change', 2],
  ])
  expect(coverage.show()).toMatch(
    /^Event coverage, avg rate over last: 5 seconds, last minute, last hour, {2}hash=[0-9a-f]{8}:\n/,
  )
  expect(lines(coverage)).toEqual([
    'bridge_reconfigure         0.0/sec     0.000/sec        0.0000/sec   total: 1',
    'seq_change                 0.0/sec     0.000/sec        0.0000/sec   total: 42',
    '1 events never hit',
  ])
  expect(['seq_change', 'never', 'nope'].map(name => coverage.read(name))).toEqual([42, 0, undefined])
})

test('rates over five seconds, a minute and an hour', () => {
  const clock = new VirtualClock()
  let count = 0
  const coverage = new Coverage(() => [['thing', count]])
  const stop = coverage.keepLooking(clock)
  const rates = (): string => lines(coverage)[0]?.replaceAll(/ +/g, ' ') ?? ''
  const pass = (seconds: number): void => clock.runUntil(clock.now() + seconds * second)
  count = 60
  expect(rates()).toBe('thing 0.0/sec 0.000/sec 0.0000/sec total: 60')
  pass(5)
  expect(rates()).toBe('thing 12.0/sec 1.000/sec 0.0167/sec total: 60')
  pass(5)
  expect(rates()).toBe('thing 0.0/sec 1.000/sec 0.0167/sec total: 60')
  pass(55)
  expect(rates()).toBe('thing 0.0/sec 0.000/sec 0.0167/sec total: 60')
  pass(3600)
  expect(rates()).toBe('thing 0.0/sec 0.000/sec 0.0000/sec total: 60')
  stop()
  count = 120
  pass(60)
  expect(rates()).toBe('thing 0.0/sec 0.000/sec 0.0000/sec total: 120')
})
