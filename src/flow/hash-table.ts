/**
 * Numbers by hash: open addressing with linear probing, at most half full. A `Map` would do the same at three times the
 * time and with more memory; this one allocates only when it grows.
 */
export class HashTable {
  private hashes = new Int32Array(8)
  /** 0 where nothing is. */
  private values = new Int32Array(8)
  private used = 0

  /** The number under a hash (signed 32 bits), 0 if there is none. */
  get(hash: number): number {
    const { hashes, values } = this
    const last = values.length - 1
    for (let at = hash & last; values[at] !== 0; at = (at + 1) & last) if (hashes[at] === hash) return values[at]!
    return 0
  }

  /** Puts a number other than 0 under a hash, in place of what was there. */
  set(hash: number, value: number): void {
    const { hashes, values } = this
    const last = values.length - 1
    let at = hash & last
    for (; values[at] !== 0; at = (at + 1) & last) {
      if (hashes[at] !== hash) continue
      values[at] = value
      return
    }
    hashes[at] = hash
    values[at] = value
    this.used++
    if (this.used * 2 > values.length) this.grow()
  }

  delete(hash: number): void {
    const { hashes, values } = this
    const last = values.length - 1
    let hole = hash & last
    for (; values[hole] !== 0 && hashes[hole] !== hash; hole = (hole + 1) & last);
    if (values[hole] === 0) return
    this.used--
    // What follows without a gap and may stand at the hole moves there, or a search would stop before it.
    for (let at = (hole + 1) & last; values[at] !== 0; at = (at + 1) & last) {
      const home = hashes[at]! & last
      if (((at - home) & last) < ((at - hole) & last)) continue
      hashes[hole] = hashes[at]!
      values[hole] = values[at]!
      hole = at
    }
    values[hole] = 0
  }

  private grow(): void {
    const { hashes, values } = this
    this.hashes = new Int32Array(values.length * 2)
    this.values = new Int32Array(values.length * 2)
    this.used = 0
    for (let i = 0; i < values.length; i++) if (values[i] !== 0) this.set(hashes[i]!, values[i]!)
  }
}
