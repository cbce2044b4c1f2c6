import { hashAdd } from '../flow/hash.ts'
import { hashEnd } from '../flow/key-hash.ts'
import { utf8 } from '../runtime/index.ts'

/** As Open vSwitch hashes the bytes of a text: murmur3's, four bytes a step, the last ones filled up with zeros. Unsigned. */
export const hashText = (text: string): number => {
  const bytes = utf8(text)
  let hash = 0
  for (let at = 0; at < bytes.length; at += 4) {
    let word = 0
    for (let i = 0; i < 4; i++) word |= (bytes[at + i] ?? 0) << (8 * i)
    hash = hashAdd(hash, word)
  }
  return hashEnd(hash, bytes.length)
}

/**
 * The order in which Open vSwitch's tools list names that they keep in a hash table: by bucket, and in a bucket those that
 * came last first. The table grows as names come in, in the order given, and each time the buckets are emptied into others.
 */
export const inTableOrder = (names: readonly string[]): string[] => {
  let buckets: Named[][] = [[]]
  let count = 0
  for (const name of names) {
    put(buckets, { name, hash: hashText(name) })
    count++
    if (count < 2 * buckets.length) continue
    const larger = Array.from({ length: bucketsFor(count) }, (): Named[] => [])
    for (const node of buckets.flat()) put(larger, node)
    buckets = larger
  }
  return buckets.flat().map(({ name }) => name)
}

type Named = { name: string; hash: number }

const put = (buckets: Named[][], node: Named): void => void buckets[node.hash % buckets.length]?.unshift(node)

/** A power of two, from four on, so that two names share a bucket at the most. */
const bucketsFor = (count: number): number => {
  let buckets = 4
  while (buckets <= count / 2) buckets *= 2
  return buckets
}
