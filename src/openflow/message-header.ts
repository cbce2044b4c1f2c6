/**
 * The headers of OpenFlow's messages: eight bytes that all have, then what tells kinds of statistics and extensions apart.
 *
 *     version 8, type 8, length 16, xid 32
 *     OFPT_STATS 1.0: kind 16, flags 16;  OFPT_MULTIPART since 1.1: kind 16, flags 16, pad 32
 *     OFPT_VENDOR, OFPT_EXPERIMENTER: vendor 32, subtype 32
 *     and in statistics of kind 0xffff: vendor 32, subtype 32, in 1.0 pad 32
 */
import { nicira, onf } from './actions/codec.ts'
import type { Writer } from './bytes.ts'
import { type Decoded, decoded, type Refused, refused } from './error.ts'
import type { MessageForm } from './messages/codec.ts'
import type { Warn } from './port-text.ts'
import type { Version } from './protocol.ts'

/** Bytes of the header that every message has. */
export const headerSize = 8

const vendorType = 4
const vendorKind = 0xffff
/** OFPSF_REPLY_MORE, OFPMPF_REPLY_MORE. */
const moreFlag = 1

/** What the headers say. `size` is how many bytes they take, `length` how many the message says it has. */
export type MessageHead = {
  version: number
  type: number
  length: number
  xid: number
  stats: { side: 'request' | 'reply'; kind: number; flags: number } | undefined
  experimenter: { vendor: number; subtype: number } | undefined
  size: number
}

/** The length that the header at `at` says; 0 if there are fewer than the four bytes that it takes to know. */
export const messageLength = (bytes: Uint8Array, at = 0): number => (at + 4 <= bytes.length ? u16(bytes, at + 2) : 0)

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!
const u32 = (bytes: Uint8Array, at: number): number => ((u16(bytes, at) << 16) | u16(bytes, at + 2)) >>> 0

/** The type of statistics messages; 1.0 numbers them otherwise than later versions. */
const statsType = (version: number, side: 'request' | 'reply'): number =>
  (version === 1 ? 16 : 18) + (side === 'request' ? 0 : 1)

/** Which statistics a type is. */
const statsSide = (version: number, type: number): 'request' | 'reply' | undefined => {
  if (type === statsType(version, 'request')) return 'request'
  return type === statsType(version, 'reply') ? 'reply' : undefined
}

/** Reads the headers of what has at least `headerSize` bytes of a message. */
export const readHead = (bytes: Uint8Array, warn: Warn): Decoded<MessageHead> => {
  const version = bytes[0]!
  const type = bytes[1]!
  const head: MessageHead = {
    version,
    type,
    length: u16(bytes, 2),
    xid: u32(bytes, 4),
    stats: undefined,
    experimenter: undefined,
    size: headerSize,
  }
  if (type === vendorType) return readExperimenter(bytes, head, warn)
  const side = statsSide(version, type)
  if (side === undefined) return decoded(head)
  head.size = version === 1 ? 12 : 16
  if (bytes.length < head.size) return refused('OFPBRC_BAD_LEN')
  head.stats = { side, kind: u16(bytes, 8), flags: u16(bytes, 10) }
  return head.stats.kind === vendorKind ? readExperimenter(bytes, head, warn) : decoded(head)
}

const readExperimenter = (bytes: Uint8Array, head: MessageHead, warn: Warn): Decoded<MessageHead> => {
  const at = head.size
  // In statistics of 1.0 padding follows; in the others it came before.
  head.size = head.stats === undefined ? 16 : 24
  if (bytes.length < head.size) return refused('OFPBRC_BAD_LEN')
  const vendor = u32(bytes, at)
  // Statistics of 1.0 have no other extension.
  if (vendor !== nicira && (vendor !== onf || (head.stats !== undefined && head.version === 1))) {
    warn('ofp_msgs', `OpenFlow message has unknown vendor 0x${vendor.toString(16)}`)
    return refused('OFPBRC_BAD_VENDOR')
  }
  head.experimenter = { vendor, subtype: u32(bytes, at + 4) }
  return decoded(head)
}

/** The error for headers that no form has. */
export const unknownForm = ({ version, type, stats, experimenter }: MessageHead, warn: Warn): Refused => {
  const parts = [`version ${version}`, `type ${type}`]
  if (stats !== undefined) parts.push(`stat ${stats.kind}`)
  if (experimenter !== undefined)
    parts.push(`vendor 0x${experimenter.vendor.toString(16)}`, `subtype ${experimenter.subtype}`)
  warn('ofp_msgs', `unknown OpenFlow message (${parts.join(', ')})`)
  if (experimenter !== undefined) return refused('OFPBRC_BAD_SUBTYPE')
  return refused(stats === undefined || version > 6 ? 'OFPBRC_BAD_TYPE' : 'OFPBRC_BAD_STAT')
}

/** Writes the headers of a form; the length is to be put at byte 2 when all is written. */
export const writeHead = (out: Writer, form: MessageForm, version: Version, xid: number, more: boolean): void => {
  const { stats, experimenter } = form
  out.u8(version)
  out.u8(form.number ?? (stats === undefined ? vendorType : statsType(version, stats.side)))
  out.u16(0)
  out.u32(xid)
  if (stats !== undefined) {
    out.u16(experimenter === undefined ? stats.kind : vendorKind)
    out.u16(more ? moreFlag : 0)
    if (version !== 1) out.u32(0)
  }
  if (experimenter === undefined) return
  out.u32(experimenter.vendor)
  out.u32(experimenter.subtype)
  if (stats !== undefined && version === 1) out.u32(0)
}

/** Whether more of the same reply follows. */
export const saysMore = (head: MessageHead): boolean =>
  head.stats?.side === 'reply' && (head.stats.flags & moreFlag) !== 0

/** The flags of statistics as text, with a space in front; requests have none that are known. */
export const formatStatsFlags = ({ version, stats }: MessageHead): string => {
  if (stats === undefined || stats.flags === 0) return ''
  // Requests of several messages came with 1.3.
  const known = stats.side === 'reply' || version >= 4 ? moreFlag : 0
  const unknown = stats.flags & ~known
  const more = (stats.flags & known) !== 0 ? '[more]' : ''
  return ` flags=${more}${unknown === 0 ? '' : `[***unknown flags 0x${unknown.toString(16).padStart(4, '0')}***]`}`
}

/**
 * A number for what a form is in a version: messages of the same number are of the same form. Undefined for what no form
 * can be.
 */
export const formKey = (
  version: number,
  type: number,
  stats: { side: 'request' | 'reply'; kind: number } | undefined,
  experimenter: { vendor: number; subtype: number } | undefined,
): number | undefined => {
  if (experimenter === undefined && stats === undefined) return version * 256 + type
  const which = stats === undefined ? 0 : stats.side === 'request' ? 1 : 2
  const { vendor, subtype } = experimenter ?? { vendor: 0, subtype: stats?.kind ?? 0 }
  if (subtype > 0xffff) return undefined
  const whose = experimenter === undefined ? 0 : vendor === nicira ? 1 : 2
  return ((version * 4 + which) * 4 + whose) * 0x10000 + subtype + 0x10000
}
