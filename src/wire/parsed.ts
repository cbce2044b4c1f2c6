/**
 * Why bytes were refused. One list for all protocols, so that a counter of that name means the same everywhere.
 * - `short`: the bytes end before the header does, or before a length in it says.
 * - `version`: a version or format that this protocol does not have.
 * - `length`: a length field that contradicts itself or its surroundings.
 * - `checksum`: a checksum that is there and wrong.
 * - `flags`: a bit that must be set is clear, or the other way round.
 * - `value`: a field with a value that makes the whole meaningless.
 * - `loop`: a pointer that leads back to where it came from.
 */
export type Reason = 'short' | 'version' | 'length' | 'checksum' | 'flags' | 'value' | 'loop'

export type Parsed<T> = { ok: true; value: T } | { ok: false; why: Reason }

export const parsed = <T>(value: T): Parsed<T> => ({ ok: true, value })

const refusals: { [R in Reason]: { ok: false; why: R } } = {
  short: { ok: false, why: 'short' },
  version: { ok: false, why: 'version' },
  length: { ok: false, why: 'length' },
  checksum: { ok: false, why: 'checksum' },
  flags: { ok: false, why: 'flags' },
  value: { ok: false, why: 'value' },
  loop: { ok: false, why: 'loop' },
}

/** Refusing allocates nothing. */
export const refused = (why: Reason): { ok: false; why: Reason } => refusals[why]
