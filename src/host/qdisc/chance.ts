import type { Random } from '../../runtime/index.ts'

/** Random numbers from 0 to 1 of which each is partly the one before: `correlation` is how much, from 0 to 1 (tc-netem(8)). */
export const correlated = (random: Random, correlation: number): Random => {
  if (correlation === 0) return random
  let last = random()
  return () => {
    last = random() * (1 - correlation) + last * correlation
    return last
  }
}

export const distributions = ['uniform', 'normal', 'pareto', 'paretonormal'] as const
export type Distribution = (typeof distributions)[number]

/** The farthest that tables of distributions go, in standard deviations. */
const farthest = 4

/** The quantile of the normal distribution, to 0.0005 (Abramowitz and Stegun, 26.2.23). */
const normal = (at: number): number => {
  const tail = Math.min(at, 1 - at)
  if (tail <= 0) return at < 0.5 ? -farthest : farthest
  const t = Math.sqrt(-2 * Math.log(tail))
  const far = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
  return at < 0.5 ? -far : far
}

/** With an index of 3, moved to a mean of 0, and divided by its variance: so is iproute2's table. */
const pareto = (at: number): number => ((1 - at) ** (-1 / 3) - 1.5) / 0.75

const bounded = (far: number): number => Math.max(-farthest, Math.min(farthest, far))

/** How far from the mean a random number is, in units of the jitter; `uniform` goes from -1 to 1. */
export const deviationOf = (distribution: Distribution, at: number): number => {
  switch (distribution) {
    case 'uniform':
      return at * 2 - 1
    case 'normal':
      return bounded(normal(at))
    case 'pareto':
      return bounded(pareto(at))
    case 'paretonormal':
      return 0.25 * bounded(normal(at)) + 0.75 * bounded(pareto(at))
  }
}
