import { type BaseType, type ColumnType, isScalar } from './column.ts'

/** One value; a UUID is its text in lower case. */
export type Atom = string | number | boolean

/** A column's value: a set in ascending order, or a map in ascending order of its keys. A scalar is a set of one. */
export type Datum = { readonly keys: readonly Atom[]; readonly values?: readonly Atom[] }

export const zeroUuid = '00000000-0000-0000-0000-000000000000'

const compare = (a: Atom, b: Atom): number => (a < b ? -1 : a > b ? 1 : 0)

/** A set without duplicates, in order. */
export const setOf = (...atoms: Atom[]): Datum => ({ keys: [...new Set(atoms)].sort(compare) })

export const empty: Datum = { keys: [] }

/** A map in order; of two entries with the same key the last one counts. */
export const mapOf = (entries: Iterable<readonly [Atom, Atom]>): Datum => {
  const sorted = [...new Map(entries)].sort(([a], [b]) => compare(a, b))
  return { keys: sorted.map(([key]) => key), values: sorted.map(([, value]) => value) }
}

export const entriesOf = (datum: Datum): [Atom, Atom][] => datum.keys.map((key, i) => [key, datum.values?.[i] ?? ''])

/** The text of each entry of a string map. */
export const recordOf = (datum: Datum): Record<string, string> =>
  Object.fromEntries(entriesOf(datum).map(([key, value]) => [String(key), String(value)]))

export const equalDatum = (a: Datum, b: Datum): boolean =>
  a.keys.length === b.keys.length && a.keys.every((key, i) => key === b.keys[i] && a.values?.[i] === b.values?.[i])

/** What a new row has in a column that nobody gave a value: RFC 7047 §5.2.1. */
export const defaultDatum = (column: ColumnType): Datum => {
  if (column.min === 0) return column.value === undefined ? empty : { keys: [], values: [] }
  return setOf(defaultAtom(column.key))
}

const defaultAtom = ({ type, oneOf }: BaseType): Atom => {
  if (oneOf?.[0] !== undefined) return oneOf[0]
  if (type === 'uuid') return zeroUuid
  return type === 'string' ? '' : type === 'boolean' ? false : 0
}

/** Whether a datum has fewer or more elements than its column allows. */
export const misfit = (column: ColumnType, datum: Datum): 'few' | 'many' | undefined =>
  datum.keys.length < column.min ? 'few' : datum.keys.length > column.max ? 'many' : undefined

/** As error messages name a column's type: `set of up to 1 integers`. */
export const describe = (column: ColumnType): string => {
  if (isScalar(column)) return column.key.type
  const limit = column.max === Number.POSITIVE_INFINITY ? '' : ` up to ${column.max}`
  const least = column.min === 1 ? ' at least 1' : ''
  const count = `${least}${limit}`
  if (column.value !== undefined) return `map of${count} (${column.key.type}, ${column.value.type}) pairs`
  return column.max === 1
    ? `set of up to 1 ${column.key.type}s`
    : `set of${count === '' ? ' 0 or more' : count === least ? ' 1 or more' : count} ${column.key.type}s`
}
