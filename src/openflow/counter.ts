/** Numbers of statistics as bytes and text. */
import type { Reader, Writer } from './bytes.ts'

/** A count of 64 bits: a number up to 2^53, and a bigint where that would round. */
export type Count = number | bigint

const tooMany = 2 ** 64
const allOnes = 0xffff_ffff_ffff_ffffn
/** Upper halves from here on make more than a number says to the last digit. */
const inexact = 0x200000

/** Any count of 64 bits. */
export const readWhole = (bytes: Reader): Count => {
  const high = bytes.u32()
  const low = bytes.u32()
  return high < inexact ? high * 0x100000000 + low : (BigInt(high) << 32n) | BigInt(low)
}

/** A counter of 64 bits; all ones is one that is not kept. */
export const readCount = (bytes: Reader): Count | undefined => {
  const count = readWhole(bytes)
  return count === allOnes ? undefined : count
}

export const writeCount = (count: Count | undefined, out: Writer): void => {
  if (typeof count === 'bigint') out.u64(count)
  else if (count !== undefined && count < tooMany) out.count64(count)
  else out.u64(allOnes)
}

/** All digits of a whole number, beyond 2^53 too. */
export const digits = (count: Count): string => {
  if (typeof count === 'bigint' || Number.isSafeInteger(count)) return String(count)
  return String(count >= tooMany ? allOnes : BigInt(count))
}

/** A counter, `?` if it is not kept. */
export const formatCount = (count: Count | undefined): string => (count === undefined ? '?' : digits(count))

const nanosecond = 1e9

/** A time of two words, seconds and nanoseconds, in ns; undefined where the seconds are all ones. */
export const readDuration = (bytes: Reader): number | undefined => {
  const seconds = bytes.u32()
  const rest = bytes.u32()
  return seconds === 0xffffffff ? undefined : seconds * nanosecond + rest
}

export const writeDuration = (duration: number | undefined, out: Writer): void => {
  if (duration === undefined) {
    out.u32(0xffffffff)
    out.u32(0xffffffff)
    return
  }
  const seconds = Math.floor(duration / nanosecond)
  out.u32(seconds)
  out.u32(duration - seconds * nanosecond)
}

/** Seconds: whole ones without a point, whole milliseconds with three digits, anything finer without zeros at the end. */
export const formatDuration = (duration: number): string => {
  const seconds = Math.floor(duration / nanosecond)
  const rest = duration - seconds * nanosecond
  if (rest === 0) return String(seconds)
  if (rest % 1e6 === 0) return `${seconds}.${String(rest / 1e6).padStart(3, '0')}`
  return `${seconds}.${String(rest).padStart(9, '0').replace(/0+$/, '')}`
}
