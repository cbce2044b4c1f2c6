import { parseNumber } from '../flow/flags.ts'
import { OfGroup } from './group.ts'
import type { Warn } from './port-text.ts'

/** As `parseNumber`, if it is at most `max`, which is below 2^53. */
export const parseUpTo = (text: string, max: number): number | undefined => {
  const value = parseNumber(text)
  return value === undefined || value > BigInt(max) ? undefined : Number(value)
}

/** What ovs-ofctl takes for a 64-bit argument, modulo 2^64 if it is negative, or its words for what is wrong. */
export const parse64 = (text: string): bigint | string => {
  if (text === '') return 'missing required numeric argument'
  const negative = text.startsWith('-')
  const value = parseNumber(negative ? text.slice(1) : text)
  if (value === undefined || value >> 64n !== 0n) return `invalid numeric format ${text}`
  return BigInt.asUintN(64, negative ? -value : value)
}

/** The contiguous runs of ones of a mask, the lowest first, none longer than `longest` bits. */
export const runs = (mask: bigint, longest = 64): { start: number; count: number }[] => {
  const out: { start: number; count: number }[] = []
  let start = 0
  while (mask >> BigInt(start) !== 0n) {
    let count = 0
    while (count < longest && ((mask >> BigInt(start + count)) & 1n) === 1n) count++
    if (count > 0) out.push({ start, count })
    start += Math.max(count, 1)
  }
  return out
}

/** A mask of `count` ones. */
export const ones = (count: number): bigint => (1n << BigInt(count)) - 1n

/** The same for a 32-bit argument, of which the upper bits go. */
export const parse32 = (text: string): number | string => {
  const value = parse64(text)
  return typeof value === 'string' ? value : Number(BigInt.asUintN(32, value))
}

/** A group by its number, or `all` or `any`; undefined for anything else, with a warning. */
export const parseGroupNumber = (text: string, warn: Warn): number | undefined => {
  const word = text.toLowerCase()
  if (word === 'all') return OfGroup.all
  if (word === 'any') return OfGroup.any
  if (/^[0-9]+$/.test(text) && Number(text) <= 0xffffffff) return Number(text)
  const words = 'Valid group IDs are 32-bit nonnegative integers or the keywords ANY or ALL.'
  warn('ofp_group', `${text} is not a valid group ID.  (${words})`)
  return undefined
}
