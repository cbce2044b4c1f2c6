/** What the codecs of statistics have in common: their forms, and lists of which what was good is kept. */
import type { Reader } from '../bytes.ts'
import { type Decoded, decoded, type OfErrorName } from '../error.ts'
import type { Version } from '../protocol.ts'
import type { MessageForm, Speech } from './codec.ts'

/** A form of OFPT_STATS and OFPT_MULTIPART: `OFPST_NAME request` or `OFPST_NAME reply`. */
export const statsForm = (
  name: string,
  side: 'request' | 'reply',
  kind: number,
  from: Version,
  to: Version = 6,
): MessageForm => ({ name: `OFPST_${name} ${side}`, from, to, stats: { side, kind } })

/** A form of an extension's statistics: `NXST_NAME reply`, `ONFST_…`. */
export const vendorStatsForm = (
  name: string,
  side: 'request' | 'reply',
  vendor: number,
  subtype: number,
  from: Version,
  to: Version,
): MessageForm => ({
  name: `${name} ${side}`,
  from,
  to,
  stats: { side, kind: 0xffff },
  experimenter: { vendor, subtype },
})

/** The first form that a version has. */
export const formOf = (forms: readonly MessageForm[], { version }: Speech): MessageForm | undefined =>
  forms.find(({ from, to }) => from <= version && version <= to)

/** A list that was read, up to its end or to what was wrong. */
export type List<T> = { items: T[]; error: OfErrorName | undefined }

/** Takes items until the bytes end. An item that takes no bytes would be taken for ever: it is an error of its length. */
export const takeList = <T>(bytes: Reader, take: (bytes: Reader) => Decoded<T>): List<T> => {
  const items: T[] = []
  while (bytes.left > 0) {
    const before = bytes.at
    const item = take(bytes)
    if (!item.ok) return { items, error: item.error }
    if (bytes.at === before) return { items, error: 'OFPBRC_BAD_LEN' }
    items.push(item.value)
  }
  return { items, error: undefined }
}

/** A list's message: whole, or as far as it was good, with the error. What begins with an error has no good part. */
export const listBody = <B, T>(body: B, { items, error }: List<T>): Decoded<B> & { partial?: B } => {
  if (error === undefined) return decoded(body)
  return items.length === 0 ? { ok: false, error } : { ok: false, error, partial: body }
}

/** As `listBody`, where text says how many there are even of none. */
export const countedBody = <B, T>(body: B, { error }: List<T>): Decoded<B> & { partial?: B } =>
  error === undefined ? decoded(body) : { ok: false, error, partial: body }

/**
 * Takes an entry that begins with its length, of at least `least` bytes; the reader given stands behind the length.
 * Undefined if there is none such.
 */
export const takeEntry = (bytes: Reader, least: number): Reader | undefined => {
  const start = bytes.at
  const length = bytes.u16()
  if (bytes.short || length < least || start + length > bytes.end) return undefined
  bytes.at = start
  const entry = bytes.part(length)
  entry?.skip(2)
  return entry
}
