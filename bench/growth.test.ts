import fc from 'fast-check'
import { expect, test } from 'vitest'
import { drawGrowth, lawOf, type Point } from './growth.ts'

const under = (slope: number, factor: number): Point[] =>
  [16, 64, 256, 1024].map(hosts => ({ hosts, seconds: factor * hosts ** slope }))

test('points of a power law give it back', () => {
  const slopes = fc.double({ min: -2, max: 3, noNaN: true })
  const factors = fc.double({ min: 1e-3, max: 1e3, noNaN: true })
  fc.assert(
    fc.property(slopes, factors, (slope, factor) => {
      const law = lawOf(under(slope, factor))
      expect(law.slope).toBeCloseTo(slope, 6)
      expect(law.factor / factor).toBeCloseTo(1, 6)
    }),
  )
})

test('of points beside the law as many lie above as below, each by its factor', () => {
  const [a, b, c, d] = under(1, 0.01).map((point, i) => ({ ...point, seconds: point.seconds * [2, 0.5, 0.5, 2][i]! }))
  expect(lawOf([a!, b!, c!, d!])).toEqual({ slope: expect.closeTo(1), factor: expect.closeTo(0.01) })
})

test('a picture has each point in its frame, the slope, and powers beside both axes', () => {
  const picture = drawGrowth(under(0.5, 0.3), 'a network')
  const circles = [...picture.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [
    Number(x),
    Number(y),
  ])
  expect(circles.map(([x]) => x)).toEqual([70, 253.3, 436.7, 620])
  const heights = circles.map(([, y]) => y as number)
  expect(heights).toEqual(heights.toSorted((a, b) => b - a))
  expect(heights.every(y => y >= 40 && y <= 350)).toBe(true)
  expect(picture).toContain('>slope 0.50<')
  for (const tick of ['16', '1024', '1 s', '10 s']) expect(picture).toContain(`>${tick}</text>`)
})
