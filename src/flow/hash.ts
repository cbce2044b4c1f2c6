import type { FlowKey } from './layout.ts'

/** Mixes one more word into a hash: murmur3's step, which spreads every bit. Signed 32 bits in and out. */
export const hashAdd = (hash: number, value: number): number => {
  let k = Math.imul(value, 0xcc9e2d51)
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593)
  const h = hash ^ k
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0
}

/**
 * A third of the work of `hashAdd`, for tables that compare before they believe: a word's high bits reach the low ones only
 * in the steps after it and in `hashFinish`.
 */
export const hashStep = (hash: number, value: number): number => {
  const h = Math.imul(hash ^ value, 0x9e3779b1)
  return (h << 15) | (h >>> 17)
}

/** Ends a hash, so that low bits alone make a good table index. `count` is how many words went in. */
export const hashFinish = (hash: number, count: number): number => {
  let h = hash ^ (count << 2)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** The hash of all words; the same on every machine. */
export const hashWords = (words: ArrayLike<number>, basis = 0): number => {
  let hash = basis
  for (let i = 0; i < words.length; i++) hash = hashAdd(hash, words[i]!)
  return hashFinish(hash, words.length)
}

/** The hash of the bits of `key` that `mask` has at the places `index`. */
export const hashMasked = (key: FlowKey, index: ArrayLike<number>, mask: ArrayLike<number>, basis = 0): number => {
  let hash = basis
  for (let i = 0; i < index.length; i++) hash = hashAdd(hash, key[index[i]!]! & mask[i]!)
  return hashFinish(hash, index.length)
}
