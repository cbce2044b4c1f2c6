/** OpenFlow's name of an error, as in OFPT_ERROR: `OFPBRC_BAD_TYPE`. */
export type OfErrorName = string

/** What a decoder gives: a value, or the error that the peer is to be told. */
export type Decoded<T> = { ok: true; value: T } | { ok: false; error: OfErrorName }

export const decoded = <T>(value: T): Decoded<T> => ({ ok: true, value })
export const refused = (error: OfErrorName): { ok: false; error: OfErrorName } => ({ ok: false, error })
