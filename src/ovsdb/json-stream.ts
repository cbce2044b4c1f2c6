import { fromUtf8 } from '../runtime/index.ts'
import { type Json, maxDepth, parseJson } from './json.ts'

/**
 * What came of some bytes: the values that are whole now, with about how many bytes of memory each takes; `error` ends the
 * stream, nothing after it is read.
 */
export type Received = { values: Json[]; weights: number[]; error?: string }

/** What an element or a member takes in memory beside its text, about. */
const elementWeight = 64
/** A buffer that is no larger is kept for the next value. */
const smallBuffer = 4096

/**
 * Cuts a stream of bytes, in whatever pieces, into JSON objects and arrays. A value may take `limit` bytes of memory, with
 * what its parts are going to take once it is whole. Bytes that are not UTF-8 are an error.
 */
export class JsonStream {
  private readonly limit: number
  /** The beginning of a value that is not whole: `held` bytes of it. Pieces may be bytes, so it is not a list of them. */
  private buffer = new Uint8Array(0)
  private held = 0
  private elements = 0
  private depth = 0
  private inString = false
  private escaped = false
  private failed: string | undefined

  constructor(limit: number) {
    this.limit = limit
  }

  /** Bytes that are kept for a value that is not whole. */
  get size(): number {
    return this.held === 0 ? 0 : this.buffer.length
  }

  push(bytes: Uint8Array): Received {
    const values: Json[] = []
    const weights: number[] = []
    const fail = (error: string): Received => {
      this.failed = error
      this.buffer = new Uint8Array(0)
      this.held = 0
      return { values, weights, error }
    }
    if (this.failed !== undefined) return fail(this.failed)
    let start = 0
    let at = 0
    while (at < bytes.length) {
      const byte = bytes[at] as number
      if (this.depth === 0) {
        if (byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)) {
          at++
          continue
        }
        if (byte !== 0x7b && byte !== 0x5b) return fail('line 0, column 0, byte 0: syntax error at beginning of input')
        start = at
      }
      at = this.scan(bytes, at)
      if (this.depth > maxDepth) return fail(`input exceeds maximum nesting depth ${maxDepth}`)
      const weight = this.held + at - start + this.elements * elementWeight
      if (weight > this.limit) return fail(`value of more than ${this.limit} bytes`)
      if (this.depth > 0) break
      const text = this.textOf(bytes.subarray(start, at))
      if (text === undefined) return fail('invalid UTF-8 sequence')
      const read = parseJson(text)
      if (!read.ok) return fail(read.error)
      values.push(read.value)
      weights.push(weight)
      this.elements = 0
    }
    // The caller may use its buffer again.
    if (this.depth > 0) this.hold(bytes.subarray(start))
    return { values, weights }
  }

  /** Goes on to the end of the value, of the bytes, or where it is too deep; returns the place after. */
  private scan(bytes: Uint8Array, from: number): number {
    let { depth, inString, escaped, elements } = this
    let at = from
    while (at < bytes.length) {
      const byte = bytes[at++] as number
      if (inString) {
        if (escaped) escaped = false
        else if (byte === 0x5c) escaped = true
        else if (byte === 0x22) inString = false
      } else if (byte === 0x22) inString = true
      else if (byte === 0x2c) elements++
      else if (byte === 0x7b || byte === 0x5b) {
        elements++
        if (++depth > maxDepth) break
      } else if ((byte === 0x7d || byte === 0x5d) && --depth === 0) break
    }
    this.depth = depth
    this.inString = inString
    this.escaped = escaped
    this.elements = elements
    return at
  }

  private hold(bytes: Uint8Array): void {
    const size = this.held + bytes.length
    if (size > this.buffer.length) {
      const larger = new Uint8Array(Math.max(size, this.buffer.length * 2))
      larger.set(this.buffer.subarray(0, this.held))
      this.buffer = larger
    }
    this.buffer.set(bytes, this.held)
    this.held = size
  }

  private textOf(last: Uint8Array): string | undefined {
    let whole = last
    if (this.held > 0) {
      this.hold(last)
      whole = this.buffer.subarray(0, this.held)
      this.held = 0
      if (this.buffer.length > smallBuffer) this.buffer = new Uint8Array(0)
    }
    const text = fromUtf8(whole)
    // What is not UTF-8 became U+FFFD, which may also have been meant: then it stands in the bytes.
    return text.includes('\ufffd') && replacements(whole) !== count(text) ? undefined : text
  }
}

const count = (text: string): number => text.split('\ufffd').length - 1

/** How often U+FFFD itself, EF BF BD, is in the bytes. */
const replacements = (bytes: Uint8Array): number => {
  let found = 0
  for (let i = 0; i + 2 < bytes.length; i++) {
    if (bytes[i] === 0xef && bytes[i + 1] === 0xbf && bytes[i + 2] === 0xbd) found++
  }
  return found
}
