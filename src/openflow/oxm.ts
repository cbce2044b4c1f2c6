/**
 * One field on the wire, for actions that name a field or set one: its header alone, or header, value and mask. Whole matches are
 * in `match-wire.ts`. Ports are `OfPort` numbers here, whatever the width on the wire.
 */
import type { FieldName } from '../flow/fields.ts'
import { bytesOf, type TlvLayout } from '../flow/tlv.ts'
import type { Reader, Writer } from './bytes.ts'
import { type Decoded, decoded, type OfErrorName, refused } from './error.ts'
import { putHead } from './match-encode.ts'
import { type OxmField, type OxmVersion, oxmField, oxmOf } from './oxm-fields.ts'
import { fromPort11, toPort11 } from './port-number.ts'
import type { Warn } from './port-text.ts'
import { unknownHeaderError } from './unknown-header.ts'

export type { OxmVersion } from './oxm-fields.ts'

/** What a header says. `size` is of the value alone, bytes. */
export type FieldHeader = { field: FieldName; hasMask: boolean; size: number }

/** A field with a value; without a mask all of it. */
export type FieldEntry = { field: FieldName; value: bigint; mask: bigint | undefined }

export type PullOptions = {
  /** Whether a mask may follow: OFPBMC_BAD_MASK if not. Yes unless said otherwise. */
  maskable?: boolean
  /** In an action fields that are unknown, or of another size, are OFPBAC_BAD_SET_TYPE or OFPBAC_BAD_SET_LEN (`unknown-header.ts`). */
  action?: boolean
  /** The bridge's tunnel options, if others are to be refused (NXFMFC_INVALID_TLV_FIELD). */
  tlv?: TlvLayout | undefined
  warn?: Warn
}

/** Whether the wire has the field at all. */
export const isOnWire = (name: FieldName): boolean => oxmField(name).heads.length > 0

/** The name of the header that a version gets: `NXM_OF_ETH_SRC`, `OXM_OF_ETH_SRC`. */
export const headerNameIn = (name: FieldName, version: OxmVersion): string | undefined =>
  oxmField(name).heads[version]?.code.name

/** Writes a header, 4 bytes or 8; `size` of the value in bytes is that of the field unless it is said. */
export const putFieldHeader = (
  out: Writer,
  name: FieldName,
  version: OxmVersion,
  hasMask = false,
  size?: number,
): void => {
  const it = oxmField(name)
  putHead(out, it, version, hasMask, size ?? it.size)
}

/** Writes header and value, and the mask if there is one with not all bits of the wire. Of a tunnel option leading zeros are left out. */
export const putField = (
  out: Writer,
  name: FieldName,
  value: bigint,
  mask: bigint | undefined,
  version: OxmVersion,
): void => {
  const it = oxmField(name)
  const all = (1n << BigInt(8 * it.size)) - 1n
  const masked = mask !== undefined && mask !== all
  const size = it.kind === 'option' ? bytesOf(masked ? mask : value) : it.size
  putHead(out, it, version, masked, size)
  out.big(isPort11(it) ? BigInt(toPort11(Number(value))) : value, size)
  if (masked) out.big(mask, size)
}

const isPort11 = (it: OxmField): boolean => it.kind === 'port' && it.size === 4

/** `it` is undefined where there is no such field, but what follows the header is looked at first. */
type Head = { it: OxmField | undefined; masked: boolean; size: number; length: number }

/** A header, before a value of `length` bytes, mask included; or what is wrong with it. */
const pullHead = (reader: Reader, options: PullOptions): Head | OfErrorName => {
  if (reader.left < 4) return 'OFPBMC_BAD_LEN'
  const first = reader.u32()
  const extra = first >>> 16 === 0xffff ? 4 : 0
  if (reader.left < extra || (first & 0xff) < extra) return 'OFPBMC_BAD_LEN'
  const experimenter = extra === 0 ? 0 : reader.u32()
  const length = (first & 0xff) - extra
  const masked = (first & 0x100) !== 0
  const size = masked ? length >>> 1 : length
  const it = oxmOf(first, experimenter)
  const fits = it !== undefined && (it.kind === 'option' ? size < 128 : it.size === size)
  if (fits && it.kind === 'option' && options.tlv !== undefined && options.tlv.places[it.option] === undefined)
    return 'NXFMFC_INVALID_TLV_FIELD'
  if (fits) return { it, masked, size, length }
  if (options.action !== true) return { it: undefined, masked, size, length }
  return unknownHeaderError(first, experimenter)
}

/** Reads a header alone: what names a field without a value. */
export const pullFieldHeader = (reader: Reader, options: PullOptions = {}): Decoded<FieldHeader> => {
  const head = pullHead(reader, options)
  if (typeof head === 'string') return refused(head)
  const { it, masked, size } = head
  if (it === undefined) return refused('OFPBMC_BAD_FIELD')
  if (masked && options.maskable === false) return refused('OFPBMC_BAD_MASK')
  return decoded({ field: it.name, hasMask: masked, size })
}

const bigOf = (payload: Reader, size: number, taken: number): bigint => {
  const value = payload.big(taken)
  payload.skip(size - taken)
  return value
}

/** Reads header, value, and mask if the header has one. Neither prerequisites nor what values are allowed are looked at. */
export const pullField = (reader: Reader, options: PullOptions = {}): Decoded<FieldEntry> => {
  const head = pullHead(reader, options)
  if (typeof head === 'string') return refused(head)
  const { it, masked, size, length } = head
  const payload = reader.part(length)
  if (payload === undefined) return refused('OFPBMC_BAD_LEN')
  // Of an option that is longer than its field only the first bytes are taken.
  const taken = it?.kind === 'option' ? Math.min(size, options.tlv?.places[it.option]?.length ?? it.size) : size
  const value = bigOf(payload, size, taken)
  const mask = masked ? bigOf(payload, size, taken) : undefined
  if (mask !== undefined && (value & ~mask) !== 0n) return refused('OFPBMC_BAD_WILDCARDS')
  if (mask !== undefined && options.maskable === false) return refused('OFPBMC_BAD_MASK')
  if (it === undefined) return refused('OFPBMC_BAD_FIELD')
  if (!isPort11(it)) return decoded({ field: it.name, value, mask })
  const port = fromPort11(Number(value), options.warn)
  if (port === undefined) return refused(options.action === true ? 'OFPBAC_BAD_SET_ARGUMENT' : 'OFPBMC_BAD_VALUE')
  return decoded({ field: it.name, value: BigInt(port), mask })
}
