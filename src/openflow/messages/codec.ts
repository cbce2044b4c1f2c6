import type { Paint } from '../../flow/paint.ts'
import type { TlvLayout } from '../../flow/tlv.ts'
import type { Reader, Writer } from '../bytes.ts'
import type { Decoded, OfErrorName } from '../error.ts'
import type { MatchPool } from '../match-pool.ts'
import type { BodyOf, OfBody, OfMessage, PacketInFormat } from '../message.ts'
import type { PortNames, Warn } from '../port-text.ts'
import type { Version } from '../protocol.ts'
import type { RecentActions } from '../recent-actions.ts'
import type { TextBytes } from '../text-bytes.ts'

/**
 * One way a message stands on the wire. Its name is what `ofp-print` begins with: `OFPT_FLOW_MOD`, `NXT_FLOW_MOD`,
 * `OFPST_FLOW reply`, `NXST_FLOW reply`.
 */
export type MessageForm = {
  name: string
  from: Version
  to: Version
  /** The header's type; a multipart's follows from `stats`, an extension's from `experimenter`. */
  number?: number
  /** OFPT_STATS_REQUEST, OFPT_MULTIPART_REQUEST or their replies, with the kind of statistics. */
  stats?: { side: 'request' | 'reply'; kind: number }
  /** Vendor and subtype; together with `stats` (kind 0xffff) those inside the multipart. */
  experimenter?: { vendor: number; subtype: number }
}

/** How a peer was agreed to be spoken to. */
export type Speech = {
  version: Version
  /** Version 1.0 with Nicira's flexible match: NXT_FLOW_MOD, NXST_FLOW, … */
  nxm: boolean
  /** The upper byte of a 1.0 flow-mod's command is a table. */
  tableId: boolean
  /** How packet-ins are to be said; `standard` by default. */
  packetIn?: PacketInFormat
}

/** What decoding may depend on. */
export type DecodeContext = Speech & {
  form: MessageForm
  warn: Warn
  /** Of matches that `warn` is told of. */
  paint?: Paint | undefined
  /** `NXT_TLV_TABLE_MOD`'s mappings, once there are any. */
  tlv?: TlvLayout | undefined
  /** Where flows get their matches from, if the message is not kept. */
  matches?: MatchPool | undefined
  /** Lists of actions that flows had lately. */
  recent?: RecentActions | undefined
  /** Whether parts that are not known are refused where a switch refuses them and others only pass them over. */
  strict?: boolean
  /** Of the header. */
  xid: number
  /** Reads a message inside this one (`bundle_add`, `requestforward`), headers and all. */
  decodeMessage(bytes: Uint8Array): Decoded<OfMessage>
  /** The name of the form of a message inside this one; the rest of it is not looked at. */
  formNameOf(bytes: Uint8Array): Decoded<string>
}

/** How text is wished: `-m` is more; `names` for ports and tables. */
export type PrintOptions = {
  version: Version
  /** 0 as `ofp-print` without `-m`; each `-m` adds one. */
  verbosity: number
  ports?: PortNames
  tables?: PortNames
  /** `--color`; without colours if not said. */
  paint?: Paint
  /** `--stats`, `--no-stats`. */
  stats: boolean
  form: MessageForm
  /** The whole message. */
  bytes: Uint8Array
  /** Prints a message inside this one, headers and all. */
  printMessage(bytes: Uint8Array, verbosity?: number): string
}

/** What encoding may depend on. */
export type EncodeContext = Speech & {
  form: MessageForm
  xid: number
  /** Writes a message inside this one, headers and all; undefined if this version cannot say it. */
  encodeMessage(body: OfBody, xid: number): Uint8Array | undefined
}

/**
 * What decoding a body gives. `partial` is what of a list was good before the error: ovs-ofctl prints that much, and
 * then the error.
 */
export type DecodedBody<T extends OfBody['type']> = Decoded<BodyOf<T>> & { partial?: BodyOf<T> }

/**
 * A message in all its forms. `choose` says which form carries it (undefined: that version cannot say it), `encode`
 * writes what follows the headers. `decode` reads that; `print` gives what follows `NAME (OF1.x) (xid=0x…):` with the
 * separator it needs (a space, a newline or nothing), as ovs-ofctl prints it. That the body's length is one that the form
 * may have (`message-lengths.ts`) is checked before `decode`.
 */
export type MessageCodec<T extends OfBody['type'] = OfBody['type']> = {
  type: T
  forms: readonly MessageForm[]
  choose(body: BodyOf<T>, speech: Speech): MessageForm | undefined
  encode(body: BodyOf<T>, out: Writer, context: EncodeContext): void
  decode(bytes: Reader, context: DecodeContext): DecodedBody<T>
  print(body: BodyOf<T>, options: PrintOptions): string
  /**
   * Writes what `print` gives of what `decode` gives, or of as much of a list as was good, in one: for a message of so
   * many parts that to make all of them costs more than their text. Gives what is wrong; nothing is written if nothing was good.
   */
  printRead?(out: TextBytes, bytes: Reader, context: DecodeContext, options: PrintOptions): OfErrorName | undefined
}

/** A codec of some type, where which does not matter. */
export type AnyMessageCodec = { [T in OfBody['type']]: MessageCodec<T> }[OfBody['type']]
