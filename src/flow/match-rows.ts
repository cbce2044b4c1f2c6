import { type FlowKey, keyWords, newKey } from './layout.ts'
import type { Match } from './match.ts'

/** Matches, a row each. */
export interface MatchRows {
  /** A copy of the match of a row. */
  match(row: number): Match
  /** Makes a match that fits every key that of a row. */
  spread(row: number, match: Match): void
}

/**
 * What a classifier holds. The classifier keeps the match, so that a million rules need no full rows of their own; `rows`
 * and `row` say where, and only the classifier writes them. `priority` must not change while it does.
 */
export interface Seated {
  readonly priority: number
  /** Undefined before the rule is put in. One that was taken out has its match in rows of its own. */
  rows: MatchRows | undefined
  row: number
}

/** The words of a mask that are not zero, and their places. */
export type MaskWords = { readonly index: Uint8Array; readonly bits: Int32Array }

/** The words of a mask in the order of their places. */
export const maskWords = (mask: FlowKey): MaskWords => {
  const places: number[] = []
  for (let i = 0; i < keyWords; i++) if (mask[i] !== 0) places.push(i)
  return { index: Uint8Array.from(places), bits: Int32Array.from(places, place => mask[place]!) }
}

/** The match with these words, whose values lie in `values` from `at` on. */
export const spread = ({ index, bits }: MaskWords, values: Int32Array, at: number): Match => {
  const match = { key: newKey(), mask: newKey() }
  spreadInto({ index, bits }, values, at, match)
  return match
}

/** Makes a match that fits every key that of these words. */
export const spreadInto = ({ index, bits }: MaskWords, values: Int32Array, at: number, { key, mask }: Match): void => {
  for (let i = 0; i < index.length; i++) {
    key[index[i]!] = values[at + i]!
    mask[index[i]!] = bits[i]!
  }
}

/** The match of a rule that is in no classifier any more. */
export class LoneRow implements MatchRows {
  private readonly words: MaskWords
  private readonly values: Int32Array

  constructor(words: MaskWords, values: Int32Array) {
    this.words = words
    this.values = values
  }

  match(): Match {
    return spread(this.words, this.values, 0)
  }

  spread(_row: number, match: Match): void {
    spreadInto(this.words, this.values, 0, match)
  }
}
