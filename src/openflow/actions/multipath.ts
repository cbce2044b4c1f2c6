/** `multipath`: writes the number of one of some links, chosen by a hash, into a field (ovs-actions(7)). */

import type { OfAction } from '../action.ts'
import type { Reader } from '../bytes.ts'
import { atoi } from '../c-number.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import { hashFields } from '../hash-fields.ts'
import { formatSubfield } from '../subfield.ts'
import { checkTarget } from './check.ts'
import { type ActionKind, type ActionOf, type ActionParser, type ActionWireContext, begin, nicira } from './codec.ts'
import { header32, parseSubfield32, pullHeader32 } from './field-header.ts'
import { extension } from './form.ts'
import { hashFieldsNamed, partsOf } from './hash-fields-text.ts'
import { checkedBits, countOf, packBits, startOf } from './subfield-wire.ts'

type Multipath = ActionOf<'multipath'>

/** On the wire, the number is the place. */
const algorithms = [
  'modulo_n',
  'hash_threshold',
  'hrw',
  'iter_hash',
] as const satisfies readonly Multipath['algorithm'][]

/** Reads `fields,basis,algorithm,links,argument,target`. */
const parse: ActionParser = argument => {
  const [fieldsText, basis, algorithmText, linksText, argText, targetText] = partsOf(argument, 6).parts
  if (targetText === undefined) return `${argument}: not enough arguments to multipath action`
  const fields = hashFieldsNamed(fieldsText!)
  if (fields === undefined) return `${argument}: unknown fields \`${fieldsText}'`
  const algorithm = algorithms.find(name => name === algorithmText!.toLowerCase())
  if (algorithm === undefined) return `${argument}: unknown algorithm \`${algorithmText}'`
  const links = atoi(linksText!) | 0
  if (links < 1 || links > 65536) return `${argument}: n_links ${links} is not in valid range 1 to 65536`
  const target = parseSubfield32(targetText, argument)
  if (typeof target === 'string') return target
  if (target.count < 16 && links > 2 ** target.count) {
    return `${argument}: ${target.count}-bit destination field has ${2 ** target.count} possible values, less than specified n_links ${links}`
  }
  return {
    type: 'multipath',
    fields,
    basis: atoi(basis!, 16),
    algorithm,
    maxLink: links - 1,
    argument: atoi(argText!),
    target,
  }
}

const decode = (bytes: Reader, { warn }: ActionWireContext): Decoded<OfAction> => {
  const [fields, basis] = [bytes.u16(), bytes.u16()]
  bytes.skip(2)
  const [algorithm, maxLink, argument] = [bytes.u16(), bytes.u16(), bytes.u32()]
  bytes.skip(2)
  const packed = bytes.u16()
  const field = pullHeader32(bytes)
  if (field === undefined) return refused('OFPBAC_BAD_SET_TYPE')
  const wrong = (words: string): Decoded<OfAction> => {
    warn('ofp_actions', words)
    return refused('OFPBAC_BAD_ARGUMENT')
  }
  const links = maxLink + 1
  const needed = Math.ceil(Math.log2(links))
  if (fields >= hashFields.length) return wrong(`unsupported fields ${fields}`)
  if (algorithm >= algorithms.length) return wrong(`unsupported algorithm ${algorithm}`)
  if (countOf(packed) < needed) return wrong(`multipath action requires at least ${needed} bits for ${links} links`)
  const target = checkedBits({ field, start: startOf(packed), count: countOf(packed) }, 'destination', warn)
  if (!target.ok) return target
  return decoded({
    type: 'multipath',
    fields: hashFields[fields]!,
    basis,
    algorithm: algorithms[algorithm]!,
    maxLink,
    argument,
    target: target.value,
  })
}

export const multipath: ActionKind<'multipath'> = {
  type: 'multipath',
  parsers: { multipath: parse },
  format({ fields, basis, algorithm, maxLink, argument, target }, { paint }) {
    const words = [fields, basis, algorithm, maxLink + 1, argument, formatSubfield(target)].join(',')
    return `${paint.paren('multipath(')}${words}${paint.paren(')')}`
  },
  forms: [extension('NXAST_MULTIPATH', 10, 32, decode)],
  encode({ fields, basis, algorithm, maxLink, argument, target }, out) {
    const end = begin(out, 10, nicira)
    out.u16(hashFields.indexOf(fields))
    out.u16(basis)
    out.zeros(2)
    out.u16(algorithms.indexOf(algorithm))
    out.u16(maxLink)
    out.u32(argument)
    out.zeros(2)
    out.u16(packBits(target))
    out.u32(header32(target.field))
    end()
  },
  check: ({ target }, state) => checkTarget(target, state),
}
