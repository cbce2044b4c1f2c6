import type { Atom, AtomType } from './atom.ts'

/**
 * The kinds of value of RFC 7047 §3.2 `<base-type>`. `table` is what a UUID points into. `min` and `max` bound an integer
 * or a real; lengths count the characters of a string.
 */
export type BaseType = {
  type: AtomType
  table?: string
  /** A reference that does not keep its row alive, and goes when the row goes. */
  weak?: boolean
  /** In ascending order. */
  oneOf?: readonly Atom[]
  min?: number | bigint
  max?: number | bigint
  minLength?: number
  maxLength?: number
}

/** A column: a set of `key`, or a map to `value`, with at least `min` (0 or 1) and at most `max` elements. */
export type ColumnType = {
  key: BaseType
  value?: BaseType
  min: 0 | 1
  max: number
  /** Given once, when the row is made. */
  fixed?: boolean
  /** Not kept on disk. */
  ephemeral?: boolean
}

/** `indexes`: columns that together differ in all rows. Rows of a table that is not a root live while referred to. */
export type TableType = {
  root?: boolean
  maxRows?: number
  indexes?: readonly (readonly string[])[]
  columns: Readonly<Record<string, ColumnType>>
}

const many = Number.POSITIVE_INFINITY

export const one = (key: BaseType): ColumnType => ({ key, min: 1, max: 1 })
export const optional = (key: BaseType): ColumnType => ({ key, min: 0, max: 1 })
export const set = (key: BaseType, max = many): ColumnType => ({ key, min: 0, max })
/** A set that is never empty. */
export const some = (key: BaseType): ColumnType => ({ key, min: 1, max: many })
export const map = (key: BaseType, value: BaseType): ColumnType => ({ key, value, min: 0, max: many })
export const fixed = (column: ColumnType): ColumnType => ({ ...column, fixed: true })
export const ephemeral = (column: ColumnType): ColumnType => ({ ...column, ephemeral: true })

/** A single value: neither a set nor a map. */
export const isScalar = (column: ColumnType): boolean =>
  column.value === undefined && column.min === 1 && column.max === 1

export const isMap = (column: ColumnType): boolean => column.value !== undefined

/** As error messages name a column's type: `set of up to 1 integers`. */
export const describe = (column: ColumnType): string => {
  const { key, value, min, max } = column
  if (isScalar(column)) return key.type
  const count = max === many ? (min === 0 ? '' : '1 or more ') : min === 0 ? `up to ${max} ` : `1 to ${max} `
  return value === undefined ? `set of ${count}${key.type}s` : `map of ${count}(${key.type}, ${value.type}) pairs`
}
