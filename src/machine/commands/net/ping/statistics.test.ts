import { describe, expect, test } from 'vitest'
import { PingStatistics, roundTripText } from './statistics.ts'

describe('a round trip has three digits that count', () => {
  test.each([
    [0, '0.000'],
    [286, '0.286'],
    [999, '0.999'],
    [1000, '1.00'],
    [1234, '1.23'],
    [9994, '9.99'],
    [9995, '10.0'],
    [12345, '12.3'],
    [99949, '99.9'],
    [99950, '100'],
    [123456, '123'],
  ])('%i us', (us, text) => {
    expect(roundTripText(us)).toBe(text)
  })
})

/** Three requests a second apart; the second was lost. */
const some = (): PingStatistics => {
  const statistics = new PingStatistics()
  for (const [i, us] of [65, undefined, 286].entries()) {
    statistics.sent(i * 1e9)
    if (us === undefined) continue
    statistics.acknowledge(i + 1)
    statistics.received++
    statistics.roundTrip(us)
  }
  return statistics
}

test('the summary', () => {
  expect(some().summary('10.0.0.2', false)).toBe(
    '\n--- 10.0.0.2 ping statistics ---\n3 packets transmitted, 2 received, 33.3333% packet loss, time 2000ms\nrtt min/avg/max/mdev = 0.065/0.175/0.286/0.110 ms\n',
  )
})

test('errors, duplicates and requests that overtake their answers are told', () => {
  const statistics = some()
  statistics.errors = 2
  statistics.duplicates = 1
  statistics.acknowledge(1)
  expect(statistics.summary('x', false)).toContain('2 received, +1 duplicates, +2 errors, 33.3333% packet loss')
  expect(statistics.summary('x', false)).toContain(' ms, pipe 3\n')
})

test('without a request there is nothing to divide by', () => {
  expect(new PingStatistics().summary('x', false)).toBe(
    '\n--- x ping statistics ---\n0 packets transmitted, 0 received\n\n',
  )
})

test('a flood tells the gap between packets', () => {
  expect(some().summary('x', true)).toMatch(/, ipg\/ewma 1000\.000\/\d+\.\d{3} ms\n$/)
})
