import type { Field } from './field.ts'
import { fields } from './field-table.ts'
import { type FlowKey, word } from './layout.ts'
import { optionNumber, readOption, type TlvLayout, writeOption } from './tlv.ts'

export type { Code, Field, Format, Prerequisite } from './field.ts'
export { fields }

/** A match field by its name; a misspelt one does not compile. */
export type FieldName = keyof typeof fields

/** All names, in the table's order. */
export const fieldNames = Object.keys(fields) as FieldName[]

const rows: { readonly [N in FieldName]: Field } = fields

/** The row of a field. */
export const field = (name: FieldName): Field => rows[name]

/** Names and other names, and the names of NXM and OXM, which text may use too. */
const byText = new Map<string, FieldName>()
for (const name of fieldNames) {
  byText.set(name, name)
  const { aka, codes } = rows[name]
  if (aka !== undefined) byText.set(aka, name)
  for (const { name: long } of codes ?? []) byText.set(long, name)
}

/** The field that a name in a text means: `nw_src` and `NXM_OF_IP_SRC` are `ip_src`. */
export const fieldNamed = (text: string): FieldName | undefined => byText.get(text)

const codeKey = (oxmClass: number, number: number, experimenter: number): string =>
  `${oxmClass}.${number}.${experimenter}`
const byCode = new Map<string, FieldName>()
for (const name of fieldNames)
  for (const { class: oxmClass, number, experimenter } of rows[name].codes ?? [])
    byCode.set(codeKey(oxmClass, number, experimenter ?? 0), name)

/** The field that a code on the wire means. `experimenter` only with class 0xffff. */
export const fieldCoded = (oxmClass: number, number: number, experimenter = 0): FieldName | undefined =>
  byCode.get(codeKey(oxmClass, number, experimenter))

/** All ones in the field's bits; in all that a tunnel option may have. */
export const fullMask = (name: FieldName): bigint => {
  const known = fullMasks.get(name)
  if (known !== undefined) return known
  const { bits, valid } = rows[name]
  const mask = valid === undefined ? (1n << BigInt(bits)) - 1n : BigInt(valid)
  fullMasks.set(name, mask)
  return mask
}
const fullMasks = new Map<FieldName, bigint>()

/** The value of a field of at most 32 bits that lies in one word. */
export const readNumber = (key: FlowKey, name: FieldName): number => {
  const { at, bits, valid } = rows[name]
  const index = at[0]
  const low = at[1]
  const value = bits === 32 ? key[index]! : (key[index]! >>> low) & (2 ** bits - 1)
  return valid === undefined ? value : value & valid
}

/** Sets the bits of `mask` (all by default) of such a field from `value`. */
export const writeNumber = (key: FlowKey, name: FieldName, value: number, mask = 0xffffffff): void => {
  const { at, bits, valid } = rows[name]
  const index = at[0]
  const low = at[1]
  const keep = ~((mask & (valid ?? (bits === 32 ? 0xffffffff : 2 ** bits - 1))) << low)
  key[index] = (key[index]! & keep) | ((value << low) & ~keep)
}

/** The value of any field. Of a tunnel option `tlv` says where it lies. */
export const readField = (key: FlowKey, name: FieldName, tlv?: TlvLayout): bigint => {
  const { at, bits } = rows[name]
  const index = at[0]
  const low = at[1]
  if (index === word.tunMetadata) return readOption(key, optionNumber(name)!, tlv)
  if (low + bits <= 32) return BigInt(readNumber(key, name))
  let value = BigInt(key[index]! >>> low)
  let have = 32 - low
  for (let i = index - 1; have < bits; i--, have += 32) value |= BigInt(key[i]!) << BigInt(have)
  return BigInt.asUintN(bits, value)
}

/** Sets the bits of `mask` (all by default) of any field from `value`; bits beyond the field are left alone. */
export const writeField = (key: FlowKey, name: FieldName, value: bigint, mask = -1n, tlv?: TlvLayout): void => {
  const { at, bits } = rows[name]
  const index = at[0]
  const low = at[1]
  if (index === word.tunMetadata) {
    writeOption(key, optionNumber(name)!, value, mask, tlv)
    return
  }
  const within = mask & fullMask(name)
  if (low + bits <= 32) {
    writeNumber(key, name, Number(value & 0xffffffffn), Number(within))
    return
  }
  for (let i = index, shift = -low; shift < bits; i--, shift += 32) {
    const part = Number(BigInt.asUintN(32, shift < 0 ? within << BigInt(low) : within >> BigInt(shift)))
    const put = Number(BigInt.asUintN(32, shift < 0 ? value << BigInt(low) : value >> BigInt(shift)))
    key[i] = (key[i]! & ~part) | (put & part)
  }
}
