/** Instructions of OpenFlow 1.1 and later as bytes (OpenFlow 1.5 §7.2.5). */
import type { OfAction } from './action.ts'
import { instructionOf } from './action-order.ts'
import type { Reader, Writer } from './bytes.ts'
import { type Decoded, decoded, type OfErrorName, refused } from './error.ts'
import type { Warn } from './port-text.ts'
import type { Version } from './protocol.ts'

const number = { gotoTable: 1, writeMetadata: 2, write: 3, apply: 4, clear: 5, meter: 6 } as const

/** Sizes with the header, bytes; `apply` and `write` go on with actions. */
const sizes: Record<number, number> = {
  [number.gotoTable]: 8,
  [number.writeMetadata]: 24,
  [number.write]: 8,
  [number.apply]: 8,
  [number.clear]: 8,
  [number.meter]: 8,
}

type DecodeList = (bytes: Reader) => Decoded<OfAction[]>

/**
 * Reads instructions in whatever order they come and gives them in the order of `OfAction` lists; each may stand once.
 * `decodeList` reads the actions of one.
 */
export const decodeInstructionList = (
  bytes: Reader,
  version: Version,
  warn: Warn,
  decodeList: DecodeList,
): Decoded<OfAction[]> => {
  if (bytes.left % 8 !== 0) {
    warn('ofp_actions', `OpenFlow message instructions length ${bytes.left} is not a multiple of 8`)
    return refused('OFPBIC_BAD_LEN')
  }
  const found: (Reader | undefined)[] = []
  const error = split(bytes, version, warn, found)
  if (error !== undefined) return refused(error)
  const meter = found[number.meter]
  const list: OfAction[] = meter === undefined ? [] : [{ type: 'meter', meter: meter.u32() }]
  const apply = found[number.apply]
  if (apply !== undefined) {
    apply.skip(4)
    const actions = decodeList(apply)
    if (!actions.ok) return actions
    if (list.length === 0) return rest(found, actions.value, warn, decodeList)
    list.push(...actions.value)
  }
  return rest(found, list, warn, decodeList)
}

/** Puts what follows type and length of each instruction into `found`, by number. */
const split = (bytes: Reader, version: Version, warn: Warn, found: (Reader | undefined)[]): OfErrorName | undefined => {
  const start = bytes.at
  while (bytes.left > 0) {
    const at = bytes.at
    const type = bytes.u16()
    const length = bytes.u16()
    const inside = length < 8 || length % 8 !== 0 ? undefined : bytes.part(length - 4)
    if (inside === undefined) {
      warn('ofp_actions', `bad instruction format at offset ${at - start}`)
      return 'OFPBIC_BAD_LEN'
    }
    const size = sizes[type]
    if (type === 0xffff) return 'OFPBIC_BAD_EXPERIMENTER'
    if (size === undefined) return 'OFPBIC_UNKNOWN_INST'
    const goesOn = type === number.apply || type === number.write
    if (goesOn ? length < size : length !== size) return 'OFPBIC_BAD_LEN'
    if (type === number.meter && version === 6) return 'OFPBIC_UNKNOWN_INST'
    if (found[type] !== undefined) return 'OFPBIC_DUP_INST'
    found[type] = inside
  }
  return undefined
}

/** The instructions after `apply_actions`, onto `list`. */
const rest = (
  found: readonly (Reader | undefined)[],
  list: OfAction[],
  warn: Warn,
  decodeList: DecodeList,
): Decoded<OfAction[]> => {
  if (found[number.clear] !== undefined) list.push({ type: 'clear_actions' })
  const write = found[number.write]
  if (write !== undefined) {
    write.skip(4)
    const actions = decodeList(write)
    if (!actions.ok) return actions
    if (!actions.value.every(isOfActionSet)) {
      warn('ofp_actions', 'disallowed action in action set')
      return refused('OFPBAC_BAD_TYPE')
    }
    list.push({ type: 'write_actions', actions: actions.value })
  }
  const metadata = found[number.writeMetadata]
  if (metadata !== undefined) {
    metadata.skip(4)
    list.push({ type: 'write_metadata', value: metadata.u64(), mask: metadata.u64() })
  }
  const table = found[number.gotoTable]
  if (table !== undefined) list.push({ type: 'goto_table', table: table.u8() })
  return decoded(list)
}

/** Whether `write_actions` may have an action on the wire; text may have any, and groups' buckets too. */
export const isOfActionSet = ({ type, ...rest }: OfAction): boolean =>
  inActionSet.has(type) || (type === 'controller' && !('as' in rest))

const inActionSet: ReadonlySet<OfAction['type']> = new Set<OfAction['type']>([
  'ct',
  'ct_clear',
  'dec_mpls_ttl',
  'dec_nsh_ttl',
  'dec_ttl',
  'decap',
  'encap',
  'group',
  'load',
  'move',
  'nat',
  'output',
  'pop_mpls',
  'push_mpls',
  'push_vlan',
  'resubmit',
  'set_field',
  'set_mpls_label',
  'set_mpls_tc',
  'set_mpls_ttl',
  'set_queue',
  'set_transport',
  'set_vlan_pcp',
  'set_vlan_vid',
  'strip_vlan',
])

/** Writes a list that is in the order of instructions; `writeList` writes actions. */
export const encodeInstructionList = (
  out: Writer,
  actions: readonly OfAction[],
  version: Version,
  writeList: (actions: readonly OfAction[]) => void,
): void => {
  for (let i = 0; i < actions.length; i++) {
    const action = actions[i]!
    if (isPlain(action, version)) {
      let end = i + 1
      while (end < actions.length && isPlain(actions[end]!, version)) end++
      const plain = end - i === actions.length ? actions : actions.slice(i, end)
      writeNest(out, number.apply, () => writeList(plain))
      i = end - 1
      continue
    }
    writeInstruction(out, action, writeList)
  }
}

const isPlain = ({ type }: OfAction, version: Version): boolean => instructionOf(type, version) === 1

const writeNest = (out: Writer, type: number, write: () => void): void => {
  const start = out.at
  out.u16(type)
  out.zeros(6)
  write()
  out.put16(start + 2, out.at - start)
}

const writeInstruction = (out: Writer, action: OfAction, writeList: (actions: readonly OfAction[]) => void): void => {
  switch (action.type) {
    case 'meter':
      out.u16(number.meter)
      out.u16(8)
      out.u32(action.meter)
      break
    case 'clear_actions':
      out.u16(number.clear)
      out.u16(8)
      out.u32(0)
      break
    case 'write_actions':
      // An empty one does nothing, and is left out.
      if (action.actions.length > 0) writeNest(out, number.write, () => writeList(action.actions))
      break
    case 'write_metadata':
      out.u16(number.writeMetadata)
      out.u16(24)
      out.u32(0)
      out.u64(action.value)
      out.u64(action.mask)
      break
    case 'goto_table':
      out.u16(number.gotoTable)
      out.u16(8)
      out.u8(action.table)
      out.zeros(3)
      break
  }
}
