/**
 * What each file in this folder says of an action: how it is written, how it stands on the wire in every version, what
 * it becomes for a version that has no such action, and when it makes no sense. `registry.ts` has them all.
 */
import type { Match } from '../../flow/match.ts'
import type { Paint } from '../../flow/paint.ts'
import type { ActionOf, OfAction } from '../action.ts'
import type { Reader, Writer } from '../bytes.ts'
import type { Decoded, OfErrorName } from '../error.ts'
import type { PortNames, Warn } from '../port-text.ts'
import type { Protocols, Version } from '../protocol.ts'

export type { ActionOf } from '../action.ts'

/** The action that other actions stand in. */
export type Outer = 'clone' | 'ct' | 'write_actions'

/** What the text of an action may refer to, and where its warnings go. */
export type ActionContext = {
  ports: PortNames | undefined
  tables?: PortNames | undefined
  warn: Warn
  /** Reads the actions inside an action; a string says what is wrong. */
  nested(text: string, outer: Outer): OfAction[] | string
}

/** Reads what follows an action's name; a string says what is wrong, in the words of ovs-ofctl. */
export type ActionParser = (argument: string, context: ActionContext) => OfAction | string

/** Colours, names to write instead of numbers, and how to write the actions inside an action (none: `drop`). */
export type FormatContext = {
  paint: Paint
  ports: PortNames | undefined
  tables?: PortNames | undefined
  nested(actions: readonly OfAction[]): string
}

/** Writes an action as `dump-flows` shows it. */
export type ActionFormatter<T extends OfAction['type']> = (action: ActionOf<T>, context: FormatContext) => string

/** Parsers by the names that the text uses. */
export type ActionParsers = Record<string, ActionParser>

/** What the bytes of an action may depend on beside themselves. */
export type ActionWireContext = {
  version: Version
  warn: Warn
  /** Whether actions are taken that are only for tests of the switch itself. */
  testing: boolean
  /** Reads actions inside an action, up to the reader's end. */
  decodeActions(bytes: Reader, outer: Outer): Decoded<OfAction[]>
  /** Writes actions inside an action. */
  encodeActions(actions: readonly OfAction[], out: Writer): void
}

/**
 * One way an action stands on the wire. `number` is the OFPAT_ type, or the NXAST_ subtype where `vendor` is said.
 * `decode` gets what follows type and length (and, of an extension, vendor and subtype) up to the end of the action.
 */
export type ActionForm = {
  /** As Open vSwitch names it in its log: `OFPAT_OUTPUT`, `NXAST_RESUBMIT`. */
  name: string
  number: number
  /** 0x2320 for Nicira's, 0x4f4e4600 for those of the Open Networking Foundation. */
  vendor?: number
  /** Versions that know it. */
  from: Version
  to: Version
  /** Smallest size with the header, bytes. A size that is fixed is `exact`. */
  size: number
  exact?: boolean
  /** Why a version has it no more; logged when it comes. */
  deprecated?: { from: Version; why: string }
  decode(bytes: Reader, context: ActionWireContext): Decoded<OfAction>
}

/**
 * Writes an action for a version that can carry it: `seenBy` has put those that cannot into other words. It writes the
 * headers too, with `begin`.
 */
export type ActionEncoder<T extends OfAction['type']> = (
  action: ActionOf<T>,
  out: Writer,
  context: ActionWireContext,
) => void

/**
 * What a translation to a version's words knows: what frames look like where the action stands (`tagged`: whether they
 * have a VLAN tag by then), and how to translate actions inside an action.
 */
export type SeenState = {
  readonly ipProtocol: 'tcp' | 'udp' | 'sctp' | undefined
  tagged: boolean
  nested(actions: readonly OfAction[]): readonly OfAction[]
}

/**
 * What a check knows, and changes as the actions change what frames look like: `match` is what is known of frames where
 * the action stands (a copy that may be written), `tags` which VLAN tags they have: bit 0 for the outer one, bit 1 for the inner.
 */
export type CheckState = {
  match: Match
  tags: number
  /** The flow's table, undefined if not said. */
  table: number | undefined
  /** How many tables there are. */
  tables: number
  /** First number that is no port: 0xff00 where it is not known how many there are. */
  maxPort: number
  warn: Warn
  /** The protocols that can say the list so far; a check takes those away in which frames do not fit (`inconsistent`). */
  protocols: Protocols
  /** Checks the actions inside an action, for frames as they are now; what these change is forgotten afterwards. */
  nested(actions: readonly OfAction[]): OfErrorName | undefined
}

/** An action in all its forms. */
export type ActionKind<T extends OfAction['type']> = {
  readonly type: T
  readonly parsers: ActionParsers
  readonly format: ActionFormatter<T>
  readonly forms: readonly ActionForm[]
  /** Not of instructions, which `action-wire.ts` writes. */
  readonly encode: ActionEncoder<T>
  /** The action in the words of a version, itself if the version has it; absent: every version has it. */
  readonly seenBy?: (action: ActionOf<T>, version: Version, state: SeenState) => OfAction | readonly OfAction[]
  /** The protocols whose text may say it (`usable protocols`); absent: all. */
  readonly protocols?: (action: ActionOf<T>) => Protocols
  /** Why it makes no sense for these frames: OpenFlow's name of the error. */
  readonly check?: (action: ActionOf<T>, state: CheckState) => OfErrorName | undefined
}

/** An action of some kind, for tables of all. */
export type AnyKind = { [T in OfAction['type']]: ActionKind<T> }[OfAction['type']]

/**
 * Starts an action and writes its header, with `vendor` an extension's. What it gives is called when the rest is
 * written: it pads to 8 bytes and fills in the length. `const end = begin(out, 16, nicira); …; end()`.
 */
export const begin = (out: Writer, number: number, vendor?: number): (() => void) => {
  const start = out.at
  out.u16(vendor === undefined ? number : 0xffff)
  out.u16(0)
  if (vendor !== undefined) {
    out.u32(vendor)
    out.u16(number)
  }
  return () => {
    out.align(8, start)
    out.put16(start + 2, out.at - start)
  }
}

/** Nicira's experimenter ID. */
export const nicira = 0x2320
/** The Open Networking Foundation's. */
export const onf = 0x4f4e4600
