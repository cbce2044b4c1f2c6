/**
 * Times in group queries. IGMPv3 and MLDv2 write a number beyond a limit as a small floating-point number, a mantissa
 * with a hidden leading one and a 3-bit exponent (RFC 3376 §4.1.1, RFC 3810 §5.1.3): 8 bits, of them 4 mantissa, for the
 * response time of IGMP and both query intervals; 16 bits, of them 12 mantissa, for the response time of MLD.
 */
const decode = (code: number, mantissaBits: number): number => {
  const one = 1 << mantissaBits
  if (code < one << 3) return code
  return ((code & (one - 1)) | one) << (((code >> mantissaBits) & 7) + 3)
}

/** The largest code that stands for no more than `value`; beyond the last code, the last. */
const encode = (value: number, mantissaBits: number): number => {
  const one = 1 << mantissaBits
  if (value < one << 3) return value
  for (let exponent = 0; exponent < 8; exponent++) {
    const mantissa = Math.floor(value / 2 ** (exponent + 3))
    if (mantissa < one * 2) return (one << 3) | (exponent << mantissaBits) | (mantissa - one)
  }
  return (one << 4) - 1
}

export const decodeTime8 = (code: number): number => decode(code, 4)
export const encodeTime8 = (value: number): number => encode(value, 4)
export const decodeTime16 = (code: number): number => decode(code, 12)
export const encodeTime16 = (value: number): number => encode(value, 12)

/** What a source list means for its group, in IGMPv3 and MLDv2 reports alike (RFC 3376 §4.2.12). */
export const GroupRecordType = { isInclude: 1, isExclude: 2, toInclude: 3, toExclude: 4, allow: 5, block: 6 } as const

/** One group of a report; `T` is its kind of address. */
export type GroupRecord<T> = { type: number; group: T; sources: T[] }

/** What a version 3 (MLD: 2) query adds: suppress router-side processing, robustness, interval in seconds, sources. */
export type QueryDetails<T> = { suppress: boolean; robustness: number; interval: number; sources: T[] }
