const none = new Uint8Array(0)

/** Room for a good many short messages; a longer one gets a block of its own. */
const blockSize = 8192

/**
 * Messages on their way to the peer, one behind the other. A short message in an array of its own costs more than to write
 * it; here many share a block. What is taken is a view of a block, which nothing is written over.
 */
export class Outgoing {
  private block: Uint8Array = none
  /** Where in the block begins what was not taken, and where the next message goes. */
  private start = 0
  private end = 0
  /** What was not taken of earlier blocks. */
  private readonly earlier: Uint8Array[] = []
  private held = 0

  /** Bytes that wait to be taken. */
  get size(): number {
    return this.held
  }

  /** Takes a copy of a message. */
  put(message: Uint8Array): void {
    const { length } = message
    if (this.block.length - this.end < length) this.open(length)
    this.block.set(message, this.end)
    this.end += length
    this.held += length
  }

  /** All that waits, or undefined. */
  take(): Uint8Array | undefined {
    if (this.held === 0) return undefined
    const last = this.block.subarray(this.start, this.end)
    const bytes = this.earlier.length === 0 ? last : join(this.earlier, last, this.held)
    this.start = this.end
    this.earlier.length = 0
    this.held = 0
    return bytes
  }

  private open(size: number): void {
    if (this.end > this.start) this.earlier.push(this.block.subarray(this.start, this.end))
    this.block = new Uint8Array(Math.max(blockSize, size))
    this.start = 0
    this.end = 0
  }
}

const join = (parts: readonly Uint8Array[], last: Uint8Array, size: number): Uint8Array => {
  const all = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  all.set(last, at)
  return all
}
