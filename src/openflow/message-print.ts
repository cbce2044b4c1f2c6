/** Messages as text: what `ovs-ofctl ofp-print`, `monitor` and `snoop` print. */
import { hexDump } from './hex-dump.ts'
import { MatchPool } from './match-pool.ts'
import { formatStatsFlags, headerSize, type MessageHead, readHead } from './message-header.ts'
import { codecOf, type DecodedMessage, decodeMessage, formOf } from './message-wire.ts'
import type { MessageForm, PrintOptions } from './messages/codec.ts'
import { type PortNames, silent, type Warn } from './port-text.ts'
import type { Version } from './protocol.ts'
import { RecentActions } from './recent-actions.ts'

export type PrintMessageOptions = {
  /** 0 by default; `-m` and ofp-print's second argument say more. */
  verbosity?: number
  ports?: PortNames
  tables?: PortNames
  /** False leaves counts and durations out (`--no-stats`). */
  stats?: boolean
  warn?: Warn
}

/** A message, whole or not, as text of one or more lines. Never fails: what is wrong is told, and the bytes are shown. */
export const printMessage = (bytes: Uint8Array, options: PrintMessageOptions = {}): string => {
  if (bytes.length === 0) return 'OpenFlow message is empty\n'
  if (bytes.length < headerSize) return `OpenFlow packet too short (only ${bytes.length} bytes):\n${hexDump(bytes)}`
  const length = (bytes[2]! << 8) | bytes[3]!
  if (length > bytes.length)
    return `${truncatedHead(bytes, options.warn)}(***truncated to ${bytes.length} bytes from ${length}***)\n${hexDump(bytes)}`
  if (length < bytes.length) return `(***only uses ${length} bytes out of ${bytes.length}***)\n${hexDump(bytes)}`
  return printWhole(bytes, options)
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

const printWhole = (bytes: Uint8Array, options: PrintMessageOptions): string => {
  const { warn } = options
  const { used } = matches
  const message = decodeMessage(bytes, { tableId: true, matches, recent, ...(warn && { warn }) })
  const text = printDecoded(bytes, message, options)
  matches.release(used)
  if (message.ok) return (options.verbosity ?? 0) >= 5 ? `${text}${hexDump(bytes)}` : text
  const gap = text === '' || text.endsWith('\n') ? '' : ' '
  return `${text}${gap}***decode error: ${message.error}***\n${hexDump(bytes)}`
}

/** What can be told of a message; it ends with a new line if all of it can. */
const printDecoded = (bytes: Uint8Array, message: DecodedMessage, options: PrintMessageOptions): string => {
  const head = readHead(bytes, silent)
  const { form } = message
  if (!head.ok || form === undefined) return ''
  const body = message.ok ? message.message.body : message.partial
  const start = `${formatHead(head.value, form)}${formatStatsFlags(head.value)}`
  if (body === undefined) return start
  const { verbosity = 0, ports, tables, stats = true } = options
  const context: PrintOptions = {
    version: head.value.version as Version,
    verbosity,
    ...(ports && { ports }),
    ...(tables && { tables }),
    stats,
    form,
    bytes,
    printMessage: (inner, level = verbosity) => printMessage(inner, { ...options, verbosity: level }),
  }
  const text = `${start}${codecOf(body.type)?.print(body, context) ?? ''}`
  return message.ok && !text.endsWith('\n') ? `${text}\n` : text
}
