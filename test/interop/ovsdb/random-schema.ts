import type { BaseType, ColumnType, TableType } from '../../../src/ovsdb/column.ts'
import type { DatabaseSchema } from '../../../src/ovsdb/schema.ts'
import { below, type Random } from '../../../src/runtime/index.ts'

export const pick = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)] as T
export const chance = (random: Random, probability: number): boolean => random() < probability

/** A schema of few tables whose values come from small ranges, so that rows meet, refer to each other and break rules. */
export const randomSchema = (random: Random, name: string): DatabaseSchema => {
  const names = ['A', 'B', 'C', 'D'].slice(0, 1 + below(random, 4))
  const tables: Record<string, TableType> = {}
  const rootless = chance(random, 0.1)
  for (const table of names) tables[table] = randomTable(random, names, !rootless && chance(random, 0.6))
  return { name, version: '1.0.0', tables }
}

const randomTable = (random: Random, names: readonly string[], root: boolean): TableType => {
  const columns: Record<string, ColumnType> = {}
  const count = 1 + below(random, 7)
  for (let i = 0; i < count; i++) columns[`c${i}`] = randomColumn(random, names)
  const indexable = Object.keys(columns)
  const indexes = chance(random, 0.3)
    ? [[...new Set(Array.from({ length: 1 + below(random, 2) }, () => pick(random, indexable)))]]
    : []
  return {
    ...(root && { root }),
    ...(chance(random, 0.15) && { maxRows: 1 + below(random, 4) }),
    ...(indexes.length > 0 && { indexes }),
    columns,
  }
}

const randomColumn = (random: Random, names: readonly string[]): ColumnType => {
  const key = randomBase(random, names)
  let value = chance(random, 0.2) ? randomBase(random, names) : undefined
  // Where one part is weak and the other strong, ovsdb-server counts references that are gone.
  if (key.table !== undefined && value?.table !== undefined && key.weak !== value.weak)
    value = { ...key, table: value.table }
  const min = chance(random, value === undefined ? 0.4 : 0.1) ? 1 : 0
  const max = pick(
    random,
    value === undefined ? [1, 1, 1, 2, 3, Number.POSITIVE_INFINITY] : [1, 2, 4, Number.POSITIVE_INFINITY],
  )
  return { key, ...(value && { value }), min, max, ...(chance(random, 0.08) && { fixed: true }) }
}

const randomBase = (random: Random, names: readonly string[]): BaseType => {
  const type = pick(random, ['string', 'integer', 'real', 'boolean', 'uuid', 'uuid', 'uuid'] as const)
  if (type === 'uuid') {
    return chance(random, 0.2)
      ? { type }
      : { type, table: pick(random, names), ...(chance(random, 0.5) && { weak: true }) }
  }
  if (chance(random, 0.6)) return { type }
  if (type === 'boolean') return { type }
  if (type === 'string') {
    return chance(random, 0.5) ? { type, oneOf: ['', 'a', 'b b'] } : { type, minLength: below(random, 2), maxLength: 2 }
  }
  if (chance(random, 0.3)) return { type, oneOf: type === 'integer' ? [0, 1, 5] : [0, 1.5, 2] }
  return pick<BaseType>(random, [
    { type, min: 0 },
    { type, max: 3 },
    { type, min: -1, max: 4 },
  ])
}
