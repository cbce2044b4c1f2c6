/** `conjunction`: the flow is one clause of several that must all match (ovs-actions(7), ovs-fields(7)). */
import { atoi, strtoull } from '../c-number.ts'
import { decoded, refused } from '../error.ts'
import { type ActionKind, type ActionParser, begin, nicira } from './codec.ts'
import { extension } from './form.ts'

const syntax = /^\s*([+-]?(?:0[xX][0-9a-fA-F]+|[0-9]+))\s*,\s*([+-]?[0-9]+)\s*\/\s*([+-]?[0-9]+)\s*$/

/** `conjunction(id,i/n)`; all three wrap around at their sizes on the wire. */
const parse: ActionParser = argument => {
  const [, idText, clauseText, clausesText] = syntax.exec(argument) ?? []
  if (idText === undefined) return '"conjunction" syntax is "conjunction(id,i/n)"'
  const id = Number(BigInt.asUintN(32, strtoull(idText)))
  const clause = atoi(clauseText!, 8)
  const clauses = atoi(clausesText!, 8)
  if (clauses < 2) return 'conjunction must have at least 2 clauses'
  if (clauses > 64) return 'conjunction must have at most 64 clauses'
  if (clause < 1) return 'clause index must be positive'
  if (clause > clauses) return 'clause index must be less than or equal to number of clauses'
  return { type: 'conjunction', id, clause: clause - 1, clauses }
}

export const conjunction: ActionKind<'conjunction'> = {
  type: 'conjunction',
  parsers: { conjunction: parse },
  format: ({ id, clause, clauses }, { paint }) =>
    `${paint.paren('conjunction(')}${id},${clause + 1}/${clauses}${paint.paren(')')}`,
  forms: [
    extension('NXAST_CONJUNCTION', 34, 16, bytes => {
      const [clause, clauses, id] = [bytes.u8(), bytes.u8(), bytes.u32()]
      if (clauses < 2 || clauses > 64 || clause >= clauses) return refused('NXBAC_BAD_CONJUNCTION')
      return decoded({ type: 'conjunction', id, clause, clauses })
    }),
  ],
  encode({ id, clause, clauses }, out) {
    const end = begin(out, 34, nicira)
    out.u8(clause)
    out.u8(clauses)
    out.u32(id)
    end()
  },
}
