/** `ct_clear`: forgets what the connection tracker said of the frame (ovs-actions(7)). */
import { decoded } from '../error.ts'
import { type ActionKind, begin, nicira } from './codec.ts'
import { extension } from './form.ts'

export const ctClear: ActionKind<'ct_clear'> = {
  type: 'ct_clear',
  parsers: { ct_clear: () => ({ type: 'ct_clear' }) },
  format: (_, { paint }) => paint.value('ct_clear'),
  forms: [extension('NXAST_CT_CLEAR', 43, 16, () => decoded({ type: 'ct_clear' }))],
  encode(_, out) {
    begin(out, 43, nicira)()
  },
}
