/** Whole numbers as C's `strtoull` with base 0 reads them: decimal, `0x` hexadecimal, `0` octal; undefined for other text. */
export const parseInteger = (text: string): bigint | undefined => {
  if (/^0[xX][0-9a-fA-F]+$/.test(text) || /^(0|[1-9][0-9]*)$/.test(text)) return BigInt(text)
  return /^0[0-7]+$/.test(text) ? BigInt(`0o${text}`) : undefined
}

/** As `parseInteger`, if it is at most `max`, which is below 2^53. */
export const parseUpTo = (text: string, max: number): number | undefined => {
  const value = parseInteger(text)
  return value === undefined || value > BigInt(max) ? undefined : Number(value)
}

/** C's `%#x`: hexadecimal with `0x`, but zero is plain. */
export const hex = (value: bigint | number): string => (value === 0n || value === 0 ? '0' : `0x${value.toString(16)}`)

/** What ovs-ofctl takes for a 64-bit argument, or its words for what is wrong. */
export const parse64 = (text: string): bigint | string => {
  if (text === '') return 'missing required numeric argument'
  const value = parseInteger(text)
  return value === undefined || value >> 64n !== 0n ? `invalid numeric format ${text}` : value
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
