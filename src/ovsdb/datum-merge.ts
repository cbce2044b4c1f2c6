import { type Atom, compareAtoms } from './atom.ts'
import { type Datum, hasEntry, placeOf } from './datum.ts'

/** One element: `value` is what a map has for the key. */
export type Each = (key: Atom, value: Atom | undefined) => void

/** Calls `removed` for the elements that only `from` has, `added` for those that only `to` has. */
export const compareDatums = (from: Datum | undefined, to: Datum | undefined, removed: Each, added: Each): void => {
  if (from === to) return
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
  const fresh = second.keys.map((_, i) => i).filter(i => placeOf(first.keys, second.keys[i] as Atom) < 0)
  if (fresh.length === 0) return first
  if (fresh.length === 1) return insertAt(first, second, fresh[0] as number)
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
  return values === undefined ? { keys } : { keys, values }
}

const insertAt = (into: Datum, from: Datum, index: number): Datum => {
  const key = from.keys[index] as Atom
  const at = -1 - placeOf(into.keys, key)
  const keys = into.keys.slice()
  keys.splice(at, 0, key)
  if (into.values === undefined) return { keys }
  const values = into.values.slice()
  values.splice(at, 0, from.values?.[index] as Atom)
  return { keys, values }
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
    const keys = from.keys.slice()
    keys.splice(place, 1)
    if (from.values === undefined) return { keys }
    const values = from.values.slice()
    values.splice(place, 1)
    return { keys, values }
  }
  return filterDatum(from, (key, value) =>
    what.values === undefined ? placeOf(what.keys, key) < 0 : !hasEntry(what, key, value),
  )
}
