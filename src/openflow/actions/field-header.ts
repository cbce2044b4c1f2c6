/**
 * How the bytes of actions name a field: by its NXM or OXM header, NXM's preferred. Some have only 32 bits for it, where
 * an experimenter's header does not fit.
 */
import type { FieldName } from '../../flow/fields.ts'
import type { Subfield } from '../action.ts'
import { type Reader, Writer } from '../bytes.ts'
import { isOnWire, type OxmVersion, pullFieldHeader, putFieldHeader } from '../oxm.ts'
import { oxmField } from '../oxm-fields.ts'
import { parseSubfield } from '../subfield.ts'

const hasHeader32 = (name: FieldName): boolean => {
  const { heads } = oxmField(name)
  return heads.length > 0 && heads[0]!.experimenter === 0
}

/** The header in 32 bits; 0 for a field that has none, or only an experimenter's. */
export const header32 = (name: FieldName): number => {
  if (!hasHeader32(name)) return 0
  const out = new Writer(4)
  putFieldHeader(out, name, 0)
  return ((out.bytes[0]! << 24) | (out.bytes[1]! << 16) | (out.bytes[2]! << 8) | out.bytes[3]!) >>> 0
}

/** Reads a header of 32 bits; undefined for a field that does not exist, which is the caller's error. */
export const pullHeader32 = (bytes: Reader): FieldName | undefined => {
  const part = bytes.part(4)
  const header = part === undefined ? undefined : pullFieldHeader(part)
  return header?.ok === true ? header.value.field : undefined
}

/** Writes a header of 4 or 8 bytes; 4 zeros for a field that the wire does not have. */
export const putHeader = (out: Writer, name: FieldName, version: OxmVersion = 0): void => {
  if (isOnWire(name)) putFieldHeader(out, name, version)
  else out.u32(0)
}

/** Reads bits of a field that has a header of 32 bits; `whole` is what the message quotes if it has none. */
export const parseSubfield32 = (text: string, whole: string): Subfield | string => {
  const subfield = parseSubfield(text)
  if (typeof subfield === 'string' || hasHeader32(subfield.field)) return subfield
  return `${whole}: experimenter OXM field '${text}' not supported`
}
