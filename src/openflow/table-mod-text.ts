import type { TableConfig } from './message.ts'
import { parseUpTo } from './number.ts'
import type { Version } from './protocol.ts'

/** A setting of `mod-table`, with the versions that have it; text says what is wrong, in the words of ovs-ofctl. */
export type TableSetting = {
  config: TableConfig
  /** A name to give, in place of the rest. */
  name?: string
  versions: readonly Version[]
}

/** There is no table behind it: it is the switch's own. */
const lastTable = 254
const nothing: TableConfig = { miss: undefined, eviction: undefined, evictionFlags: undefined, vacancy: undefined }
const ofMisses: readonly Version[] = [2, 3]
const ofEviction: readonly Version[] = [5, 6]
const ofNames: readonly Version[] = [4, 5, 6]

/** `controller`, `continue`, `drop`; `evict`, `noevict`, `vacancy:LOW,HIGH`, `novacancy`; of one table `name:NAME`. `table` is left out where all are meant. */
export const parseTableSetting = (text: string, table?: number): TableSetting | string => {
  if (text.startsWith('name:') && table !== undefined)
    return { config: nothing, name: text.slice(5), versions: ofNames }
  switch (text) {
    case 'controller':
    case 'continue':
    case 'drop':
      if (text === 'continue' && table === lastTable) return "last table's flow miss handling can not be continue"
      return { config: { ...nothing, miss: text }, versions: ofMisses }
    case 'evict':
    case 'noevict':
      return { config: { ...nothing, eviction: text === 'evict' }, versions: ofEviction }
    case 'novacancy':
      return { config: { ...nothing, vacancy: { enabled: false, down: 0, up: 0 } }, versions: ofEviction }
    default:
      return text.startsWith('vacancy') ? parseVacancy(text) : `invalid table_mod setting ${text}`
  }
}

const parseVacancy = (text: string): TableSetting | string => {
  const values = text
    .replace(/^vacancy/, '')
    .split(/[:,]/)
    .filter(part => part !== '')
  const limits: number[] = []
  for (const [i, side] of (['down', 'up'] as const).entries()) {
    const value = values[i]
    if (value === undefined) return `Vacancy ${side} value missing`
    const limit = parseUpTo(value, 100)
    if (limit === undefined) return `Invalid vacancy ${side} value "${value}"`
    limits.push(limit)
  }
  const [down = 0, up = 0] = limits
  if (up < down) return 'Invalid vacancy range, vacancy up should be greater than vacancy down (OFPBPC_BAD_VALUE)'
  return { config: { ...nothing, vacancy: { enabled: true, down, up } }, versions: ofEviction }
}
