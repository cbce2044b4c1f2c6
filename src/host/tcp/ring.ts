/**
 * Bytes of a stream by their place in it: a ring that holds what lies between `base` and the furthest byte written. Bytes
 * may be written out of order; who writes says elsewhere which are there. It grows by doubling, so its size follows the
 * window, never the stream.
 */
export class ByteRing {
  /** The first place that is still kept. */
  base: number
  private top: number
  private bytes = new Uint8Array(0)

  constructor(base: number) {
    this.base = base
    this.top = base
  }

  /** Bytes of memory held. */
  get capacity(): number {
    return this.bytes.length
  }

  /** Puts `source` from `start` to `end` at a place that is not before `base`. */
  write(at: number, source: Uint8Array, start: number, end: number): void {
    const to = at + end - start
    if (to - this.base > this.bytes.length) this.grow(to - this.base)
    const { bytes } = this
    const from = at % bytes.length
    const straight = Math.min(end - start, bytes.length - from)
    bytes.set(source.subarray(start, start + straight), from)
    if (straight < end - start) bytes.set(source.subarray(start + straight, end), 0)
    if (to > this.top) this.top = to
  }

  /** Copies the bytes at `from` to `to`, which were written and not released, to `target`. */
  read(from: number, to: number, target: Uint8Array, at: number): void {
    const { bytes } = this
    if (to <= from) return
    const begin = from % bytes.length
    const straight = Math.min(to - from, bytes.length - begin)
    target.set(bytes.subarray(begin, begin + straight), at)
    if (straight < to - from) target.set(bytes.subarray(0, to - from - straight), at + straight)
  }

  /** Forgets what lies before a place. */
  release(upTo: number): void {
    if (upTo <= this.base) return
    this.base = upTo
    if (this.top < upTo) this.top = upTo
  }

  /** Forgets everything, gives the memory back, and goes on at `base`. */
  clear(base: number): void {
    this.base = base
    this.top = base
    this.bytes = new Uint8Array(0)
  }

  private grow(size: number): void {
    let capacity = Math.max(2048, this.bytes.length)
    while (capacity < size) capacity *= 2
    const grown = new Uint8Array(capacity)
    const { base, top } = this
    // Two copies at most in the old ring, and each at most two in the new.
    for (let at = base; at < top; ) {
      const from = at % this.bytes.length
      const to = at % capacity
      const size = Math.min(top - at, this.bytes.length - from, capacity - to)
      grown.set(this.bytes.subarray(from, from + size), to)
      at += size
    }
    this.bytes = grown
  }
}
