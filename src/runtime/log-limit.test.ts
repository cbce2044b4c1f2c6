import { expect, test } from 'vitest'
import { second } from './clock.ts'
import { recording } from './log.ts'
import { LogLimit } from './log-limit.ts'

test('so many lines at once, then so many a minute, and how many were left out', () => {
  const { log, lines } = recording()
  const limit = new LogLimit(60)
  const say = (at: number, text: string): void => limit.log(log, at * second, 'stp', 'dbg', text)
  for (let i = 0; i < 72; i++) say(1.5, 'again')
  expect(lines).toEqual(new Array(60).fill('stp|DBG|again'))
  lines.splice(0)
  say(2, 'still too soon')
  say(4.5, 'one')
  say(4.5, 'two')
  expect(lines).toEqual([
    'stp|DBG|Dropped 13 log messages in last 3 seconds (most recently, 2 seconds ago) due to excessive rate',
    'stp|DBG|one',
    'stp|DBG|two',
  ])
  say(4.5, 'three')
  say(4.5, 'four')
  expect(lines).toHaveLength(4)
})
