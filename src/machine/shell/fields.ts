import { escapePattern } from './pattern.ts'

/** Characters that a value may have: a program that doubles one for ever runs out of memory here. */
export const maxText = 32 << 20

/** A run of characters of a field; quoted ones are neither split nor patterns. */
type Chunk = { text: string; quoted: boolean }

/** Thrown for a word that expands to more than `maxText`. */
export class TooLong {
  readonly size: number

  constructor(size: number) {
    this.size = size
  }
}

/** Collects the fields that a word becomes, one chunk after another. */
export class Fields {
  private readonly finished: Chunk[][] = []
  private current: Chunk[] | undefined
  private size = 0
  private readonly separators: string
  private readonly blanks: string

  /** `ifs` is the value of $IFS. */
  constructor(ifs: string) {
    this.separators = ifs
    this.blanks = [...ifs].filter(character => ' \t\n'.includes(character)).join('')
  }

  /** Adds characters to the field that is being made; quoted nothing makes an empty field. */
  add(text: string, quoted: boolean): void {
    if (text === '' && !quoted) return
    this.size += text.length
    if (this.size > maxText) throw new TooLong(this.size)
    this.current ??= []
    this.current.push({ text, quoted })
  }

  /** Ends the field, if there is one. */
  end(): void {
    if (this.current === undefined) return
    this.finished.push(this.current)
    this.current = undefined
  }

  /** Adds the outcome of an unquoted expansion, split at $IFS (POSIX XCU 2.6.5). */
  split(text: string): void {
    let from = 0
    for (let i = 0; i < text.length; ) {
      if (!this.separators.includes(text[i] as string)) {
        i++
        continue
      }
      this.add(text.slice(from, i), false)
      let hard = 0
      for (; i < text.length; i++) {
        const character = text[i] as string
        if (this.blanks.includes(character)) continue
        if (!this.separators.includes(character) || hard === 1) break
        hard++
      }
      if (hard > 0) this.current ??= []
      this.end()
      from = i
    }
    this.add(text.slice(from), false)
  }

  /** The fields as patterns (quoted characters escaped) and as plain text. */
  take(): { pattern: string; text: string; globs: boolean }[] {
    this.end()
    return this.finished.map(chunks => ({
      pattern: chunks.map(chunk => (chunk.quoted ? escapePattern(chunk.text) : chunk.text)).join(''),
      text: chunks.map(chunk => chunk.text).join(''),
      globs: chunks.some(chunk => !chunk.quoted && /[*?[]/.test(chunk.text)),
    }))
  }
}
