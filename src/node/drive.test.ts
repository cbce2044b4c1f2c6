import { describe, expect, test } from 'vitest'
import type { Waiting } from '../lab/index.ts'
import { every, second, VirtualClock } from '../runtime/index.ts'
import { PacedDrive, VirtualDrive } from './drive.ts'

const later = (ms: number, run: () => void): void => void setTimeout(run, ms)

describe('virtual time', () => {
  test('passes as fast as it can, and not further than the end of the command', async () => {
    const clock = new VirtualClock()
    const drive = new VirtualDrive(clock, () => 0)
    let beats = 0
    every(clock, second, () => beats++)
    const began = performance.now()
    await drive.finish(() => beats === 3600)
    expect(clock.now()).toBe(3600 * second)
    expect(performance.now() - began).toBeLessThan(1000)
    await drive.finish(() => true)
    expect(clock.now()).toBe(3600 * second)
  })

  test('lets the keyboard have its turn while a command runs', async () => {
    const clock = new VirtualClock()
    const drive = new VirtualDrive(clock, () => 0)
    every(clock, 1000, () => {})
    let interrupted = false
    later(30, () => {
      interrupted = true
      drive.poke()
    })
    await drive.finish(() => interrupted)
    expect(interrupted).toBe(true)
  })

  test('waits for a poke when nothing can happen', async () => {
    const drive = new VirtualDrive(new VirtualClock(), () => 0)
    let ended = false
    later(20, () => {
      ended = true
      drive.poke()
    })
    await drive.finish(() => ended)
    drive.poke()
    drive.stop()
    expect(ended).toBe(true)
  })

  test('stands still while a command waits for a line', async () => {
    const clock = new VirtualClock()
    const drive = new VirtualDrive(clock, () => 0)
    every(clock, second, () => {})
    let waiting: Waiting = 'time'
    let ended = false
    clock.at(5 * second, () => {
      waiting = 'line'
    })
    later(40, () => {
      waiting = 'time'
      clock.at(clock.now() + second, () => {
        ended = true
      })
      drive.poke()
    })
    await drive.finish(
      () => ended,
      () => waiting,
    )
    expect(clock.now()).toBe(6 * second)
  })

  test('keeps pace with the real one while a line may come and a job runs', async () => {
    const clock = new VirtualClock()
    const drive = new VirtualDrive(clock, () => 0)
    let ended = false
    later(120, () => {
      ended = true
      drive.poke()
    })
    await drive.finish(
      () => ended,
      () => 'both',
    )
    expect(clock.now()).toBeGreaterThan(0.06 * second)
    expect(clock.now()).toBeLessThan(2 * second)
  })

  test('is slowed down for what prints on and on, after ten seconds of it', async () => {
    const clock = new VirtualClock()
    let printed = 0
    const drive = new VirtualDrive(clock, () => printed)
    every(clock, 0.1 * second, () => printed++)
    const began = performance.now()
    await drive.finish(() => printed === 99)
    expect(performance.now() - began).toBeLessThan(1000)
    // Ten seconds are free again for the next command; three lines after them take 0.3 s.
    const next = performance.now()
    await drive.finish(() => printed === 99 + 104)
    expect(performance.now() - next).toBeGreaterThan(200)
  })

  test('an interrupt during such a pause ends the command at once', async () => {
    const clock = new VirtualClock()
    let printed = 0
    let ended = false
    const drive = new VirtualDrive(clock, () => printed)
    // Its last entry: after the pause nothing is left that could happen.
    for (const at of [1, 20, 40]) clock.at(at * second, () => printed++)
    later(50, () => {
      ended = true
      drive.poke()
    })
    const began = performance.now()
    await drive.finish(() => ended)
    expect(performance.now() - began).toBeLessThan(900)
  })
})

describe('real time', () => {
  test('passes as the clock on the wall does', async () => {
    const clock = new VirtualClock()
    const drive = new PacedDrive(clock)
    let ended = false
    clock.at(0.1 * second, () => {
      ended = true
    })
    const began = performance.now()
    await drive.finish(() => ended)
    drive.stop()
    const took = performance.now() - began
    expect(took).toBeGreaterThan(80)
    expect(took).toBeLessThan(2000)
  })

  test('lets what comes from outside happen at the present', async () => {
    const clock = new VirtualClock()
    const drive = new PacedDrive(clock)
    await new Promise<void>(resolve => later(30, resolve))
    let time = 0
    drive.enter(() => {
      time = clock.now()
    })
    drive.stop()
    expect(time).toBeGreaterThan(0.02 * second)
  })
})
