/** Two ways to take a flow's match and actions from their bytes: as such, or, for who only prints them, as text. */
import type { Match } from '../flow/match.ts'
import type { OfAction } from './action.ts'
import { decodeInstructions } from './action-wire.ts'
import type { Reader } from './bytes.ts'
import { type Decoded, decoded } from './error.ts'
import type { FlowTexts } from './flow-texts.ts'
import type { MatchMemo, Shape } from './match-memo.ts'
import type { MatchPool } from './match-pool.ts'
import { decodeMatch, oxmSpan, padded, pullNxMatch } from './match-wire.ts'
import type { Warn } from './port-text.ts'
import type { Version } from './protocol.ts'
import type { RecentActions } from './recent-actions.ts'
import type { TextBytes } from './text-bytes.ts'

type Context = {
  version: Version
  warn: Warn
  matches?: MatchPool | undefined
  recent?: RecentActions | undefined
}

export type FlowTaker<M, A> = {
  /** One as the version itself has it, with its padding. */
  standard(bytes: Reader, context: Context): Decoded<M>
  /** An `nx_match` of so many bytes, with its padding. */
  nx(bytes: Reader, length: number, context: Context): Decoded<M>
  /** The actions or instructions up to the end. */
  actions(bytes: Reader, context: Context): Decoded<A>
}

export const asSuch: FlowTaker<Match, readonly OfAction[]> = {
  standard: (bytes, { version, warn, matches }) =>
    decodeMatch(bytes, version, version === 1 ? { matches } : { warn, matches }),
  nx(bytes, length, { warn, matches }) {
    const pulled = pullNxMatch(bytes, length, { warn, matches })
    return pulled.ok ? decoded(pulled.value.match) : pulled
  },
  actions: (bytes, context) => decodeInstructions(bytes, context.version, context),
}

/** The text of a match: as such, or what it is like that stands in the bytes from `start` on. */
export type MatchText = string | { shape: Shape; bytes: Uint8Array; start: number }

/** Writes the text of a match that was taken with this memo. */
export const putMatch = (out: TextBytes, memo: MatchMemo, match: MatchText): void => {
  if (typeof match === 'string') out.text(match)
  else memo.put(out, match.shape, match.bytes, match.start)
}

/** A context that tells whether there was a warning: what is worth one is worth it every time. */
const listening = (context: Context): { inside: Context; warned(): boolean } => {
  let warned = false
  const warn: Warn = (...words) => {
    warned = true
    context.warn(...words)
  }
  return { inside: { ...context, warn }, warned: () => warned }
}

/** The text of a match that `read` takes; what is like it will not be read if its fields lie from `start` to `end`. */
const learned = (
  memo: MatchMemo,
  bytes: Reader,
  start: number,
  end: number | undefined,
  context: Context,
  read: (context: Context) => Decoded<Match>,
): Decoded<MatchText> => {
  const used = context.matches?.used
  const { inside, warned } = listening(context)
  const match = read(inside)
  if (!match.ok) return match
  const known = end !== undefined && !warned()
  const text = known ? memo.learn(bytes.bytes, start, end, match.value) : memo.format(match.value)
  context.matches?.release(used)
  return decoded(text)
}

/** Texts: a match that is like an earlier one, and actions that are the same as earlier ones, are not read at all. */
export const asText = ({ matches: memo, lists, actions: format }: FlowTexts): FlowTaker<MatchText, string> => ({
  standard(bytes, context) {
    const start = bytes.at + 4
    const length = context.version === 1 ? undefined : oxmSpan(bytes)
    const end = length === undefined ? undefined : start + length
    const shape = end === undefined ? undefined : memo.find(bytes.bytes, start, end)
    if (length === undefined || shape === undefined)
      return learned(memo, bytes, start, end, context, inside => asSuch.standard(bytes, inside))
    bytes.skip(padded(4 + length))
    return decoded({ shape, bytes: bytes.bytes, start })
  },
  nx(bytes, length, context) {
    const start = bytes.at
    const end = start + length
    const shape = padded(length) > bytes.left ? undefined : memo.find(bytes.bytes, start, end)
    if (shape === undefined)
      return learned(memo, bytes, start, end, context, inside => asSuch.nx(bytes, length, inside))
    bytes.skip(padded(length))
    return decoded({ shape, bytes: bytes.bytes, start })
  },
  actions(bytes, context) {
    const { at, end, bytes: all } = bytes
    const known = lists.find(context.version, all, at, end)
    if (known !== undefined) {
      bytes.skip(end - at)
      return decoded(known)
    }
    const { inside, warned } = listening(context)
    const actions = asSuch.actions(bytes, inside)
    if (!actions.ok) return actions
    const text = format(actions.value)
    if (!warned()) lists.keep(context.version, all, at, end, text)
    return decoded(text)
  },
})
