import { formatName, parseName } from '../flow/port-text.ts'
import type { PortNames, Warn } from './port-text.ts'

/** A table's number, decimal, at most 255, or one of `names`; undefined for anything else. */
export const parseTable = (text: string, warn: Warn, names?: PortNames): number | undefined => {
  const number = /^-?[0-9]+$/.test(text) ? Number(text) : Number.NaN
  if (number >= 0 && number <= 255) return number
  if (!(Math.abs(number) < 2 ** 31)) {
    const name = parseName(text)
    return name === undefined ? undefined : names?.number(name)
  }
  const wrong =
    number < 0
      ? `Negative value ${number} is not a valid table number.`
      : `table ${number} is outside the supported range 0 through 255`
  warn('ofp_table', wrong)
  return undefined
}

/** A table by its name, quoted if it needs it, or its number. */
export const formatTable = (table: number, tables?: PortNames): string => {
  const name = tables?.name(table)
  if (name === undefined) return String(table)
  return formatName(name)
}
