/** Actions that are instructions of their own since 1.1; `instruction-wire.ts` has their bytes there. */
import { hex } from '../../flow/field-text.ts'
import { decoded, refused } from '../error.ts'
import { OfMeter } from '../meter.ts'
import { ones, parse32, parse64 } from '../number.ts'
import { protocol } from '../protocol.ts'
import { formatTable, parseTable } from '../table-text.ts'
import { type ActionKind, type ActionParser, begin, nicira } from './codec.ts'
import { extension, standard } from './form.ts'

const parseMetadata: ActionParser = argument => {
  const slash = argument.indexOf('/')
  const value = parse64(slash < 0 ? argument : argument.slice(0, slash))
  if (slash < 0) return typeof value === 'string' ? value : { type: 'write_metadata', value, mask: ones(64) }
  const mask = parse64(argument.slice(slash + 1))
  if (typeof mask === 'string') return mask
  return typeof value === 'string' ? value : { type: 'write_metadata', value, mask }
}

/** Writes bits of the metadata. 1.0 has it as an extension. */
export const writeMetadata: ActionKind<'write_metadata'> = {
  type: 'write_metadata',
  parsers: { write_metadata: parseMetadata },
  format: ({ value, mask }, { paint }) =>
    `${paint.param('write_metadata:')}${hex(value)}${mask === ones(64) ? '' : `/${hex(mask)}`}`,
  forms: [
    extension('NXAST_WRITE_METADATA', 22, 32, bytes => {
      if (bytes.raw(6).some(byte => byte !== 0)) return refused('NXBRC_MUST_BE_ZERO')
      return decoded({ type: 'write_metadata', value: bytes.u64(), mask: bytes.u64() })
    }),
  ],
  encode({ value, mask }, out) {
    const end = begin(out, 22, nicira)
    out.zeros(6)
    out.u64(value)
    out.u64(mask)
    end()
  },
  protocols: () => protocol.nxm | protocol.of11 | protocol.oxm,
}

/** On in another table. 1.0 is shown a `resubmit`. */
export const gotoTable: ActionKind<'goto_table'> = {
  type: 'goto_table',
  parsers: {
    goto_table: (argument, { tables, warn }) => {
      const table = parseTable(argument, warn, tables)
      return table === undefined ? `unknown table "${argument}"` : { type: 'goto_table', table }
    },
  },
  format: ({ table }, { tables, paint }) => `${paint.param('goto_table:')}${formatTable(table, tables)}`,
  forms: [],
  encode: () => {},
  seenBy(action, version) {
    if (version > 1) return action
    const { table } = action
    return { type: 'resubmit', port: undefined, table: table === 255 ? undefined : table, as: 'table' }
  },
  check: (action, { table, tables }) =>
    (table !== undefined && action.table <= table) || action.table >= tables ? 'OFPBIC_BAD_TABLE_ID' : undefined,
}

/** Drops frames that are too many. An action in 1.5, an instruction before, unknown before 1.3. */
export const meter: ActionKind<'meter'> = {
  type: 'meter',
  parsers: {
    meter: argument => {
      const number = parse32(argument)
      return typeof number === 'string' ? number : { type: 'meter', meter: number }
    },
  },
  format: (action, { paint }) => `${paint.param('meter:')}${action.meter}`,
  forms: [standard('OFPAT_METER', 29, 8, bytes => decoded({ type: 'meter', meter: bytes.u32() }), { from: 6 })],
  encode(action, out) {
    const end = begin(out, 29)
    out.u32(action.meter)
    end()
  },
  seenBy: (action, version) => (version < 4 ? [] : action),
  protocols: () => protocol.since13,
  check: action => (action.meter === 0 || action.meter > OfMeter.max ? 'OFPMMFC_INVALID_METER' : undefined),
}

/** Empties the action set. */
export const clearActions: ActionKind<'clear_actions'> = {
  type: 'clear_actions',
  parsers: { clear_actions: () => ({ type: 'clear_actions' }) },
  format: (_, { paint }) => paint.value('clear_actions'),
  forms: [],
  encode: () => {},
  seenBy: (action, version) => (version === 1 ? [] : action),
}

/** Puts actions into the action set. 1.0 is not shown them. */
export const writeActions: ActionKind<'write_actions'> = {
  type: 'write_actions',
  parsers: {
    write_actions: (argument, { nested }) => {
      const actions = nested(argument, 'write_actions')
      if (typeof actions === 'string') return actions
      return { type: 'write_actions', actions }
    },
  },
  format: ({ actions }, { paint, nested }) => `${paint.paren('write_actions(')}${nested(actions)}${paint.paren(')')}`,
  forms: [],
  encode: () => {},
  seenBy(action, version, state) {
    if (version === 1) return []
    const actions = state.nested(action.actions)
    return actions === action.actions ? action : { type: 'write_actions', actions }
  },
  /** Frames may look otherwise by the time that the action set is done. */
  check({ actions }, state) {
    const { protocols } = state
    const error = state.nested(actions)
    state.protocols = protocols
    return error
  },
}
