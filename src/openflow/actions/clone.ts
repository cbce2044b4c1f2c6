/** `clone`: runs actions on a copy of the frame (ovs-actions(7)). */
import { decoded } from '../error.ts'
import { type ActionKind, begin, nicira } from './codec.ts'
import { extension } from './form.ts'

export const clone: ActionKind<'clone'> = {
  type: 'clone',
  parsers: {
    clone(argument, context) {
      const actions = context.nested(argument, 'clone')
      return typeof actions === 'string' ? actions : { type: 'clone', actions }
    },
  },
  format: ({ actions }, { paint, nested }) => `${paint.paren('clone(')}${nested(actions)}${paint.paren(')')}`,
  forms: [
    extension(
      'NXAST_CLONE',
      42,
      16,
      (bytes, context) => {
        bytes.skip(6)
        const actions = context.decodeActions(bytes, 'clone')
        return actions.ok ? decoded({ type: 'clone', actions: actions.value }) : actions
      },
      { exact: false },
    ),
  ],
  encode({ actions }, out, context) {
    const end = begin(out, 42, nicira)
    out.zeros(6)
    context.encodeActions(actions, out)
    end()
  },
  seenBy: ({ actions }, _version, state) => ({ type: 'clone', actions: state.nested(actions) }),
  check: ({ actions }, state) => state.nested(actions),
}
