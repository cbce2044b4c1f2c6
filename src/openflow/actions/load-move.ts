import { hex } from '../../flow/field-text.ts'
import { type FieldName, field, fullMask } from '../../flow/fields.ts'
import type { ActionOf, OfAction, Subfield } from '../action.ts'
import type { Reader } from '../bytes.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import { formatFieldValue, maskAsSaid, widthOf } from '../field-text.ts'
import { ones, runs } from '../number.ts'
import { pullFieldHeader } from '../oxm.ts'
import type { Warn } from '../port-text.ts'
import type { Version } from '../protocol.ts'
import { formatSubfield, parseSubfield, trailing } from '../subfield.ts'
import { checkSource, checkTarget, setOuterTag } from './check.ts'
import { type ActionKind, type ActionParser, begin, nicira, onf } from './codec.ts'
import { putHeader } from './field-header.ts'
import { badArgument, extension, standard } from './form.ts'
import { checkSetPrerequisites } from './set-check.ts'
import { checkBits, countOf, isLong, packBits, startOf } from './subfield-wire.ts'

/** `load:0x1->NXM_NX_REG0[0..3]`. */
const parseLoad: ActionParser = argument => {
  const arrow = argument.indexOf('->')
  if (arrow < 0) return `${argument}: missing \`->'`
  const value = leadingNumber(argument.slice(0, arrow))
  const target = parseSubfield(argument.slice(arrow + 2))
  if (typeof target === 'string') return target
  const { bits, wireBits = bits } = field(target.field)
  if (value === undefined || value >> BigInt(8 * Math.ceil(wireBits / 8)) !== 0n) {
    return `${argument}: cannot parse integer value`
  }
  if (value >> BigInt(target.count) !== 0n) {
    const text = formatFieldValue(target.field, value, fullMask(target.field))
    return `${argument}: value ${text} does not fit into ${target.count} bits`
  }
  return { type: 'load', target, value }
}

/** The number that a text begins with, as C's strtoull reads it; hexadecimal ones may have 128 bits. */
const leadingNumber = (text: string): bigint | undefined => {
  const hexadecimal = /^0[xX]([0-9a-fA-F]*)/.exec(text)?.[1]
  if (hexadecimal !== undefined) return BigInt(`0x0${hexadecimal}`)
  const [, sign, digits] = /^\s*([+-]?)([0-9]+)/.exec(text) ?? []
  if (digits === undefined) return undefined
  const value = digits.startsWith('0') ? BigInt(`0o0${/^[0-7]*/.exec(digits)?.[0]}`) : BigInt(digits)
  if (value >> 64n !== 0n) return undefined
  return sign === '-' ? BigInt.asUintN(64, -value) : value
}

/** `move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[]`. */
export const parseMove: ActionParser = argument => {
  const arrow = argument.indexOf('->')
  const source = parseSubfield(arrow < 0 ? argument : argument.slice(0, arrow), argument)
  if (arrow < 0) {
    const name = /^[^[]*/.exec(argument)?.[0] ?? ''
    const known = typeof parseSubfield(name.split('-')[0] as string) !== 'string'
    if (known) return `${argument}: missing \`->' following source`
  }
  if (typeof source === 'string' && source !== trailing) return source
  if (arrow < 0 || typeof source === 'string') return `${argument}: missing \`->' following source`
  const target = parseSubfield(argument.slice(arrow + 2))
  if (typeof target === 'string') return target
  if (source.count !== target.count) {
    return `${argument}: source field is ${source.count} bits wide but destination is ${target.count} bits wide`
  }
  return { type: 'move', source, target }
}

const decodeLoad = (bytes: Reader, warn: Warn): Decoded<ActionOf<'load'>> => {
  const packed = bytes.u16()
  const header = pullFieldHeader(bytes, { warn })
  if (!header.ok) return refused('OFPBAC_BAD_SET_TYPE')
  const target = { field: header.value.field, start: startOf(packed), count: countOf(packed) }
  const value = bytes.u64()
  const error = checkBits(target, 'destination', warn)
  if (error !== undefined) return refused(error)
  return value >> BigInt(target.count) === 0n ? decoded({ type: 'load', target, value }) : badArgument()
}

/** One `load` for each run of bits, of at most 64; `value` has the bits of `mask` in place. */
export const splitLoad = (name: FieldName, value: bigint, mask: bigint): OfAction[] =>
  runs(mask & ones(widthOf(name))).map(({ start, count }) => ({
    type: 'load',
    target: { field: name, start, count },
    value: (value >> BigInt(start)) & ones(count),
  }))

const inPieces = ({ field: name, start, count }: Subfield, value: bigint): { target: Subfield; value: bigint }[] =>
  Array.from({ length: Math.ceil(count / 64) }, (_, i) => {
    const target = { field: name, start: start + 64 * i, count: Math.min(64, count - 64 * i) }
    return { target, value: (value >> BigInt(64 * i)) & ones(target.count) }
  })

/** Writes bits of a field. 1.5 says it with OFPAT_SET_FIELD. */
export const load: ActionKind<'load'> = {
  type: 'load',
  parsers: { load: parseLoad },
  // A wide one is told in pieces of 64 bits.
  format: ({ target, value }, { paint }) =>
    (target.count <= 64 ? [{ target, value }] : inPieces(target, value))
      .map(piece => `${paint.special('load:')}${hex(piece.value)}${paint.special('->')}${formatSubfield(piece.target)}`)
      .join(),
  forms: [extension('NXAST_REG_LOAD', 7, 24, (bytes, { warn }) => decodeLoad(bytes, warn), { to: 5 })],
  encode({ target, value }, out) {
    const end = begin(out, 7, nicira)
    out.u16(packBits(target))
    putHeader(out, target.field)
    out.u64(value)
    end()
  },
  seenBy(action, version, state) {
    const { target, value } = action
    const mask = ones(target.count) << BigInt(target.start)
    const inPlace = value << BigInt(target.start)
    if (target.field === 'vlan_tci') state.tagged = (inPlace & 0x1000n) !== 0n
    if (version === 6) {
      return { type: 'set_field', field: target.field, value: inPlace, ...maskAsSaid(target.field, mask) }
    }
    if (isLong(target.field)) {
      return {
        type: 'set_field',
        field: target.field,
        value: inPlace,
        ...maskAsSaid(target.field, mask),
        as: 'reg_load2',
      }
    }
    return target.count <= 64 ? action : splitLoad(target.field, inPlace, mask)
  },
  check({ target, value }, state) {
    const error = checkSetPrerequisites(target.field, state)
    if (error !== undefined) return error
    if (target.field === 'vlan_tci') setOuterTag(state, ((value << BigInt(target.start)) & 0x1000n) !== 0n)
    return undefined
  },
}

/** `long`: two bytes of filling stand before the headers. */
const decodeMove = (bytes: Reader, warn: Warn, long: boolean, as?: 'copy_field'): Decoded<ActionOf<'move'>> => {
  const count = bytes.u16()
  const from = bytes.u16()
  const to = bytes.u16()
  if (long) bytes.skip(2)
  const source = pullFieldHeader(bytes, { warn, maskable: false })
  if (!source.ok) return source
  const target = pullFieldHeader(bytes, { warn, maskable: false })
  if (!target.ok) return target
  if (bytes.rest().some(byte => byte !== 0)) return refused('NXBRC_MUST_BE_ZERO')
  const move: ActionOf<'move'> = {
    type: 'move',
    source: { field: source.value.field, start: from, count },
    target: { field: target.value.field, start: to, count },
    ...(as === undefined ? {} : { as }),
  }
  const error = checkBits(move.source, 'source', warn) ?? checkBits(move.target, 'destination', warn)
  return error === undefined ? decoded(move) : refused(error)
}

/** How a version says it: the standard's of 1.5, the ONF's of 1.3 and 1.4 if it came so, else Nicira's. */
const moveForm = (version: Version, as: 'copy_field' | undefined): 'standard' | 'onf' | 'nicira' =>
  version === 6 ? 'standard' : version === 4 && as !== undefined ? 'onf' : 'nicira'

/** Copies bits from field to field. */
export const move: ActionKind<'move'> = {
  type: 'move',
  parsers: { move: parseMove },
  format: ({ source, target }, { paint }) =>
    `${paint.special('move:')}${formatSubfield(source)}${paint.special('->')}${formatSubfield(target)}`,
  forms: [
    extension('NXAST_REG_MOVE', 6, 16, (bytes, { warn }) => decodeMove(bytes, warn, false), { to: 5, exact: false }),
    {
      name: 'ONFACT_COPY_FIELD',
      number: 3200,
      vendor: onf,
      from: 4,
      to: 5,
      size: 24,
      decode(bytes, { warn }) {
        bytes.skip(2)
        return decodeMove(bytes, warn, true, 'copy_field')
      },
    },
    standard('OFPAT_COPY_FIELD', 28, 16, (bytes, { warn }) => decodeMove(bytes, warn, true), { from: 6, exact: false }),
  ],
  encode({ source, target, as }, out, { version }) {
    const form = moveForm(version, as)
    const end = form === 'standard' ? begin(out, 28) : form === 'onf' ? begin(out, 3200, onf) : begin(out, 6, nicira)
    if (form === 'onf') out.zeros(2)
    out.u16(source.count)
    out.u16(source.start)
    out.u16(target.start)
    if (form !== 'nicira') out.zeros(2)
    putHeader(out, source.field, form === 'nicira' ? 0 : version)
    putHeader(out, target.field, form === 'nicira' ? 0 : version)
    end()
  },
  seenBy(action, version) {
    if (action.as === undefined || version === 4) return action
    return { type: 'move', source: action.source, target: action.target }
  },
  check: ({ source, target }, state) => checkSource(source, state) ?? checkTarget(target, state),
}
