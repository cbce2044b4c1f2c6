/** `ct`: asks the connection tracker about a frame, and tells it to keep its connection (ovs-actions(7)). */
import { readNumber } from '../../flow/fields.ts'
import { type Match, typeOf } from '../../flow/match.ts'
import type { OfAction, Subfield } from '../action.ts'
import type { Reader } from '../bytes.ts'
import { type Decoded, decoded, type OfErrorName, refused } from '../error.ts'
import { parseUpTo } from '../number.ts'
import { formatSubfield, parseSubfield } from '../subfield.ts'
import { formatTable, parseTable } from '../table-text.ts'
import { splitWords } from '../words.ts'
import { checkSource } from './check.ts'
import {
  type ActionContext,
  type ActionFormatter,
  type ActionKind,
  type ActionOf,
  type ActionParser,
  type ActionWireContext,
  begin,
  type CheckState,
  nicira,
} from './codec.ts'
import { header32, pullHeader32 } from './field-header.ts'
import { badArgument, extension } from './form.ts'
import { parseNat } from './nat-text.ts'
import { checkBits, countOf, packBits, startOf } from './subfield-wire.ts'

type Ct = ActionOf<'ct'>
type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type State = Mutable<Omit<Ct, 'actions'>> & { actions: OfAction[] }

/** Helpers by name; the number is their protocol's port. */
const helpers = { ftp: 21, tftp: 69 } as const
const isHelper = (name: string): name is keyof typeof helpers => Object.hasOwn(helpers, name)

const flag = { commit: 1, force: 2 } as const
const noTable = 255

const parse: ActionParser = (argument, context) => {
  const ct: State = { type: 'ct', commit: false, force: false, zone: 0, table: undefined, alg: 0, actions: [] }
  for (const { name, value } of splitWords(argument)) {
    const wrong = takeWord(ct, name, value, context)
    if (wrong !== undefined) return wrong
  }
  return ct.force && !ct.commit ? '"force" flag requires "commit" flag.' : ct
}

const takeWord = (ct: State, name: string, value: string, context: ActionContext): string | undefined => {
  switch (name) {
    case 'commit':
    case 'force':
      ct[name] = true
      return undefined
    case 'table':
      ct.table = parseTable(value, context.warn, context.tables)
      if (ct.table === undefined) return `unknown table ${value}`
      return ct.table === noTable ? 'invalid table 0xff' : undefined
    case 'zone':
      return takeZone(ct, value)
    case 'alg':
      if (!isHelper(value)) return `invalid conntrack helper "${value}"`
      ct.alg = helpers[value]
      return undefined
    case 'nat':
      return takeActions(ct, parseNat(value, context))
    case 'exec':
      return takeActions(ct, context.nested(value, 'ct'))
    default:
      return `invalid argument to "ct" action: \`${name}'`
  }
}

/** A field wins over a number, whichever comes last. */
const takeZone = (ct: State, value: string): string | undefined => {
  const zone = parseUpTo(value, 0xffff) ?? parseSubfield(value)
  if (typeof zone === 'string') return zone
  if (typeof ct.zone === 'number' || typeof zone !== 'number') ct.zone = zone
  return undefined
}

const takeActions = (ct: State, actions: OfAction | OfAction[] | string): string | undefined => {
  if (typeof actions === 'string') return actions
  ct.actions.push(...(Array.isArray(actions) ? actions : [actions]))
  return undefined
}

/** A `nat` that comes first stands by itself, others with the rest in `exec`. */
const format: ActionFormatter<'ct'> = ({ commit, force, table, zone, alg, actions }, { tables, paint, nested }) => {
  let text = ''
  const put = (part: string): void => {
    text += `${part},`
  }
  if (commit) put(paint.value('commit'))
  if (force) put(paint.value('force'))
  if (table !== undefined) put(`${paint.special('table=')}${formatTable(table, tables)}`)
  if (typeof zone !== 'number') put(`${paint.param('zone=')}${formatSubfield(zone)}`)
  else if (zone !== 0) put(`${paint.param('zone=')}${zone}`)
  const rest = actions[0]?.type === 'nat' ? actions.slice(1) : actions
  if (rest.length < actions.length) put(nested(actions.slice(0, 1)))
  // This comma has the parenthesis' colour, and is then not seen as the last one, which goes.
  if (rest.length > 0) text += `${paint.paren('exec(')}${nested(rest)}${paint.paren('),')}`
  if (alg !== 0) put(`${paint.param('alg=')}${Object.entries(helpers).find(([, port]) => port === alg)?.[0] ?? alg}`)
  return `${paint.paren('ct(')}${text.replace(/,$/, '')}${paint.paren(')')}`
}

const decode = (bytes: Reader, context: ActionWireContext): Decoded<OfAction> => {
  const flags = bytes.u16()
  const commit = (flags & flag.commit) !== 0
  const force = (flags & flag.force) !== 0
  if (force && !commit) return badArgument()
  const zone = decodeZone(bytes, context)
  if (!zone.ok) return zone
  const table = bytes.u8()
  bytes.skip(3)
  const alg = bytes.u16()
  const actions = context.decodeActions(bytes, 'ct')
  if (!actions.ok) return actions
  if (!commit && !actions.value.every(isPlainNat)) {
    context.warn(
      'ofp_actions',
      'CT action requires commit flag if actions other than NAT without arguments are specified.',
    )
    return badArgument()
  }
  return decoded({
    type: 'ct',
    commit,
    force,
    zone: zone.value,
    table: table === noTable ? undefined : table,
    alg,
    actions: actions.value,
  })
}

const isPlainNat = (action: OfAction): boolean => {
  if (action.type !== 'nat') return false
  const { side, addresses, persistent, mapping } = action.nat
  return side === undefined && addresses === undefined && !persistent && mapping === undefined
}

/** A number, or where a header says so 16 bits of a field. */
const decodeZone = (bytes: Reader, { warn }: ActionWireContext): Decoded<number | Subfield> => {
  const isField = new DataView(bytes.bytes.buffer, bytes.bytes.byteOffset + bytes.at, 4).getUint32(0) !== 0
  const field = pullHeader32(bytes)
  const packed = bytes.u16()
  if (!isField) return decoded(packed)
  if (field === undefined) return refused('OFPBAC_BAD_SET_TYPE')
  const zone: Subfield = { field, start: startOf(packed), count: countOf(packed) }
  const error = checkBits(zone, 'source', warn)
  if (error !== undefined) return refused(error)
  if (zone.count === 16) return decoded(zone)
  warn('ofp_actions', `zone n_bits ${zone.count} not within valid range [16..16]`)
  return refused('OFPBAC_BAD_SET_LEN')
}

/** IP only, a helper only for its own protocol, and no connection of an invalid frame can be kept. */
const fits = ({ commit, alg }: Ct, match: Match): boolean => {
  const type = typeOf(match.key)
  if (type !== 0x0800 && type !== 0x86dd) return false
  if (commit && (readNumber(match.key, 'ct_state') & 0x10) !== 0) return false
  const protocol = readNumber(match.key, 'nw_proto')
  return !(alg === helpers.ftp && protocol !== 6) && !(alg === helpers.tftp && protocol !== 17)
}

const check = (ct: Ct, state: CheckState): OfErrorName | undefined => {
  if (!fits(ct, state.match)) return 'OFPBAC_MATCH_INCONSISTENT'
  return typeof ct.zone === 'number' ? state.nested(ct.actions) : checkSource(ct.zone, state)
}

export const ct: ActionKind<'ct'> = {
  type: 'ct',
  parsers: { ct: parse },
  format,
  forms: [extension('NXAST_CT', 35, 24, decode, { exact: false })],
  encode({ commit, force, zone, table, alg, actions }, out, context) {
    const end = begin(out, 35, nicira)
    out.u16((commit ? flag.commit : 0) | (force ? flag.force : 0))
    out.u32(typeof zone === 'number' ? 0 : header32(zone.field))
    out.u16(typeof zone === 'number' ? zone : packBits(zone))
    out.u8(table ?? noTable)
    out.zeros(3)
    out.u16(alg)
    context.encodeActions(actions, out)
    end()
  },
  seenBy: (action, _version, state) => ({ ...action, actions: state.nested(action.actions) }),
  check,
}
