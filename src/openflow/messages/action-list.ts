import type { OfAction } from '../action.ts'
import { decodeActions } from '../action-wire.ts'
import type { Reader } from '../bytes.ts'
import { type Decoded, refused } from '../error.ts'
import type { Warn } from '../port-text.ts'
import type { Version } from '../protocol.ts'

/** Takes a list of actions of so many bytes, which must be there, and be eights. */
export const takeActions = (bytes: Reader, length: number, version: Version, warn: Warn): Decoded<OfAction[]> => {
  const { left } = bytes
  if (length % 8 !== 0) {
    warn('ofp_actions', `OpenFlow message actions length ${length} is not a multiple of 8`)
    return refused('OFPBRC_BAD_LEN')
  }
  const part = bytes.part(length)
  if (part !== undefined) return decodeActions(part, version, { warn })
  warn('ofp_actions', `OpenFlow message actions length ${length} exceeds remaining message length (${left})`)
  return refused('OFPBRC_BAD_LEN')
}
