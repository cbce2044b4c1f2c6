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

const normal = (at: number): number => {
  // Two draws in one: the halves of a number's bits are independent.
  const scaled = at * 65536
  const u = (Math.floor(scaled) + 0.5) / 65536
  const v = scaled - Math.floor(scaled)
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v)
}

/** With an index of 3, moved to a mean of 0 and scaled to a deviation of 1. */
const pareto = (at: number): number => ((1 - at) ** (-1 / 3) - 1.5) / Math.sqrt(0.75)

/** How far from the mean a random number is, in units of the jitter; `uniform` goes from -1 to 1. */
export const deviationOf = (distribution: Distribution, at: number): number => {
  if (distribution === 'uniform') return at * 2 - 1
  const far =
    distribution === 'normal'
      ? normal(at)
      : distribution === 'pareto'
        ? pareto(at)
        : 0.25 * normal(at) + 0.75 * pareto((at * 9973) % 1)
  return Math.max(-farthest, Math.min(farthest, far))
}
