/** Parts of fields in the bytes of actions: header, first bit, count of bits. */
import { type FieldName, field } from '../../flow/fields.ts'
import type { Subfield } from '../action.ts'
import type { Writer } from '../bytes.ts'
import { type Decoded, decoded, type OfErrorName, refused } from '../error.ts'
import { isWritable, widthOf } from '../field-text.ts'
import { isOnWire, type OxmVersion, putField } from '../oxm.ts'
import { oxmField } from '../oxm-fields.ts'
import type { Warn } from '../port-text.ts'

type Side = 'source' | 'destination'

/** Whether the field has these bits, and may be written if it is a destination. */
export const checkBits = (
  { field: name, start, count }: Subfield,
  side: Side,
  warn: Warn = () => {},
): OfErrorName | undefined => {
  const width = widthOf(name)
  const wrong = (words: string): OfErrorName => {
    warn('meta_flow', words)
    return 'OFPBAC_BAD_SET_LEN'
  }
  const where = `${width}-bit width of ${side} field ${name}`
  if (count === 0) return wrong(`zero bit ${side} field ${name}`)
  if (start >= width) return wrong(`bit offset ${start} exceeds ${where}`)
  if (start + count > width) return wrong(`bit offset ${start} and width ${count} exceeds ${where}`)
  if (side === 'source' || isWritable(name)) return undefined
  warn('meta_flow', `destination field ${name} is not writable`)
  return 'OFPBAC_BAD_SET_ARGUMENT'
}

/** A subfield that was read, if it is one. */
export const checkedBits = (subfield: Subfield, side: Side, warn?: Warn): Decoded<Subfield> => {
  const error = checkBits(subfield, side, warn)
  return error === undefined ? decoded(subfield) : refused(error)
}

/** First bit and count in 16 bits: 10 for the first, 6 for one less than the count. */
export const packBits = ({ start, count }: Subfield): number => (start << 6) | (count - 1)
export const startOf = (packed: number): number => packed >>> 6
export const countOf = (packed: number): number => (packed & 0x3f) + 1

/**
 * Writes header, value and mask. A field that the wire does not have gets Open vSwitch's header for it, which is that of
 * the input port with the field's size: peers refuse it, or take it for that.
 */
export const putEntry = (
  out: Writer,
  name: FieldName,
  value: bigint,
  mask: bigint | undefined,
  version: OxmVersion,
): void => {
  if (isOnWire(name)) {
    putField(out, name, value, mask, version)
    return
  }
  const { size } = oxmField(name)
  out.u32(mask === undefined ? size : 0x100 | (2 * size))
  out.big(value, size)
  if (mask !== undefined) out.big(mask, size)
}

/** Whether older actions, which have 4 bytes for a header, have none for the field: an experimenter's takes 8. */
export const isExperimental = (name: FieldName): boolean => oxmField(name).heads[0]?.experimenter !== 0

/** Whether setting the field takes the newer form of `load`, which has room for any header and value. */
export const isLong = (name: FieldName): boolean => isExperimental(name) || field(name).bits > 128
