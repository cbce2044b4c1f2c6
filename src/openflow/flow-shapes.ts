/**
 * Lines of flows that differ in plain numbers and addresses only, as a program writes them by the thousand. To read such a
 * line in full takes ten times as long as to see that it is like one before but for those values.
 *
 * A line is cut into holes, which are values like `priority=100`, `nw_src=10.0.0.1` or `output:3`, and the text around them. All lines
 * with the same text around their holes have one shape. When a shape has come often enough it is learned from the full reader
 * itself: each hole in turn is given other values, and what changes in the message says where it goes. So nothing of the
 * protocol is known here but which names have values that lie in a message as they are. A shape that does not behave like
 * that is not learned, and neither is one with an error or a warning: its lines are read in full, each time.
 */
import { fromUtf8 } from '../runtime/text.ts'
import type { Writer } from './bytes.ts'
import { type HoleRow, Holes, holeText, valueWords } from './flow-holes.ts'
import type { Protocols } from './protocol.ts'

/** A line read in full: its message, and the protocols that can say it. */
export type LineRead = { message: Uint8Array; protocols: Protocols }
/** Undefined for a line that is wrong, or that there is a warning about. */
export type ReadLine = (line: string) => LineRead | undefined

/** Where a hole's value goes: its last byte, how many there are, and which of its bits, as words of a value. */
type Target = { last: number; bytes: number; bits: Uint32Array }

type Shape = LineRead & {
  rows: readonly HoleRow[]
  targets: readonly Target[]
  /** The text around the holes: before the first, between two, behind the last. */
  around: readonly Uint8Array[]
}

/** What is known of the lines with a hash: how many came, or their shape; 'other' if it could not be learned. */
type Known = number | Shape | 'other'

/** A shape is learned when so many lines had it: to learn takes as long as to read some thirty lines. */
const enough = 8
/** So many are remembered. */
const most = 4096

export class FlowShapes {
  private readonly read: ReadLine
  private readonly known = new Map<number, Known>()
  private readonly holes = new Holes()

  constructor(read: ReadLine) {
    this.read = read
  }

  /** The shape of the line from `from` to `to`, for `write`; undefined if it has to be read in full. */
  find(text: Uint8Array, from: number, to: number): Shape | undefined {
    const { holes, known } = this
    if (!holes.find(text, from, to)) return undefined
    const found = known.get(holes.hash) ?? 0
    if (typeof found === 'object') return isOf(found, holes, text, from, to) ? found : undefined
    if (found === 'other') return undefined
    if (found < enough) {
      if (known.size >= most) known.clear()
      known.set(holes.hash, found + 1)
      return undefined
    }
    const shape = learn(this.read, holes, text, from, to)
    known.set(holes.hash, shape ?? 'other')
    return shape
  }

  /** Writes the message of the line that `find` has just found to be of this shape. */
  write(out: Writer, { message, targets }: Shape): void {
    const start = out.at
    out.raw(message)
    fill(out.bytes, start, targets, this.holes)
  }
}

/** Puts the values into a message that has zeros where they go. */
const fill = (bytes: Uint8Array, start: number, targets: readonly Target[], { words }: Holes): void => {
  for (let i = 0; i < targets.length; i++) put(bytes, start, targets[i]!, words, i * valueWords)
}

/** The value whose words begin at `from`. */
const put = (bytes: Uint8Array, start: number, target: Target, words: Uint32Array, from: number): void => {
  const { bits, bytes: count } = target
  const end = start + target.last
  for (let i = 0, word = valueWords - 1; i < count; word--) {
    let rest = words[from + word]! & bits[word]!
    for (const stop = Math.min(i + 4, count); i < stop; i++, rest >>>= 8) bytes[end - i]! |= rest
  }
}

/** A value as words. */
const wordsOf = (value: bigint): Uint32Array =>
  Uint32Array.from({ length: valueWords }, (_, i) => Number((value >> BigInt(32 * (valueWords - 1 - i))) & 0xffffffffn))

const isOf = ({ rows, around }: Shape, holes: Holes, text: Uint8Array, from: number, to: number): boolean => {
  const { count } = holes
  if (rows.length !== count) return false
  let at = from
  for (let i = 0; i <= count; i++) {
    if (i < count && rows[i] !== holes.rows[i]) return false
    const piece = around[i]!
    const end = i < count ? holes.starts[i]! : to
    if (end - at !== piece.length) return false
    for (let j = 0; j < piece.length; j++) if (piece[j] !== text[at + j]) return false
    at = holes.ends[i]!
  }
  return true
}

/** What stands before a value: its name, at the beginning of a word. */
const assigned = /(?:^|[ ,\t\r]|actions?=)([a-z0-9_]+)[=:]$/

const learn = (read: ReadLine, holes: Holes, text: Uint8Array, from: number, to: number): Shape | undefined => {
  const around: Uint8Array[] = []
  for (let i = 0, at = from; i <= holes.count; i++) {
    around.push(text.slice(at, i < holes.count ? holes.starts[i] : to))
    at = holes.ends[i]!
  }
  const rows = holes.rows.slice(0, holes.count)
  if (rows.some(({ name }, i) => assigned.exec(fromUtf8(around[i]!))?.[1] !== name)) return undefined
  const sample = read(fromUtf8(text, from, to))
  if (sample === undefined) return undefined
  const message = sample.message.slice()
  const claimed = new Uint8Array(message.length)
  const targets: Target[] = []
  for (let i = 0; i < rows.length; i++) {
    const [before, after] = [fromUtf8(text, from, holes.starts[i]), fromUtf8(text, holes.ends[i], to)]
    const target = targetOf(value => readLike(sample, read(before + value + after)), rows[i]!)
    if (target === undefined || !claim(claimed, target)) return undefined
    targets.push(target)
  }
  for (let i = 0; i < message.length; i++) message[i]! &= ~claimed[i]!
  const again = message.slice()
  fill(again, 0, targets, holes)
  return isSame(again, sample.message) ? { message, protocols: sample.protocols, rows, targets, around } : undefined
}

/** The message, if all is as with the sample but for its bytes. */
const readLike = (sample: LineRead, other: LineRead | undefined): Uint8Array | undefined =>
  other?.protocols === sample.protocols && other.message.length === sample.message.length ? other.message : undefined

/** Where a value goes: all bits of it make the bits that count, and one with bytes that differ says how they lie. */
const targetOf = (messageWith: (value: string) => Uint8Array | undefined, row: HoleRow): Target | undefined => {
  const [none, all, test] = [0n, row.all, row.test].map(value => messageWith(holeText(row, value)))
  if (none === undefined || all === undefined || test === undefined) return undefined
  const differing = Array.from(all.keys()).filter(i => all[i] !== none[i])
  const [first, last] = [differing[0], differing.at(-1)]
  if (first === undefined || last === undefined) return undefined
  const targets: Target[] = []
  for (let end = last; end < Math.min(first + row.bytes, all.length); end++) {
    const target = targetAt(none, all, end, row.bytes)
    if (target === undefined) continue
    const again = none.slice()
    put(again, 0, target, wordsOf(row.test), 0)
    if (isSame(again, test)) targets.push(target)
  }
  return targets.length === 1 ? targets[0] : undefined
}

/** If the value ends here: the bits of it that count. None where a bit goes from 1 to 0. */
const targetAt = (none: Uint8Array, all: Uint8Array, last: number, bytes: number): Target | undefined => {
  let bits = 0n
  for (let i = last - bytes + 1; i <= last; i++) {
    if (((none[i] ?? 0) & ~(all[i] ?? 0)) !== 0) return undefined
    bits = (bits << 8n) | BigInt((all[i] ?? 0) & ~(none[i] ?? 0))
  }
  return { last, bytes, bits: wordsOf(bits) }
}

/** Notes the bits that a value goes to; false if another goes to some of them. */
const claim = (claimed: Uint8Array, target: Target): boolean => {
  const bits = new Uint8Array(claimed.length)
  put(bits, 0, target, target.bits, 0)
  if (bits.some((byte, i) => (byte & claimed[i]!) !== 0)) return false
  for (let i = 0; i < bits.length; i++) claimed[i]! |= bits[i]!
  return true
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i])
