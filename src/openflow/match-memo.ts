/**
 * Texts of flexible matches, made from their bytes. The flows of a table are mostly alike: the same fields in the same
 * order under the same masks, and only addresses, ports and the like differ. From the first of a kind a shape is kept: the
 * text around those values, where they stand among the bytes, and all other bytes, which have to be the same. A match of a
 * known shape is then neither decoded nor formatted; any other is, and what is wrong with one is told by its decoder alone.
 *
 * Only values on which nothing else depends, in the text or in what is refused, may differ (`free`). The rest of a shape,
 * with EtherType and protocol, is compared byte by byte, so that a shape can be too narrow but not wrong.
 */
import type { FieldName } from '../flow/fields.ts'
import type { Match } from '../flow/match.ts'
import { type FormatOptions, matchItems } from '../flow/match-format.ts'
import { type Paint, plain } from '../flow/paint.ts'
import { formatPort, OfPort, type PortName } from '../flow/port-text.ts'
import { headsOf, number, placeName } from './match-heads.ts'
import type { OxmField } from './oxm-fields.ts'
import { TextBytes } from './text-bytes.ts'

type Kind = 'decimal' | 'hex' | 'ipv4' | 'ethernet' | 'port' | 'vlan'

/** A value that may differ: what stands before it in the text, how it is written, where it begins, and its mask or -1. */
type Slot = Place & { before: string }
type Place = { kind: Kind; at: number; size: number; maskAt: number }

/** What a match is like that is written in a known way. */
export type Shape = {
  /** The bytes that have to be the same, and their places. */
  places: Uint16Array
  bytes: Uint8Array
  length: number
  slots: readonly Slot[]
  after: string
}

/** A power of 2. */
const buckets = 256
/** So many shapes with the same fields, or with the same hash of those, are kept: the first. */
const most = 16

export class MatchMemo {
  private readonly shapes: (Shape[] | undefined)[] = new Array(buckets).fill(undefined)
  private readonly portName: PortName | undefined
  private readonly paint: Paint
  private readonly options: FormatOptions

  constructor(portName?: PortName, paint: Paint = plain) {
    this.portName = portName
    this.paint = paint
    this.options = portName === undefined ? { paint } : { portName, paint }
  }

  /** The shape of the match in these bytes; undefined if none like it is known. */
  find(bytes: Uint8Array, start: number, end: number): Shape | undefined {
    const shapes = this.shapes[bucketOf(bytes, start, end)]
    if (shapes === undefined) return undefined
    for (let i = 0; i < shapes.length; i++) if (fits(shapes[i]!, bytes, start, end)) return shapes[i]
    return undefined
  }

  private valueOf(place: Place, bytes: Uint8Array, start: number): string {
    const out = new TextBytes(32)
    putValue(out, place, bytes, start + place.at, this.portName)
    return out.string()
  }

  /** Writes the text of the match in the bytes from `start` on, whose shape this is. */
  put(out: TextBytes, { slots, after }: Shape, bytes: Uint8Array, start: number): void {
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!
      out.text(slot.before)
      putValue(out, slot, bytes, start + slot.at, this.portName)
    }
    out.text(after)
  }

  /** The text of any match. */
  format(match: Match): string {
    return matchItems(match, this.options).join(',')
  }

  /** The text of a match that was read from these bytes without a warning; remembers what is like it. */
  learn(bytes: Uint8Array, start: number, end: number, match: Match): string {
    const places = new Map<FieldName, number>()
    const items = matchItems(match, { ...this.options, places })
    const bucket = bucketOf(bytes, start, end)
    const shapes = this.shapes[bucket] ?? []
    this.shapes[bucket] = shapes
    if (shapes.length < most) shapes.push(this.shapeOf(bytes, start, end, items, places))
    return items.join(',')
  }

  private shapeOf(
    bytes: Uint8Array,
    start: number,
    end: number,
    items: readonly string[],
    places: ReadonlyMap<FieldName, number>,
  ): Shape {
    const byItem = new Map<number, Place>()
    for (const { it, at, width, masked } of headsOf(bytes, start, end)) {
      const name = it && placeName(it.name)
      const item = name && places.get(name)
      const kind = it && kindOf(it, width, masked)
      if (item === undefined || kind === undefined || byItem.has(item)) continue
      byItem.set(item, { kind, at: at - start, size: width, maskAt: masked ? at + width - start : -1 })
    }
    const slots: Slot[] = []
    const differs = new Set<number>()
    const { end: colorEnd } = this.paint
    let text = ''
    for (const [i, item] of items.entries()) {
      if (i > 0) text += ','
      const slot = byItem.get(i)
      const named = item.indexOf('=') + 1
      const from = item.startsWith(colorEnd, named) ? named + colorEnd.length : named
      const value = slot && this.valueOf(slot, bytes, start)
      // What is written in another way than a slot would be is part of the shape.
      const rest = value !== undefined && item.startsWith(value, from) ? item.slice(from + value.length) : undefined
      const isFree = rest !== undefined && (rest === '' || slot?.kind === 'ipv4')
      if (slot === undefined || rest === undefined || !isFree || !isPlain(slot, bytes, start)) {
        text += item
        continue
      }
      slots.push({ ...slot, before: text + item.slice(0, from) })
      text = rest
      for (let at = slot.at; at < slot.at + slot.size; at++) differs.add(at)
    }
    const length = end - start
    const same = Array.from({ length }, (_, at) => at).filter(at => !differs.has(at))
    return {
      places: Uint16Array.from(same),
      bytes: Uint8Array.from(same, at => bytes[start + at]!),
      length,
      slots,
      after: text,
    }
  }
}

/** How the value is written. Ports are below the reserved ones. */
const putValue = (out: TextBytes, { kind, size }: Place, bytes: Uint8Array, at: number, portName?: PortName): void => {
  if (kind === 'ethernet') {
    out.mac(bytes, at)
    return
  }
  const value = number(bytes, at + Math.max(size - 4, 0), Math.min(size, 4))
  if (kind === 'ipv4') out.ip4(value)
  else if (kind === 'decimal') out.decimal(value)
  else if (kind === 'vlan') out.decimal(value & 0xfff)
  else if (kind === 'port') {
    if (portName === undefined) out.decimal(value)
    else out.text(formatPort(value, portName))
  } else putHex(out, size === 8 ? number(bytes, at, 4) : 0, value)
}

/** As C's `%#x`: no prefix for zero. */
const putHex = (out: TextBytes, high: number, low: number): void => {
  if (high !== 0 || low !== 0) out.text('0x')
  out.hex(high, low)
}

/** How the value of a free field is written, if only it differs in the text. */
const kindOf = ({ name, row, kind, keeps, size }: OxmField, width: number, masked: boolean): Kind | undefined => {
  if (width !== size) return undefined
  if (name.startsWith('vlan_')) return 'vlan'
  if (row.format === 'ipv4') return 'ipv4'
  if (masked) return undefined
  if (row.format === 'ethernet') return 'ethernet'
  if (kind === 'port') return 'port'
  if (row.format === 'hex') return (size === 4 && keeps === 0xffffffff) || row.bits === 64 ? 'hex' : undefined
  return row.format === 'decimal' && size === 2 && keeps === 0xffff ? 'decimal' : undefined
}

/** A number of the first words of the fields. What is behind a field that is cut off is not looked at. */
const bucketOf = (bytes: Uint8Array, start: number, end: number): number => {
  let hash = 0
  for (let at = start; at + 4 <= end; at += 4 + bytes[at + 3]!)
    hash = Math.imul(hash ^ (bytes[at + 1]! << 16) ^ (bytes[at + 2]! << 8) ^ bytes[at + 3]!, 0x9e3779b1)
  return hash >>> 24
}

const fits = (
  { places, bytes: same, length, slots }: Shape,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean => {
  if (end - start !== length) return false
  for (let i = 0; i < same.length; i++) if (bytes[start + places[i]!] !== same[i]) return false
  for (let i = 0; i < slots.length; i++) if (!isPlain(slots[i]!, bytes, start)) return false
  return true
}

/** Whether a value is one that every decoder takes as it stands: no reserved port, a tag that is there, no bits beyond a mask. */
const isPlain = ({ kind, at, size, maskAt }: Place, bytes: Uint8Array, start: number): boolean => {
  if (kind === 'port') return number(bytes, start + at, size) < OfPort.max
  if (kind === 'vlan' && bytes[start + at]! >>> 4 !== 1) return false
  if (maskAt < 0) return true
  for (let i = 0; i < size; i++) if ((bytes[start + at + i]! & ~bytes[start + maskAt + i]!) !== 0) return false
  return true
}
