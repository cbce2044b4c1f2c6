import type { PortNames, Warn } from './port-text.ts'

/** A table's number, decimal, at most 255, or one of `names`; undefined for anything else. */
export const parseTable = (text: string, warn: Warn, names?: PortNames): number | undefined => {
  const number = /^-?[0-9]+$/.test(text) ? Number(text) : Number.NaN
  if (number >= 0 && number <= 255) return number
  if (!(Math.abs(number) < 2 ** 31)) return names?.number(text)
  const wrong =
    number < 0
      ? `Negative value ${number} is not a valid table number.`
      : `table ${number} is outside the supported range 0 through 255`
  warn('ofp_table', wrong)
  return undefined
}
