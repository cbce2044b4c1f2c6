import { hashPair } from '../flow/key-hash.ts'

/**
 * The order in which `FLOOD` and `ALL` reach ports, as in Open vSwitch: along its hash table of port numbers. The order
 * can be seen, because what is done to a frame on its way out of one port (a bridge behind a patch, a tunnel) is written
 * once and need not be written again for the next. `NORMAL` has no table to go along: it takes ports as they were added.
 * `numbers` are in the order of being added.
 */
export const floodOrder = (numbers: Iterable<number>): number[] => tableOrder(numbers, number => hashPair(number, 0))

/** The order in which Open vSwitch goes along a hash table that was filled with these, one after the other. */
export const tableOrder = <T>(items: Iterable<T>, hash: (item: T) => number): T[] => {
  const table = new HashOrder(hash)
  for (const item of items) table.add(item)
  return table.list()
}

/**
 * The order of a hash table of Open vSwitch. Found by experiment: the table has a power of two of slots, the last added is
 * the first of its slot, and when it gets twice as full as it should be, slot after slot is put into a larger one in the
 * same manner. What is taken out leaves it as large as it is.
 */
export class HashOrder<T> {
  private readonly hash: (item: T) => number
  private slots: T[][] = [[]]
  private count = 0

  constructor(hash: (item: T) => number) {
    this.hash = hash
  }

  add(item: T): void {
    this.put(this.slots, item)
    this.count++
    if (this.count >>> 1 < this.slots.length) return
    const larger = Array.from({ length: slotsFor(this.count) }, (): T[] => [])
    for (const one of this.slots.flat()) this.put(larger, one)
    this.slots = larger
  }

  /** Takes out what is there, wherever its hash says that it should be now. */
  remove(item: T): void {
    for (const slot of this.slots) {
      const at = slot.indexOf(item)
      if (at < 0) continue
      slot.splice(at, 1)
      this.count--
      return
    }
  }

  list(): T[] {
    return this.slots.flat()
  }

  private put(into: readonly T[][], item: T): void {
    into[this.hash(item) & (into.length - 1)]?.unshift(item)
  }
}

/** The power of two above half of so many, and no fewer than four. */
const slotsFor = (count: number): number => Math.max(4, 2 ** (32 - Math.clz32(count >>> 1)))
