/** `learn`: adds a flow made of constants and of the frame's fields (ovs-actions(7), "The learn action"). */
import { field as fieldOf } from '../../flow/fields.ts'
import { newMatch, setField } from '../../flow/match.ts'
import { type OfAction, OfPort, type Subfield } from '../action.ts'
import type { Reader, Writer } from '../bytes.ts'
import { type Decoded, decoded, type OfErrorName, refused } from '../error.ts'
import { isWritable, widthOf } from '../field-text.ts'
import type { Learn, LearnSpec } from '../learn.ts'
import { ones } from '../number.ts'
import { pullFieldHeader } from '../oxm.ts'
import { fromPort11, toPort11 } from '../port-number.ts'
import { checkSource, checkTarget } from './check.ts'
import { type ActionKind, type ActionWireContext, begin, type CheckState, nicira } from './codec.ts'
import { header32, pullHeader32, putHeader } from './field-header.ts'
import { badArgument, extension } from './form.ts'
import { formatLearn, parseLearn } from './learn-text.ts'

/** Bits of NXAST_LEARN's flags. The last one only in NXAST_LEARN2. */
const flag = { sendFlowRemoved: 1, deleteLearned: 2, writeResult: 4 } as const

/** Bits of a spec's first 16: whence, whither, and how many bits. */
const spec = { constant: 0x2000, load: 0x0800, output: 0x1000, target: 0x1800, count: 0x03ff } as const

/** What both forms begin with. */
const decodeHead = (bytes: Reader): { flags: number; learn: Learn } | undefined => {
  const [idleTimeout, hardTimeout, priority] = [bytes.u16(), bytes.u16(), bytes.u16()]
  const cookie = bytes.u64()
  const [flags, table, filling] = [bytes.u16(), bytes.u8(), bytes.u8()]
  const [finIdleTimeout, finHardTimeout] = [bytes.u16(), bytes.u16()]
  if (table === 255 || filling !== 0) return undefined
  const learn: Learn = {
    table,
    priority,
    idleTimeout,
    hardTimeout,
    finIdleTimeout,
    finHardTimeout,
    cookie,
    sendFlowRemoved: (flags & flag.sendFlowRemoved) !== 0,
    deleteLearned: (flags & flag.deleteLearned) !== 0,
    limit: 0,
    result: undefined,
    specs: [],
  }
  return { flags, learn }
}

const decodeOld = (bytes: Reader): Decoded<OfAction> => {
  const head = decodeHead(bytes)
  if (head === undefined || head.flags > 3) return badArgument()
  return withSpecs(head.learn, bytes)
}

const decodeNew = (bytes: Reader, { warn }: ActionWireContext): Decoded<OfAction> => {
  const head = decodeHead(bytes)
  const limit = bytes.u32()
  const [start, filling] = [bytes.u16(), bytes.u16()]
  if (head === undefined || head.flags > 7) return badArgument()
  if (filling !== 0) return refused('NXBAC_MUST_BE_ZERO')
  if ((head.flags & flag.writeResult) === 0) {
    return start === 0 ? withSpecs({ ...head.learn, limit }, bytes) : badArgument()
  }
  const header = pullFieldHeader(bytes, { maskable: false, warn })
  if (!header.ok) return header
  const { field } = header.value
  if (!isWritable(field)) return refused('OFPBAC_BAD_SET_ARGUMENT')
  return withSpecs({ ...head.learn, limit, result: { field, start, count: 1 } }, bytes)
}

const withSpecs = (learn: Learn, bytes: Reader): Decoded<OfAction> => {
  const specs: LearnSpec[] = []
  while (bytes.left > 0) {
    const header = bytes.u16()
    if (header === 0) break
    const one = decodeSpec(header, bytes)
    if (!one.ok) return one
    specs.push(one.value)
  }
  if (bytes.rest().some(byte => byte !== 0)) return badArgument()
  return decoded({ type: 'learn', learn: { ...learn, specs } })
}

const decodeSpec = (header: number, bytes: Reader): Decoded<LearnSpec> => {
  const count = header & spec.count
  const constant = (header & spec.constant) !== 0
  const to = header & spec.target
  const isField = to === 0 || to === spec.load
  const size = constant ? 2 * Math.ceil(count / 16) : 6
  if (!isField && (to !== spec.output || constant)) return badArgument()
  if (bytes.left < size + (isField ? 6 : 0)) return refused('OFPBAC_BAD_LEN')
  const source = constant
    ? { value: BigInt.asUintN(8 * Math.ceil(count / 8), bytes.big(size)), count }
    : decodeField(bytes, count)
  if (source === undefined) return refused('OFPBAC_BAD_SET_TYPE')
  if (!isField) return decoded({ source, target: { type: 'output' } })
  const field = decodeField(bytes, count)
  if (field === undefined) return refused('OFPBAC_BAD_SET_TYPE')
  const target = { type: to === spec.load ? 'load' : 'match', field } as const
  if (!('value' in source) || !isPort11(target)) return decoded({ source, target })
  const port = fromPort11(Number(source.value)) ?? OfPort.none
  return decoded({ source: { value: BigInt(port), count }, target })
}

/** Whether a constant is a port's number, which the wire has as OpenFlow 1.1 does. */
const isPort11 = (target: LearnSpec['target']): boolean =>
  target.type === 'match' && target.field.field === 'in_port_oxm' && target.field.count === 32

const decodeField = (bytes: Reader, count: number): Subfield | undefined => {
  const field = pullHeader32(bytes)
  const start = bytes.u16()
  return field === undefined ? undefined : { field, start, count }
}

const encodeSpec = ({ source, target }: LearnSpec, out: Writer): void => {
  const constant = 'value' in source
  const to = target.type === 'match' ? 0 : target.type === 'load' ? spec.load : spec.output
  out.u16(source.count | to | (constant ? spec.constant : 0))
  if (constant) {
    const value = isPort11(target) ? BigInt(toPort11(Number(source.value))) : source.value
    out.big(value, 2 * Math.ceil(source.count / 16))
  } else encodeField(source, out)
  if (target.type !== 'output') encodeField(target.field, out)
}

const encodeField = ({ field, start }: Subfield, out: Writer): void => {
  out.u32(header32(field))
  out.u16(start)
}

/** What the flow learns must make sense: its own match grows with each constant, and allows further fields. */
const check = ({ specs }: Learn, state: CheckState): OfErrorName | undefined => {
  const learned: CheckState = { ...state, match: newMatch() }
  for (const { source, target } of specs) {
    const error = ('field' in source ? checkSource(source, state) : undefined) ?? checkLearned(target, learned)
    if (error !== undefined) return error
    if (target.type !== 'match' || !('value' in source)) continue
    const { field, start, count } = target.field
    if (fieldOf(field).maskable === true) {
      setField(learned.match, field, source.value << BigInt(start), ones(count) << BigInt(start))
    } else if (count === widthOf(field)) {
      // Part of a field that has no masks does not count.
      setField(learned.match, field, source.value)
    }
  }
  return undefined
}

const checkLearned = (target: LearnSpec['target'], learned: CheckState): OfErrorName | undefined => {
  if (target.type === 'output') return undefined
  return target.type === 'match' ? checkSource(target.field, learned) : checkTarget(target.field, learned)
}

export const learn: ActionKind<'learn'> = {
  type: 'learn',
  parsers: { learn: parseLearn },
  format: formatLearn,
  forms: [
    extension('NXAST_LEARN', 16, 32, decodeOld, { exact: false }),
    extension('NXAST_LEARN2', 45, 40, decodeNew, { exact: false }),
  ],
  encode({ learn: it }, out) {
    const { result, limit } = it
    const isNew = result !== undefined || limit !== 0
    const end = begin(out, isNew ? 45 : 16, nicira)
    out.u16(it.idleTimeout)
    out.u16(it.hardTimeout)
    out.u16(it.priority)
    out.u64(it.cookie)
    out.u16(
      (it.sendFlowRemoved ? flag.sendFlowRemoved : 0) |
        (it.deleteLearned ? flag.deleteLearned : 0) |
        (result === undefined ? 0 : flag.writeResult),
    )
    out.u8(it.table)
    out.u8(0)
    out.u16(it.finIdleTimeout)
    out.u16(it.finHardTimeout)
    if (isNew) {
      out.u32(limit)
      out.u16(result?.start ?? 0)
      out.u16(0)
      if (result !== undefined) putHeader(out, result.field)
    }
    for (const one of it.specs) encodeSpec(one, out)
    end()
  },
  check: ({ learn: it }, state) => check(it, state),
}
