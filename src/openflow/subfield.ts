import type { Subfield } from './action.ts'
import { headerName, subfieldName, widthOf } from './field-text.ts'

/** What `parseSubfield` says of text after the brackets. */
export const trailing = 'unexpected input following field syntax'

/**
 * `reg0`, `reg0[]`, `NXM_NX_REG0[3]`, `reg0[0..15]`; a string says what is wrong, in the words of ovs-ofctl. `whole` is
 * the text that its message quotes if it is more than this part.
 */
export const parseSubfield = (text: string, whole = text): Subfield | string => {
  const bracket = text.search(/[[-]/)
  const name = bracket < 0 ? text : text.slice(0, bracket)
  const field = subfieldName(name)
  if (field === undefined) return `${whole}: unknown field \`${name}'`
  const width = widthOf(field)
  if (bracket < 0) return { field, start: 0, count: width }
  if (text[bracket] === '-') return trailing
  const inside = /^\[(?:([0-9]+)(?:\.\.([0-9]+))?)?\]/.exec(text.slice(bracket))
  if (inside === null) return `${whole}: syntax error expecting [] or [<bit>] or [<start>..<end>]`
  if (bracket + inside[0].length < text.length) return trailing
  if (inside[1] === undefined) return { field, start: 0, count: width }
  const start = Number(inside[1])
  const end = Number(inside[2] ?? inside[1])
  if (start > end) return `${whole}: starting bit ${start} is after ending bit ${end}`
  if (start >= width) {
    return `${whole}: starting bit ${start} is not valid because field is only ${width} bits wide`
  }
  if (end >= width) return `${whole}: ending bit ${end} is not valid because field is only ${width} bits wide`
  return { field, start, count: end - start + 1 }
}

/** Whether the bits are all of the field. */
export const isWhole = ({ field, start, count, whole }: Subfield): boolean =>
  whole === true || (start === 0 && count === widthOf(field))

/** With the field's long name, as `NXM_NX_REG0[0..3]`. */
export const formatSubfield = (subfield: Subfield): string => {
  const { field, start, count } = subfield
  const name = headerName(field)
  if (isWhole(subfield)) return `${name}[]`
  return count === 1 ? `${name}[${start}]` : `${name}[${start}..${start + count - 1}]`
}
