import { hashPair } from '../flow/key-hash.ts'

/**
 * The order in which `FLOOD` and `ALL` reach ports, as in Open vSwitch: along its hash table of port numbers. The order
 * can be seen, because what is done to a frame on its way out of one port (a bridge behind a patch, a tunnel) is written
 * once and need not be written again for the next. `NORMAL` has no table to go along: it takes ports as they were added.
 *
 * Found by experiment: the table has a power of two of slots, the last added port is the first of its slot, and when it
 * gets twice as full as it should be, slot after slot is put into a larger one in the same manner. `numbers` are in the
 * order of being added.
 */
export const floodOrder = (numbers: Iterable<number>): number[] => {
  let slots: number[][] = [[]]
  let count = 0
  for (const number of numbers) {
    put(slots, number)
    count++
    if (count >>> 1 < slots.length) continue
    const larger = Array.from({ length: slotsFor(count) }, (): number[] => [])
    for (const one of slots.flat()) put(larger, one)
    slots = larger
  }
  return slots.flat()
}

const put = (slots: readonly number[][], number: number): void => {
  slots[hashPair(number, 0) & (slots.length - 1)]?.unshift(number)
}

/** The power of two above half of so many, and no fewer than four. */
const slotsFor = (count: number): number => Math.max(4, 2 ** (32 - Math.clz32(count >>> 1)))
