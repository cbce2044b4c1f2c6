/** What tc-netem(8) promises, counted over thousands of frames: a tenth too much or too little of anything fails. */
import { describe, expect, test } from 'vitest'
import { millisecond, second, seeded, VirtualClock } from '../../runtime/index.ts'
import { Frame } from '../../wire/frame.ts'
import { type Distribution, deviationOf, distributions } from './chance.ts'
import { Egress } from './egress.ts'
import { Netem, type NetemOptions, usualNetem } from './netem.ts'

const count = 40_000

/** Sends frames a millisecond apart; of each that arrives its number, how late it was (ms), and its bytes. */
const flow = (options: Partial<NetemOptions>, frames = count) => {
  const clock = new VirtualClock()
  const qdisc = new Netem(0x100000, { ...usualNetem, limit: 1e6, ...options }, seeded(7))
  const arrived: { id: number; late: number; bytes: Uint8Array }[] = []
  const egress = new Egress(clock, qdisc, frame => {
    const bytes = frame.content()
    const id = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
    arrived.push({ id, late: clock.now() / millisecond - id, bytes: bytes.slice(4) })
  })
  for (let id = 0; id < frames; id++) {
    clock.runUntil(id * millisecond)
    const frame = Frame.of(64)
    new DataView(frame.bytes.buffer, frame.bytes.byteOffset).setUint32(frame.start, id)
    egress.send(frame)
  }
  clock.runUntil(clock.now() + 100 * second)
  return { qdisc, arrived, late: arrived.map(({ late }) => late), ids: arrived.map(({ id }) => id) }
}

const mean = (all: readonly number[]): number => all.reduce((sum, each) => sum + each, 0) / all.length
const deviation = (all: readonly number[]): number => {
  const middle = mean(all)
  return Math.sqrt(mean(all.map(each => (each - middle) ** 2)))
}
/** How alike a number and the next are, from -1 to 1. */
const likeness = (all: readonly number[]): number => {
  const middle = mean(all)
  const pairs = all.slice(1).map((each, i) => (each - middle) * ((all[i] as number) - middle))
  return mean(pairs) / deviation(all) ** 2
}
const quantile = (all: readonly number[], part: number): number =>
  [...all].sort((a, b) => a - b)[Math.floor(part * (all.length - 1))] as number

const within = (got: number, wanted: number, part: number): void => {
  expect(got).toBeGreaterThan(wanted * (1 - part))
  expect(got).toBeLessThan(wanted * (1 + part))
}
const likely = (probability: number, correlation = 0) => ({ probability, correlation })

describe('delay', () => {
  test('without jitter is what it is told, for each frame', () => {
    const { late, ids } = flow({ delay: 15 * millisecond }, 2000)
    expect(new Set(late)).toEqual(new Set([15]))
    expect(ids).toEqual(Array.from({ length: 2000 }, (_, i) => i))
  })

  test('is evenly spread over what jitter says, in each tenth of it', () => {
    const { late, ids } = flow({ delay: 10 * millisecond, jitter: 5 * millisecond })
    within(mean(late), 10, 0.01)
    within(deviation(late), 5 / Math.sqrt(3), 0.02)
    expect(Math.min(...late)).toBeGreaterThanOrEqual(5)
    expect(Math.max(...late)).toBeLessThanOrEqual(15)
    const tenths = Array.from({ length: 10 }, (_, i) => late.filter(each => Math.floor(each - 5) === i).length)
    for (const each of tenths) within(each, count / 10, 0.07)
    const overtaken = ids.filter((id, i) => i > 0 && id < (ids[i - 1] as number)).length
    expect(overtaken).toBeGreaterThan(count / 10)
  })

  /** Quantiles of the tables that iproute2 6.1 has: measured there. */
  test.each<[Distribution, number[]]>([
    ['normal', [-1.646, -1.282, -0.675, 0, 0.674, 1.28, 1.642]],
    ['pareto', [-0.644, -0.619, -0.533, -0.32, 0.116, 0.869, 1.612]],
    ['paretonormal', [-0.894, -0.785, -0.568, -0.24, 0.255, 0.972, 1.62]],
  ])('of %s jitter has the quantiles of the real table', (distribution, quantiles) => {
    const { late } = flow({ delay: 100 * millisecond, jitter: 10 * millisecond, distribution })
    for (const [i, part] of [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95].entries())
      expect(Math.abs(quantile(late, part) - 100 - 10 * (quantiles[i] as number))).toBeLessThan(0.35)
  })

  test('of normal jitter has that deviation, and two thirds within it', () => {
    const { late } = flow({ delay: 100 * millisecond, jitter: 10 * millisecond, distribution: 'normal' })
    within(mean(late), 100, 0.005)
    within(deviation(late), 10, 0.02)
    within(late.filter(each => Math.abs(each - 100) < 10).length / count, 0.6827, 0.02)
    within(late.filter(each => Math.abs(each - 100) < 20).length / count, 0.9545, 0.01)
  })

  test.each(distributions)('is never further off than its distribution goes: %s', distribution => {
    const ends = [0, 1e-12, 0.5, 1 - 1e-12].map(at => Math.abs(deviationOf(distribution, at)))
    expect(Math.max(...ends)).toBeLessThanOrEqual(distribution === 'uniform' ? 1 : 4)
    expect(deviationOf(distribution, 0.9)).toBeGreaterThan(deviationOf(distribution, 0.6))
  })

  test.each([0, 0.25, 0.5, 0.9])('follows the frame before by the correlation: %s', correlation => {
    const options = { delay: 10 * millisecond, jitter: 5 * millisecond, delayCorrelation: correlation }
    const { arrived } = flow(options)
    const late = arrived.sort((a, b) => a.id - b.id).map(each => each.late)
    within(mean(late), 10, 0.02)
    expect(Math.abs(likeness(late) - correlation)).toBeLessThan(0.03)
  })

  test('at a rate is the time that frames take, one behind the other', () => {
    // 64 bytes at 32,000 a second are 2 ms, and each comes 1 ms behind the last.
    const { late } = flow({ rate: 32_000 }, 500)
    expect(late).toEqual(Array.from({ length: 500 }, (_, i) => i + 2))
  })
})

describe('loss', () => {
  test.each([0.01, 0.1, 0.5, 0.99])('of a part of %s', probability => {
    const { qdisc, ids } = flow({ loss: likely(probability) })
    within((count - ids.length) / count, probability, probability < 0.1 ? 0.1 : 0.05)
    expect(qdisc.stats.dropped).toBe(count - ids.length)
    expect(ids).toEqual([...ids].sort((a, b) => a - b))
  })

  test('is independent of the frame before, unless it is told otherwise', () => {
    const alike = (correlation: number): number => {
      const there = new Set(flow({ loss: likely(0.3, correlation) }).ids)
      return likeness(Array.from({ length: count }, (_, id) => (there.has(id) ? 1 : 0)))
    }
    expect(Math.abs(alike(0))).toBeLessThan(0.02)
    expect(alike(0.5)).toBeGreaterThan(0.2)
  })

  test('of all, and of none', () => {
    expect(flow({ loss: likely(1) }, 1000).ids).toEqual([])
    expect(flow({ loss: likely(0) }, 1000).ids).toHaveLength(1000)
  })

  test('in bursts: as many as the chances of both states say, and as long', () => {
    const { ids } = flow({ bursts: { toBad: 0.02, toGood: 0.2, lossWhenBad: 1, lossWhenGood: 0 } })
    const lost = count - ids.length
    within(lost / count, 0.02 / 0.22, 0.09)
    const bursts = ids.filter((id, i) => i > 0 && id > (ids[i - 1] as number) + 1).length
    within(lost / bursts, 1 / 0.2, 0.07)
  })

  test('in bursts with losses in either state', () => {
    const { ids } = flow({ bursts: { toBad: 0.1, toGood: 0.3, lossWhenBad: 0.8, lossWhenGood: 0.04 } })
    within((count - ids.length) / count, 0.25 * 0.8 + 0.75 * 0.04, 0.05)
  })
})

describe('duplicates', () => {
  test.each([0.05, 0.25, 1])('a part of %s', probability => {
    const { ids, qdisc } = flow({ duplicate: likely(probability) })
    within(ids.length / count - 1, probability, 0.08)
    expect(new Set(ids).size).toBe(count)
    expect(qdisc.stats.packets).toBe(ids.length)
  })
})

describe('damage', () => {
  test('is of a part of the frames, one bit of each, anywhere', () => {
    const { arrived } = flow({ corrupt: likely(0.2) })
    // A bit of the four bytes of the number cannot be told from another frame.
    const damaged = arrived.filter(({ bytes }) => bytes.some(byte => byte !== 0))
    within(damaged.length / count, 0.2 * (60 / 64), 0.05)
    const bitsOf = (byte: number): number => byte.toString(2).replaceAll('0', '').length
    for (const { bytes } of damaged) expect(bytes.reduce((sum, byte) => sum + bitsOf(byte), 0)).toBe(1)
    const places = damaged.map(({ bytes }) => bytes.findIndex(byte => byte !== 0))
    within(mean(places), 29.5, 0.03)
    expect(new Set(places).size).toBe(60)
  })
})

describe('reordering', () => {
  test('sends a part at once and the others late', () => {
    const { late } = flow({ delay: 10 * millisecond, reorder: likely(0.25), gap: 1 })
    expect(new Set(late)).toEqual(new Set([0, 10]))
    within(late.filter(each => each === 0).length / count, 0.25, 0.05)
  })

  test('with a gap has that many late before each that may be early', () => {
    const { arrived } = flow({ delay: 10 * millisecond, reorder: likely(0.5), gap: 5 })
    const early = arrived.filter(({ late }) => late === 0).map(({ id }) => id)
    const distances = early.slice(1).map((id, i) => id - (early[i] as number))
    expect(Math.min(...distances)).toBe(5)
    // Four that wait, and then half of those that may.
    within(mean(distances), 6, 0.03)
    expect(flow({ delay: 10 * millisecond, reorder: likely(1), gap: 5 }, 20).ids).toEqual([
      ...[4, 9, 0, 1, 2, 3, 14, 5, 6, 7, 8, 19, 10, 11, 12, 13, 15, 16, 17, 18],
    ])
  })
})
