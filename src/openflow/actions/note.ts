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
      if (bytes === undefined) return "bad hex digit in `note' argument"
      while (bytes.length % 8 !== 6) bytes.push(0)
      return { type: 'note', bytes }
    },
  },
  format: ({ bytes }) => `note:${formatHex(bytes)}`,
  forms: [
    extension('NXAST_NOTE', 8, 16, bytes => decoded({ type: 'note', bytes: [...bytes.rest()] }), { exact: false }),
  ],
  encode({ bytes }, out) {
    const end = begin(out, 8, nicira)
    out.raw(bytes)
    end()
  },
}
