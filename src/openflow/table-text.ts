import type { PortNames, Warn } from './port-text.ts'

/** A table's number, decimal, at most 255, or one of `names`; undefined for anything else. */
export const parseTable = (text: string, warn: Warn, names?: PortNames): number | undefined => {
  if (!/^[0-9]+$/.test(text)) return names?.number(text)
  const number = Number(text)
  if (number <= 255) return number
  warn('ofp_table', `table ${number} is outside the supported range 0 through 255`)
  return undefined
}
