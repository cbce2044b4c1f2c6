/**
 * Where tunnel options (`tun_metadata0` to `63`) lie in a key. A key has 256 bytes for all of them, and which option has
 * which bytes is not fixed: a bridge's TLV table hands them out, and a match that knows no table (in ovs-ofctl) does it
 * for itself, option by option. So a layout goes with whatever reads these fields. Beside the bytes a key has a bit for
 * each option that says whether it is there at all.
 */
import { type FlowKey, word } from './layout.ts'

/** Some of a key's 256 bytes; an option may have several such pieces, the most significant first. */
export type TlvPiece = { readonly offset: number; readonly length: number }

export type TlvPlace = {
  /** Bytes of all pieces together. */
  readonly length: number
  readonly pieces: readonly TlvPiece[]
  /** In a match's own layout: whether it was given with a mask. */
  readonly masked?: boolean
}

export type TlvLayout = {
  /** By the number of the option. */
  readonly places: readonly (TlvPlace | undefined)[]
  /** It belongs to one match and grows with what that says, instead of to a bridge. */
  readonly own: boolean
}

/** Bytes for all options together, and options. */
export const tlvSpace = 256
export const tlvFields = 64

/** Longest value of an option, bytes. */
export const tlvLongest = 124

/** Where nothing says otherwise each option has four bytes, in order. */
export const plainLayout: TlvLayout = {
  places: Array.from({ length: tlvFields }, (_, i) => ({ length: 4, pieces: [{ offset: 4 * i, length: 4 }] })),
  own: false,
}

/** The number of a field `tun_metadata…`; undefined for other fields. */
export const optionNumber = (name: string): number | undefined =>
  name.startsWith('tun_metadata') ? Number(name.slice('tun_metadata'.length)) : undefined

const getByte = (key: FlowKey, at: number): number => (key[word.tunMetadata + (at >> 2)]! >>> (24 - 8 * (at & 3))) & 255
const putByte = (key: FlowKey, at: number, value: number): void => {
  const shift = 24 - 8 * (at & 3)
  const index = word.tunMetadata + (at >> 2)
  key[index] = (key[index]! & ~(255 << shift)) | (value << shift)
}

/** The value of an option, its first byte the most significant; 0 if it has no place. */
export const readOption = (key: FlowKey, option: number, layout = plainLayout): bigint => {
  let value = 0n
  for (const { offset, length } of layout.places[option]?.pieces ?? [])
    for (let i = offset; i < offset + length; i++) value = (value << 8n) | BigInt(getByte(key, i))
  return value
}

/** Sets the bits of `mask` (all by default) of an option; what does not fit its place is left out. */
export const writeOption = (key: FlowKey, option: number, value: bigint, mask = -1n, layout = plainLayout): void => {
  const place = layout.places[option]
  let shift = BigInt(8 * (place?.length ?? 0))
  for (const { offset, length } of place?.pieces ?? [])
    for (let i = offset; i < offset + length; i++) {
      shift -= 8n
      const bits = Number((mask >> shift) & 0xffn)
      putByte(key, i, (getByte(key, i) & ~bits) | (Number((value >> shift) & 0xffn) & bits))
    }
}

/** All ones in an option's place; all that an option could have if it has none. */
export const optionMask = (option: number, layout: TlvLayout | undefined): bigint =>
  (1n << BigInt(8 * (layout?.places[option]?.length ?? tlvLongest))) - 1n

/** Whether the option is there: in a mask, whether the match looks. */
export const hasOption = (key: FlowKey, option: number): boolean =>
  ((key[word.tunMetadataPresent + (option < 32 ? 1 : 0)]! >>> (option & 31)) & 1) === 1

export const markOption = (key: FlowKey, option: number, present = true): void => {
  const at = word.tunMetadataPresent + (option < 32 ? 1 : 0)
  const bit = 1 << (option & 31)
  key[at] = present ? key[at]! | bit : key[at]! & ~bit
}

/** Whether any option is said at all. */
export const hasOptions = (key: FlowKey): boolean =>
  (key[word.tunMetadataPresent]! | key[word.tunMetadataPresent + 1]!) !== 0

/** Bytes that a layout has handed out. */
export const usedSpace = (layout: TlvLayout): number =>
  layout.places.reduce((sum, place) => sum + (place?.length ?? 0), 0)

/**
 * Finds `length` bytes: in one piece if there are so many in a row, else in the largest pieces that are free. Undefined if
 * there are not so many at all.
 */
export const findSpace = (layout: TlvLayout, length: number): TlvPiece[] | undefined => {
  const taken = new Uint8Array(tlvSpace)
  for (const place of layout.places)
    for (const { offset, length: size } of place?.pieces ?? []) taken.fill(1, offset, offset + size)
  const free: TlvPiece[] = []
  for (let at = 0; at < tlvSpace; at++) {
    if (taken[at] === 1) continue
    const end = taken.indexOf(1, at) < 0 ? tlvSpace : taken.indexOf(1, at)
    free.push({ offset: at, length: end - at })
    at = end
  }
  const whole = free.find(piece => piece.length >= length)
  if (whole !== undefined) return length === 0 ? [] : [{ offset: whole.offset, length }]
  const pieces: TlvPiece[] = []
  let wanted = length
  for (const piece of free.toSorted((a, b) => b.length - a.length)) {
    if (wanted === 0) break
    const size = Math.min(piece.length, wanted)
    pieces.push({ offset: piece.offset, length: size })
    wanted -= size
  }
  return wanted === 0 ? pieces : undefined
}

/** The layout with a place more, or undefined if there is no room. */
export const placed = (
  layout: TlvLayout | undefined,
  option: number,
  length: number,
  masked?: boolean,
): TlvLayout | undefined => {
  const base = layout ?? { places: new Array<TlvPlace | undefined>(tlvFields).fill(undefined), own: true }
  const pieces = findSpace(base, length)
  if (pieces === undefined) return undefined
  const places = base.places.slice()
  places[option] = { length, pieces, ...(masked === undefined ? {} : { masked }) }
  return { places, own: base.own }
}

/** Bytes that a value needs on the wire: leading zeros are not sent. */
export const bytesOf = (value: bigint): number => (value === 0n ? 0 : Math.ceil(value.toString(16).length / 2))
