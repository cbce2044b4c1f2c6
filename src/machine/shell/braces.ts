import type { Part, Word } from './ast.ts'

// A character outside quotes, or a part that stays whole.
type Piece = string | Exclude<Part, { kind: 'plain' }>
const maxWords = 100_000
const maxDepth = 100

/** The words, or how many there would be when they are too many. */
export type Braces = { ok: true; words: Word[] } | { ok: false; count: number }

class TooMany {
  readonly count: number

  constructor(count: number) {
    this.count = count
  }
}

/** The words that `a{b,c}d` and `{1..9..2}` become; a word without such braces is itself. Bash's, not POSIX's. */
export const expandBraces = (word: Word): Braces => {
  if (!word.parts.some(part => part.kind === 'plain' && part.text.includes('{'))) return { ok: true, words: [word] }
  const pieces = word.parts.flatMap<Piece>(part => (part.kind === 'plain' ? [...part.text] : [part]))
  try {
    return { ok: true, words: expand(pieces, 0).map(each => ({ parts: gather(each) })) }
  } catch (error) {
    if (!(error instanceof TooMany)) throw error
    return { ok: false, count: error.count }
  }
}

/** Braces that are deeper than `maxDepth` stay as they are. */
const expand = (pieces: Piece[], depth: number): Piece[][] => {
  if (depth > maxDepth) return [pieces]
  for (let open = pieces.indexOf('{'); open >= 0; open = pieces.indexOf('{', open + 1)) {
    const found = closing(pieces, open)
    if (found === undefined) continue
    const choices = alternatives(
      pieces.slice(open + 1, found.close),
      found.commas.map(comma => comma - open - 1),
      depth,
    )
    if (choices === undefined) continue
    const before = pieces.slice(0, open)
    const after = expand(pieces.slice(found.close + 1), depth + 1)
    const count = choices.length * after.length
    if (count > maxWords) throw new TooMany(count)
    return choices.flatMap(choice => after.map(tail => [...before, ...choice, ...tail]))
  }
  return [pieces]
}

const closing = (pieces: Piece[], open: number): { close: number; commas: number[] } | undefined => {
  const commas: number[] = []
  let depth = 0
  for (let i = open + 1; i < pieces.length; i++) {
    const piece = pieces[i]
    if (piece === '{') depth++
    else if (piece === '}') {
      if (depth === 0) return { close: i, commas }
      depth--
    } else if (piece === ',' && depth === 0) commas.push(i)
  }
  return undefined
}

const alternatives = (inner: Piece[], commas: number[], depth: number): Piece[][] | undefined => {
  if (commas.length > 0) {
    const bounds = [-1, ...commas, inner.length]
    return bounds.slice(1).flatMap((end, i) => expand(inner.slice((bounds[i] as number) + 1, end), depth + 1))
  }
  return inner.every(piece => typeof piece === 'string') ? sequence(inner.join('')) : undefined
}

const sequence = (text: string): string[][] | undefined => {
  const match = /^(?:(-?\d+)\.\.(-?\d+)|([A-Za-z])\.\.([A-Za-z]))(?:\.\.(-?\d+))?$/.exec(text)
  if (match === null) return undefined
  const [, low, high, first, last, by] = match
  const from = low === undefined ? (first as string).charCodeAt(0) : Number(low)
  const to = high === undefined ? (last as string).charCodeAt(0) : Number(high)
  const step = Math.max(1, Math.abs(Number(by ?? 1))) * (from <= to ? 1 : -1)
  const padded = low !== undefined && (/^-?0\d/.test(low) || /^-?0\d/.test(high as string))
  const width = padded ? Math.max(low.length, (high as string).length) : 0
  const count = Math.floor(Math.abs((to - from) / step)) + 1
  if (!(count <= maxWords)) throw new TooMany(count)
  const all: string[][] = []
  for (let i = from; step > 0 ? i <= to : i >= to; i += step) {
    const digits = String(Math.abs(i)).padStart(width - (i < 0 ? 1 : 0), '0')
    all.push([...(low === undefined ? String.fromCharCode(i) : `${i < 0 ? '-' : ''}${digits}`)])
  }
  return all
}

const gather = (pieces: Piece[]): Part[] => {
  const parts: Part[] = []
  for (const piece of pieces) {
    const last = parts[parts.length - 1]
    if (typeof piece !== 'string') parts.push(piece)
    else if (last?.kind === 'plain') last.text += piece
    else parts.push({ kind: 'plain', text: piece })
  }
  return parts
}
