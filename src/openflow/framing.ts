import { headerSize, messageLength } from './message-header.ts'

const none = new Uint8Array(0)

/**
 * Cuts a stream of bytes into messages by the length in their headers. What is held is less than a message (65,535
 * bytes) and the last piece that came in, as long as `next` is asked until it has no more before the next `push`.
 */
export class Framing {
  private held: Uint8Array = none
  private at = 0

  /** Takes a piece of the stream; keeps it, so it must not change afterwards. */
  push(bytes: Uint8Array): void {
    const rest = this.held.length - this.at
    if (rest === 0) this.held = bytes
    else {
      const joined = new Uint8Array(rest + bytes.length)
      joined.set(this.held.subarray(this.at))
      joined.set(bytes, rest)
      this.held = joined
    }
    this.at = 0
  }

  /** The next whole message; `too short` once a header says a length that no message has: the stream is lost then. */
  next(): Uint8Array | 'too short' | undefined {
    const { held, at } = this
    if (held.length - at < headerSize) return undefined
    const length = messageLength(held, at)
    if (length < headerSize) return 'too short'
    if (held.length - at < length) return undefined
    this.at += length
    return held.subarray(at, at + length)
  }
}
