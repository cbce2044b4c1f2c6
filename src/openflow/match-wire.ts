/**
 * Matches as bytes, in every version. What others call:
 *
 * Here, a whole match:
 * - `encodeMatch(out, match, version)`: as the version itself has it, padded: 40 bytes in 1.0, 88 in 1.1, an OXM `ofp_match` since.
 * - `decodeMatch(reader, version, options)`: the same, read; takes the padding too.
 * - `putNxMatch(out, match, cookie?)`: `nx_match`; pads to 8, gives the length without the padding, which stands elsewhere.
 * - `pullNxMatch(reader, length, options)`: the same, read, with the cookie if it is allowed; takes the padding too.
 * - `putFields(out, match, version)`, `pullFields(reader, options)`: the fields alone, up to the reader's end (NXT_PACKET_IN2).
 *
 * `oxm.ts`, one field, for actions:
 * - `putFieldHeader(out, name, version, hasMask)`, `pullFieldHeader(reader, options)`: a header alone (`move`, `push`, `learn`).
 * - `putField(out, name, value, mask | undefined, version)`, `pullField(reader, options)`: header, value and mask (`set_field`).
 *
 * A `version` of 0 asks for NXM's headers where there are such (`nx_match`, NXAST_REG_MOVE and the like).
 */
import type { Match } from '../flow/match.ts'
import type { Reader, Writer } from './bytes.ts'
import { type Decoded, decoded, refused } from './error.ts'
import { decodeFields, type MatchOptions, type PulledMatch } from './match-decode.ts'
import { type MatchCookie, putFields } from './match-encode.ts'
import { decodeOfp10Match, encodeOfp10Match, ofp10MatchSize } from './ofp10-match.ts'
import { decodeOfp11Match, encodeOfp11Match, ofp11MatchSize } from './ofp11-match.ts'
import type { Version } from './protocol.ts'

export type { MatchOptions, PulledMatch } from './match-decode.ts'
export { type MatchCookie, putFields } from './match-encode.ts'

/** OFPMT_*. */
const standard = 0
export const oxmMatch = 1

/** Writes the match of a version, padded to 8 bytes. */
export const encodeMatch = (out: Writer, match: Match, version: Version): void => {
  if (version === 1) encodeOfp10Match(out, match)
  else if (version === 2) encodeOfp11Match(out, match)
  else {
    const start = out.at
    out.u16(oxmMatch)
    out.u16(0)
    out.put16(start + 2, putFields(out, match, version) + 4)
    out.align(8, start)
  }
}

/** Reads the match of a version, with its padding. From 1.1 on both forms are taken, as the type says. */
export const decodeMatch = (reader: Reader, version: Version, options: MatchOptions = {}): Decoded<Match> => {
  if (version === 1) {
    if (reader.left < ofp10MatchSize) return refused('OFPBMC_BAD_LEN')
    return decoded(decodeOfp10Match(reader, options.matches))
  }
  if (reader.left < 4) return refused('OFPBMC_BAD_LEN')
  const start = reader.at
  const type = reader.u16()
  const length = reader.u16()
  // Packet-outs came to have a match when there was no fixed one any more.
  if (type === standard && options.pipelineOnly !== true) {
    if (length !== ofp11MatchSize || reader.left < ofp11MatchSize - 4) return refused('OFPBMC_BAD_LEN')
    return decodeOfp11Match(reader, options.warn, options.matches)
  }
  if (type !== oxmMatch)
    return refused(options.pipelineOnly === true && length < 4 ? 'OFPBMC_BAD_LEN' : 'OFPBMC_BAD_TYPE')
  if (length < 4 || padded(length) > reader.end - start) return refused('OFPBMC_BAD_LEN')
  reader.skip(padded(length) - 4)
  const pulled = decodeFields(reader.bytes, start + 4, start + length, options)
  return pulled.ok ? decoded(pulled.value.match) : pulled
}

export const padded = (length: number): number => (length + 7) & ~7

/** How long the fields are of a match of 1.2 and later that begins here; undefined if it is in another form or not whole. */
export const oxmSpan = ({ bytes, at, left }: Reader): number | undefined => {
  if (left < 4 || bytes[at] !== 0 || bytes[at + 1] !== oxmMatch) return undefined
  const length = (bytes[at + 2]! << 8) | bytes[at + 3]!
  return length < 4 || padded(length) > left ? undefined : length - 4
}

/** Writes an `nx_match` and its padding; gives its length without that. */
export const putNxMatch = (out: Writer, match: Match, cookie?: MatchCookie): number => {
  const start = out.at
  const length = putFields(out, match, 0, cookie)
  out.align(8, start)
  return length
}

/** Reads an `nx_match` of `length` bytes, and its padding. */
export const pullNxMatch = (reader: Reader, length: number, options: MatchOptions = {}): Decoded<PulledMatch> => {
  const start = reader.at
  if (padded(length) > reader.left) return refused('OFPBMC_BAD_LEN')
  reader.skip(padded(length))
  return decodeFields(reader.bytes, start, start + length, options)
}

/** Reads fields up to the reader's end. */
export const pullFields = (reader: Reader, options: MatchOptions = {}): Decoded<PulledMatch> => {
  const start = reader.at
  reader.skip(reader.left)
  return decodeFields(reader.bytes, start, reader.end, options)
}
