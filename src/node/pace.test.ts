import { expect, test } from 'vitest'
import { millisecond, VirtualClock } from '../runtime/index.ts'
import { Pace } from './pace.ts'

test('a paced clock reaches its entries when real time does, in order', async () => {
  const clock = new VirtualClock()
  const pace = new Pace(clock)
  const began = process.hrtime.bigint()
  const real = (): number => Number(process.hrtime.bigint() - began)
  const late: number[] = []
  const times: number[] = []
  await new Promise<void>(resolve => {
    pace.enter(() => {
      const start = clock.now()
      for (const wait of [20, 5, 20.5, 40]) {
        clock.at(start + wait * millisecond, () => {
          times.push(wait)
          late.push(real() - wait * millisecond)
          if (wait === 40) resolve()
        })
      }
    })
  })
  pace.stop()
  expect(times).toEqual([5, 20, 20.5, 40])
  // Never early beyond the time between making the pace and the first reading above.
  for (const by of late) expect(by).toBeGreaterThan(-5 * millisecond)
})

test('a stopped pace leaves the clock alone', async () => {
  const clock = new VirtualClock()
  const pace = new Pace(clock)
  let ran = false
  pace.enter(() => clock.at(clock.now() + millisecond, () => (ran = true)))
  pace.stop()
  await new Promise(resolve => setTimeout(resolve, 10))
  expect(ran).toBe(false)
})
