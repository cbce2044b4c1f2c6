/** Numbers of statistics as bytes and text. */
import type { Reader, Writer } from './bytes.ts'

/** What all ones round to. */
const tooMany = 2 ** 64

/** A counter of 64 bits; all ones is one that is not kept. */
export const readCount = (bytes: Reader): number | undefined => {
  const high = bytes.u32()
  const low = bytes.u32()
  return high === 0xffffffff && low === 0xffffffff ? undefined : high * 0x100000000 + low
}

export const writeCount = (count: number | undefined, out: Writer): void => {
  if (count !== undefined && count < tooMany) {
    out.count64(count)
    return
  }
  out.u32(0xffffffff)
  out.u32(0xffffffff)
}

/** All digits of a whole number, beyond 2^53 too. */
export const digits = (count: number): string => {
  if (Number.isSafeInteger(count)) return String(count)
  return count >= tooMany ? '18446744073709551615' : BigInt(count).toString()
}

/** A counter, `?` if it is not kept. */
export const formatCount = (count: number | undefined): string => (count === undefined ? '?' : digits(count))

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
