/** A number in [0, 1), as `Math.random` gives; handed in, so that a seed repeats a run. */
export type Random = () => number

/** A generator of its own for each seed: sfc32, 2^32 seeds, 32 bits of each draw used. */
export const seeded = (seed: number): Random => {
  let a = 0
  let b = seed >>> 0
  let c = Math.floor(seed / 2 ** 32) >>> 0
  let counter = 1
  const draw = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return (sum >>> 0) / 2 ** 32
  }
  for (let i = 0; i < 12; i++) draw()
  return draw
}

/** A whole number from 0 to `below` - 1. */
export const below = (random: Random, limit: number): number => Math.floor(random() * limit)
