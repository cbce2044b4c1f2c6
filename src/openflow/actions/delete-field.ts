/** `delete_field:tun_metadata0`: takes a tunnel option away (ovs-actions(7)). */
import { optionNumber } from '../../flow/tlv.ts'
import { decoded } from '../error.ts'
import { subfieldName } from '../field-text.ts'
import { pullFieldHeader } from '../oxm.ts'
import { type ActionKind, begin, nicira } from './codec.ts'
import { putHeader } from './field-header.ts'
import { extension } from './form.ts'

export const deleteField: ActionKind<'delete_field'> = {
  type: 'delete_field',
  parsers: {
    delete_field(argument) {
      const field = subfieldName(argument)
      return field === undefined ? `unknown field \`${argument}'` : { type: 'delete_field', field }
    },
  },
  format: ({ field }, { paint }) => `${paint.param('delete_field:')}${field}`,
  forms: [
    extension('NXAST_DELETE_FIELD', 50, 24, (bytes, { warn }) => {
      const header = pullFieldHeader(bytes, { maskable: false, warn })
      return header.ok ? decoded({ type: 'delete_field', field: header.value.field }) : header
    }),
  ],
  encode({ field }, out) {
    const start = out.at
    const end = begin(out, 50, nicira)
    putHeader(out, field)
    out.align(24, start)
    end()
  },
  check: ({ field }) => (optionNumber(field) === undefined ? 'OFPBAC_BAD_ARGUMENT' : undefined),
}
