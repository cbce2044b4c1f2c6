import { decoded } from '../error.ts'
import { type ActionKind, begin, nicira } from './codec.ts'
import { extension } from './form.ts'
import { formatHex, parseHex } from './hex.ts'

/** Bytes that do nothing: `note:01.02.03`, dots as you like. On the wire they are filled with zeros to 6, 14, 22, … */
export const note: ActionKind<'note'> = {
  type: 'note',
  parsers: {
    note: argument => {
      const bytes = parseHex(argument)
      return bytes === undefined ? "bad hex digit in `note' argument" : { type: 'note', bytes }
    },
  },
  seenBy: action => (action.bytes.length % 8 === 6 ? action : { type: 'note', bytes: filled(action.bytes) }),
  format: ({ bytes }, { paint }) => `${paint.param('note:')}${formatHex(bytes)}`,
  forms: [
    extension('NXAST_NOTE', 8, 16, bytes => decoded({ type: 'note', bytes: [...bytes.rest()] }), { exact: false }),
  ],
  encode({ bytes }, out) {
    const end = begin(out, 8, nicira)
    out.raw(bytes)
    end()
  },
}

const filled = (bytes: readonly number[]): number[] => {
  const zeros = (14 - (bytes.length % 8)) % 8
  return [...bytes, ...Array.from({ length: zeros }, () => 0)]
}
