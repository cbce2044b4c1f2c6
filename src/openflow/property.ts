import type { Reader, Writer } from './bytes.ts'
import { type Decoded, decoded, type Refused, refused } from './error.ts'

/** One property of a list: `experimenter` with types from 0xffff on. `bytes` is what follows the headers. */
export type Property = {
  type: number
  experimenter: number | undefined
  /** The experimenter's own type. */
  subtype: number
  bytes: Reader
}

/** Types from here on are experimenters', in most lists. */
const experimenterType = 0xffff

/**
 * Takes the next of a list of properties (OpenFlow 1.4 §7.2.1.2, "Properties": type, length, value, padding to
 * `alignment`), which the reader must have bytes for. Experimenters' begin at `experimenters`.
 */
export const takeProperty = (list: Reader, alignment = 8, experimenters = experimenterType): Decoded<Property> => {
  const start = list.at
  const type = list.u16()
  const length = list.u16()
  const padded = Math.ceil(length / alignment) * alignment
  if (list.short || length < 4 || start + padded > list.end) return refused('OFPBPC_BAD_LEN')
  list.at = start
  const whole = list.part(padded) as Reader
  const bytes = whole.part(length) as Reader
  bytes.skip(4)
  if (type < experimenters) return decoded({ type, experimenter: undefined, subtype: 0, bytes })
  if (length < 12) return refused('OFPBPC_BAD_LEN')
  const experimenter = bytes.u32()
  if (experimenter === 0) return refused('OFPBPC_BAD_EXPERIMENTER')
  return decoded({ type, experimenter, subtype: bytes.u32(), bytes })
}

/** Starts a property; what it returns ends it: it pads, and fills in the length, which leaves the padding out. */
export const beginProperty = (out: Writer, type: number, alignment = 8): (() => void) => {
  const start = out.at
  out.u16(type)
  out.u16(0)
  return () => {
    out.put16(start + 2, out.at - start)
    out.align(alignment, start)
  }
}

/** The error for a property that no one knows, where it must not be passed over. */
export const unknownProperty = ({ experimenter }: Property): Refused =>
  refused(experimenter === undefined ? 'OFPBPC_BAD_TYPE' : 'OFPBPC_BAD_EXPERIMENTER')

/** A property's value of exactly so many bits, behind padding up to its size; a shorter or longer one is refused. */
export const property32 = ({ bytes }: Property): Decoded<number> =>
  bytes.left === 4 ? decoded(bytes.u32()) : refused('OFPBPC_BAD_LEN')
export const property64 = ({ bytes }: Property): Decoded<bigint> => {
  if (bytes.left !== 12) return refused('OFPBPC_BAD_LEN')
  bytes.skip(4)
  return decoded(bytes.u64())
}
/** Of the small ones Open vSwitch takes any that are long enough. */
export const property8 = ({ bytes }: Property): Decoded<number> =>
  bytes.left >= 1 ? decoded(bytes.u8()) : refused('OFPBPC_BAD_LEN')
export const property16 = ({ bytes }: Property): Decoded<number> =>
  bytes.left >= 2 ? decoded(bytes.u16()) : refused('OFPBPC_BAD_LEN')
