/**
 * Text as the bytes that go out, in one growing buffer. Where there are very many numbers to print, as in a dump of a
 * million flows, strings cost several times as much: each piece of a line is an object, and so is what joins it to the next.
 */
import { fromUtf8, utf8 } from '../runtime/text.ts'

const zero = 48
const dot = 46
const colon = 58
const digitBytes = Uint8Array.from('0123456789abcdef', digit => digit.charCodeAt(0))

export class TextBytes {
  bytes: Uint8Array
  /** How many there are. Whoever goes back to where it was takes back what was written since. */
  at = 0

  constructor(size = 4096) {
    this.bytes = new Uint8Array(size)
  }

  text(text: string): void {
    const { length } = text
    this.room(length)
    const { bytes } = this
    let at = this.at
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code >= 0x80) {
        this.encode(text)
        return
      }
      bytes[at++] = code
    }
    this.at = at
  }

  /** A whole number that is not negative. */
  decimal(value: number): void {
    if (value > 0xffffffff) {
      this.text(String(value))
      return
    }
    let count = 1
    for (let next = 10; count < 10 && value >= next; next *= 10) count++
    this.digits(value, count)
  }

  /** The last `count` digits of such a number below 2^32, with zeros in front. */
  digits(value: number, count: number): void {
    this.room(count)
    let rest = value >>> 0
    for (let at = this.at + count - 1; at >= this.at; at--) {
      const tenth = (rest / 10) >>> 0
      this.bytes[at] = zero + rest - tenth * 10
      rest = tenth
    }
    this.at += count
  }

  /** A number of 64 bits in hexadecimal, without zeros in front. */
  hex(high: number, low: number): void {
    if (high === 0) this.hexDigits(low, low === 0 ? 1 : (35 - Math.clz32(low)) >>> 2)
    else {
      this.hexDigits(high, (35 - Math.clz32(high)) >>> 2)
      this.hexDigits(low, 8)
    }
  }

  ip4(ip: number): void {
    this.decimal(ip >>> 24)
    for (let shift = 16; shift >= 0; shift -= 8) {
      this.bytes[this.at++] = dot
      this.decimal((ip >>> shift) & 255)
    }
  }

  /** The MAC in these bytes. */
  mac(from: Uint8Array, start: number): void {
    for (let i = 0; i < 6; i++) {
      this.room(3)
      if (i > 0) this.bytes[this.at++] = colon
      this.hexDigits(from[start + i]!, 2)
    }
  }

  /** All that was written, as a string. */
  string(): string {
    return fromUtf8(this.bytes, 0, this.at)
  }

  /** A copy of all that was written. */
  done(): Uint8Array {
    return this.bytes.slice(0, this.at)
  }

  private hexDigits(value: number, count: number): void {
    this.room(count)
    for (let shift = 4 * (count - 1); shift >= 0; shift -= 4)
      this.bytes[this.at++] = digitBytes[(value >>> shift) & 15]!
  }

  private encode(text: string): void {
    const encoded = utf8(text)
    this.room(encoded.length)
    this.bytes.set(encoded, this.at)
    this.at += encoded.length
  }

  /** Makes room for so many more bytes, and a few of punctuation. */
  private room(count: number): void {
    const wanted = this.at + count + 4
    if (wanted <= this.bytes.length) return
    const wider = new Uint8Array(Math.max(2 * this.bytes.length, wanted))
    wider.set(this.bytes.subarray(0, this.at))
    this.bytes = wider
  }
}
