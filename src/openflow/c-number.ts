/**
 * Numbers as C's library reads them from the front of a text, for the arguments where ovs-ofctl leaves it at that: what
 * does not fit wraps around, and what is no number is 0.
 */

const decimal = /^[ \t\n\v\f\r]*([+-]?)([0-9]+)/
const anyBase = /^[ \t\n\v\f\r]*([+-]?)(0[xX][0-9a-fA-F]+|[0-9]+)/

const digitsOf = (digits: string): bigint => {
  if (!/^0[0-9]/.test(digits)) return BigInt(digits)
  // Octal ends before the first digit that it does not have.
  return BigInt(`0o${/^0[0-7]*/.exec(digits)?.[0] ?? '0'}`)
}

/** `atoi`, as `bits` bits without a sign. */
export const atoi = (text: string, bits = 32): number => {
  const [, sign, digits] = decimal.exec(text) ?? []
  if (digits === undefined) return 0
  const most = 2n ** 63n - 1n
  const value = BigInt(digits) > most ? most : BigInt(digits)
  return Number(BigInt.asUintN(bits, sign === '-' ? -value : value))
}

/** `strtoull`: with base 0 `0x10`, `010` and `10` are 16, 8 and 10, with base 10 they are 0, 10 and 10; at most 2^64 - 1. */
export const strtoull = (text: string, base: 0 | 10 = 0): bigint => {
  const [, sign, digits] = (base === 0 ? anyBase : decimal).exec(text) ?? []
  if (digits === undefined) return 0n
  const value = base === 0 ? digitsOf(digits) : BigInt(digits)
  if (value >> 64n !== 0n) return 2n ** 64n - 1n
  return BigInt.asUintN(64, sign === '-' ? -value : value)
}

/** The whole of a text as a decimal `int`: what does not fit wraps around; undefined for any other text. */
export const wholeInt = (text: string): number | undefined =>
  /^\s*[+-]?[0-9]+$/.test(text) ? atoi(text) | 0 : undefined
