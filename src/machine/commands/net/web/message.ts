/** The heads of HTTP/1 messages (RFC 9112), and bodies as a client reads them. */
import { type Errno, type Result, type TcpSocket, tcpRecv } from '../../../../host/index.ts'
import { type Clock, elapsed, first, fromUtf8, type Task } from '../../../../runtime/index.ts'

/** A message's first line and its fields, in order; names as they were written. */
export type Head = { first: string; fields: readonly (readonly [string, string])[]; text: string }

/** The first field of a name, whatever its case. */
export const fieldOf = ({ fields }: Head, name: string): string | undefined =>
  fields.find(([other]) => other.toLowerCase() === name)?.[1]

/** More than this nobody's head is long. */
const longestHead = 65536

/** Reads a connection: heads, and bytes behind them. */
export class Reading {
  private readonly socket: TcpSocket
  private rest = new Uint8Array(0)

  /** Why nothing came any more, if the stream did not just end. */
  failure: Errno | undefined
  private readonly patience: { clock: Clock; limit: number } | undefined

  /** With `patience`, a read that brings nothing for `limit` nanoseconds fails as ETIMEDOUT. */
  constructor(socket: TcpSocket, patience?: { clock: Clock; limit: number }) {
    this.socket = socket
    this.patience = patience
  }

  /** The next head; undefined if the connection ends before, or it is none. */
  *head(): Task<Head | undefined> {
    for (;;) {
      const end = endOfHead(this.rest)
      if (end !== undefined) {
        const text = fromUtf8(this.rest.subarray(0, end))
        this.rest = this.rest.slice(end)
        return parseHead(text)
      }
      if (this.rest.length > longestHead || !(yield* this.more())) return undefined
    }
  }

  /** The next bytes, at most so many; none at the end. */
  *some(most = Number.POSITIVE_INFINITY): Task<Uint8Array> {
    if (this.rest.length === 0 && !(yield* this.more())) return this.rest
    const part = this.rest.subarray(0, most)
    this.rest = this.rest.subarray(part.length)
    return part
  }

  /** A line without its end; undefined if the connection ends before. */
  *line(): Task<string | undefined> {
    for (;;) {
      const end = this.rest.indexOf(10)
      if (end >= 0) {
        const text = fromUtf8(this.rest.subarray(0, end)).replace(/\r$/, '')
        this.rest = this.rest.subarray(end + 1)
        return text
      }
      if (this.rest.length > longestHead || !(yield* this.more())) return undefined
    }
  }

  private *more(): Task<boolean> {
    const received = yield* this.receive()
    if (!received.ok) this.failure = received.errno
    if (!received.ok || received.value.length === 0) return false
    const joined = new Uint8Array(this.rest.length + received.value.length)
    joined.set(this.rest)
    joined.set(received.value, this.rest.length)
    this.rest = joined
    return true
  }

  private *receive(): Task<Result<Uint8Array>> {
    if (this.patience === undefined) return yield* tcpRecv(this.socket)
    const { clock, limit } = this.patience
    const began = clock.now()
    for (;;) {
      const received = this.socket.recv(65536)
      if (received.ok || received.errno !== 'EAGAIN') return received
      const left = began + limit - clock.now()
      if (left <= 0) return { ok: false, errno: 'ETIMEDOUT' }
      yield first(this.socket.onReadable.wait, elapsed(clock, left))
    }
  }
}

/** The place behind the empty line. */
const endOfHead = (bytes: Uint8Array): number | undefined => {
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
    if (bytes[at + 1] === 10) return at + 2
    if (bytes[at + 1] === 13 && bytes[at + 2] === 10) return at + 3
  }
  return undefined
}

const parseHead = (text: string): Head => {
  const [first = '', ...lines] = text.split(/\r?\n/)
  const fields = lines.flatMap((line): [string, string][] => {
    const [, name, value] = /^([^:\s]+):\s*(.*?)\s*$/.exec(line) ?? []
    return name === undefined || value === undefined ? [] : [[name, value]]
  })
  return { first, fields, text }
}

/** Reads a body part by part, as its head says: in chunks, so many bytes, or to the end. False if it ends too early. */
export function* readBody(reading: Reading, head: Head, take: (bytes: Uint8Array) => Task<void>): Task<boolean> {
  if (fieldOf(head, 'transfer-encoding')?.toLowerCase() === 'chunked') {
    for (;;) {
      const line = yield* reading.line()
      const size = Number.parseInt(line ?? '', 16)
      if (!(size >= 0)) return false
      if (!(yield* readSome(reading, size, take))) return false
      yield* reading.line()
      if (size === 0) return true
    }
  }
  const length = fieldOf(head, 'content-length')
  if (length !== undefined) return yield* readSome(reading, Number(length), take)
  for (;;) {
    const part = yield* reading.some()
    if (part.length === 0) return true
    yield* take(part)
  }
}

function* readSome(reading: Reading, size: number, take: (bytes: Uint8Array) => Task<void>): Task<boolean> {
  for (let left = size; left > 0; ) {
    const part = yield* reading.some(left)
    if (part.length === 0) return false
    left -= part.length
    yield* take(part)
  }
  return true
}
