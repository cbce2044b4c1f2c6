import type { Subfield } from '../action.ts'
import type { Reader, Writer } from '../bytes.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import { pullFieldHeader } from '../oxm.ts'
import type { Warn } from '../port-text.ts'
import { formatSubfield, parseSubfield, trailing } from '../subfield.ts'
import { checkSource, checkTarget } from './check.ts'
import { type ActionKind, begin, nicira } from './codec.ts'
import { putHeader } from './field-header.ts'
import { extension } from './form.ts'
import { checkedBits } from './subfield-wire.ts'

const parse = (argument: string): Subfield | string => {
  const subfield = parseSubfield(argument)
  if (subfield !== trailing) return subfield
  return `${argument.slice(argument.indexOf(']') + 1)}: trailing garbage following push or pop`
}

const decode = (bytes: Reader, side: 'source' | 'destination', warn: Warn): Decoded<Subfield> => {
  const start = bytes.u16()
  const header = pullFieldHeader(bytes, { warn, maskable: false })
  if (!header.ok) return header
  const count = bytes.u16()
  if (bytes.rest().some(byte => byte !== 0)) return refused('NXBRC_MUST_BE_ZERO')
  return checkedBits({ field: header.value.field, start, count }, side, warn)
}

const encode = (number: number, { field, start, count }: Subfield, out: Writer): void => {
  const end = begin(out, number, nicira)
  out.u16(start)
  putHeader(out, field)
  out.u16(count)
  end()
}

/** Puts bits of a field onto the stack. */
export const push: ActionKind<'push'> = {
  type: 'push',
  parsers: {
    push: argument => {
      const source = parse(argument)
      return typeof source === 'string' ? source : { type: 'push', source }
    },
  },
  format: ({ source }, { paint }) => `${paint.param('push:')}${formatSubfield(source)}`,
  forms: [
    extension('NXAST_STACK_PUSH', 27, 24, (bytes, { warn }) => {
      const source = decode(bytes, 'source', warn)
      return source.ok ? decoded({ type: 'push', source: source.value }) : source
    }),
  ],
  encode: ({ source }, out) => encode(27, source, out),
  check: ({ source }, state) => checkSource(source, state),
}

/** Takes the last value off the stack and writes it into a field. */
export const pop: ActionKind<'pop'> = {
  type: 'pop',
  parsers: {
    pop: argument => {
      const target = parse(argument)
      return typeof target === 'string' ? target : { type: 'pop', target }
    },
  },
  format: ({ target }, { paint }) => `${paint.param('pop:')}${formatSubfield(target)}`,
  forms: [
    extension('NXAST_STACK_POP', 28, 24, (bytes, { warn }) => {
      const target = decode(bytes, 'destination', warn)
      return target.ok ? decoded({ type: 'pop', target: target.value }) : target
    }),
  ],
  encode: ({ target }, out) => encode(28, target, out),
  check: ({ target }, state) => checkTarget(target, state),
}
