import type { ActionOf } from '../action.ts'
import type { Reader } from '../bytes.ts'
import type { Decoded } from '../error.ts'
import { decoded, refused } from '../error.ts'
import { pullFieldHeader } from '../oxm.ts'
import type { Warn } from '../port-text.ts'
import { formatSubfield } from '../subfield.ts'
import { checkSource } from './check.ts'
import { type ActionKind, begin, nicira } from './codec.ts'
import { putHeader } from './field-header.ts'
import { badArgument, extension } from './form.ts'
import { checkedBits, countOf, isExperimental, packBits, startOf } from './subfield-wire.ts'

const decode = (
  bytes: Reader,
  packed: number,
  maxLength: number | undefined,
  warn: Warn,
): Decoded<ActionOf<'output_reg'>> => {
  const long = maxLength !== undefined
  if (!long && bytes.bytes.subarray(bytes.end - 6, bytes.end).some(byte => byte !== 0)) return badArgument()
  const header = pullFieldHeader(bytes, { warn, maskable: !long })
  if (!header.ok) return long ? header : refused('OFPBAC_BAD_SET_TYPE')
  const length = maxLength ?? bytes.u16()
  if (long && bytes.rest().some(byte => byte !== 0)) return refused('NXBRC_MUST_BE_ZERO')
  const bits = { field: header.value.field, start: startOf(packed), count: countOf(packed) }
  const source = checkedBits(bits, 'source', warn)
  if (!source.ok) return source
  const action: ActionOf<'output_reg'> = { type: 'output_reg', source: source.value, maxLength: length }
  return decoded(!long ? action : { ...action, as: 'output_reg2' })
}

/** To the port whose number a field holds. A field with a long header needs the newer form. */
export const outputReg: ActionKind<'output_reg'> = {
  type: 'output_reg',
  parsers: {},
  format: ({ source }, { paint }) => `${paint.special('output:')}${formatSubfield(source)}`,
  forms: [
    extension('NXAST_OUTPUT_REG', 15, 24, (bytes, { warn }) => decode(bytes, bytes.u16(), undefined, warn)),
    extension('NXAST_OUTPUT_REG2', 32, 24, (bytes, { warn }) => decode(bytes, bytes.u16(), bytes.u16(), warn)),
  ],
  encode({ source, maxLength, as }, out) {
    const long = as !== undefined || isExperimental(source.field)
    const end = begin(out, long ? 32 : 15, nicira)
    out.u16(packBits(source))
    if (long) out.u16(maxLength)
    putHeader(out, source.field)
    if (!long) out.u16(maxLength)
    if (!long) out.zeros(6)
    end()
  },
  check: ({ source }, state) => checkSource(source, state),
}
