/**
 * Matches as bytes, in every version. What others call:
 *
 * Here (`match-wire.ts`), a whole match:
 * - `encodeMatch(out, match, version, tlv?)`: as the version itself has it, padded: 40 bytes in 1.0, 88 in 1.1, an OXM `ofp_match` since.
 * - `decodeMatch(reader, version, options)`: the same, read; takes the padding too.
 * - `putNxMatch(out, match, options?)`: `nx_match`; pads to 8, gives the length without the padding, which stands elsewhere.
 * - `pullNxMatch(reader, length, options)`: the same, read, with the cookie if it is allowed; takes the padding too.
 * - `putOxmFields(out, match, version)`, `pullOxmFields(reader, length, options)`: the fields alone (`version` 0 prefers NXM).
 *
 * `oxm.ts`, one field, for actions:
 * - `putFieldHeader(out, name, version, hasMask, bytes?)`, `pullFieldHeader(reader, options?)`: header alone (`move`, `push`, `learn`).
 * - `putField(out, name, value, mask | undefined, version)`, `pullField(reader, options?)`: header, value and mask (`set_field`).
 * - `version` 0 asks for NXM's header where there is one (NXAST_REG_MOVE and the like).
 */
import type { Match } from '../flow/match.ts'
import type { Warn } from './port-text.ts'

/** How a match is read. Strictly, unless said otherwise. */
export type MatchOptions = {
  /** Passes over fields that are not known, and does not ask for prerequisites: packet-ins, statistics. */
  loose?: boolean
  /** Only fields of the pipeline, as packet-outs have them: others are OFPBRC_PIPELINE_FIELDS_ONLY. */
  pipelineOnly?: boolean
  /** Whether NXM_NX_COOKIE may stand among the fields. */
  cookie?: boolean
  warn?: Warn
}

/** What was read of an `nx_match`; the cookie has a mask of 0 if it was not there. */
export type PulledMatch = { match: Match; cookie: bigint; cookieMask: bigint }
