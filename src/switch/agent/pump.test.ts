import { describe, expect, test } from 'vitest'
import { OfSession } from '../../openflow/session.ts'
import { type Clock, Signal, second, start } from '../../runtime/index.ts'
import { duplexPair } from '../../runtime/stream.ts'
import { VirtualClock } from '../../runtime/virtual-clock.ts'
import { pump } from './pump.ts'

const interval = 10 * second
const barrier = Uint8Array.of(4, 20, 0, 8, 0, 0, 0, 1)
const isProbe = (message: Uint8Array): boolean => message[1] === 2

/** Two sessions that a pump each serves; the near one probes the far one. */
const talking = () => {
  const clock = new VirtualClock()
  let entries = 0
  const counting: Clock = {
    now: () => clock.now(),
    at: (when, run) => {
      entries++
      return clock.at(when, run)
    },
  }
  const probes: number[] = []
  let handled = 0
  const serving = (probeInterval: number, own: Clock, duplex: ReturnType<typeof duplexPair>[0]) => {
    const session = new OfSession({
      xid: () => 1,
      now: 0,
      probeInterval,
      tap: message => {
        if (isProbe(message) && probeInterval > 0) probes.push(clock.now())
      },
    })
    const changed = new Signal()
    const nothing = (): void => undefined
    const task = pump(session, duplex, own, {
      handle: () => {
        handled++
      },
      more: () => false,
      agreed: nothing,
      drained: nothing,
      changed,
    })
    return { session, changed, running: start(task) }
  }
  const [there, here] = duplexPair()
  const near = serving(interval, counting, here)
  const far = serving(0, clock, there)
  const say = (): void => {
    far.session.send(barrier)
    far.changed.wake()
  }
  const handledSoFar = (): number => handled
  return { clock, near, far, say, probes, handledSoFar, entries: () => entries }
}

describe('a pump', () => {
  test('takes one entry of the clock for any number of messages', () => {
    const { clock, say, handledSoFar, entries } = talking()
    for (let i = 1; i <= 100; i++) {
      clock.runUntil(i * 1000)
      say()
    }
    expect(handledSoFar()).toBe(100)
    expect(entries()).toBe(1)
  })

  test('probes an interval after the last message, not after an earlier one', () => {
    const { clock, say, probes } = talking()
    for (const at of [3, 6, 9]) {
      clock.runUntil(at * second)
      say()
    }
    clock.runUntil(18 * second)
    expect(probes).toEqual([])
    clock.runUntil(19 * second)
    expect(probes).toEqual([19 * second])
  })

  test('leaves nothing in the clock once it is stopped', () => {
    const { clock, near, far } = talking()
    expect(clock.pending).toBe(1)
    near.running.stop()
    far.running.stop()
    expect(clock.pending).toBe(0)
  })
})
