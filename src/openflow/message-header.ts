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
import { type Decoded, decoded, refused } from './error.ts'
import type { MessageForm } from './messages/codec.ts'
import type { Version } from './protocol.ts'

/** Bytes of the header that every message has. */
export const headerSize = 8

const vendorType = 4
const vendorKind = 0xffff
/** OFPSF_REPLY_MORE, OFPMPF_REQ_MORE. */
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

/** The length that a header says; 0 if there are fewer than the four bytes it takes to know. */
export const messageLength = (bytes: Uint8Array, at = 0): number =>
  at + 4 <= bytes.length ? (bytes[at + 2]! << 8) | bytes[at + 3]! : 0

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!
const u32 = (bytes: Uint8Array, at: number): number => ((u16(bytes, at) << 16) | u16(bytes, at + 2)) >>> 0

/** Which side of statistics a type is; 1.0 numbers them otherwise than later versions. */
const statsSide = (version: number, type: number): 'request' | 'reply' | undefined => {
  const first = version === 1 ? 16 : 18
  return type === first ? 'request' : type === first + 1 ? 'reply' : undefined
}

/** Reads the headers of a message of at least `headerSize` bytes. */
export const readHead = (bytes: Uint8Array): Decoded<MessageHead> => {
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
  if (type === vendorType) return readExperimenter(bytes, head)
  const side = statsSide(version, type)
  if (side === undefined) return decoded(head)
  head.size = version === 1 ? 12 : 16
  if (bytes.length < head.size) return refused('OFPBRC_BAD_LEN')
  head.stats = { side, kind: u16(bytes, 8), flags: u16(bytes, 10) }
  if (head.stats.kind !== vendorKind) return decoded(head)
  return readExperimenter(bytes, head)
}

const readExperimenter = (bytes: Uint8Array, head: MessageHead): Decoded<MessageHead> => {
  const at = head.size
  // In statistics of 1.0 padding follows; in the others it came before.
  head.size = head.stats === undefined ? 16 : 24
  if (bytes.length < at + 4) return refused('OFPBRC_BAD_LEN')
  const vendor = u32(bytes, at)
  if (vendor !== nicira && vendor !== onf) return refused('OFPBRC_BAD_VENDOR')
  if (bytes.length < head.size) return refused('OFPBRC_BAD_LEN')
  head.experimenter = { vendor, subtype: u32(bytes, at + 4) }
  return decoded(head)
}

/** Writes the headers of a form; the length is to be put at byte 2 when all is written. */
export const writeHead = (out: Writer, form: MessageForm, version: Version, xid: number, more: boolean): void => {
  const { stats, experimenter } = form
  out.u8(version)
  out.u8(form.number ?? (stats === undefined ? vendorType : statsNumber(version, stats.side)))
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

const statsNumber = (version: Version, side: 'request' | 'reply'): number =>
  (version === 1 ? 16 : 18) + (side === 'request' ? 0 : 1)

export const saysMore = (head: MessageHead): boolean => ((head.stats?.flags ?? 0) & moreFlag) !== 0

/**
 * A number for what a form is in a version: messages of the same key are of the same form. Undefined for what no form
 * can be.
 */
export const formKey = (
  version: number,
  type: number,
  stats: { side: 'request' | 'reply'; kind: number } | undefined,
  experimenter: { vendor: number; subtype: number } | undefined,
): number | undefined => {
  const which = stats === undefined ? 0 : stats.side === 'request' ? 1 : 2
  if (experimenter === undefined) return stats === undefined ? version * 256 + type : key(version, which, stats.kind, 0, 0)
  const { vendor, subtype } = experimenter
  return subtype > 0xffff ? undefined : key(version, which, 0, vendor === nicira ? 1 : 2, subtype)
}

const key = (version: number, which: number, kind: number, vendor: number, subtype: number): number =>
  0x10000 + (((version * 4 + which) * 4 + vendor) * 0x10000 + kind + subtype)
