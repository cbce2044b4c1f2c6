/**
 * Numbers by hash: open addressing with linear probing, at most half full. A `Map` would do the same at three times the
 * time and with more memory; this one allocates only when it grows. A hash lies beside its number: in a large table each
 * look goes to memory that no cache has, and should go there once.
 */
export class HashTable {
  /** Pairs of a hash and its number, 0 where nothing is. */
  private pairs = new Int32Array(16)
  private used = 0

  /** The number under a hash (signed 32 bits), 0 if there is none. */
  get(hash: number): number {
    const { pairs } = this
    const last = pairs.length - 1
    for (let at = (hash << 1) & last; ; at = (at + 2) & last) {
      const value = pairs[at + 1]!
      if (value === 0 || pairs[at] === hash) return value
    }
  }

  /** Puts a number other than 0 under a hash, in place of what was there. */
  set(hash: number, value: number): void {
    const { pairs } = this
    const last = pairs.length - 1
    let at = (hash << 1) & last
    for (; pairs[at + 1] !== 0; at = (at + 2) & last) {
      if (pairs[at] !== hash) continue
      pairs[at + 1] = value
      return
    }
    this.fill(at, hash, value)
  }

  /** Adds `by` to the number under a hash, where 0 is none. */
  add(hash: number, by: number): void {
    const { pairs } = this
    const last = pairs.length - 1
    let at = (hash << 1) & last
    for (; pairs[at + 1] !== 0; at = (at + 2) & last) {
      if (pairs[at] !== hash) continue
      if (pairs[at + 1] === -by) this.delete(hash)
      else pairs[at + 1]! += by
      return
    }
    if (by !== 0) this.fill(at, hash, by)
  }

  delete(hash: number): void {
    const { pairs } = this
    const last = pairs.length - 1
    let hole = (hash << 1) & last
    for (; pairs[hole + 1] !== 0 && pairs[hole] !== hash; hole = (hole + 2) & last);
    if (pairs[hole + 1] === 0) return
    this.used--
    // What follows without a gap and may stand at the hole moves there, or a search would stop before it.
    for (let at = (hole + 2) & last; pairs[at + 1] !== 0; at = (at + 2) & last) {
      const home = (pairs[at]! << 1) & last
      if (((at - home) & last) < ((at - hole) & last)) continue
      pairs[hole] = pairs[at]!
      pairs[hole + 1] = pairs[at + 1]!
      hole = at
    }
    pairs[hole + 1] = 0
  }

  private fill(at: number, hash: number, value: number): void {
    this.pairs[at] = hash
    this.pairs[at + 1] = value
    this.used++
    if (this.used * 4 > this.pairs.length) this.grow()
  }

  private grow(): void {
    const { pairs } = this
    this.pairs = new Int32Array(pairs.length * 2)
    this.used = 0
    for (let at = 0; at < pairs.length; at += 2) if (pairs[at + 1] !== 0) this.set(pairs[at]!, pairs[at + 1]!)
  }
}
