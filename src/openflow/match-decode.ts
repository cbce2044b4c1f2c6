/**
 * The flexible match, read: a list of fields in NXM's and OXM's form (Nicira Extended Match; OpenFlow 1.3.5 §7.2.3). What
 * is refused, and with which error, is as Open vSwitch 3.1 decides. Works on words of the key without making values: a
 * switch reads some 100,000 of these a second.
 */
import { type FlowKey, word } from '../flow/layout.ts'
import { allows, type Match, setOption } from '../flow/match.ts'
import { hasOption, type TlvLayout } from '../flow/tlv.ts'
import { type Decoded, decoded, type OfErrorName, refused } from './error.ts'
import { type MatchPool, matchFrom } from './match-pool.ts'
import { cookieHeader, cookieMaskHeader, isMac, type OxmField, oxmOf } from './oxm-fields.ts'
import { fromPort11 } from './port-number.ts'
import type { Warn } from './port-text.ts'

/** How a match is read. Strictly, unless said otherwise. */
export type MatchOptions = {
  /** Passes over fields that are not known, and does not ask for prerequisites: packet-ins and what else says how a frame was. */
  loose?: boolean
  /** Only fields of the pipeline, as packet-outs have them; others are OFPBRC_PIPELINE_FIELDS_ONLY. */
  pipelineOnly?: boolean
  /** Whether NXM_NX_COOKIE may stand among the fields. */
  cookie?: boolean
  /**
   * The bridge's tunnel options: others are NXFMFC_INVALID_TLV_FIELD, and of values that are too long only the first bytes
   * are taken. Without it every one is allowed, and placed as it comes.
   */
  tlv?: TlvLayout | undefined
  warn?: Warn | undefined
  /** Where the match comes from: a new one without. */
  matches?: MatchPool | undefined
}

/** What was read of an `nx_match`; the cookie has a mask of 0 if it was not there. */
export type PulledMatch = { match: Match; cookie: bigint; cookieMask: bigint }

const be = (bytes: Uint8Array, at: number, size: number): number => {
  let value = 0
  for (let i = at; i < at + size; i++) value = (value << 8) | bytes[i]!
  return value >>> 0
}
const be64 = (bytes: Uint8Array, at: number): bigint => (BigInt(be(bytes, at, 4)) << 32n) | BigInt(be(bytes, at + 4, 4))

/** Reads fields from `start` to `end`. */
export const decodeFields = (
  bytes: Uint8Array,
  start: number,
  end: number,
  options: MatchOptions = {},
): Decoded<PulledMatch> => {
  const match = matchFrom(options.matches, options.tlv)
  const out: PulledMatch = { match, cookie: 0n, cookieMask: 0n }
  let at = start
  while (at < end) {
    if (end - at < 4) return refused('OFPBMC_BAD_LEN')
    const first = be(bytes, at, 4)
    const extra = first >>> 16 === 0xffff ? 4 : 0
    if (end - at < 4 + extra || (first & 0xff) < extra) return refused('OFPBMC_BAD_LEN')
    const experimenter = extra === 0 ? 0 : be(bytes, at + 4, 4)
    const payload = at + 4 + extra
    const length = (first & 0xff) - extra
    const masked = (first & 0x100) !== 0
    const width = masked ? length >>> 1 : length
    const it = oxmOf(first, experimenter)
    const unmapped = it?.kind === 'option' && isUnmapped(it, options.tlv)
    const known = it !== undefined && !unmapped && (width === it.size || it.kind === 'option')
    if (unmapped && options.loose !== true) return refused('NXFMFC_INVALID_TLV_FIELD')
    if (end - payload < length) return refused('OFPBMC_BAD_LEN')
    if (masked && !isConsistent(bytes, payload, width, first, experimenter, options.warn))
      return refused('OFPBMC_BAD_WILDCARDS')
    if (known) {
      const error = takeField(bytes, payload, width, masked, it, match, options)
      if (error !== undefined) return refused(error)
    } else if (options.cookie === true && (first === cookieHeader || first === cookieMaskHeader)) {
      if (out.cookieMask !== 0n) return refused('OFPBMC_DUP_FIELD')
      out.cookie = be64(bytes, payload)
      out.cookieMask = masked ? be64(bytes, payload + 8) : 0xffffffffffffffffn
    } else if (options.loose !== true) return refused('OFPBMC_BAD_FIELD')
    at = payload + length
  }
  return decoded(out)
}

const isUnmapped = (it: OxmField, tlv: TlvLayout | undefined): boolean =>
  tlv !== undefined && !tlv.own && tlv.places[it.option] === undefined

/** Whether no bit of the value is beyond the mask. */
const isConsistent = (
  bytes: Uint8Array,
  at: number,
  width: number,
  first: number,
  experimenter: number,
  warn: Warn = () => {},
): boolean => {
  for (let i = at; i < at + width; i++) {
    if ((bytes[i]! & ~bytes[i + width]!) === 0) continue
    const vendor = experimenter === 0 ? '0' : `0x${experimenter.toString(16)}`
    const header = `${vendor}:${first >>> 16}:${(first >>> 9) & 127}:${(first >>> 8) & 1}:${first & 255}`
    warn('nx_match', `Rejecting NXM/OXM entry ${header} with 1-bits in value for bits wildcarded by the mask.`)
    return false
  }
  return true
}

const takeField = (
  bytes: Uint8Array,
  at: number,
  width: number,
  masked: boolean,
  it: OxmField,
  match: Match,
  options: MatchOptions,
): OfErrorName | undefined => {
  if (masked && !it.maskable && !isUniform(bytes, at + width, width)) return 'OFPBMC_BAD_MASK'
  const port = it.kind === 'port' ? portAt(bytes, at, width, options.warn) : 0
  if (port === undefined || isForbidden(bytes, at, it)) return 'OFPBMC_BAD_VALUE'
  if (options.loose !== true && !allows(match, it.name)) return 'OFPBMC_BAD_PREREQ'
  if (isSaid(match, it)) return 'OFPBMC_DUP_FIELD'
  if (options.pipelineOnly === true && !it.pipeline) return 'OFPBRC_PIPELINE_FIELDS_ONLY'
  if (it.kind === 'option') {
    const size = Math.min(width, options.tlv?.places[it.option]?.length ?? it.size)
    const mask = masked ? bigAt(bytes, at + width, size) : -1n
    if (!setOption(match, it.option, bigAt(bytes, at, size), mask)) return 'OFPBMC_BAD_VALUE'
  } else if (it.kind === 'port') setPort(match, it, port, masked ? bytes[at + width]! : 255)
  else if (it.kind === 'narrow')
    setNarrow(match, it, be(bytes, at, width), masked ? widened(be(bytes, at + width, width), width) : 0xffffffff)
  else setWide(match, it, bytes, at, masked ? at + width : -1)
  if (it.row.needs !== undefined && match.mask[word.packetType] === 0) match.mask[word.packetType] = 0xffffffff
  return undefined
}

/** A mask of all ones is one of all the bits that the field has in a key, though they may be more. */
const widened = (mask: number, width: number): number => (mask === 2 ** (8 * width) - 1 ? 0xffffffff : mask)

/** All zeros or all ones. */
const isUniform = (bytes: Uint8Array, at: number, width: number): boolean => {
  const first = bytes[at]
  if (first !== 0 && first !== 255) return false
  for (let i = at + 1; i < at + width; i++) if (bytes[i] !== first) return false
  return true
}

const portAt = (bytes: Uint8Array, at: number, width: number, warn: Warn | undefined): number | undefined =>
  width === 2 ? be(bytes, at, 2) : fromPort11(be(bytes, at, 4), warn)

const isForbidden = (bytes: Uint8Array, at: number, it: OxmField): boolean => {
  if (it.kind !== 'narrow') return false
  const value = be(bytes, at, it.size)
  if ((value & it.forbidden) !== 0) return true
  if (it.name === 'nsh_ttl') return value > 63
  return it.name === 'nsh_mdtype' && value !== 1 && value !== 2
}

const bigAt = (bytes: Uint8Array, at: number, width: number): bigint => {
  let value = 0n
  for (let i = at; i < at + width; i++) value = (value << 8n) | BigInt(bytes[i]!)
  return value
}

/** Whether the match looks at the field already. */
const isSaid = ({ mask }: Match, it: OxmField): boolean => {
  if (it.kind === 'option') return hasOption(mask, it.option)
  if (it.kind !== 'wide') return ((mask[it.index]! >>> it.low) & it.keeps) !== 0
  if (isMac(it)) {
    const upper = it.low === 0 ? mask[it.index - 1]! & 0xffff : mask[it.index - 1]!
    const lower = it.low === 0 ? mask[it.index]! : mask[it.index]! >>> 16
    return upper !== 0 || lower !== 0
  }
  for (let i = it.index - it.size / 4 + 1; i <= it.index; i++) if (mask[i] !== 0) return true
  return false
}

const setPort = ({ key, mask }: Match, it: OxmField, port: number, maskByte: number): void => {
  if (maskByte === 0) return
  key[it.index] = port
  mask[it.index] = 0xffffffff
}

const setNarrow = ({ key, mask }: Match, it: OxmField, value: number, wireMask: number): void => {
  let bits = wireMask & it.keeps
  if (it.wide !== undefined && (bits & it.full) === it.full) bits = it.wide
  if (it.onesOnly) bits &= value
  if (bits === 0) return
  const place = bits << it.low
  key[it.index] = (key[it.index]! & ~place) | ((value & bits) << it.low)
  mask[it.index] = mask[it.index]! | place
  if (it.name === 'vlan_pcp') {
    key[it.index]! |= 0x1000
    mask[it.index]! |= 0x1000
  }
}

const setWide = ({ key, mask }: Match, it: OxmField, bytes: Uint8Array, at: number, maskAt: number): void => {
  if (isMac(it)) {
    put48(key, it, be(bytes, at, 2), be(bytes, at + 2, 4))
    put48(mask, it, maskAt < 0 ? 0xffff : be(bytes, maskAt, 2), maskAt < 0 ? 0xffffffff : be(bytes, maskAt + 2, 4))
    return
  }
  const words = it.size / 4
  for (let i = 0; i < words; i++) {
    const index = it.index - words + 1 + i
    key[index] = be(bytes, at + 4 * i, 4)
    mask[index] = maskAt < 0 ? 0xffffffff : be(bytes, maskAt + 4 * i, 4)
  }
}

const put48 = (row: FlowKey, { index, low }: OxmField, high: number, rest: number): void => {
  if (low === 0) {
    row[index - 1] = (row[index - 1]! & 0xffff0000) | high
    row[index] = rest
    return
  }
  row[index - 1] = (high << 16) | (rest >>> 16)
  row[index] = (row[index]! & 0xffff) | (rest << 16)
}
