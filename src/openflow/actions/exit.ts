import { decoded } from '../error.ts'
import { type ActionKind, begin, nicira } from './codec.ts'
import { extension } from './form.ts'

/** Ends what is done with a frame, in the tables that led here too. */
export const exit: ActionKind<'exit'> = {
  type: 'exit',
  parsers: { exit: () => ({ type: 'exit' }) },
  format: (_, { paint }) => paint.special('exit'),
  forms: [extension('NXAST_EXIT', 17, 16, () => decoded({ type: 'exit' }))],
  encode: (_, out) => begin(out, 17, nicira)(),
}
