import { hashFinish, hashStep } from '../../flow/hash.ts'
import { type FlowKey, newKey } from '../../flow/layout.ts'

/**
 * The megaflows of one mask: a hash table with linear probing over rows of masked words. Only the words in which the
 * mask has bits are kept. A row's number is stable while its megaflow lives.
 */
export class Subtable {
  readonly mask: FlowKey
  /** The places of the words kept, and the mask's bits in them. */
  readonly words: Uint8Array
  readonly masks: Int32Array
  /** Frames found here, for the order of search. */
  hits = 0
  count = 0
  private values: Int32Array
  private slots = new Int32Array(8)
  private readonly free: number[] = []
  private rows = 0
  /** Row + 1, or 0; and the hash beside it. */
  private cells = new Int32Array(16)
  private hashes = new Int32Array(16)

  constructor(mask: FlowKey) {
    this.mask = mask.slice()
    const words: number[] = []
    for (let w = 0; w < mask.length; w++) if (mask[w] !== 0) words.push(w)
    this.words = Uint8Array.from(words)
    this.masks = Int32Array.from(words, w => mask[w] as number)
    this.values = new Int32Array(8 * words.length)
  }

  /** Whether this is the subtable's mask; `count` is how many of its words are not zero. */
  hasMask(mask: FlowKey, count: number): boolean {
    const { words, masks } = this
    if (words.length !== count) return false
    for (let i = 0; i < count; i++) if ((mask[words[i]!]! | 0) !== masks[i]!) return false
    return true
  }

  /** The masked key of a row. */
  key(row: number): FlowKey {
    const { words, values } = this
    const key = newKey()
    for (let i = 0; i < words.length; i++) key[words[i]!] = values[row * words.length + i]!
    return key
  }

  /** Whether the key agrees with a row. */
  matches(row: number, key: FlowKey): boolean {
    const { words, masks, values } = this
    const count = words.length
    let at = row * count
    for (let i = 0; i < count; i++, at++) if ((key[words[i]!]! & masks[i]!) !== values[at]!) return false
    return true
  }

  /** The same for a key of which only the words kept here are given, in order, with no bit of the mask cleared. */
  holds(row: number, seen: Int32Array): boolean {
    const { masks, values } = this
    const count = masks.length
    let at = row * count
    for (let i = 0; i < count; i++, at++) if ((seen[i]! & masks[i]!) !== values[at]!) return false
    return true
  }

  /** The megaflow that this key agrees with, or -1. */
  find(key: FlowKey): number {
    const row = this.rowOf(key, this.hash(key))
    return row < 0 ? -1 : this.slots[row]!
  }

  /** Adds a megaflow whose key is not here yet; gives its row. */
  insert(key: FlowKey, slot: number): number {
    if ((this.count + 1) * 2 > this.cells.length) this.grow()
    const row = this.free.pop() ?? this.newRow()
    const { words, masks, values } = this
    for (let i = 0; i < words.length; i++) values[row * words.length + i] = key[words[i]!]! & masks[i]!
    this.slots[row] = slot
    this.place(row, this.hash(key))
    this.count++
    return row
  }

  /** Takes a row out. The cells behind it move up, so that no search ends early. */
  remove(row: number): void {
    const { cells, hashes } = this
    const limit = cells.length - 1
    let hole = this.hashOfRow(row) & limit
    while (cells[hole] !== row + 1) hole = (hole + 1) & limit
    for (let at = (hole + 1) & limit; cells[at] !== 0; at = (at + 1) & limit) {
      const home = hashes[at]! & limit
      if (((at - home) & limit) < ((at - hole) & limit)) continue
      cells[hole] = cells[at]!
      hashes[hole] = hashes[at]!
      hole = at
    }
    cells[hole] = 0
    this.free.push(row)
    this.count--
  }

  private hash(key: FlowKey): number {
    const { words, masks } = this
    const count = words.length
    let hash = 0
    for (let i = 0; i < count; i++) hash = hashStep(hash, key[words[i]!]! & masks[i]!)
    return hashFinish(hash, count)
  }

  private hashOfRow(row: number): number {
    const count = this.words.length
    let hash = 0
    for (let i = 0; i < count; i++) hash = hashStep(hash, this.values[row * count + i]!)
    return hashFinish(hash, count)
  }

  private rowOf(key: FlowKey, hash: number): number {
    const { cells, hashes } = this
    const limit = cells.length - 1
    for (let at = hash & limit; ; at = (at + 1) & limit) {
      const row = cells[at]! - 1
      if (row < 0) return -1
      if (hashes[at] === hash && this.matches(row, key)) return row
    }
  }

  private place(row: number, hash: number): void {
    const { cells, hashes } = this
    const limit = cells.length - 1
    let at = hash & limit
    while (cells[at] !== 0) at = (at + 1) & limit
    cells[at] = row + 1
    hashes[at] = hash
  }

  private newRow(): number {
    if (this.rows === this.slots.length) {
      const slots = new Int32Array(this.rows * 2)
      slots.set(this.slots)
      this.slots = slots
      const values = new Int32Array(slots.length * this.words.length)
      values.set(this.values)
      this.values = values
    }
    return this.rows++
  }

  private grow(): void {
    const { cells, hashes } = this
    this.cells = new Int32Array(cells.length * 2)
    this.hashes = new Int32Array(cells.length * 2)
    for (let i = 0; i < cells.length; i++) if (cells[i] !== 0) this.place(cells[i]! - 1, hashes[i]!)
  }
}
