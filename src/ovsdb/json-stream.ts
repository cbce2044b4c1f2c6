import { fromUtf8 } from '../runtime/index.ts'
import { type Json, maxDepth, parseJson } from './json.ts'

/** What came of some bytes: the values that are whole now; `error` ends the stream, nothing after it is read. */
export type Received = { values: Json[]; error?: string }

/**
 * Cuts a stream of bytes, in whatever pieces, into JSON objects and arrays. Holds one value that is not whole, of at
 * most `limit` bytes. Bytes that are not UTF-8 are an error.
 */
export class JsonStream {
  private readonly limit: number
  private parts: Uint8Array[] = []
  private held = 0
  private depth = 0
  private inString = false
  private escaped = false
  private failed: string | undefined

  constructor(limit: number) {
    this.limit = limit
  }

  /** Bytes of a value that is not whole. */
  get size(): number {
    return this.held
  }

  push(bytes: Uint8Array): Received {
    const values: Json[] = []
    if (this.failed !== undefined) return { values, error: this.failed }
    let start = 0
    let at = 0
    while (at < bytes.length) {
      const byte = bytes[at] as number
      if (this.depth === 0) {
        if (byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)) {
          at++
          continue
        }
        if (byte !== 0x7b && byte !== 0x5b) {
          return this.fail(values, 'line 0, column 0, byte 0: syntax error at beginning of input')
        }
        start = at
      }
      at = this.scan(bytes, at)
      if (this.depth > maxDepth) {
        return this.fail(values, `input exceeds maximum nesting depth ${maxDepth}`)
      }
      if (this.held + at - start > this.limit) return this.fail(values, `value of more than ${this.limit} bytes`)
      if (this.depth > 0) break
      const text = this.textOf(bytes.subarray(start, at))
      if (text === undefined) return this.fail(values, 'invalid UTF-8 sequence')
      const read = parseJson(text)
      if (!read.ok) return this.fail(values, read.error)
      values.push(read.value)
    }
    if (this.depth > 0) {
      // The caller may use its buffer again.
      this.parts.push(bytes.slice(start))
      this.held += bytes.length - start
    }
    return { values }
  }

  private fail(values: Json[], error: string): Received {
    this.failed = error
    this.parts = []
    this.held = 0
    return { values, error }
  }

  /** Goes on to the end of the value, of the bytes, or where it is too deep; returns the place after. */
  private scan(bytes: Uint8Array, from: number): number {
    let { depth, inString, escaped } = this
    let at = from
    while (at < bytes.length) {
      const byte = bytes[at++] as number
      if (inString) {
        if (escaped) escaped = false
        else if (byte === 0x5c) escaped = true
        else if (byte === 0x22) inString = false
      } else if (byte === 0x22) inString = true
      else if (byte === 0x7b || byte === 0x5b) {
        if (++depth > maxDepth) break
      } else if ((byte === 0x7d || byte === 0x5d) && --depth === 0) break
    }
    this.depth = depth
    this.inString = inString
    this.escaped = escaped
    return at
  }

  private textOf(last: Uint8Array): string | undefined {
    let whole = last
    if (this.parts.length > 0) {
      whole = new Uint8Array(this.held + last.length)
      let at = 0
      for (const part of this.parts) {
        whole.set(part, at)
        at += part.length
      }
      whole.set(last, at)
      this.parts = []
      this.held = 0
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
