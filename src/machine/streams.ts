import { Pipe, type Task } from '../runtime/index.ts'
import type { Errno } from './files/errno.ts'

/** What a file descriptor leads to: a file, one end of a pipe, a terminal. Waiting is the caller's, in its task. */
export interface Stream {
  /** Waits for bytes, takes at most `most`; undefined at the end, or an errno. */
  read(most?: number): Task<Uint8Array | Errno | undefined>
  /** Writes all the bytes, waiting for room; or says why not. `EPIPE` when nobody reads. */
  write(bytes: Uint8Array): Task<Errno | undefined>
  /** The last descriptor that led here was closed. */
  close?(): void
  /** Set when this is a terminal; `columns` is its width in characters. */
  readonly terminal?: Terminal | undefined
  /** `file`, `pipe`… as a test for `-f`, `-p` sees it; only for diagnostics. */
  readonly kind: 'file' | 'pipe' | 'terminal' | 'null'
}

/** The width can change while a program runs. */
export interface Terminal {
  columns: number
}

/**
 * An open file: a stream and the number of descriptors that lead to it. A child's descriptors are duplicates, so that a
 * pipe ends when the last writer has gone, as in a kernel.
 */
export class OpenFile {
  readonly stream: Stream
  private holders = 1

  constructor(stream: Stream) {
    this.stream = stream
  }

  /** One more descriptor leads here. */
  dup(): this {
    this.holders++
    return this
  }

  /** One fewer; the last closes the stream. */
  close(): void {
    if (--this.holders === 0) this.stream.close?.()
  }
}

/** The reading end of a pipe. Closing it makes writers fail with `EPIPE`. */
export const readEnd = (pipe: Pipe, terminal?: Terminal): Stream => ({
  kind: terminal === undefined ? 'pipe' : 'terminal',
  terminal,
  *read(most?: number) {
    return yield* pipe.read(most)
  },
  // biome-ignore lint/correctness/useYield: it refuses at once
  *write() {
    return 'EBADF' as const
  },
  close() {
    pipe.close()
  },
})

/** The writing end of a pipe. Closing it is the end of the data for the reader. */
export const writeEnd = (pipe: Pipe, terminal?: Terminal): Stream => ({
  kind: terminal === undefined ? 'pipe' : 'terminal',
  terminal,
  // biome-ignore lint/correctness/useYield: it refuses at once
  *read() {
    return 'EBADF' as const
  },
  *write(bytes: Uint8Array) {
    return (yield* pipe.write(bytes)) ? undefined : 'EPIPE'
  },
  close() {
    pipe.close()
  },
})

/** Hands what is written to a function at once: a test's collector, or a prompt's screen. Reads give the end. */
export const sink = (take: (bytes: Uint8Array) => void, terminal?: Terminal): Stream => ({
  kind: terminal === undefined ? 'file' : 'terminal',
  terminal,
  // biome-ignore lint/correctness/useYield: it is always at its end
  *read() {
    return undefined
  },
  // biome-ignore lint/correctness/useYield: it always has room
  *write(bytes: Uint8Array) {
    take(bytes)
    return undefined
  },
})

/** Gives bytes once, then the end: a here-document, a test's input. */
export const source = (bytes: Uint8Array): Stream => {
  let at = 0
  return {
    kind: 'file',
    // biome-ignore lint/correctness/useYield: the bytes are here already
    *read(most = Number.POSITIVE_INFINITY) {
      if (at >= bytes.length) return undefined
      const part = bytes.subarray(at, Math.min(bytes.length, at + most))
      at += part.length
      return part
    },
    // biome-ignore lint/correctness/useYield: it refuses at once
    *write() {
      return 'EBADF' as const
    },
  }
}

/** /dev/null. */
export const nowhere: Stream = { ...sink(() => {}), kind: 'null' }

/** Both ends of a new pipe, each held once. */
export const pipe = (limit?: number): { reader: OpenFile; writer: OpenFile } => {
  const between = new Pipe(limit)
  return { reader: new OpenFile(readEnd(between)), writer: new OpenFile(writeEnd(between)) }
}
