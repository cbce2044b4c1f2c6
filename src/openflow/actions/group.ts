import { decoded } from '../error.ts'
import { parse32 } from '../number.ts'
import type { ActionKind } from './codec.ts'
import { beginSinceOf11, sinceOf11 } from './form.ts'

const numbers = { of10: 40, of11: 22, filled: true } as const

/** Does what a group says, and goes on. */
export const group: ActionKind<'group'> = {
  type: 'group',
  parsers: {
    group: argument => {
      const number = parse32(argument)
      return typeof number === 'string' ? number : { type: 'group', group: number }
    },
  },
  format: (action, { paint }) => `${paint.special('group:')}${action.group}`,
  forms: sinceOf11('OFPAT_GROUP', numbers, bytes => decoded({ type: 'group', group: bytes.u32() })),
  encode(action, out, { version }) {
    const end = beginSinceOf11(out, version, numbers)
    out.u32(action.group)
    end()
  },
}
