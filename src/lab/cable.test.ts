import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { millisecond, seeded, VirtualClock } from '../runtime/index.ts'
import { pushEthernet } from '../wire/ethernet.ts'
import { Frame } from '../wire/frame.ts'
import { pushIpv4 } from '../wire/ipv4.ts'
import { pushTcp, TcpFlag } from '../wire/tcp.ts'
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

describe('a run of TCP segments', () => {
  /** Ten packets of 1,000 bytes of data, 1,054 bytes each. */
  const runOf = (): Frame => {
    const frame = Frame.of(10_000)
    const ends = { src: 0x0a000001, dst: 0x0a000002 }
    const flags = TcpFlag.ack
    pushTcp(frame, { src: 1, dst: 2, seq: 1, ack: 1, flags, window: 1, urgent: 0, options: [] }, ends)
    pushIpv4(frame, { ...ends, protocol: 6 })
    pushEthernet(frame, { dst: 2, src: 1, type: 0x0800 })
    frame.gso = 1000
    return frame
  }
  const bits = 10 * (1054 + 24) * 8

  const carry = (options: CableOptions, prepare: (cable: Cable) => void = () => {}) => {
    const clock = new VirtualClock()
    const cable = new Cable(['a:eth0', 'b:eth0'], { clock, random: seeded(1) }, options)
    const arrived: { time: number; size: number; gso: number }[] = []
    cable.b.output = {
      takesRuns: true,
      send: ({ size, gso }) => arrived.push({ time: Math.round(clock.now()), size, gso }),
    }
    prepare(cable)
    cable.a.send(runOf())
    clock.runUntil(1e9)
    return { arrived, cable }
  }

  test('travels as one on a fast cable, as long as its packets, and counts as them', () => {
    const { arrived, cable } = carry({ bandwidth: 10e9, delay: 1000 })
    expect(arrived).toEqual([{ time: Math.round(bits / 10 + 1000), size: 10_054, gso: 1000 }])
    expect(cable.a.counters).toMatchObject({ frames: 10, bytes: 10_540 })
  })

  test('goes in packets where each takes its time, may be lost, or is looked at', () => {
    const seen: number[] = []
    for (const { arrived } of [
      carry({ bandwidth: 1e8 }),
      carry({ bandwidth: 10e9, queue: 20 }),
      carry({ jitter: 10 }),
      carry({}, cable => cable.taps.add((_, frame) => seen.push(frame.size))),
      carry({}, cable => {
        const { output } = cable.b
        cable.b.output = { send: frame => output?.send(frame) }
      }),
    ])
      expect(arrived.map(({ size, gso }) => [size, gso])).toEqual(Array(10).fill([1054, 0]))
    expect(seen).toEqual(Array(10).fill(1054))
    expect(carry({ loss: 0.5 }).arrived.length).toBeLessThan(10)
    expect(carry({ bandwidth: 1e8 }).arrived.at(-1)?.time).toBe(bits * 10)
  })

  test('is dropped whole, as its packets, where the queue has no room', () => {
    const { cable, arrived } = carry({ bandwidth: 10e9, queue: 100 }, cable => {
      for (let i = 0; i < 20; i++) cable.a.send(runOf())
    })
    expect(arrived.length).toBe(11)
    expect(cable.a.counters.dropped.queue_full).toBe(100)
  })
})
