/** Parts of fields in the bytes of actions: header, first bit, count of bits. */
import { type FieldName, field } from '../../flow/fields.ts'
import type { Subfield } from '../action.ts'
import { type Decoded, decoded, type OfErrorName, refused } from '../error.ts'
import { isWritable, widthOf } from '../field-text.ts'
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

/** Whether a field has only an experimenter's header, of 8 bytes, which older forms have no room for. */
export const isExperimental = (name: FieldName): boolean =>
  (field(name).codes ?? []).every(code => code.experimenter !== undefined)

/** Whether setting the field takes the newer form of `load`, which has room for any header and value. */
export const isLong = (name: FieldName): boolean => isExperimental(name) || field(name).bits > 128
