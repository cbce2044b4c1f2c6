import { hex } from '../../flow/field-text.ts'
import { formatFieldValue, isOfConnection, isWritable, parseFieldValue, setFieldName } from '../field-text.ts'
import type { ActionFormatter, ActionParser, ActionParsers } from './codec.ts'
import { formatMod } from './mod.ts'

/** `set_field:100->tun_id`, `set_field:5/7->reg0`: the name is the field's own, without brackets. */
const parse: ActionParser = (argument, { ports, warn }) => {
  const arrow = argument.indexOf('->')
  if (arrow < 0) return `${argument}: missing \`->'`
  const name = argument.slice(arrow + 2)
  if (name === '') return `${argument}: missing field name following \`->'`
  const field = setFieldName(name)
  if (field === undefined) return `${name} is not a valid OXM field name`
  if (!isWritable(field)) return `${name} is read-only`
  if (isOfConnection(field)) return 'cannot set CT fields outside of ct action'
  const text = argument.slice(0, arrow)
  const parsed = parseFieldValue(field, text, ports, warn)
  if (typeof parsed === 'string') return parsed
  return {
    type: 'set_field',
    field,
    value: parsed.value & parsed.mask,
    mask: parsed.mask,
  }
}

export const setFieldParsers: ActionParsers = { set_field: parse }

export const formatSetField: ActionFormatter<'set_field'> = ({ field, value, mask, as }, { ports }) => {
  if (as === 'set_tunnel' || as === 'set_tunnel64') return `${as}:${hex(value)}`
  if (as === 'mod') {
    const text = formatMod(field, value)
    if (text !== undefined) return text
  }
  return `set_field:${formatFieldValue(field, value, mask, ports)}->${field}`
}
