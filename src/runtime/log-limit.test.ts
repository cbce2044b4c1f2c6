import { expect, test } from 'vitest'
import { second } from './clock.ts'
import { recording } from './log.ts'
import { LogLimit } from './log-limit.ts'

test('so many lines at once, then so many a minute, and how many were left out', () => {
  const { log, lines } = recording()
  const limit = new LogLimit(60, 0)
  const say = (at: number, text: string): void => limit.log(log, at * second, 'stp', 'dbg', text)
  say(0.5, 'again')
  for (let i = 0; i < 73; i++) say(1.5, 'again')
  // The second and a half since the beginning gives one more.
  expect(lines).toEqual(new Array(61).fill('stp|DBG|again'))
  lines.splice(0)
  say(1.9, 'still too soon')
  say(4.5, 'one')
  say(4.5, 'two')
  expect(lines).toEqual([
    'stp|DBG|Dropped 14 log messages in last 3 seconds (most recently, 3 seconds ago) due to excessive rate',
    'stp|DBG|one',
    'stp|DBG|two',
  ])
  say(4.5, 'three')
  say(4.5, 'four')
  expect(lines.slice(3)).toEqual(['stp|DBG|three'])
})
