import { hashAdd } from '../flow/hash.ts'
import { hashEnd } from '../flow/key-hash.ts'
import { utf8 } from '../runtime/index.ts'
import { tableOrder } from './flood-order.ts'

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

/** The order in which Open vSwitch goes along names that it keeps in a hash table, put in one after the other. */
export const inTableOrder = (names: Iterable<string>): string[] => tableOrder(names, hashText)
