/** Integers of any width at the front of a text, as Open vSwitch reads constants for fields. */
import { formatFieldValue } from '../../flow/field-text.ts'
import { type FieldName, field, fullMask } from '../../flow/fields.ts'

/**
 * Hexadecimal digits after `0x`, of which there may be none; else decimal or octal of at most 64 bits. Undefined if there
 * is no number, or it does not fit the bytes of `name` (if said). `rest` is what follows.
 */
export const parseInteger = (text: string, name?: FieldName): { value: bigint; rest: string } | undefined => {
  const hexadecimal = /^0[xX]([0-9a-fA-F]*)/.exec(text)
  const plain = /^\s*([+-]?)([0-9]+)/.exec(text)
  const found = hexadecimal ?? plain
  if (found === null) return undefined
  const value = hexadecimal === null ? plainValue(plain!) : BigInt(`0x0${hexadecimal[1]}`)
  if (value === undefined) return undefined
  if (name !== undefined && value >> BigInt(8 * bytesOf(name)) !== 0n) return undefined
  const octal = hexadecimal === null && found[2]!.startsWith('0') ? /^\s*[+-]?0[0-7]*/.exec(text)! : found
  return { value, rest: text.slice(octal[0].length) }
}

const plainValue = ([, sign, digits]: RegExpExecArray): bigint | undefined => {
  const value = digits!.startsWith('0') ? BigInt(`0o0${/^[0-7]*/.exec(digits!)![0]}`) : BigInt(digits!)
  if (value >> 64n !== 0n) return undefined
  return sign === '-' ? BigInt.asUintN(64, -value) : value
}

const bytesOf = (name: FieldName): number => {
  const { bits, wireBits = bits } = field(name)
  return Math.ceil(wireBits / 8)
}

/** A value that may be too great for its field, as messages write it. */
export const writtenInteger = (name: FieldName, value: bigint): string => formatFieldValue(name, value, fullMask(name))
