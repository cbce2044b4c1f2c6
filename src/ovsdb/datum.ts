import { type Atom, compareAtoms, defaultAtom } from './atom.ts'
import type { ColumnType } from './column.ts'
import { type Datum, editOf } from './datum-edit.ts'

export { type Atom, zeroUuid } from './atom.ts'
export { describe } from './column.ts'
export type { Datum } from './datum-edit.ts'

/** A set without duplicates, in order. */
export const setOf = (...atoms: Atom[]): Datum =>
  atoms.length <= 1 ? { keys: atoms } : { keys: [...new Set(atoms)].sort(compareAtoms) }

export const empty: Datum = { keys: [] }
const emptyMap: Datum = { keys: [], values: [] }

/** A map in order; of two entries with the same key the last one counts. */
export const mapOf = (entries: Iterable<readonly [Atom, Atom]>): Datum => {
  const sorted = [...new Map(entries)].sort(([a], [b]) => compareAtoms(a, b))
  return { keys: sorted.map(([key]) => key), values: sorted.map(([, value]) => value) }
}

export const entriesOf = (datum: Datum): [Atom, Atom][] => datum.keys.map((key, i) => [key, datum.values?.[i] ?? ''])

/** The text of each entry of a string map. */
export const recordOf = (datum: Datum): Record<string, string> =>
  Object.fromEntries(entriesOf(datum).map(([key, value]) => [String(key), String(value)]))

/** Quickest with what was before first. */
export const equalDatum = (a: Datum, b: Datum): boolean => {
  if (a === b) return true
  if (editOf(a, b) !== undefined) return false
  const { length } = a.keys
  if (length !== b.keys.length) return false
  for (let i = 0; i < length; i++) {
    if (a.keys[i] !== b.keys[i] || a.values?.[i] !== b.values?.[i]) return false
  }
  return true
}

/** Negative, 0 or positive: fewer elements come first, then lower keys, then lower values. */
export const compareDatum = (a: Datum, b: Datum): number => {
  if (a.keys.length !== b.keys.length) return a.keys.length - b.keys.length
  for (const [x, y] of [
    [a.keys, b.keys],
    [a.values ?? [], b.values ?? []],
  ] as const) {
    for (let i = 0; i < x.length; i++) {
      const order = compareAtoms(x[i] as Atom, y[i] as Atom)
      if (order !== 0) return order
    }
  }
  return 0
}

/** Where `key` is, or, as a negative number, -1 less the place where it would be. */
export const placeOf = (keys: readonly Atom[], key: Atom): number => {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const order = compareAtoms(keys[middle] as Atom, key)
    if (order === 0) return middle
    if (order < 0) low = middle + 1
    else high = middle
  }
  return -1 - low
}

export const hasKey = (datum: Datum, key: Atom): boolean => placeOf(datum.keys, key) >= 0

/** Whether a set has the key, or a map the key with that value. */
export const hasEntry = (datum: Datum, key: Atom, value: Atom | undefined): boolean => {
  const place = placeOf(datum.keys, key)
  return place >= 0 && datum.values?.[place] === value
}

/** What a new row has in a column that nobody gave a value: RFC 7047 §5.2.1. */
export const defaultDatum = (column: ColumnType): Datum => {
  if (column.min === 0) return column.value === undefined ? empty : emptyMap
  const keys = [defaultAtom(column.key.type)]
  return column.value === undefined ? { keys } : { keys, values: [defaultAtom(column.value.type)] }
}

/** Whether a datum has fewer or more elements than its column allows. */
export const misfit = (column: ColumnType, datum: Datum): 'few' | 'many' | undefined =>
  datum.keys.length < column.min ? 'few' : datum.keys.length > column.max ? 'many' : undefined
