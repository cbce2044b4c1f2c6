/** Messages as text: what `ovs-ofctl ofp-print`, `monitor` and `snoop` print. */
import type { Paint } from '../flow/paint.ts'
import type { OfErrorName } from './error.ts'
import { hexDump } from './hex-dump.ts'
import { MatchPool } from './match-pool.ts'
import { formatStatsFlags, headerSize, type MessageHead, readHead } from './message-header.ts'
import { codecOf, decodeOpened, formOf, type OpenedMessage, openMessage } from './message-wire.ts'
import type { MessageForm, PrintOptions } from './messages/codec.ts'
import { type PortNames, silent, type Warn } from './port-text.ts'
import type { Version } from './protocol.ts'
import { RecentActions } from './recent-actions.ts'
import { TextBytes } from './text-bytes.ts'

export type PrintMessageOptions = {
  /** 0 by default; `-m` and ofp-print's second argument say more. */
  verbosity?: number
  ports?: PortNames
  tables?: PortNames
  paint?: Paint
  /** False leaves counts and durations out (`--no-stats`). */
  stats?: boolean
  warn?: Warn
}

/** A message, whole or not, as text of one or more lines. Never fails: what is wrong is told, and the bytes are shown. */
export const printMessage = (bytes: Uint8Array, options: PrintMessageOptions = {}): string =>
  withShared(out => {
    putMessage(out, bytes, options)
    return out.string()
  })

/** The same as bytes. */
export const printedBytes = (bytes: Uint8Array, options: PrintMessageOptions = {}): Uint8Array =>
  withShared(out => {
    putMessage(out, bytes, options)
    return out.done()
  })

/** For one message after the other; absent while one is being written: messages can hold messages. */
let shared: TextBytes | undefined = new TextBytes()

const withShared = <T>(use: (out: TextBytes) => T): T => {
  const out = shared ?? new TextBytes()
  shared = undefined
  out.at = 0
  const result = use(out)
  shared = out
  return result
}

const putMessage = (out: TextBytes, bytes: Uint8Array, options: PrintMessageOptions): void => {
  const length = bytes.length < headerSize ? 0 : (bytes[2]! << 8) | bytes[3]!
  if (bytes.length === 0) out.text('OpenFlow message is empty\n')
  else if (bytes.length < headerSize)
    out.text(`OpenFlow packet too short (only ${bytes.length} bytes):\n${hexDump(bytes)}`)
  else if (length > bytes.length) {
    const cut = `(***truncated to ${bytes.length} bytes from ${length}***)`
    out.text(`${truncatedHead(bytes, options.warn)}${cut}\n${hexDump(bytes)}`)
  } else if (length < bytes.length)
    out.text(`(***only uses ${length} bytes out of ${bytes.length}***)\n${hexDump(bytes)}`)
  else putWhole(out, bytes, options)
}

/** The first line of a message of which not all is there, if its headers are. */
const truncatedHead = (bytes: Uint8Array, warn: Warn = silent): string => {
  const head = readHead(bytes, warn)
  const entry = head.ok ? formOf(head.value) : undefined
  return head.ok && entry !== undefined ? `${formatHead(head.value, entry.form)}\n` : ''
}

/** Not told of 1.0. */
const formatVersion = (version: number): string =>
  version === 1 ? '' : ` (OF${version > 6 ? ` 0x${version.toString(16).padStart(2, '0')}` : `1.${version - 1}`})`

/** `OFPT_FLOW_MOD (OF1.3) (xid=0x1):`. */
const formatHead = ({ version, xid }: MessageHead, form: MessageForm): string =>
  `${form.name}${formatVersion(version)} (xid=0x${xid.toString(16)}):`

/** What is printed is text: nothing of a message is kept. */
const matches = new MatchPool()
const recent = new RecentActions()

const putWhole = (out: TextBytes, bytes: Uint8Array, options: PrintMessageOptions): void => {
  const { warn, paint } = options
  const { used } = matches
  const start = out.at
  const opened = openMessage(bytes, { tableId: true, matches, recent, ...(warn && { warn }), ...(paint && { paint }) })
  const error = opened.ok ? putOpened(out, bytes, opened.value, options) : opened.error
  matches.release(used)
  const ends = out.at === start || out.bytes[out.at - 1] === newLine
  if (error !== undefined) out.text(`${ends ? '' : ' '}***decode error: ${error}***\n${hexDump(bytes)}`)
  else if ((options.verbosity ?? 0) >= 5) out.text(hexDump(bytes))
}
const newLine = 10

/** What can be told of a message; gives the error if that is not all. Without one it ends with a new line. */
const putOpened = (
  out: TextBytes,
  bytes: Uint8Array,
  opened: OpenedMessage,
  options: PrintMessageOptions,
): OfErrorName | undefined => {
  const { head, form } = opened
  const { verbosity = 0, ports, tables, paint, stats = true } = options
  out.text(`${formatHead(head, form)}${formatStatsFlags(head)}`)
  const error = putBody(out, opened, {
    version: head.version as Version,
    verbosity,
    ...(ports && { ports }),
    ...(tables && { tables }),
    ...(paint && { paint }),
    stats,
    form,
    bytes,
    printMessage: (inner, level = verbosity) => printMessage(inner, { ...options, verbosity: level }),
  })
  if (error === undefined && out.bytes[out.at - 1] !== newLine) out.text('\n')
  return error
}

const putBody = (out: TextBytes, opened: OpenedMessage, options: PrintOptions): OfErrorName | undefined => {
  const { codec, reader, context } = opened
  if (codec.printRead !== undefined) return codec.printRead(out, reader, context, options)
  const message = decodeOpened(opened)
  const body = message.ok ? message.message.body : message.partial
  if (body !== undefined) out.text(codecOf(body.type)?.print(body, options) ?? '')
  return message.ok ? undefined : message.error
}
