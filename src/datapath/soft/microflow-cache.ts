/**
 * Which megaflow frames like this one had last. The key is a 32-bit hash of all words that any mask looks at; the value
 * is a megaflow's slot.
 *
 * An entry is a hint, not a truth: the datapath compares the frame's key with the megaflow itself before it believes
 * it. So an entry is 8 bytes where an exact copy of the key would be 50 or more, a million microflows fit in 16 MB, and
 * nothing needs to be invalidated: an entry of a megaflow that is gone, or whose slot another one has now, or from before
 * the masks changed, fails the comparison or passes it rightly.
 *
 * Entries lie in buckets of eight, a cache line. A full bucket gives up the entry that the hash points at. The cache
 * doubles when half full, up to `limit` entries.
 */
export class MicroflowCache {
  /** Pairs: hash, slot + 1 (0 for none). */
  private pairs: Int32Array
  private used = 0
  private readonly limit: number

  constructor(limit = 2 ** 21, size = 2 ** 12) {
    this.limit = limit
    this.pairs = new Int32Array(2 * size)
  }

  /** The place of the first pair of this hash at or behind `from` in its bucket, or -1. Start at `bucket(hash)`. */
  next(hash: number, from: number): number {
    const { pairs } = this
    const end = (from | 15) + 1
    for (let at = from; at < end; at += 2) if (pairs[at] === hash && pairs[at + 1] !== 0) return at
    return -1
  }

  /** Where the bucket of a hash begins. */
  bucket(hash: number): number {
    return (hash << 4) & (this.pairs.length - 1)
  }

  /** The slot in a pair. */
  slot(at: number): number {
    return this.pairs[at + 1]! - 1
  }

  /** Entries there is room for now. */
  get capacity(): number {
    return this.pairs.length / 2
  }

  insert(hash: number, slot: number): void {
    if (this.used * 4 > this.pairs.length && this.capacity < this.limit) this.grow()
    this.place(hash, slot + 1)
  }

  /** Lets an entry go that did not hold what its hash promised. */
  forget(at: number): void {
    this.pairs[at + 1] = 0
    this.used--
  }

  clear(): void {
    this.pairs.fill(0)
    this.used = 0
  }

  private place(hash: number, value: number): void {
    const { pairs } = this
    const start = this.bucket(hash)
    let at = start
    while (at < start + 16 && pairs[at + 1] !== 0) at += 2
    if (at === start + 16) at = start + ((hash >>> 28) & 14)
    else this.used++
    pairs[at] = hash
    pairs[at + 1] = value
  }

  private grow(): void {
    const { pairs } = this
    this.pairs = new Int32Array(pairs.length * 2)
    this.used = 0
    for (let at = 0; at < pairs.length; at += 2) if (pairs[at + 1] !== 0) this.place(pairs[at]!, pairs[at + 1]!)
  }
}
