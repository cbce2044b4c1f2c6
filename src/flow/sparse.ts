import { type FlowKey, keyWords } from './layout.ts'

/** Some words of a flow key, ascending by their place; what is not listed is zero. */
export type Sparse = { readonly index: Uint8Array; readonly value: Uint32Array }

/** The words of `row` that are not zero. */
export const sparseOf = (row: FlowKey): Sparse => {
  let count = 0
  for (let i = 0; i < keyWords; i++) if (row[i] !== 0) count++
  const index = new Uint8Array(count)
  const value = new Uint32Array(count)
  for (let i = 0, to = 0; to < count; i++) {
    if (row[i] === 0) continue
    index[to] = i
    value[to++] = row[i]!
  }
  return { index, value }
}

/** The full row; `into` is overwritten. */
export const expand = (sparse: Sparse, into: FlowKey = new Uint32Array(keyWords)): FlowKey => {
  into.fill(0)
  for (let i = 0; i < sparse.index.length; i++) into[sparse.index[i]!] = sparse.value[i]!
  return into
}

/** The words as pairs, as datapath actions list them. */
export const pairs = (sparse: Sparse): [word: number, value: number][] =>
  Array.from(sparse.index, (place, i) => [place, sparse.value[i]!])
