/**
 * The flexible matches of one reply. Flows under one mask differ in addresses, ports and the like: from the first of a
 * kind a shape is kept, its bytes with the places of those values. For the next of that kind the bytes are copied and the
 * values put in. What says which fields there are (EtherType, protocol, a tag) has to be the same, so that a shape can be
 * too narrow but not wrong.
 */
import type { FlowKey } from '../flow/layout.ts'
import type { Match } from '../flow/match.ts'
import { preconditionOf } from './action-check.ts'
import type { Precondition } from './action-version.ts'
import type { Writer } from './bytes.ts'
import { putFields } from './match-encode.ts'
import { headsOf, isFree } from './match-heads.ts'
import { isMac, type OxmField, type OxmVersion } from './oxm-fields.ts'
import { toPort11 } from './port-number.ts'

/** How many bytes a match took, and what it means for the actions behind it. */
export type Written = { readonly length: number; readonly before: Precondition }

/** A value among the bytes: a half word or a word of the key, which lies `low` bits up. */
type Slot = { at: number; index: number; low: number; size: 2 | 4; isPort: boolean }

type Shape = Written & {
  bytes: Uint8Array
  slots: readonly Slot[]
  /** The words that have to be the same, but for the bits of slots. */
  words: readonly { index: number; bits: number; value: number }[]
}

/** So many masks are remembered, and so many shapes of one. */
const mostMasks = 256
const mostShapes = 8

export class WrittenMatches {
  private readonly shapes = new Map<object, Shape[]>()
  private readonly version: OxmVersion

  constructor(version: OxmVersion) {
    this.version = version
  }

  /** Writes the fields. Matches that were given with the same `alike` have the same mask. */
  put(out: Writer, match: Match, alike: object | undefined): Written {
    const shapes = alike && this.shapes.get(alike)
    if (shapes !== undefined)
      for (let i = 0; i < shapes.length; i++)
        if (fits(shapes[i]!, match.key)) {
          fill(out, shapes[i]!, match.key)
          return shapes[i]!
        }
    const start = out.at
    const written = { length: putFields(out, match, this.version), before: preconditionOf(match) }
    if (alike !== undefined && (shapes?.length ?? 0) < mostShapes)
      this.keep(alike, shapes ?? [], shapeOf(out.bytes.slice(start, out.at), match, written))
    return written
  }

  private keep(alike: object, shapes: Shape[], shape: Shape): void {
    if (shapes.length === 0) {
      if (this.shapes.size >= mostMasks) this.shapes.clear()
      this.shapes.set(alike, shapes)
    }
    shapes.push(shape)
  }
}

const fits = ({ words }: Shape, key: FlowKey): boolean => {
  for (let i = 0; i < words.length; i++) {
    const { index, bits, value } = words[i]!
    if ((key[index]! & bits) >>> 0 !== value) return false
  }
  return true
}

const fill = (out: Writer, { bytes, slots }: Shape, key: FlowKey): void => {
  const start = out.at
  out.raw(bytes)
  for (let i = 0; i < slots.length; i++) {
    const { at, index, low, size, isPort } = slots[i]!
    const value = key[index]! >>> low
    if (size === 2) out.put16(start + at, value)
    else out.put32(start + at, isPort ? toPort11(value & 0xffff) : value)
  }
}

const shapeOf = (bytes: Uint8Array, match: Match, written: Written): Shape => {
  const rest = match.mask.slice()
  const slots: Slot[] = []
  for (const { it, at } of headsOf(bytes, 0, bytes.length)) {
    const places = it === undefined || !isFree(it.name) ? [] : slotsOf(it, at)
    slots.push(...places)
    for (const { index, low, size, isPort } of places)
      rest[index] = isPort ? 0 : rest[index]! & ~(size === 4 ? 0xffffffff : 0xffff << low)
  }
  const words = [...rest].flatMap((bits, index) =>
    bits === 0 ? [] : [{ index, bits, value: (match.key[index]! & bits) >>> 0 }],
  )
  return { ...written, bytes, slots, words }
}

/** Where the value of a free field lies, which is at `at` among the bytes. */
const slotsOf = (it: OxmField, at: number): Slot[] => {
  const { index, low, size, kind } = it
  const half = (from: number, place: number, up: number): Slot => ({
    at: from,
    index: place,
    low: up,
    size: 2,
    isPort: false,
  })
  const whole = (from: number, place: number): Slot => ({ at: from, index: place, low: 0, size: 4, isPort: false })
  if (kind === 'port') return [{ at, index, low: 0, size: size === 2 ? 2 : 4, isPort: true }]
  if (isMac(it))
    return low === 0 ? [half(at, index - 1, 0), whole(at + 2, index)] : [whole(at, index - 1), half(at + 4, index, 16)]
  if (kind === 'wide') return Array.from({ length: size / 4 }, (_, i) => whole(at + 4 * i, index - size / 4 + 1 + i))
  if (size === 4) return [whole(at, index)]
  return size === 2 ? [half(at, index, low)] : []
}
