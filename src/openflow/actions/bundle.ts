/** `bundle`, `bundle_load`: one of some ports by a hash (ovs-actions(7)). */
import { type OfAction, OfPort } from '../action.ts'
import type { Reader } from '../bytes.ts'
import { atoi } from '../c-number.ts'
import { type Decoded, decoded, type OfErrorName, refused } from '../error.ts'
import { hashFields } from '../hash-fields.ts'
import { formatPort, parsePort } from '../port-text.ts'
import { formatSubfield } from '../subfield.ts'
import { checkTarget } from './check.ts'
import {
  type ActionContext,
  type ActionKind,
  type ActionOf,
  type ActionParser,
  type ActionWireContext,
  begin,
  type CheckState,
  nicira,
} from './codec.ts'
import { header32, parseSubfield32, pullHeader32 } from './field-header.ts'
import { extension } from './form.ts'
import { hashFieldsNamed, partsOf } from './hash-fields-text.ts'
import { checkedBits, countOf, packBits, startOf } from './subfield-wire.ts'

type Bundle = ActionOf<'bundle'>

/** On the wire, the number is the place. */
const algorithms = ['active_backup', 'hrw'] as const satisfies readonly Bundle['algorithm'][]
const mostMembers = 2048
/** The only kind of members there is: NXM_OF_IN_PORT. */
const memberType = 0x00000002

/** Reads `fields,basis,algorithm,ofport[,target],members:1,2`. */
const parser =
  (load: boolean): ActionParser =>
  (argument, context) => {
    const { parts, rest } = partsOf(argument, load ? 5 : 4)
    const [fieldsText, basis, algorithmText, member, target] = parts
    const delimiter = /^[: ]*([^: ]+)[: ]?/.exec(rest)
    if (delimiter === null) return `${argument}: not enough arguments to bundle action`
    const word = (delimiter[1] as string).toLowerCase()
    if (word !== 'members' && word !== 'slaves') {
      return `${argument}: missing member delimiter, expected \`members', got \`${delimiter[1]}'`
    }
    const members = parseMembers(rest.slice(delimiter[0].length), context)
    if (typeof members === 'string') return members
    const fields = hashFieldsNamed(fieldsText!)
    if (fields === undefined) return `${argument}: unknown fields \`${fieldsText}'`
    const algorithm = algorithms.find(name => name === algorithmText!.toLowerCase())
    if (algorithm === undefined) return `${argument}: unknown algorithm \`${algorithmText}'`
    if (member!.toLowerCase() !== 'ofport') return `${argument}: unknown member_type \`${member}'`
    const bundle: Bundle = { type: 'bundle', fields, basis: atoi(basis!, 16), algorithm, members }
    if (target === undefined) return bundle
    const subfield = parseSubfield32(target, argument)
    return typeof subfield === 'string' ? subfield : { ...bundle, target: subfield }
  }

const parseMembers = (text: string, { ports, warn }: ActionContext): number[] | string => {
  const members: number[] = []
  for (const name of text.split(/[, [\]]+/).filter(part => part !== '')) {
    if (members.length >= mostMembers) break
    const port = parsePort(name, ports, warn)
    if (port === undefined) return `${name}: bad port number`
    members.push(port)
  }
  return members
}

const decode =
  (load: boolean) =>
  (bytes: Reader, { warn }: ActionWireContext): Decoded<OfAction> => {
    const [algorithm, fields, basis] = [bytes.u16(), bytes.u16(), bytes.u16()]
    const kind = bytes.u32()
    const [count, packed] = [bytes.u16(), bytes.u16()]
    const wrong = (words: string, error: OfErrorName = 'OFPBAC_BAD_ARGUMENT'): Decoded<OfAction> => {
      warn('ofp_actions', words)
      return refused(error)
    }
    const field = load ? pullHeader32(bytes) : undefined
    if (load && field === undefined) return refused('OFPBAC_BAD_SET_TYPE')
    const header = load ? 0 : bytes.u32()
    // Of several mistakes the last counts, and all are told.
    let result: Decoded<OfAction> | undefined
    if (fields >= hashFields.length) result = wrong(`unsupported fields ${fields}`)
    if (count > mostMembers) result = wrong('too many members')
    if (algorithm >= algorithms.length) result = wrong(`unsupported algorithm ${algorithm}`)
    if (kind !== memberType) result = wrong(`unsupported member type ${kind}`)
    if (bytes.u32() !== 0) result = wrong('reserved field is nonzero')
    if (load && countOf(packed) < 16) result = wrong('bundle_load action requires at least 16 bit destination.')
    if (!load && (packed !== 0 || header !== 0)) result = wrong('bundle action has nonzero reserved fields')
    if (bytes.left < count * 2) {
      const name = load ? 'NXAST_BUNDLE_LOAD' : 'NXAST_BUNDLE'
      result = wrong(
        `Nicira action ${name} only has ${bytes.left} bytes allocated for members.  ${count * 2} bytes are required for ${count} members.`,
        'OFPBAC_BAD_LEN',
      )
    }
    if (result !== undefined) return result
    const bundle: Bundle = {
      type: 'bundle',
      fields: hashFields[fields]!,
      basis,
      algorithm: algorithms[algorithm]!,
      members: Array.from({ length: count }, () => bytes.u16()),
    }
    if (field === undefined) return decoded(bundle)
    const target = checkedBits({ field, start: startOf(packed), count: countOf(packed) }, 'destination', warn)
    return target.ok ? decoded({ ...bundle, target: target.value }) : target
  }

/** A controller is no port to choose, and what is no port at all neither; none (`ANY`) is fine. */
const checkMember = (port: number, { maxPort, warn }: CheckState): OfErrorName | undefined => {
  if (port === OfPort.controller) {
    warn('bundle', 'unsupported controller member')
    return 'OFPBAC_BAD_OUT_PORT'
  }
  if (port < maxPort || port >= OfPort.inPort) return undefined
  warn('bundle', `invalid member ${port}`)
  return 'OFPBAC_BAD_OUT_PORT'
}

export const bundle: ActionKind<'bundle'> = {
  type: 'bundle',
  parsers: { bundle: parser(false), bundle_load: parser(true) },
  format({ fields, basis, algorithm, members, target }, { ports }) {
    const [name, into] = target === undefined ? ['bundle', ''] : ['bundle_load', `${formatSubfield(target)},`]
    const list = members.map(port => formatPort(port, ports)).join(',')
    return `${name}(${fields},${basis},${algorithm},ofport,${into}members:${list})`
  },
  forms: [
    extension('NXAST_BUNDLE', 12, 32, decode(false), { exact: false }),
    extension('NXAST_BUNDLE_LOAD', 13, 32, decode(true), { exact: false }),
  ],
  encode({ fields, basis, algorithm, members, target }, out) {
    const end = begin(out, target === undefined ? 12 : 13, nicira)
    out.u16(algorithms.indexOf(algorithm))
    out.u16(hashFields.indexOf(fields))
    out.u16(basis)
    out.u32(memberType)
    out.u16(members.length)
    out.u16(target === undefined ? 0 : packBits(target))
    out.u32(target === undefined ? 0 : header32(target.field))
    out.zeros(4)
    for (const port of members) out.u16(port)
    end()
  },
  check({ members, target }, state) {
    const wrong = target === undefined ? undefined : checkTarget(target, state)
    if (wrong !== undefined) return wrong
    for (const port of members) {
      const error = checkMember(port, state)
      if (error !== undefined) return error
    }
    return undefined
  },
}
