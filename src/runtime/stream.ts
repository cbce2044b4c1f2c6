import { Signal, type Task } from './task.ts'

/**
 * Bytes in order, one way, with a bound: what a shell's pipe, a terminal and a socket are to a program.
 * Text is UTF-8 inside; `write` never blocks beyond the bound, it reports how much was taken.
 */
export class Pipe {
  private readonly chunks: Uint8Array[] = []
  private held = 0
  private open = true
  /** Resumes those who wait for bytes, for room, or for the end. */
  readonly changed = new Signal()
  readonly limit: number

  constructor(limit = 65536) {
    this.limit = limit
  }

  /** Bytes that wait to be read. */
  get size(): number {
    return this.held
  }

  /** No more bytes will come: the writer closed, or the reader went away. */
  get closed(): boolean {
    return !this.open
  }

  /** Takes the bytes whole if the pipe is open and not full; a full pipe takes nothing and says false. */
  offer(bytes: Uint8Array): boolean {
    if (!this.open || this.held >= this.limit) return false
    if (bytes.length > 0) {
      this.chunks.push(bytes)
      this.held += bytes.length
      this.changed.wake()
    }
    return true
  }

  /** All that waits, up to `most` bytes; empty when nothing waits. */
  take(most = Number.POSITIVE_INFINITY): Uint8Array {
    let size = 0
    const parts: Uint8Array[] = []
    while (this.chunks.length > 0 && size < most) {
      const chunk = this.chunks.shift() as Uint8Array
      const room = most - size
      if (chunk.length > room) {
        parts.push(chunk.subarray(0, room))
        this.chunks.unshift(chunk.subarray(room))
        size += room
      } else {
        parts.push(chunk)
        size += chunk.length
      }
    }
    this.held -= size
    if (size > 0) this.changed.wake()
    return join(parts, size)
  }

  close(): void {
    if (!this.open) return
    this.open = false
    this.changed.wake()
  }

  /** Waits for bytes; undefined at the end. */
  *read(most?: number): Task<Uint8Array | undefined> {
    while (this.held === 0) {
      if (!this.open) return undefined
      yield this.changed.wait
    }
    return this.take(most)
  }

  /** Waits for room; false if the other end is gone. */
  *write(bytes: Uint8Array): Task<boolean> {
    for (;;) {
      if (!this.open) return false
      if (this.offer(bytes)) return true
      yield this.changed.wait
    }
  }
}

const join = (parts: Uint8Array[], size: number): Uint8Array => {
  if (parts.length === 1) return parts[0] as Uint8Array
  const all = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** One end of a connection: what the peer sent is in `input`, what goes to the peer is put into `output`. */
export interface Duplex {
  readonly input: Pipe
  readonly output: Pipe
  /** Why it broke, in the system's words, if it did not just end. */
  failure?: string
  /** Who the peer showed to be: the common name of its certificate. */
  identity?: string
  /** Bytes that were put into `output` and that the peer's side has not taken yet; what is in `output` if it does not say. */
  readonly unsent?: number
  /** Ends both ways. What was put into `output` before still reaches the peer. */
  close(): void
  /** Ends both ways at once, and what is unsent is lost. */
  abort?(): void
}

/** The two ends of a connection within the process; `limit` bounds the bytes under way in each direction. */
export const duplexPair = (limit?: number): [Duplex, Duplex] => {
  const there = new Pipe(limit)
  const back = new Pipe(limit)
  const end = (input: Pipe, output: Pipe): Duplex => ({
    input,
    output,
    close() {
      output.close()
      input.close()
    },
  })
  return [end(back, there), end(there, back)]
}
