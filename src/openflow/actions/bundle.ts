/** `bundle`, `bundle_load`: one of some ports by a hash (ovs-actions(7)). */
import { type OfAction, OfPort } from '../action.ts'
import type { Reader } from '../bytes.ts'
import { atoi } from '../c-number.ts'
import { type Decoded, decoded, type OfErrorName, refused } from '../error.ts'
import { hashFields } from '../hash-fields.ts'
import { formatPort, parsePort, type Warn } from '../port-text.ts'
import { formatSubfield } from '../subfield.ts'
import { checkTarget } from './check.ts'
import {
  type ActionContext,
  type ActionKind,
  type ActionOf,
  type ActionParser,
  type ActionWireContext,
  begin,
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
    const field = load ? pullHeader32(bytes) : undefined
    const reserved = load ? 0 : bytes.u32()
    const filling = bytes.u32()
    let error: OfErrorName | undefined
    const wrong = (words: string, as: OfErrorName = 'OFPBAC_BAD_ARGUMENT'): void => {
      warn('ofp_actions', words)
      error = as
    }
    if (fields >= hashFields.length) wrong(`unsupported fields ${fields}`)
    if (algorithm >= algorithms.length) wrong(`unsupported algorithm ${algorithm}`)
    const [known, unknown] = [error === undefined, error]
    if (count > mostMembers) wrong('too many members')
    if (kind !== memberType) wrong(`unsupported member type ${kind}`)
    if (filling !== 0) wrong('reserved field is nonzero')
    if (load) {
      // What was wrong so far is forgotten, as in Open vSwitch, but for a hash that nobody could compute.
      if (field === undefined) return refused('OFPBAC_BAD_SET_TYPE')
      error = unknown
      if (countOf(packed) < 16) wrong('bundle_load action requires at least 16 bit destination.')
    } else if (packed !== 0 || reserved !== 0) wrong('bundle action has nonzero reserved fields')
    if (bytes.left < count * 2) {
      wrong(
        `Nicira action ${load ? 'NXAST_BUNDLE_LOAD' : 'NXAST_BUNDLE'} only has ${bytes.left} bytes allocated for members.  ${count * 2} bytes are required for ${count} members.`,
        'OFPBAC_BAD_LEN',
      )
    }
    if (error !== undefined || !known) return refused(error ?? 'OFPBAC_BAD_ARGUMENT')
    const members = Array.from({ length: count }, () => bytes.u16())
    const bundle: Bundle = {
      type: 'bundle',
      fields: hashFields[fields]!,
      basis,
      algorithm: algorithms[algorithm]!,
      members,
    }
    if (field === undefined) return withMembers(bundle, warn)
    const target = checkedBits({ field, start: startOf(packed), count: countOf(packed) }, 'destination', warn)
    return target.ok ? withMembers({ ...bundle, target: target.value }, warn) : target
  }

const withMembers = (bundle: Bundle, warn: Warn): Decoded<OfAction> => {
  const error = checkMembers(bundle.members, OfPort.max, warn)
  return error === undefined ? decoded(bundle) : refused(error)
}

/** A controller is no port to choose, and what is no port at all neither; none (`ANY`) is fine. */
const checkMembers = (members: readonly number[], maxPort: number, warn: Warn): OfErrorName | undefined => {
  for (const port of members) {
    if (port !== OfPort.controller && (port < maxPort || port >= OfPort.inPort)) continue
    warn('bundle', port === OfPort.controller ? 'unsupported controller member' : `invalid member ${port}`)
    return 'OFPBAC_BAD_OUT_PORT'
  }
  return undefined
}

export const bundle: ActionKind<'bundle'> = {
  type: 'bundle',
  parsers: { bundle: parser(false), bundle_load: parser(true) },
  format({ fields, basis, algorithm, members, target }, { ports, paint }) {
    const [name, into] = target === undefined ? ['bundle', ''] : ['bundle_load', `${formatSubfield(target)},`]
    const list = members.map(port => formatPort(port, ports)).join(',')
    return `${paint.paren(`${name}(`)}${fields},${basis},${algorithm},ofport,${into}${paint.param('members:')}${list}${paint.paren(')')}`
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
    return wrong ?? checkMembers(members, state.maxPort, state.warn)
  },
}
