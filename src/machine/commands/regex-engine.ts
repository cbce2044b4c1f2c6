/**
 * Matches a regular expression in time that grows with the text and the expression, whatever they are: all ways are gone at the
 * same time (Thompson 1968), and of those from the leftmost place the longest counts, as POSIX has it (XBD 9.1). JavaScript's own
 * tries one way after the other, so that `(a*)*b` on thirty letters would hold a lab for ever.
 *
 * It reads what `regex.ts` writes. References back to a group (`\1`) are beyond it, and left to JavaScript.
 */

/** One step: takes a character that fits, or looks at a place, or goes two ways. */
type Step =
  | { kind: 'take'; fits: (character: string) => boolean; next: number }
  | { kind: 'look'; holds: (text: string, at: number) => boolean; next: number }
  | { kind: 'split'; ways: number[] }
  | { kind: 'end' }

/** Steps that an expression may have: repetitions are written out. */
const mostSteps = 20_000

const isWord = (character: string | undefined): boolean => character !== undefined && /\w/.test(character)

const atEdge = (text: string, at: number): boolean => isWord(text[at - 1]) !== isWord(text[at])

/** What stands for a place and not for a character. */
const places: readonly [string, (text: string, at: number) => boolean][] = [
  ['\\b(?=\\w)', (text, at) => atEdge(text, at) && isWord(text[at])],
  ['\\b(?<=\\w)', (text, at) => atEdge(text, at) && isWord(text[at - 1])],
  ['(?<!\\w)', (text, at) => !isWord(text[at - 1])],
  ['(?!\\w)', (text, at) => !isWord(text[at])],
  ['\\b', atEdge],
  ['\\B', (text, at) => !atEdge(text, at)],
  ['^', (_, at) => at === 0],
  ['$', (text, at) => at === text.length],
]

/** Writes the steps of an expression from its end to its beginning: each knows what follows. */
class Compiler {
  readonly steps: Step[] = [{ kind: 'end' }]
  tooBig = false
  private readonly source: string
  private readonly ignoreCase: boolean

  constructor(source: string, ignoreCase: boolean) {
    this.source = source
    this.ignoreCase = ignoreCase
  }

  private add(step: Step): number {
    if (this.steps.length >= mostSteps) this.tooBig = true
    else this.steps.push(step)
    return this.steps.length - 1
  }

  /** The alternatives from `at` to the `)` or the end: where they end, and their first step if `next` follows. */
  alternatives(at: number): { end: number; build: (next: number) => number } {
    const ways: ((next: number) => number)[] = []
    let end = at
    for (;;) {
      const sequence = this.sequence(end)
      ways.push(sequence.build)
      end = sequence.end
      if (this.source[end] !== '|') break
      end++
    }
    const [only] = ways as [(next: number) => number]
    if (ways.length === 1) return { end, build: only }
    return { end, build: next => this.add({ kind: 'split', ways: ways.map(way => way(next)) }) }
  }

  private sequence(at: number): { end: number; build: (next: number) => number } {
    const pieces: ((next: number) => number)[] = []
    let end = at
    while (end < this.source.length && this.source[end] !== '|' && this.source[end] !== ')') {
      const atom = this.atom(end)
      end = atom.end
      let { build } = atom
      for (;;) {
        const [text, low, comma, high] = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})/.exec(this.source.slice(end, end + 16)) ?? []
        if (text === undefined) break
        end += text.length
        const least = low === undefined ? (text === '+' ? 1 : 0) : Number(low)
        const exact = comma === '' ? least : Number.POSITIVE_INFINITY
        const most = text === '?' ? 1 : low === undefined ? Number.POSITIVE_INFINITY : high ? Number(high) : exact
        build = this.repeated(build, least, most)
      }
      pieces.push(build)
    }
    return { end, build: next => pieces.reduceRight((following, piece) => piece(following), next) }
  }

  private repeated(piece: (next: number) => number, least: number, most: number): (next: number) => number {
    return next => {
      let first = next
      if (most === Number.POSITIVE_INFINITY) {
        const loop: Step = { kind: 'split', ways: [next] }
        first = this.add(loop)
        loop.ways.push(piece(first))
      } else
        for (let i = least; i < most && !this.tooBig; i++)
          first = this.add({ kind: 'split', ways: [piece(first), next] })
      for (let i = 0; i < least && !this.tooBig; i++) first = piece(first)
      return first
    }
  }

  private atom(at: number): { end: number; build: (next: number) => number } {
    const { source } = this
    for (const [text, holds] of places)
      if (source.startsWith(text, at))
        return { end: at + text.length, build: next => this.add({ kind: 'look', holds, next }) }
    if (source[at] === '(') {
      const inside = this.alternatives(at + (source.startsWith('(?:', at) ? 3 : 1))
      return { end: inside.end + 1, build: inside.build }
    }
    const [text = source[at] as string] = /^(?:\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\])/.exec(source.slice(at)) ?? []
    const fits = fitting(text, this.ignoreCase)
    return { end: at + text.length, build: next => this.add({ kind: 'take', fits, next }) }
  }
}

/** Whether a character is one that a piece stands for; each is asked only once. */
const fitting = (piece: string, ignoreCase: boolean): ((character: string) => boolean) => {
  const single = new RegExp(`^${piece}$`, ignoreCase ? 'i' : '')
  const known = new Map<string, boolean>()
  return character => {
    let answer = known.get(character)
    if (answer === undefined) {
      answer = single.test(character)
      known.set(character, answer)
    }
    return answer
  }
}

/** A compiled expression. */
export interface Matcher {
  /** Where the leftmost and longest match from `from` on begins and ends; undefined if there is none. */
  find(text: string, from?: number): { start: number; end: number } | undefined
  test(text: string): boolean
}

/**
 * Compiles what `regex.ts` wrote; undefined where it is too big. With one repetition at most and no alternatives, JavaScript has
 * no ways to lose itself in, and finds the same.
 */
export const compileRegex = (source: string, ignoreCase: boolean): Matcher | undefined => {
  const marks = source.replace(/\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|\(\?(?:<?[!=]|:)/g, '')
  const isPlain = !/\|/.test(marks) && (marks.match(/[*+?{]/g) ?? []).length <= 1
  return isPlain || /\(\?:\\[1-9]\)/.test(source)
    ? scriptMatcher(source, ignoreCase)
    : linearMatcher(source, ignoreCase)
}

const scriptMatcher = (source: string, ignoreCase: boolean): Matcher => {
  const regex = new RegExp(source, ignoreCase ? 'gi' : 'g')
  const find: Matcher['find'] = (text, from = 0) => {
    regex.lastIndex = from
    const found = regex.exec(text)
    return found === null ? undefined : { start: found.index, end: found.index + found[0].length }
  }
  return { find, test: text => find(text) !== undefined }
}

/** The same, whatever the expression; undefined where it is too big. */
export const linearMatcher = (source: string, ignoreCase: boolean): Matcher | undefined => {
  const compiler = new Compiler(source, ignoreCase)
  const { build } = compiler.alternatives(0)
  const begin = build(0)
  if (compiler.tooBig) return undefined
  const { steps } = compiler

  /** Adds a step and all that follow without a character. */
  const enter = (into: Set<number>, first: number, text: string, at: number): void => {
    const todo = [first]
    for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
      if (into.has(id)) continue
      into.add(id)
      const step = steps[id] as Step
      if (step.kind === 'split') todo.push(...step.ways)
      else if (step.kind === 'look' && step.holds(text, at)) todo.push(step.next)
    }
  }

  /** Where the longest match ends that begins at `from`; with `everywhere`, the first end of any that begins there or later. */
  const run = (text: string, from: number, everywhere: boolean): number | undefined => {
    let present = new Set<number>()
    let end: number | undefined
    for (let at = from; ; at++) {
      if (everywhere || at === from) enter(present, begin, text, at)
      if (present.has(0)) {
        end = at
        if (everywhere) return end
      }
      const character = text[at]
      if (character === undefined || present.size === 0) return end
      const following = new Set<number>()
      for (const id of present) {
        const step = steps[id] as Step
        if (step.kind === 'take' && step.fits(character)) enter(following, step.next, text, at + 1)
      }
      present = following
    }
  }

  return {
    test: text => run(text, 0, true) !== undefined,
    find: (text, from = 0) => {
      if (run(text, from, true) === undefined) return undefined
      for (let start = from; start <= text.length; start++) {
        const end = run(text, start, false)
        if (end !== undefined) return { start, end }
      }
      return undefined
    },
  }
}
