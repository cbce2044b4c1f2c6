import type { ActionOf, OfAction } from '../action.ts'
import type { Reader, Writer } from '../bytes.ts'
import type { Decoded } from '../error.ts'
import type { PortNames, Warn } from '../port-text.ts'
import type { Version } from '../protocol.ts'

export type { ActionOf } from '../action.ts'

/** What the text of an action may refer to, and where its warnings go. */
export type ActionContext = { ports: PortNames | undefined; warn: Warn }

/** Reads what follows an action's name; a string says what is wrong, in the words of ovs-ofctl. */
export type ActionParser = (argument: string, context: ActionContext) => OfAction | string

/** Writes an action as `dump-flows` shows it. */
export type ActionFormatter<T extends OfAction['type']> = (action: ActionOf<T>, ports: PortNames | undefined) => string

/** Parsers by the names that the text uses. */
export type ActionParsers = Record<string, ActionParser>

/** What the bytes of an action may depend on beside themselves. */
export type ActionWireContext = {
  version: Version
  warn: Warn
  /** Reads actions inside an action (`clone`, `ct`, `write_actions`), up to the reader's end. */
  decodeActions(bytes: Reader): Decoded<OfAction[]>
  /** Writes actions inside an action. */
  encodeActions(actions: readonly OfAction[], out: Writer): void
}

/**
 * One way an action stands on the wire. `number` is the OFPAT_ type, or the NXAST_ subtype where `vendor` is said.
 * `decode` gets what follows type and length (and, of an extension, vendor and subtype) up to the end of the action.
 */
export type ActionForm = {
  /** As the protocol's headers name it: `OFPAT_OUTPUT`, `NXAST_RESUBMIT`. */
  name: string
  number: number
  /** 0x2320 for Nicira's, 0x4f4e4600 for those of the Open Networking Foundation. */
  vendor?: number
  /** Versions that know it. */
  from: Version
  to: Version
  /** Smallest size with the header, bytes; undefined if `decode` checks by itself. A size that is fixed is `exact`. */
  size: number
  exact?: boolean
  decode(bytes: Reader, context: ActionWireContext): Decoded<OfAction>
}

/**
 * Writes an action for a version that can carry it: `seenBy` has put those that cannot into other words. `begin` starts
 * an action of a form's number and vendor, writes the header, and gives what must be called when the rest is written:
 * it fills in the length, padded to 8 bytes.
 */
export type ActionEncoder<T extends OfAction['type']> = (
  action: ActionOf<T>,
  out: Writer,
  context: ActionWireContext,
) => void

/** Starts an action: `const end = begin(out, 16, 0x2320); …; end()`. Pads to 8 bytes and fills in the length. */
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
