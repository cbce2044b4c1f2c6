import type { TableDesc } from './message.ts'
import { formatBits } from './port-desc-text.ts'
import type { PortNames } from './port-text.ts'
import { formatTable } from './table-text.ts'

/** OFPTMPEF14_*. */
const evictionNames = [
  [1 << 0, 'OTHER'],
  [1 << 1, 'IMPORTANCE'],
  [1 << 2, 'LIFETIME'],
] as const

/** A table's lines of `dump-table-desc`. */
export const formatTableDesc = ({ table, eviction, evictionFlags, vacancy }: TableDesc, tables?: PortNames): string => {
  const flags = evictionFlags === undefined ? '(default)' : formatBits(evictionFlags, evictionNames, '|')
  const vacancyText =
    vacancy?.enabled === true
      ? `on vacancy_down=${vacancy.down}% vacancy_up=${vacancy.up}% vacancy=${vacancy.current ?? 0}%`
      : 'off'
  return (
    `\n  table ${formatTable(table, tables)}:\n` +
    `   eviction=${eviction === true ? 'on' : 'off'} eviction_flags=${flags}\n   vacancy=${vacancyText}\n`
  )
}
