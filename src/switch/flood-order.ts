import { hashPair } from '../flow/key-hash.ts'

/**
 * The order in which `FLOOD` and `ALL` reach ports, as in Open vSwitch: along its hash table of port numbers. The order
 * can be seen, because what is done to a frame on its way out of one port (a bridge behind a patch, a tunnel) is written
 * once and need not be written again for the next. `NORMAL` has no table to go along: it takes ports as they were added.
 * `numbers` are in the order of being added.
 */
export const floodOrder = (numbers: Iterable<number>): number[] => tableOrder(numbers, number => hashPair(number, 0))

/**
 * The order of a hash table of Open vSwitch. Found by experiment: the table has a power of two of slots, the last added is
 * the first of its slot, and when it gets twice as full as it should be, slot after slot is put into a larger one in the
 * same manner.
 */
export const tableOrder = <T>(items: Iterable<T>, hash: (item: T) => number): T[] => {
  let slots: T[][] = [[]]
  let count = 0
  const put = (into: readonly T[][], item: T): void => {
    into[hash(item) & (into.length - 1)]?.unshift(item)
  }
  for (const item of items) {
    put(slots, item)
    count++
    if (count >>> 1 < slots.length) continue
    const larger = Array.from({ length: slotsFor(count) }, (): T[] => [])
    for (const one of slots.flat()) put(larger, one)
    slots = larger
  }
  return slots.flat()
}

/** The power of two above half of so many, and no fewer than four. */
const slotsFor = (count: number): number => Math.max(4, 2 ** (32 - Math.clz32(count >>> 1)))
