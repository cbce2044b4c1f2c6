import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { millisecond, second, seeded, VirtualClock } from '../../runtime/index.ts'
import { checksum } from '../../wire/checksum.ts'
import { Frame } from '../../wire/frame.ts'
import { Egress } from './egress.ts'
import { Fifo, PfifoFast } from './fifo.ts'
import { Hfsc } from './hfsc.ts'
import { Htb } from './htb.ts'
import { Netem, type NetemOptions, usualNetem } from './netem.ts'
import type { Qdisc } from './qdisc.ts'
import { followOf, Red } from './red.ts'
import { Tbf } from './tbf.ts'

const mbit = 125_000

/** A link with a discipline: what leaves it, with the time; frames carry a number in their first two bytes. */
const link = (root: Qdisc, clock = new VirtualClock()) => {
  const left: { time: number; id: number; size: number }[] = []
  const egress = new Egress(clock, root, frame => {
    const { bytes, start } = frame
    left.push({
      time: clock.now(),
      id: (bytes[start] as number) * 256 + (bytes[start + 1] as number),
      size: frame.size,
    })
  })
  let count = 0
  const send = (size = 1514): boolean => {
    const frame = Frame.of(size)
    frame.bytes[frame.start] = count >> 8
    frame.bytes[frame.start + 1] = count++ & 255
    return egress.send(frame)
  }
  const pass = (time: number): void => void clock.runUntil(clock.now() + time)
  /** Bytes a second that leave while there is always something to send. */
  const throughput = (seconds: number, each = 1514): number => {
    const [from, began] = [left.length, clock.now()]
    const end = began + seconds * second
    while (clock.now() < end) {
      while (root.stats.backlogPackets < 20) if (!send(each)) break
      pass(0.1 * millisecond)
    }
    return left.slice(from).reduce((sum, { size }) => sum + size, 0) / seconds
  }
  return { clock, egress, left, send, pass, throughput, ids: () => left.map(({ id }) => id) }
}

const htbClass = (rate: number, more: Partial<Parameters<Htb['add']>[2]> = {}) => ({
  ...{ rate, ceil: rate, burst: 15_360, cburst: 1600, priority: 0, quantum: 1514 },
  ...more,
})

/** HTB as Mininet has it: one class, the default. */
const shaped = (rate: number): Htb => {
  const htb = new Htb(0x50000, { defaultClass: 1, r2q: 10, directLimit: 1000 })
  htb.add(0x50001, undefined, htbClass(rate), 0)
  return htb
}

describe('queues', () => {
  test('of a bounded length keep order, and drop what has no room', () => {
    for (const [queue, taken] of [
      [new Fifo('pfifo', 0x10000, 3), 3],
      [new Fifo('bfifo', 0x10000, 4000), 2],
    ] as const) {
      const frames = [0, 1, 2, 3, 4].map(() => Frame.of(1514))
      expect(frames.map(frame => queue.enqueue(frame))).toEqual(frames.map((_, i) => i < taken))
      expect(queue.stats).toMatchObject({ dropped: 5 - taken, backlogPackets: taken, backlogBytes: taken * 1514 })
      expect(frames.map(() => queue.dequeue())).toEqual(frames.map((frame, i) => (i < taken ? frame : undefined)))
      expect(queue.stats).toMatchObject({ packets: taken, bytes: taken * 1514, backlogPackets: 0, backlogBytes: 0 })
      expect(queue.readyAt(5)).toBeUndefined()
    }
  })

  test('of pfifo_fast go by the type of service', () => {
    const queue = new PfifoFast(0x10000, 1000)
    const withTos = (tos: number): Frame => {
      const frame = Frame.of(60)
      frame.bytes.set([0x08, 0x00, 0x45, tos], frame.start + 12)
      return frame
    }
    const [bulk, usual, hurried] = [withTos(0x08), withTos(0), withTos(0x10)]
    for (const frame of [bulk, usual, hurried]) queue.enqueue(frame)
    expect([queue.dequeue(), queue.dequeue(), queue.dequeue()]).toEqual([hurried, usual, bulk])
  })
})

describe('a rate', () => {
  const shapers: Record<string, (rate: number) => Qdisc> = {
    htb: shaped,
    tbf: rate => new Tbf(0x50000, { rate, burst: 15_000, limit: 100_000 }, 0),
    hfsc(rate) {
      const hfsc = new Hfsc(0x50000, 1, 1000)
      const curve = { first: 0, duration: 0, later: rate }
      hfsc.add(0x50001, undefined, { realTime: curve, share: curve, limit: curve }, 0)
      return hfsc
    },
    netem: rate => new Netem(0x50000, { ...usualNetem, rate }, seeded(1)),
  }
  for (const [name, make] of Object.entries(shapers))
    test.each([0.1, 1, 5, 10, 100, 1000])(`of ${name} is kept to 0.5 per cent: %d Mbit/s`, rate => {
      const lane = link(make(rate * mbit))
      lane.throughput(0.5)
      const got = lane.throughput(rate < 1 ? 40 : rate > 50 ? 0.2 : 4) / (rate * mbit)
      expect(got).toBeGreaterThan(0.995)
      expect(got).toBeLessThan(1.005)
    })

  test('lets the burst through at once, and no more', () => {
    const lane = link(new Tbf(0x50000, { rate: mbit, burst: 5000, limit: 50_000 }, 0))
    for (let i = 0; i < 10; i++) lane.send(1000)
    expect(lane.left).toHaveLength(5)
    lane.pass(8 * millisecond)
    expect(lane.left).toHaveLength(6)
    expect(lane.left.at(-1)?.time).toBe(8 * millisecond)
    expect(lane.egress.child.stats).toMatchObject({ backlogPackets: 4, backlogBytes: 4000 })
  })

  test('with a peak has no bursts', () => {
    const lane = link(
      new Tbf(0x50000, { rate: mbit, burst: 5000, limit: 50_000, peak: { rate: 2 * mbit, mtu: 1000 } }, 0),
    )
    for (let i = 0; i < 4; i++) lane.send(1000)
    lane.pass(second)
    expect(lane.left.map(({ time }) => time)).toEqual([0, 4, 8, 12].map(time => time * millisecond))
  })

  test('can be another one while frames wait', () => {
    const tbf = new Tbf(0x50000, { rate: mbit, burst: 1514, limit: 50_000 }, 0)
    const lane = link(tbf)
    for (let i = 0; i < 20; i++) lane.send()
    lane.pass(20 * millisecond)
    tbf.change({ rate: 10 * mbit, burst: 1514, limit: 50_000 }, lane.clock.now())
    expect(lane.throughput(1) / mbit).toBeCloseTo(10, 1)
  })

  test('fast or slow, no frame is lost or counted twice, and none waits for ever', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(shapers)),
        fc.double({ min: 0.05, max: 100, noNaN: true }),
        fc.array(fc.record({ size: fc.integer({ min: 60, max: 1514 }), gap: fc.integer({ min: 0, max: 20 }) }), {
          maxLength: 60,
        }),
        (name, rate, frames) => {
          const lane = link((shapers[name] as (rate: number) => Qdisc)(rate * mbit))
          let taken = 0
          for (const { size, gap } of frames) {
            if (lane.send(size)) taken++
            lane.pass(gap * millisecond)
          }
          lane.pass(100 * second)
          const { stats } = lane.egress.child
          expect(lane.left).toHaveLength(taken)
          expect(stats).toMatchObject({
            packets: taken,
            dropped: frames.length - taken,
            backlogPackets: 0,
            backlogBytes: 0,
          })
          expect(stats.bytes).toBe(lane.left.reduce((sum, { size }) => sum + size, 0))
          expect(lane.ids()).toEqual([...lane.ids()].sort((a, b) => a - b))
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('classes of HTB', () => {
  const family = () => {
    const htb = new Htb(0x10000, { defaultClass: 0x11, r2q: 10, directLimit: 100 })
    const root = htb.add(0x10001, undefined, htbClass(10 * mbit), 0)
    const one = htb.add(0x10011, root, htbClass(4 * mbit, { ceil: 10 * mbit }), 0)
    return { htb, root, one }
  }

  test('borrow what their parent has left, up to their ceiling', () => {
    const { htb, root, one } = family()
    const lane = link(htb)
    lane.throughput(0.5)
    expect(lane.throughput(2) / mbit).toBeCloseTo(10, 1)
    expect(one.borrowed).toBeGreaterThan(one.lended)
    expect(root.lended).toBe(one.borrowed)
    one.change(htbClass(4 * mbit, { ceil: 6 * mbit }), lane.clock.now())
    lane.throughput(0.5)
    expect(lane.throughput(2) / mbit).toBeCloseTo(6, 1)
  })

  test('share by their rates when all have something to send, and the rest by priority', () => {
    const { htb, root } = family()
    const two = htb.add(0x10012, root, htbClass(2 * mbit, { ceil: 10 * mbit, priority: 1 }), 0)
    const lane = link(htb)
    const sent = { one: 0, two: 0 }
    for (let i = 0; i < 4000; i++) {
      while (two.child.stats.backlogPackets < 10) {
        htb.options.defaultClass = 0x12
        lane.send()
      }
      htb.options.defaultClass = 0x11
      while (htb.stats.backlogPackets < 20) lane.send()
      lane.pass(millisecond)
    }
    sent.two = two.stats.bytes / 4
    sent.one = htb.stats.bytes / 4 - sent.two
    expect(sent.two / mbit).toBeCloseTo(2, 0)
    expect(sent.one / mbit).toBeCloseTo(8, 0)
  })

  test('frames of no class are not held up, and counted', () => {
    const htb = new Htb(0x10000, { defaultClass: 0x99, r2q: 10, directLimit: 5 })
    const lane = link(htb)
    for (let i = 0; i < 10; i++) lane.send()
    expect([lane.left.length, htb.directPackets]).toEqual([10, 10])
  })

  test('that have children cannot be taken away, and what waits in a class that goes is gone', () => {
    const { htb, root, one } = family()
    const lane = link(htb)
    for (let i = 0; i < 40; i++) lane.send()
    expect(htb.remove(root)).toBe(false)
    expect(htb.remove(one)).toBe(true)
    expect(htb.stats).toMatchObject({ backlogPackets: 0, backlogBytes: 0 })
    lane.pass(second)
    expect(htb.remove(root)).toBe(true)
  })
})

describe('classes of HFSC', () => {
  test('share what is there in proportion, and a promise is kept', () => {
    const hfsc = new Hfsc(0x10000, 1, 1000)
    const linear = (rate: number) => ({ first: rate, duration: 0, later: rate })
    const root = hfsc.add(
      0x10010,
      undefined,
      { realTime: undefined, share: linear(10 * mbit), limit: linear(10 * mbit) },
      0,
    )
    const one = hfsc.add(0x10001, root, { realTime: undefined, share: linear(6 * mbit), limit: undefined }, 0)
    const two = hfsc.add(0x10002, root, { realTime: undefined, share: linear(2 * mbit), limit: undefined }, 0)
    const lane = link(hfsc)
    const run = (): [number, number] => {
      const before = [one.total, two.total] as const
      for (let i = 0; i < 2000; i++) {
        for (const [number, each] of [
          [1, one],
          [2, two],
        ] as const) {
          hfsc.defaultClass = number
          while (each.child.stats.backlogPackets < 10) lane.send()
        }
        lane.pass(millisecond)
      }
      return [(one.total - before[0]) / 2 / mbit, (two.total - before[1]) / 2 / mbit]
    }
    const [first, second] = run()
    expect(first).toBeCloseTo(7.5, 0)
    expect(second).toBeCloseTo(2.5, 0)
    two.change({ realTime: linear(5 * mbit), share: linear(2 * mbit), limit: undefined }, lane.clock.now())
    expect(run()[1]).toBeGreaterThan(4.9)
  })
})

describe('netem', () => {
  const netem = (options: Partial<NetemOptions>, seed = 1) => {
    const qdisc = new Netem(0x100000, { ...usualNetem, ...options }, seeded(seed))
    return { qdisc, ...link(qdisc) }
  }

  test('is late by exactly what it is told, and in order', () => {
    const lane = netem({ delay: 15 * millisecond })
    for (let i = 0; i < 100; i++) {
      lane.send()
      lane.pass(millisecond)
    }
    lane.pass(second)
    expect(lane.left.map(({ time }) => time)).toEqual(Array.from({ length: 100 }, (_, i) => (i + 15) * millisecond))
  })

  test('damage is one bit', () => {
    const qdisc = new Netem(0x100000, { ...usualNetem, corrupt: { probability: 1, correlation: 0 } }, seeded(2))
    const bits = Array.from({ length: 200 }, () => {
      const frame = Frame.of(100)
      qdisc.enqueue(frame, 0)
      const set = qdisc.dequeue(0)?.content() ?? []
      return [...set].reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
    })
    expect(new Set(bits)).toEqual(new Set([1]))
  })

  test('every so many-th frame overtakes the others', () => {
    const lane = netem({ delay: 10 * millisecond, gap: 5, reorder: { probability: 1, correlation: 0 } })
    for (let i = 0; i < 10; i++) lane.send()
    lane.pass(second)
    expect(lane.ids()).toEqual([4, 9, 0, 1, 2, 3, 5, 6, 7, 8])
  })

  test('holds no more frames than its limit', () => {
    const lane = netem({ delay: 10 * millisecond, limit: 7 })
    for (let i = 0; i < 10; i++) lane.send()
    lane.pass(second)
    expect([lane.left.length, lane.qdisc.stats.dropped]).toEqual([7, 3])
  })

  test('below a class of HTB delays first, then the class shapes; loss is no loss of the class', () => {
    const htb = shaped(10 * mbit)
    const place = htb.classes.get(0x50001)
    if (place === undefined) throw new Error()
    place.child = new Netem(
      0x100000,
      { ...usualNetem, delay: 10 * millisecond, loss: { probability: 0.5, correlation: 0 } },
      seeded(3),
    )
    const lane = link(htb)
    for (let i = 0; i < 200; i++) lane.send()
    expect(lane.left).toEqual([])
    lane.pass(second)
    const { stats } = htb
    expect(lane.left[0]?.time).toBe(10 * millisecond)
    expect(lane.left.length).toBeGreaterThan(70)
    expect(stats).toMatchObject({ dropped: 0, packets: lane.left.length, backlogPackets: 0, backlogBytes: 0 })
    const span = ((lane.left.at(-1)?.time ?? 0) - 10 * millisecond) / second
    // The ceiling is that rate too, and lets two frames through at once.
    expect(((lane.left.length - 2) * 1514) / span / mbit).toBeCloseTo(10, 0)
  })

  test('the same seed gives the same times', () => {
    const times = (seed: number): number[] => {
      const lane = netem({ delay: 10 * millisecond, jitter: 5 * millisecond, distribution: 'normal' }, seed)
      for (let i = 0; i < 50; i++) lane.send()
      lane.pass(second)
      return lane.left.map(({ time }) => time)
    }
    expect(times(9)).toEqual(times(9))
    expect(times(9)).not.toEqual(times(10))
  })
})

describe('red', () => {
  const options = {
    ...{ limit: 1_000_000, min: 30_000, max: 35_000, average: 1500, burst: 20, bandwidth: 10 * mbit },
    ...{ probability: 1, ecn: false, hardDrop: false },
  }
  const ip = (ecn: number): Frame => {
    const frame = Frame.of(1514)
    const head = [0x08, 0x00, 0x45, ecn, 0x05, 0xdc, 0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]
    frame.bytes.set(head, frame.start + 12)
    const sum = checksum(frame.bytes, frame.start + 14, frame.start + 34)
    frame.bytes[frame.start + 24] = sum >> 8
    frame.bytes[frame.start + 25] = sum & 255
    return frame
  }

  test('leaves short queues alone, and keeps a long one between its marks', () => {
    const htb = shaped(10 * mbit)
    const red = new Red(0x60000, options, seeded(5))
    const place = htb.classes.get(0x50001)
    if (place === undefined) throw new Error()
    place.child = red
    const lane = link(htb)
    for (let i = 0; i < 20; i++) lane.send()
    expect(red.early).toBe(0)
    let most = 0
    for (let i = 0; i < 5000; i++) {
      lane.send()
      lane.send()
      lane.pass(millisecond)
      most = Math.max(most, red.stats.backlogBytes)
    }
    expect(red.early).toBeGreaterThan(1000)
    expect(most).toBeLessThan(45_000)
    expect(red.stats.backlogBytes).toBeGreaterThan(20_000)
    expect(htb.stats.dropped).toBe(red.stats.dropped)
  })

  test('marks those whose senders know of marks, with a right checksum, and drops the others', () => {
    const red = new Red(0x60000, { ...options, ecn: true }, seeded(5))
    for (let i = 0; i < 60; i++) red.enqueue(ip(i % 2 === 0 ? 2 : 0), 0)
    const out: Frame[] = []
    for (let frame = red.dequeue(1); frame !== undefined; frame = red.dequeue(1)) out.push(frame)
    const marked = out.filter(({ bytes, start }) => ((bytes[start + 15] as number) & 3) === 3)
    expect(marked.length).toBe(red.marked)
    expect(marked.length).toBeGreaterThan(5)
    expect(out.every(({ bytes, start }) => checksum(bytes, start + 14, start + 34) === 0)).toBe(true)
    expect(red.early).toBeGreaterThan(5)
  })

  test('knows how fast to follow, if a burst can pass at all', () => {
    expect(followOf({ min: 30_000, burst: 20, average: 1500 })).toBe(1)
    expect(followOf({ min: 10_000, burst: 3, average: 1000 })).toBeUndefined()
    expect(followOf({ min: 8000, burst: 55, average: 1000 })).toBe(8)
  })
})

test('what waits is lost when the link goes down', () => {
  const lane = link(new Netem(0x100000, { ...usualNetem, delay: second }, seeded(1)))
  lane.send()
  lane.egress.reset()
  lane.pass(5 * second)
  expect([lane.left.length, lane.egress.child.stats.backlogPackets]).toEqual([0, 0])
})
