/**
 * Tunnel options in a flow's actions: a switch takes only those that its TLV table has, and knows how long they are
 * (ovs-ofctl(8), "TLV Table Management Commands").
 */
import { bytesOf, optionNumber, type TlvLayout } from '../flow/tlv.ts'
import type { ActionOf, OfAction } from './action.ts'
import type { Subfield } from './bits.ts'
import { type Decoded, decoded, type OfErrorName, refused } from './error.ts'

/** Bits of an option; undefined for another field. */
const bitsOf = (field: unknown, tlv: TlvLayout): number | 'unmapped' | undefined => {
  const option = typeof field === 'string' ? optionNumber(field) : undefined
  if (option === undefined) return undefined
  const place = tlv.places[option]
  return place === undefined ? 'unmapped' : 8 * place.length
}

/** The actions that can name fields, themselves or in actions inside them; most flows have others only. */
const naming: ReadonlySet<OfAction['type']> = new Set<OfAction['type']>([
  'bundle',
  'check_pkt_larger',
  'clone',
  'ct',
  'delete_field',
  'learn',
  'load',
  'move',
  'multipath',
  'output_reg',
  'pop',
  'push',
  'set_field',
  'write_actions',
])

/** Looks through an action for fields, wherever they are named. */
const wrongField = (part: unknown, tlv: TlvLayout): OfErrorName | undefined => {
  if (typeof part !== 'object' || part === null) return undefined
  const { field, start, count } = part as Partial<Subfield>
  const bits = bitsOf(field, tlv)
  if (bits === 'unmapped') return 'NXFMFC_INVALID_TLV_FIELD'
  if (bits !== undefined && start !== undefined && count !== undefined && start + count > bits)
    return 'OFPBAC_BAD_SET_LEN'
  for (const inside of Object.values(part)) {
    const error = wrongField(inside, tlv)
    if (error !== undefined) return error
  }
  return undefined
}

/** A constant for an option as the option has room for it: the first of its bytes. One that has all of it needs no mask. */
const fittedConstant = (action: ActionOf<'set_field'>, bits: number): ActionOf<'set_field'> => {
  const { value, mask } = action
  const whole = mask === ones
  const size = 8 * Math.max(bytesOf(value), whole ? 0 : bytesOf(mask))
  const excess = BigInt(Math.max(0, size - bits))
  const kept = mask >> excess
  const covers = whole || kept === (1n << BigInt(bits)) - 1n
  return excess === 0n && whole === covers ? action : { ...action, value: value >> excess, mask: covers ? ones : kept }
}

const isSetField = (part: object): part is ActionOf<'set_field'> => 'type' in part && part.type === 'set_field'

/** Part of an action, where constants fit their options, and bits are marked that are the whole of one. */
const fitted = <T>(part: T, tlv: TlvLayout): T => {
  if (typeof part !== 'object' || part === null) return part
  if (Array.isArray(part)) {
    const items = part.map(item => fitted(item, tlv))
    return items.every((item, i) => item === part[i]) ? part : (items as T)
  }
  const { field, start, count } = part as Partial<Subfield>
  const bits = bitsOf(field, tlv)
  if (typeof bits === 'number') {
    if (isSetField(part)) return fittedConstant(part, bits) as typeof part
    return start === 0 && count === bits ? { ...part, whole: true } : part
  }
  let changed: T | undefined
  for (const [name, inside] of Object.entries(part)) {
    const known: unknown = fitted(inside, tlv)
    if (known !== inside) changed = { ...(changed ?? part), [name]: known }
  }
  return changed ?? part
}
/** What a `set_field` without a mask has as one: the longest option there can be. */
const ones = (1n << (124n * 8n)) - 1n

/** The actions as this table has them, or what is wrong. */
export const withOptions = (actions: readonly OfAction[], tlv: TlvLayout): Decoded<readonly OfAction[]> => {
  let changed: OfAction[] | undefined
  for (let i = 0; i < actions.length; i++) {
    const action = actions[i]!
    if (!naming.has(action.type)) continue
    // A `load` names its bits, and one that is too high is a value that is too long.
    const own = action.type === 'load' ? asSetField(action) : action
    const error = wrongField(own, tlv)
    if (error !== undefined) return refused(error)
    const known = fitted(own, tlv)
    if (known === action) continue
    changed ??= [...actions]
    changed[i] = known
  }
  return decoded(changed ?? actions)
}

const asSetField = (action: ActionOf<'load'>): OfAction => {
  const { field, start, count } = action.target
  if (optionNumber(field) === undefined) return action
  const mask = ((1n << BigInt(count)) - 1n) << BigInt(start)
  return { type: 'set_field', field, value: action.value << BigInt(start), mask }
}
