import { type Atom, compareAtoms } from './atom.ts'
import { type Datum, hasEntry, placeOf } from './datum.ts'
import { cutFromSet, editOf, insertInSet, noteEdit } from './datum-edit.ts'

/** One element: `value` is what a map has for the key. */
export type Each = (key: Atom, value: Atom | undefined) => void

const nothing: Datum = { keys: [] }

const forEach = ({ keys, values }: Datum, each: Each): void => {
  for (let i = 0; i < keys.length; i++) each(keys[i] as Atom, values?.[i])
}

/** Calls `removed` for the elements that only `from` has, `added` for those that only `to` has. */
export const compareDatums = (from: Datum | undefined, to: Datum | undefined, removed: Each, added: Each): void => {
  if (from === to) return
  const edit = from === undefined || to === undefined ? undefined : editOf(from, to)
  if (edit !== undefined) {
    forEach(edit.removed, removed)
    forEach(edit.added, added)
    return
  }
  const a = from?.keys ?? []
  const b = to?.keys ?? []
  const av = from?.values
  const bv = to?.values
  // Most of a large set stays: what both have at the ends needs no comparison of order.
  let start = 0
  let aEnd = a.length
  let bEnd = b.length
  while (start < aEnd && start < bEnd && a[start] === b[start] && av?.[start] === bv?.[start]) start++
  while (aEnd > start && bEnd > start && a[aEnd - 1] === b[bEnd - 1] && av?.[aEnd - 1] === bv?.[bEnd - 1]) {
    aEnd--
    bEnd--
  }
  let i = start
  let j = start
  while (i < aEnd || j < bEnd) {
    const order = i === aEnd ? 1 : j === bEnd ? -1 : compareAtoms(a[i] as Atom, b[j] as Atom)
    if (order === 0 && av?.[i] === bv?.[j]) {
      i++
      j++
      continue
    }
    if (order <= 0) {
      removed(a[i] as Atom, av?.[i])
      i++
    }
    if (order >= 0) {
      added(b[j] as Atom, bv?.[j])
      j++
    }
  }
}

/** All elements of both sets; of two entries of maps with one key, the first's. */
export const unite = (first: Datum, second: Datum): Datum => {
  const fresh: number[] = []
  for (let i = 0; i < second.keys.length; i++) if (placeOf(first.keys, second.keys[i] as Atom) < 0) fresh.push(i)
  if (fresh.length === 0) return first
  if (fresh.length === 1) return insertAt(first, second, fresh[0] as number)
  const added = picked(second, fresh)
  const keys: Atom[] = []
  const values: Atom[] | undefined = first.values === undefined ? undefined : []
  let i = 0
  for (const j of [...fresh, -1]) {
    const next = j < 0 ? undefined : (second.keys[j] as Atom)
    while (i < first.keys.length && (next === undefined || compareAtoms(first.keys[i] as Atom, next) < 0)) {
      keys.push(first.keys[i] as Atom)
      values?.push(first.values?.[i] as Atom)
      i++
    }
    if (next === undefined) break
    keys.push(next)
    values?.push(second.values?.[j] as Atom)
  }
  return noteEdit(values === undefined ? { keys } : { keys, values }, first, nothing, added)
}

const picked = ({ keys, values }: Datum, places: readonly number[]): Datum => ({
  keys: places.map(i => keys[i] as Atom),
  ...(values !== undefined && { values: places.map(i => values[i] as Atom) }),
})

const insertAt = (into: Datum, from: Datum, index: number): Datum => {
  const key = from.keys[index] as Atom
  const at = -1 - placeOf(into.keys, key)
  if (into.values === undefined) return insertInSet(into, at, key)
  const keys = into.keys.toSpliced(at, 0, key)
  const to = { keys, values: into.values.toSpliced(at, 0, from.values?.[index] as Atom) }
  return noteEdit(to, into, nothing, picked(from, [index]))
}

/** What `keep` keeps. */
export const filterDatum = (datum: Datum, keep: (key: Atom, value: Atom | undefined) => boolean): Datum => {
  const kept: number[] = []
  for (let i = 0; i < datum.keys.length; i++) if (keep(datum.keys[i] as Atom, datum.values?.[i])) kept.push(i)
  if (kept.length === datum.keys.length) return datum
  const keys = kept.map(i => datum.keys[i] as Atom)
  return datum.values === undefined ? { keys } : { keys, values: kept.map(i => datum.values?.[i] as Atom) }
}

/** `from` without the elements of `what`: keys alone, or entries with the same value if `what` is a map. */
export const subtract = (from: Datum, what: Datum): Datum => {
  if (what.keys.length === 1) {
    const place = placeOf(from.keys, what.keys[0] as Atom)
    if (place < 0 || (what.values !== undefined && what.values[0] !== from.values?.[place])) return from
    if (from.values === undefined) return cutFromSet(from, place)
    const to = { keys: from.keys.toSpliced(place, 1), values: from.values.toSpliced(place, 1) }
    return noteEdit(to, from, picked(from, [place]), nothing)
  }
  return filterDatum(from, (key, value) =>
    what.values === undefined ? placeOf(what.keys, key) < 0 : !hasEntry(what, key, value),
  )
}

/**
 * What `from` becomes by a difference: of a set, elements that it has go and others come; of a map, entries that it has
 * go, others come or take the place of those with their key.
 */
export const applyDifference = (from: Datum, difference: Datum): Datum => {
  const keys: Atom[] = []
  const values: Atom[] = []
  const isMap = from.values !== undefined
  const put = (key: Atom, value: Atom | undefined): void => {
    keys.push(key)
    if (isMap) values.push(value as Atom)
  }
  const [first] = difference.keys
  if (difference.keys.length === 1 && first !== undefined) {
    const place = placeOf(from.keys, first)
    if (place < 0) return unite(from, difference)
    const same = from.values?.[place] === difference.values?.[0]
    if (same) return subtract(from, difference)
  }
  let i = 0
  let j = 0
  while (i < from.keys.length || j < difference.keys.length) {
    const a = from.keys[i]
    const b = difference.keys[j]
    const order = a === undefined ? 1 : b === undefined ? -1 : compareAtoms(a, b)
    if (order < 0) put(a as Atom, from.values?.[i])
    else if (order > 0 || from.values?.[i] !== difference.values?.[j]) put(b as Atom, difference.values?.[j])
    if (order <= 0) i++
    if (order >= 0) j++
  }
  return isMap ? { keys, values } : { keys }
}
