/** Short ways to write rows of forms. */
import type { Writer } from '../bytes.ts'
import { type Decoded, refused } from '../error.ts'
import type { Version } from '../protocol.ts'
import { type ActionForm, begin, nicira } from './codec.ts'

type Decode = ActionForm['decode']
type Rest = Partial<Omit<ActionForm, 'vendor'>>

/** An action of the standard, of a fixed size and known to every version if `rest` says nothing else. */
export const standard = (name: string, number: number, size: number, decode: Decode, rest: Rest = {}): ActionForm => ({
  name,
  number,
  from: 1,
  to: 6,
  size,
  exact: true,
  decode,
  ...rest,
})

/** The same for Nicira's extensions. */
export const extension = (name: string, number: number, size: number, decode: Decode, rest: Rest = {}): ActionForm => ({
  ...standard(name, number, size, decode, rest),
  vendor: nicira,
})

/** An action that 1.0 has as an extension, with two bytes of filling if `filled`, and later versions as a standard. */
export const sinceOf11 = (
  name: string,
  numbers: { of10: number; of11: number; filled?: boolean },
  decode: Decode,
  rest: Rest = {},
): ActionForm[] => [
  extension(
    name,
    numbers.of10,
    16,
    (bytes, context) => {
      if (numbers.filled === true) bytes.skip(2)
      return decode(bytes, context)
    },
    { to: 1 },
  ),
  standard(name, numbers.of11, 8, decode, { from: 2, ...rest }),
]

/** Begins such an action. */
export const beginSinceOf11 = (
  out: Writer,
  version: Version,
  numbers: { of10: number; of11: number; filled?: boolean },
): (() => void) => {
  if (version > 1) return begin(out, numbers.of11)
  const end = begin(out, numbers.of10, nicira)
  if (numbers.filled === true) out.zeros(2)
  return end
}

/** Actions that 1.2 replaced by OFPAT_SET_FIELD. */
export const useSetField = { deprecated: { from: 3, why: 'use Set-Field' } } as const satisfies Rest

/** Why an argument is out of range. */
export const badArgument = (): Decoded<never> => refused('OFPBAC_BAD_ARGUMENT')
