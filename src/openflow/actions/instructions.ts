import { hex } from '../../flow/field-text.ts'
import { ones, parse64 } from '../number.ts'
import { parseTable } from '../table-text.ts'
import type { ActionFormatter, ActionParser, ActionParsers } from './codec.ts'

const gotoTable: ActionParser = (argument, { warn }) => {
  const table = parseTable(argument, warn)
  return table === undefined ? `unknown table "${argument}"` : { type: 'goto_table', table }
}

const writeMetadata: ActionParser = argument => {
  const slash = argument.indexOf('/')
  const value = parse64(slash < 0 ? argument : argument.slice(0, slash))
  if (slash < 0) return typeof value === 'string' ? value : { type: 'write_metadata', value, mask: ones(64) }
  const mask = parse64(argument.slice(slash + 1))
  if (typeof mask === 'string') return mask
  return typeof value === 'string' ? value : { type: 'write_metadata', value, mask }
}

export const instructionParsers: ActionParsers = { goto_table: gotoTable, write_metadata: writeMetadata }

export const formatGotoTable: ActionFormatter<'goto_table'> = ({ table }) => `goto_table:${table}`
export const formatWriteMetadata: ActionFormatter<'write_metadata'> = ({ value, mask }) =>
  `write_metadata:${hex(value)}${mask === ones(64) ? '' : `/${hex(mask)}`}`
