/** The kinds of value of RFC 7047 §3.2 `<base-type>`; `table` is what a UUID points into. */
export type BaseType = {
  type: 'string' | 'integer' | 'real' | 'boolean' | 'uuid'
  table?: string
  /** A reference that does not keep its row alive, and goes when the row goes. */
  weak?: boolean
  oneOf?: readonly string[]
  min?: number
  max?: number
}

/** A column: a set of `key`, or a map to `value`, with at least `min` (0 or 1) and at most `max` elements. */
export type ColumnType = { key: BaseType; value?: BaseType; min: 0 | 1; max: number; fixed?: boolean }

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
/** Given once, when the row is made. */
export const fixed = (column: ColumnType): ColumnType => ({ ...column, fixed: true })

/** A single value: neither a set nor a map. */
export const isScalar = (column: ColumnType): boolean =>
  column.value === undefined && column.min === 1 && column.max === 1
