import { hex } from '../../flow/field-text.ts'
import { type FieldName, field } from '../../flow/fields.ts'
import { parseNumber } from '../../flow/flags.ts'
import { formatSubfield, parseSubfield } from '../subfield.ts'
import type { ActionFormatter, ActionParser, ActionParsers } from './codec.ts'

/** `load:0x1->NXM_NX_REG0[0..3]`. */
const parseLoad: ActionParser = argument => {
  const arrow = argument.indexOf('->')
  if (arrow < 0)
    return `${argument}: ${argument === '' || /^(0x)?[0-9a-f]+$/i.test(argument) ? "missing `->'" : 'cannot parse integer value'}`
  const value = parseNumber(argument.slice(0, arrow))
  if (value === undefined) return `${argument}: cannot parse integer value`
  const name = argument.slice(arrow + 2)
  const target = parseSubfield(name)
  if (typeof target === 'string') return target
  if (value >> BigInt(target.count) !== 0n) {
    return `${argument}: value ${written(target.field, value)} does not fit into ${target.count} bits`
  }
  return { type: 'load', target, value }
}

const written = (name: FieldName, value: bigint): string =>
  field(name).format === 'decimal' ? String(value) : hex(value)

/** `move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[]`. */
const parseMove: ActionParser = argument => {
  const arrow = argument.indexOf('->')
  const source = parseSubfield(arrow < 0 ? argument : argument.slice(0, arrow), argument)
  if (arrow < 0) {
    const name = /^[^[]*/.exec(argument)?.[0] ?? ''
    const known = typeof parseSubfield(name.split('-')[0] as string) !== 'string'
    if (known) return `${argument}: missing \`->' following source`
  }
  if (typeof source === 'string') return source
  if (arrow < 0) return `${argument}: missing \`->' following source`
  const target = parseSubfield(argument.slice(arrow + 2))
  if (typeof target === 'string') return target
  if (source.count !== target.count) {
    return `${argument}: source field is ${source.count} bits wide but destination is ${target.count} bits wide`
  }
  return { type: 'move', source, target }
}

export const loadMoveParsers: ActionParsers = { load: parseLoad, move: parseMove }

export const formatLoad: ActionFormatter<'load'> = ({ target, value }) =>
  `load:${hex(value)}->${formatSubfield(target)}`
export const formatMove: ActionFormatter<'move'> = ({ source, target }) =>
  `move:${formatSubfield(source)}->${formatSubfield(target)}`
