/**
 * Lists of actions and instructions as bytes, in every version. What others call:
 *
 * - `decodeActions(bytes, version, options?)`, `decodeInstructions(bytes, version, options?)`: up to the reader's end.
 *   1.0 has no instructions: `decodeInstructions` reads its actions, with those that stand for instructions.
 * - `encodeActions(out, actions, version, before?)`, `encodeInstructions(…)`: in the version's words (`seenBy`); `before`
 *   is what the flow's match says about frames, without it nothing is known.
 *
 * What the actions mean for a flow is checked apart from this: `action-check.ts`.
 */
import type { TlvLayout } from '../flow/tlv.ts'
import type { OfAction } from './action.ts'
import { withOptions } from './action-options.ts'
import { misplaced } from './action-order.ts'
import { type Precondition, seenBy, unknownFrames } from './action-version.ts'
import { type ActionForm, type ActionKind, type ActionWireContext, nicira, onf } from './actions/codec.ts'
import { kinds, kindsByType } from './actions/registry.ts'
import { Reader, type Writer } from './bytes.ts'
import { type Decoded, decoded, refused } from './error.ts'
import { hexDump } from './hex-dump.ts'
import { decodeInstructionList, encodeInstructionList } from './instruction-wire.ts'
import { silent, type Warn } from './port-text.ts'
import type { Version } from './protocol.ts'
import type { RecentActions } from './recent-actions.ts'

export type ActionDecodeOptions = {
  warn?: Warn
  /** Whether actions are taken that are only for tests of the switch itself (`--enable-dummy`). */
  testing?: boolean
  /** Instructions that were read lately, so that equal ones become one list. */
  recent?: RecentActions | undefined
  /** A switch's tunnel options: only those are taken. */
  mapped?: TlvLayout | undefined
}

/** How deep actions may stand in actions; Open vSwitch has no limit but its stack. */
const deepest = 100

/** Forms of a version: OFPAT_* by number, NXAST_* by subtype, the ONF's by subtype. */
type Forms = { standard: (ActionForm | undefined)[]; nicira: (ActionForm | undefined)[]; onf: Map<number, ActionForm> }

const formsOf = (version: Version): Forms => {
  const forms: Forms = { standard: [], nicira: [], onf: new Map() }
  for (const kind of kinds) {
    for (const form of kind.forms) {
      if (version < form.from || version > form.to) continue
      if (form.vendor === undefined) forms.standard[form.number] = form
      else if (form.vendor === nicira) forms.nicira[form.number] = form
      else forms.onf.set(form.number, form)
    }
  }
  return forms
}
const byVersion: readonly (Forms | undefined)[] = [
  undefined,
  ...([1, 2, 3, 4, 5, 6] satisfies Version[]).map(version => formsOf(version)),
]

type Decoding = ActionWireContext & { depth: number }

const contextOf = (version: Version, warn: Warn, testing: boolean, depth: number): Decoding => ({
  version,
  warn,
  testing,
  depth,
  decodeActions(bytes, outer) {
    if (depth >= deepest) return refused('OFPBAC_TOO_MANY')
    const list = decodeList(bytes, contextOf(version, warn, testing, depth + 1))
    return list.ok ? verified(list.value, outer, true, this) : list
  },
  encodeActions: (actions, out) => writeActions(out, actions, contexts[version]!),
})
const contexts: readonly (Decoding | undefined)[] = [
  undefined,
  ...([1, 2, 3, 4, 5, 6] satisfies Version[]).map(version => contextOf(version, silent, false, 0)),
]

const contextFor = (version: Version, { warn = silent, testing = false }: ActionDecodeOptions): Decoding =>
  warn === silent && !testing ? contexts[version]! : contextOf(version, warn, testing, 0)

const verified = (
  actions: OfAction[],
  outer: Parameters<typeof misplaced>[1],
  onlyActions: boolean,
  { version, warn }: ActionWireContext,
): Decoded<OfAction[]> => {
  const wrong = misplaced(actions, outer, onlyActions, version)
  if (wrong === undefined) return decoded(actions)
  warn('ofp_actions', wrong.words)
  return refused(wrong.error)
}

/** Reads a list of actions up to the reader's end. */
export const decodeActions = (
  bytes: Reader,
  version: Version,
  options: ActionDecodeOptions = {},
): Decoded<OfAction[]> => {
  const context = contextFor(version, options)
  const list = decodeList(bytes, context)
  return list.ok ? verified(list.value, undefined, true, context) : list
}

/** Reads what flow-mods and flow statistics have after the match, up to the reader's end. */
export const decodeInstructions = (
  bytes: Reader,
  version: Version,
  options: ActionDecodeOptions = {},
): Decoded<readonly OfAction[]> => {
  const { recent, warn = silent, testing, mapped } = options
  if (recent === undefined || testing === true) return readInstructions(bytes, version, options)
  const place = recent.place(bytes)
  const known = recent.find(place, version, bytes, mapped)
  if (known !== undefined) {
    bytes.skip(bytes.left)
    return decoded(known)
  }
  const start = bytes.at
  let warned = false
  const noting: Warn = (...said) => {
    warned = true
    warn(...said)
  }
  const list = readInstructions(bytes, version, warn === silent ? options : { ...options, warn: noting })
  // What is worth a warning is worth it every time.
  if (list.ok && !warned)
    recent.keep(place, { version, mapped, bytes: bytes.bytes.slice(start, bytes.end), actions: list.value })
  return list
}

const readInstructions = (
  bytes: Reader,
  version: Version,
  options: ActionDecodeOptions,
): Decoded<readonly OfAction[]> => {
  const context = contextFor(version, options)
  const list =
    version === 1
      ? decodeList(bytes, context)
      : decodeInstructionList(bytes, version, context.warn, part => decodeList(part, context))
  const good = list.ok ? verified(list.value, undefined, false, context) : list
  return good.ok && options.mapped !== undefined ? withOptions(good.value, options.mapped) : good
}

const decodeList = (bytes: Reader, context: Decoding): Decoded<OfAction[]> => {
  const length = bytes.left
  if (length % 8 !== 0) {
    context.warn('ofp_actions', `OpenFlow message actions length ${length} is not a multiple of 8`)
    return refused('OFPBRC_BAD_LEN')
  }
  const start = bytes.at
  const actions: OfAction[] = []
  while (bytes.left > 0) {
    const at = bytes.at
    const action = decodeOne(bytes, context)
    if (!action.ok) {
      warnBadAction(context.warn, bytes, start, at, action.error)
      return action
    }
    actions.push(action.value)
  }
  return decoded(actions)
}

const decodeOne = (bytes: Reader, context: Decoding): Decoded<OfAction> => {
  const at = bytes.at
  const type = bytes.u16()
  const length = bytes.u16()
  const found = type === 0xffff ? findExtension(bytes, context) : findStandard(type, context)
  if (!found.ok) return found
  const form = found.value
  const { deprecated } = form
  if (deprecated !== undefined && context.version >= deprecated.from) {
    context.warn(
      'ofp_actions',
      `${form.name} is deprecated in ${nameOfVersion(context.version)} (${deprecated.why})`,
      'INFO',
    )
  }
  const problem = badLength(form, length, bytes.end - at)
  if (problem !== undefined) {
    context.warn('ofp_actions', `OpenFlow action ${form.name} length ${length} ${problem}`)
    return refused('OFPBAC_BAD_LEN')
  }
  const inside = new Reader(bytes.bytes, bytes.at, at + length)
  bytes.at = at + length
  const action = form.decode(inside, context)
  return action.ok && inside.short ? refused('OFPBAC_BAD_LEN') : action
}

const badLength = ({ size, exact }: ActionForm, length: number, left: number): string | undefined => {
  if (length > left) return `exceeds action buffer length ${left}`
  const most = exact === true ? size : 65528
  if (length < size || length > most) return `not in valid range [${size},${most}]`
  return length % 8 === 0 ? undefined : 'is not a multiple of 8'
}

const findStandard = (type: number, context: Decoding): Decoded<ActionForm> => {
  const form = byVersion[context.version]!.standard[type]
  if (form !== undefined) return decoded(form)
  context.warn('ofp_actions', `unknown ${nameOfVersion(context.version)} action for vendor 0 and type ${type}`)
  return refused('OFPBAC_BAD_TYPE')
}

const findExtension = (bytes: Reader, context: Decoding): Decoded<ActionForm> => {
  const vendor = bytes.u32()
  if (vendor !== nicira && vendor !== onf) {
    context.warn('ofp_actions', `OpenFlow action has unknown vendor 0x${vendor.toString(16)}`)
    return refused('OFPBAC_BAD_VENDOR')
  }
  const subtype = bytes.u16()
  if (bytes.short) return refused('OFPBAC_BAD_LEN')
  const forms = byVersion[context.version]!
  const form = vendor === nicira ? forms.nicira[subtype] : forms.onf.get(subtype)
  if (form !== undefined) return decoded(form)
  const of = `vendor 0x${vendor.toString(16)} and type ${subtype}`
  context.warn('ofp_actions', `unknown ${nameOfVersion(context.version)} action for ${of}`)
  return refused('OFPBAC_BAD_VENDOR_TYPE')
}

const nameOfVersion = (version: Version): string => `OpenFlow1${version - 1}`

/** Tells the log where in a list the bad action is, with the list's bytes. */
const warnBadAction = (warn: Warn, bytes: Reader, start: number, at: number, error: string): void => {
  if (warn === silent) return
  const dump = hexDump(bytes.bytes.subarray(start, bytes.end), false).trimEnd()
  warn('ofp_actions', `bad action at offset ${at - start} (${error}):\n${dump}`)
}

const writeActions = (out: Writer, actions: readonly OfAction[], context: ActionWireContext): void => {
  for (const action of actions) {
    const kind = kindsByType[action.type] as ActionKind<OfAction['type']> | undefined
    kind?.encode(action, out, context)
  }
}

/** Writes a list of actions in the version's words. */
export const encodeActions = (
  out: Writer,
  actions: readonly OfAction[],
  version: Version,
  before: Precondition = unknownFrames,
): void => {
  writeActions(out, seenBy(version, actions, before), contexts[version]!)
}

/** Writes what flow-mods and flow statistics have after the match, in the version's words. */
export const encodeInstructions = (
  out: Writer,
  actions: readonly OfAction[],
  version: Version,
  before: Precondition = unknownFrames,
): void => {
  const context = contexts[version]!
  const seen = seenBy(version, actions, before)
  if (version === 1) writeActions(out, seen, context)
  else encodeInstructionList(out, seen, version, list => writeActions(out, list, context))
}
