/**
 * Large sets that change by an element at a time: a bridge with tens of thousands of ports to which one is added.
 *
 * A value is never changed, yet a copy for each change would cost more than all else a commit does. So the new set takes
 * over the old one's array and changes that, and the old set keeps what was done to it. Hardly anyone reads an old set
 * again; who does makes it copy the array back. To compare the two, what was done is enough.
 */
import type { Atom } from './atom.ts'

/** A column's value: a set in ascending order, or a map in ascending order of its keys. A scalar is a set of one. */
export type Datum = { readonly keys: readonly Atom[]; readonly values?: readonly Atom[] }

/** From how many elements on it is worth it. */
export const largeSize = 64

type Edit = { from: Datum; removed: Datum; added: Datum }

/** How sets came to be, from the one just before. */
const edits = new WeakMap<Datum, Edit>()
const nothing: Datum = { keys: [] }

export const noteEdit = (to: Datum, from: Datum, removed: Datum, added: Datum): Datum => {
  // What `from` came from is let go, or each set would keep all that were before it.
  edits.delete(from)
  if (from instanceof LargeSet || from.keys.length > largeSize) edits.set(to, { from, removed, added })
  return to
}

/** What makes `to` of `from`, if that is known: never nothing. */
export const editOf = (from: Datum, to: Datum): Edit | undefined => {
  const edit = edits.get(to)
  return edit?.from === from ? edit : undefined
}

/** A large set without `values`: whose array, as `keys`, holds only until the next set is made of this one. */
class LargeSet implements Datum {
  private list: Atom[] | undefined
  /** The set that took the array, and how to take back what it did: put in `atom`, or cut what is there. */
  private taken: { by: LargeSet; place: number; atom: Atom | undefined } | undefined

  constructor(list: Atom[]) {
    this.list = list
  }

  get keys(): readonly Atom[] {
    this.list ??= this.rebuilt()
    this.taken = undefined
    return this.list
  }

  /** A set with `atom` at `place`, or without what is there. */
  edited(place: number, atom: Atom | undefined): LargeSet {
    const list = this.keys as Atom[]
    const before = list[place]
    if (atom === undefined) list.splice(place, 1)
    else list.splice(place, 0, atom)
    const by = new LargeSet(list)
    this.list = undefined
    this.taken = { by, place, atom: atom === undefined ? before : undefined }
    return by
  }

  private rebuilt(): Atom[] {
    const path: { place: number; atom: Atom | undefined }[] = []
    let owner: LargeSet = this
    for (let { taken } = owner; owner.list === undefined && taken !== undefined; taken = owner.taken) {
      path.push(taken)
      owner = taken.by
    }
    const list = (owner.list ?? []).slice()
    for (const { place, atom } of path.reverse()) {
      if (atom === undefined) list.splice(place, 1)
      else list.splice(place, 0, atom)
    }
    return list
  }
}

const largeOf = (datum: Datum): LargeSet => (datum instanceof LargeSet ? datum : new LargeSet(datum.keys.slice()))

/** The set with one element more, which goes to `place`. */
export const insertInSet = (from: Datum, place: number, atom: Atom): Datum => {
  if (from.keys.length <= largeSize) return { keys: from.keys.toSpliced(place, 0, atom) }
  return noteEdit(largeOf(from).edited(place, atom), from, nothing, { keys: [atom] })
}

/** The set without the element at `place`. */
export const cutFromSet = (from: Datum, place: number): Datum => {
  if (from.keys.length <= largeSize) return { keys: from.keys.toSpliced(place, 1) }
  const removed = { keys: [from.keys[place] as Atom] }
  return noteEdit(largeOf(from).edited(place, undefined), from, removed, nothing)
}
