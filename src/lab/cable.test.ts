import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { millisecond, seeded, VirtualClock } from '../runtime/index.ts'
import { Frame } from '../wire/frame.ts'
import { Cable, type CableOptions } from './cable.ts'

const setup = (options: CableOptions = {}) => {
  const clock = new VirtualClock()
  const cable = new Cable(['hv1:eth0', 'r1:eth0'], { clock, random: seeded(1) }, options)
  const arrived: { time: number; first: number }[] = []
  cable.b.output = { send: frame => arrived.push({ time: clock.now(), first: frame.bytes[frame.start]! }) }
  const send = (first: number, size = 100): void => {
    const frame = Frame.of(size)
    frame.bytes[frame.start] = first
    cable.a.send(frame)
  }
  return { clock, cable, arrived, send }
}

describe('a cable', () => {
  test('delivers after its delay, not inside `send`', () => {
    const { clock, arrived, send } = setup({ delay: millisecond })
    send(1)
    expect(arrived).toEqual([])
    clock.runUntil(millisecond)
    expect(arrived).toEqual([{ time: millisecond, first: 1 }])
  })

  test('takes the time that its bandwidth says, a frame after the other', () => {
    // 100 + 24 bytes at 1 Gbit/s are 992 ns; a short frame counts as 60 + 24 bytes, 672 ns.
    const { clock, arrived, send } = setup({ bandwidth: 1e9, delay: 1000 })
    send(1)
    send(2)
    send(3, 20)
    clock.runUntil(millisecond)
    expect(arrived.map(({ time }) => time)).toEqual([1992, 2984, 3656])
    send(4)
    clock.runUntil(2 * millisecond)
    expect(arrived[3]?.time).toBe(millisecond + 1992)
  })

  test('drops what its queue cannot hold, and counts it', () => {
    const { clock, cable, arrived, send } = setup({ bandwidth: 1e6, queue: 2 })
    for (let i = 1; i <= 5; i++) send(i)
    clock.runUntil(100 * millisecond)
    expect(arrived.map(({ first }) => first)).toEqual([1, 2, 3])
    expect(cable.a.counters).toEqual({
      frames: 3,
      bytes: 300,
      dropped: { queue_full: 2, lost: 0, unplugged: 0 },
    })
    send(6)
    clock.runUntil(200 * millisecond)
    expect(arrived).toHaveLength(4)
  })

  test('loses the part that it should', () => {
    const { clock, cable, arrived, send } = setup({ loss: 0.25 })
    for (let i = 0; i < 10_000; i++) send(1)
    clock.runUntil(1)
    expect(Math.abs(arrived.length - 7500)).toBeLessThan(200)
    expect(arrived.length + cable.a.counters.dropped.lost).toBe(10_000)
  })

  test('delivers nothing while it is unplugged, and says so', () => {
    const { clock, cable, arrived, send } = setup({ delay: 10 })
    const told: boolean[] = []
    cable.onPlug.add(plugged => told.push(plugged))
    send(1)
    cable.plugged = false
    cable.plugged = false
    clock.runUntil(20)
    send(2)
    cable.plugged = true
    send(3)
    clock.runUntil(40)
    expect(arrived.map(({ first }) => first)).toEqual([3])
    expect(cable.a.counters.dropped.unplugged).toBe(2)
    expect(told).toEqual([false, true])
  })

  test('shows a tap each frame that is sent, also one that is lost', () => {
    const { clock, cable, send } = setup({ loss: 1, bandwidth: 1e9 })
    const seen: [string, number, number][] = []
    cable.taps.add((end, frame, time) => seen.push([end.name, frame.size, time]))
    send(1)
    cable.b.send(Frame.of(200))
    clock.runUntil(10)
    expect(seen).toEqual([
      ['hv1:eth0', 100, 992],
      ['r1:eth0', 200, 1792],
    ])
  })

  test('works both ways at once, each at full bandwidth', () => {
    const { clock, cable, arrived, send } = setup({ bandwidth: 1e9 })
    const back: number[] = []
    cable.a.output = { send: () => back.push(clock.now()) }
    send(1)
    cable.b.send(Frame.of(100))
    clock.runUntil(millisecond)
    expect([arrived[0]?.time, back[0]]).toEqual([992, 992])
    expect(cable.a.other).toBe(cable.b)
    expect(cable.b.other).toBe(cable.a)
  })

  test('never changes the order, whatever the jitter', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.nat(500), { maxLength: 60 }), (seed, gaps) => {
        const clock = new VirtualClock()
        const cable = new Cable(
          ['a', 'b'],
          { clock, random: seeded(seed) },
          { jitter: 1000, delay: 5, bandwidth: 1e10 },
        )
        const order: number[] = []
        cable.b.output = { send: frame => order.push(frame.size) }
        let at = 0
        for (const [i, gap] of gaps.entries()) {
          at += gap
          clock.at(at, () => cable.a.send(Frame.of(60 + i)))
        }
        clock.runUntil(1e9)
        expect(order).toEqual(gaps.map((_, i) => 60 + i))
      }),
    )
  })
})
