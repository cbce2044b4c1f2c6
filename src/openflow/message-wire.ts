/**
 * Messages as bytes, of every version. A message's form (what its headers say) is found in one table made of the `forms`
 * of all codecs in `messages/`; the codec reads and writes what follows the headers.
 */
import type { Paint } from '../flow/paint.ts'
import type { TlvLayout } from '../flow/tlv.ts'
import { Reader, Writer } from './bytes.ts'
import { type Decoded, decoded, type OfErrorName, refused } from './error.ts'
import type { MatchPool } from './match-pool.ts'
import type { OfBody, OfMessage } from './message.ts'
import { formKey, headerSize, type MessageHead, readHead, saysMore, unknownForm, writeHead } from './message-header.ts'
import { type BodyLength, bodyLength, lengthComplaint, lengthFits } from './message-lengths.ts'
import type { DecodeContext, EncodeContext, MessageCodec, MessageForm, Speech } from './messages/codec.ts'
import { messageCodecs } from './messages/index.ts'
import { silent, type Warn } from './port-text.ts'
import type { Version } from './protocol.ts'
import type { RecentActions } from './recent-actions.ts'

/** How a message is to be written. `nxm` and `tableId` matter in 1.0 only, and are false by default. */
export type EncodeOptions = Partial<Speech> & { version: Version; xid: number }

/** How a message is to be read. Without `version` any is taken. */
export type DecodeOptions = {
  version?: Version
  nxm?: boolean
  tableId?: boolean
  warn?: Warn
  /** Of matches that `warn` is told of. */
  paint?: Paint
  tlv?: TlvLayout
  /** Where flows get their matches from: for those who do not keep the message. Messages inside messages have their own. */
  matches?: MatchPool | undefined
  /** Lists of actions that flows had lately. */
  recent?: RecentActions
  /** As a switch reads that is to do what the message says. */
  strict?: boolean
}

/** A message, or the error that the peer is to be told. */
export type DecodedMessage =
  | { ok: true; message: OfMessage; form: MessageForm }
  | {
      ok: false
      error: OfErrorName
      /** Known if the headers were good. */
      form?: MessageForm
      /** What was good of a message with a list. */
      partial?: OfBody
    }

/** A codec that is asked only for bodies of its own type, whatever that is. */
type Codec = Omit<MessageCodec, 'choose' | 'encode' | 'print'> & {
  choose(body: OfBody, speech: Speech): MessageForm | undefined
  encode(body: OfBody, out: Writer, context: EncodeContext): void
  print(body: OfBody, options: Parameters<MessageCodec['print']>[1]): string
}
/** A form in a version. */
type Entry = { form: MessageForm; codec: Codec; length: BodyLength | undefined }

/** Messages that the other side may send in any version. */
const anyVersion: ReadonlySet<OfBody['type']> = new Set(['hello', 'error', 'echo_request', 'echo_reply'])

const byType = new Map<OfBody['type'], Codec>()
const byForm = new Map<number, Entry>()
for (const codec of messageCodecs as readonly unknown[] as readonly Codec[]) {
  byType.set(codec.type, codec)
  // These come before versions are agreed, so the other side may say them in one that is not known here.
  const last = anyVersion.has(codec.type) ? 0xff : undefined
  for (const form of codec.forms)
    for (let version: number = form.from; version <= (last ?? form.to); version++) {
      const key = formKey(version, form.number ?? 0, form.stats, form.experimenter)
      if (key !== undefined) byForm.set(key, { form, codec, length: bodyLength(form.name, version as Version) })
    }
}

/** The codec of a type of message. */
export const codecOf = (type: OfBody['type']): Codec | undefined => byType.get(type)

/** The form that headers say, and how it is read. */
export const formOf = (head: MessageHead): Entry | undefined => {
  const key = formKey(head.version, head.type, head.stats, head.experimenter)
  return key === undefined ? undefined : byForm.get(key)
}

/** A writer kept for the next message, absent while one is being written: messages can hold messages. */
let shared: Writer | undefined = new Writer(4096)

/** The bytes of a message; undefined if the version cannot say it. */
export const encodeMessage = (body: OfBody, options: EncodeOptions): Uint8Array | undefined => {
  const out = shared ?? new Writer(4096)
  shared = undefined
  out.at = 0
  const bytes = writeMessage(out, body, options) ? out.done() : undefined
  shared = out
  return bytes
}

/** Writes a message after what is in `out` already; false, and nothing written, if the version cannot say it. */
export const writeMessage = (out: Writer, body: OfBody, options: EncodeOptions): boolean => {
  const { version, xid, nxm = false, tableId = false, packetIn = 'standard' } = options
  if (body.type === 'unknown') {
    out.raw(body.bytes)
    return true
  }
  const codec = byType.get(body.type)
  const form = codec?.choose(body, { version, nxm, tableId, packetIn })
  if (codec === undefined || form === undefined) return false
  const start = out.at
  writeHead(out, form, version, xid, 'more' in body && body.more === true)
  const inner: EncodeContext['encodeMessage'] = (other, otherXid) => encodeMessage(other, { ...options, xid: otherXid })
  codec.encode(body, out, { version, nxm, tableId, packetIn, form, xid, encodeMessage: inner })
  out.put16(start + 2, out.at - start)
  return true
}

type Headed = { head: MessageHead; form: MessageForm; codec: Codec }

/** Reads the headers, and looks whether the length is one that they allow. */
const readHeaded = (bytes: Uint8Array, version: Version | undefined, warn: Warn): Decoded<Headed> => {
  if (bytes.length < headerSize || ((bytes[2]! << 8) | bytes[3]!) !== bytes.length) return refused('OFPBRC_BAD_LEN')
  const read = readHead(bytes, warn)
  if (!read.ok) return read
  const head = read.value
  const entry = formOf(head)
  if (entry === undefined) return unknownForm(head, warn)
  const { form, codec, length } = entry
  if (version !== undefined && head.version !== version && !anyVersion.has(codec.type))
    return refused('OFPBRC_BAD_VERSION')
  if (length !== undefined && !lengthFits(length, bytes.length - head.size)) {
    warn('ofp_msgs', lengthComplaint(form.name, length, head.size, bytes.length))
    return refused('OFPBRC_BAD_LEN')
  }
  return decoded({ head, form, codec })
}

/** A message whose headers were read, and what its body is to be read with. */
export type OpenedMessage = Headed & { reader: Reader; context: DecodeContext }

/** Reads the headers of a message that is as long as they say. */
export const openMessage = (bytes: Uint8Array, options: DecodeOptions = {}): Decoded<OpenedMessage> => {
  const warn = options.warn ?? silent
  const headed = readHeaded(bytes, options.version, warn)
  if (!headed.ok) return headed
  const { head, form, codec } = headed.value
  const context = contextOf(head, form, warn, options)
  return decoded({ head, form, codec, reader: new Reader(bytes, head.size), context })
}

/** Reads the body. */
export const decodeOpened = ({ head, form, codec, reader, context }: OpenedMessage): DecodedMessage => {
  const body = codec.decode(reader, context)
  if (!body.ok) return { ok: false, error: body.error, form, ...(body.partial && { partial: body.partial }) }
  if (saysMore(head)) Object.assign(body.value, { more: true })
  return { ok: true, message: { version: head.version as Version, xid: head.xid, body: body.value }, form }
}

/** Reads one message that is as long as its header says. */
export const decodeMessage = (bytes: Uint8Array, options: DecodeOptions = {}): DecodedMessage => {
  const opened = openMessage(bytes, options)
  return opened.ok ? decodeOpened(opened.value) : opened
}

const contextOf = (head: MessageHead, form: MessageForm, warn: Warn, options: DecodeOptions): DecodeContext => ({
  version: head.version as Version,
  nxm: options.nxm ?? false,
  tableId: options.tableId ?? false,
  warn,
  paint: options.paint,
  tlv: options.tlv,
  matches: options.matches,
  recent: options.recent,
  strict: options.strict ?? false,
  form,
  xid: head.xid,
  decodeMessage: inner => {
    const got = decodeMessage(inner, { ...options, matches: undefined })
    return got.ok ? decoded(got.message) : refused(got.error)
  },
  formNameOf: inner => {
    const headed = readHeaded(inner, undefined, warn)
    return headed.ok ? decoded(headed.value.form.name) : headed
  },
})
