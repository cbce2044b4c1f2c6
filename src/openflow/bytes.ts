/**
 * Messages are written front to back into one growing buffer, and read from a slice that knows its end. A reader never
 * throws: beyond the end it gives zeros and says so (`short`), so a decoder checks once.
 */

/** Takes a number of 64 bits apart, and puts it together, without making others on the way. */
export const whole64 = new BigUint64Array(1)
export const halves64 = new Uint32Array(whole64.buffer)
/** Which of the halves is the upper one on this computer. */
export const high64: 0 | 1 = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0

export class Writer {
  bytes: Uint8Array
  /** Where the next byte goes; also how many there are. */
  at = 0

  constructor(size = 256) {
    this.bytes = new Uint8Array(size)
  }

  /** Makes room for `count` more bytes. */
  private room(count: number): void {
    if (this.at + count <= this.bytes.length) return
    const wider = new Uint8Array(Math.max(this.bytes.length * 2, this.at + count))
    wider.set(this.bytes.subarray(0, this.at))
    this.bytes = wider
  }

  u8(value: number): void {
    this.room(1)
    this.bytes[this.at++] = value
  }
  u16(value: number): void {
    this.room(2)
    this.bytes[this.at++] = value >>> 8
    this.bytes[this.at++] = value
  }
  u32(value: number): void {
    this.room(4)
    this.bytes[this.at++] = value >>> 24
    this.bytes[this.at++] = value >>> 16
    this.bytes[this.at++] = value >>> 8
    this.bytes[this.at++] = value
  }
  /** A count that fits a double: statistics. */
  count64(value: number): void {
    this.u32(Math.floor(value / 0x100000000))
    this.u32(value >>> 0)
  }
  u64(value: bigint): void {
    whole64[0] = value
    this.u32(halves64[high64]!)
    this.u32(halves64[1 - high64]!)
  }
  /** The low `size` bytes of a value, the most significant first. */
  big(value: bigint, size: number): void {
    this.room(size)
    let rest = value
    for (let at = this.at + size - 1; at >= this.at; at--) {
      this.bytes[at] = Number(rest & 0xffn)
      rest >>= 8n
    }
    this.at += size
  }
  raw(bytes: ArrayLike<number>): void {
    this.room(bytes.length)
    this.bytes.set(bytes, this.at)
    this.at += bytes.length
  }
  zeros(count: number): void {
    this.room(count)
    this.bytes.fill(0, this.at, this.at + count)
    this.at += count
  }
  /** Zeros up to a multiple of `size`, counted from `start`. */
  align(size: number, start = 0): void {
    const over = (this.at - start) % size
    if (over !== 0) this.zeros(size - over)
  }
  /** Text in a field of fixed size, cut to leave a zero at the end. */
  text(text: string, size: number): void {
    const start = this.at
    this.zeros(size)
    for (let i = 0; i < Math.min(text.length, size - 1); i++) this.bytes[start + i] = text.charCodeAt(i)
  }
  /** Writes over what stands at `at`: lengths, once they are known. */
  put16(at: number, value: number): void {
    this.bytes[at] = value >>> 8
    this.bytes[at + 1] = value
  }
  put32(at: number, value: number): void {
    this.put16(at, value >>> 16)
    this.put16(at + 2, value)
  }
  /** A copy of all that was written. */
  done(): Uint8Array {
    return this.bytes.slice(0, this.at)
  }
}

export class Reader {
  readonly bytes: Uint8Array
  at: number
  readonly end: number
  /** Goes true when more was asked for than there is. */
  short = false

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  get left(): number {
    return this.end - this.at
  }

  private take(size: number): number {
    if (this.at + size > this.end) {
      this.short = true
      this.at = this.end
      return -1
    }
    const from = this.at
    this.at += size
    return from
  }

  u8(): number {
    const from = this.take(1)
    return from < 0 ? 0 : this.bytes[from]!
  }
  u16(): number {
    const from = this.take(2)
    return from < 0 ? 0 : (this.bytes[from]! << 8) | this.bytes[from + 1]!
  }
  u32(): number {
    const from = this.take(4)
    if (from < 0) return 0
    const { bytes } = this
    return ((bytes[from]! << 24) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 8) | bytes[from + 3]!) >>> 0
  }
  count64(): number {
    const high = this.u32()
    return high * 0x100000000 + this.u32()
  }
  u64(): bigint {
    halves64[high64] = this.u32()
    halves64[1 - high64] = this.u32()
    return whole64[0]!
  }
  big(size: number): bigint {
    const from = this.take(size)
    let value = 0n
    if (from >= 0) for (let i = 0; i < size; i++) value = (value << 8n) | BigInt(this.bytes[from + i]!)
    return value
  }
  /** A view of the next bytes, not a copy; empty if there are fewer. */
  raw(size: number): Uint8Array {
    const from = this.take(size)
    return from < 0 ? new Uint8Array(0) : this.bytes.subarray(from, from + size)
  }
  rest(): Uint8Array {
    return this.raw(this.left)
  }
  skip(size: number): void {
    this.take(size)
  }
  /** Text of a field of fixed size, up to its first zero. */
  text(size: number): string {
    const bytes = this.raw(size)
    const zero = bytes.indexOf(0)
    return String.fromCharCode(...(zero < 0 ? bytes : bytes.subarray(0, zero)))
  }
  /** A reader of the next bytes alone; undefined if there are fewer. */
  part(size: number): Reader | undefined {
    const from = this.take(size)
    return from < 0 ? undefined : new Reader(this.bytes, from, from + size)
  }
}
