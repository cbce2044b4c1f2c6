/**
 * Matches that live no longer than the message they were read from. A match is long and mostly zeros: to make one for
 * every flow of a message costs more than to read the flow.
 */
import { keyWords } from '../flow/layout.ts'
import { type Match, newMatch } from '../flow/match.ts'
import type { TlvLayout } from '../flow/tlv.ts'

type Pooled = { match: Match; words: Uint32Array }

export class MatchPool {
  private readonly all: Pooled[] = []
  private taken = 0

  /** How many matches are in use. */
  get used(): number {
    return this.taken
  }

  /** A match that every key fits, until `release`. */
  take(tlv?: TlvLayout): Match {
    const pooled = this.all[this.taken] ?? this.grow()
    this.taken++
    const { match, words } = pooled
    words.fill(0)
    match.tlv = tlv
    return match
  }

  /** Nobody needs the matches any more that were taken since `used` was this. */
  release(used = 0): void {
    this.taken = used
  }

  private grow(): Pooled {
    const words = new Uint32Array(2 * keyWords)
    const match: Match = { key: words.subarray(0, keyWords), mask: words.subarray(keyWords), tlv: undefined }
    const pooled = { match, words }
    this.all.push(pooled)
    return pooled
  }
}

/** A match that every key fits: the pool's, or one that may be kept. */
export const matchFrom = (pool: MatchPool | undefined, tlv?: TlvLayout): Match =>
  pool === undefined ? newMatch(tlv) : pool.take(tlv)
