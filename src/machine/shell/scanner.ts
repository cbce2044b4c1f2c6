import type { List, Redirection, Word } from './ast.ts'
import { GrammarError } from './grammar-error.ts'
import { WordReader } from './word-reader.ts'

/** What the parser sees: a word, an operator, the end of a line, the end of the text. */
export type Token =
  | { kind: 'word'; word: Word; text: string; start: number; end: number; line: number }
  | { kind: 'operator'; text: string; start: number; end: number; line: number }
  /** The digits before a redirection: the 2 of `2>`. */
  | { kind: 'descriptor'; text: string; start: number; end: number; line: number }
  | { kind: 'newline'; text: string; start: number; end: number; line: number }
  | { kind: 'end'; text: string; start: number; end: number; line: number }

// Longest first, so that `&>>` is not read as `&` and `>>`.
const operators = [
  '&>>',
  '<<<',
  '<<-',
  ';;&',
  '&&',
  '||',
  ';;',
  ';&',
  '<<',
  '>>',
  '<&',
  '>&',
  '<>',
  '>|',
  '|&',
  '&>',
  ';',
  '&',
  '|',
  '<',
  '>',
  '(',
  ')',
]

type HereDocument = { redirection: Redirection; delimiter: string; quoted: boolean; tabs: boolean; line: number }

/**
 * Cuts text into tokens, one ahead. Here-documents are read where the line ends on which they were announced; their text
 * goes straight into the redirection that waits for it.
 */
export class Scanner {
  readonly text: string
  at: number
  line = 1
  private readonly words: WordReader
  private ahead: Token | undefined
  private waiting: HereDocument[] = []

  private readonly final: boolean
  /** What is odd but no error: a here-document that the end of the text ends. */
  readonly warnings: { line: number; text: string }[] = []

  /** `final` when no more text can come, so that the end of the text ends a here-document too. */
  constructor(
    text: string,
    at: number,
    final: boolean,
    commands: (text: string, at: number) => { list: List; end: number },
  ) {
    this.text = text
    this.at = at
    this.final = final
    this.words = new WordReader(text, commands)
  }

  peek(): Token {
    this.ahead ??= this.scan()
    return this.ahead
  }

  next(): Token {
    const token = this.peek()
    this.ahead = undefined
    return token
  }

  /** Where the token ahead starts, or the text after the last one: what `peek` would skip is skipped. */
  position(): number {
    return this.peek().start
  }

  /** Announces a here-document; its text is read when the line ends. */
  expectHereDocument(redirection: Redirection, delimiter: Word, raw: string, tabs: boolean): void {
    const quoted = /['"\\]/.test(raw)
    this.waiting.push({ redirection, delimiter: plainText(delimiter), quoted, tabs, line: this.line })
  }

  /** Reads raw text up to `))`, for `((…))`, after its opening. The token ahead must not have been looked at. */
  arithmetic(): Word {
    const { word, end } = this.words.arithmetic(this.at)
    this.advance(end)
    return word
  }

  /** Whether the next character, with no space before it, is this one. */
  follows(text: string): boolean {
    return this.ahead === undefined && this.text.startsWith(text, this.at)
  }

  skip(count: number): void {
    this.advance(this.at + count)
  }

  /** Reads a word as the right side of `=~`, where `(`, `)` and `|` are ordinary. */
  regex(): Word {
    this.blanks()
    const { word, end } = this.words.read(this.at, character => /[ \t\n]/.test(character))
    this.advance(end)
    return word
  }

  private advance(to: number): void {
    for (let i = this.at; i < to; i++) if (this.text[i] === '\n') this.line++
    this.at = to
  }

  private blanks(): void {
    const { text } = this
    for (;;) {
      const character = text[this.at]
      if (character === ' ' || character === '\t' || character === '\r') this.at++
      else if (character === '\\' && text[this.at + 1] === '\n') this.advance(this.at + 2)
      else break
    }
    if (text[this.at] === '#') while (this.at < text.length && text[this.at] !== '\n') this.at++
  }

  private scan(): Token {
    this.blanks()
    const { text, line } = this
    const start = this.at
    if (start >= text.length) {
      if (this.waiting.length > 0) this.hereDocuments()
      return { kind: 'end', text: '', start, end: start, line }
    }
    if (text[start] === '\n') {
      this.advance(start + 1)
      if (this.waiting.length > 0) this.hereDocuments()
      return { kind: 'newline', text: 'newline', start, end: start + 1, line }
    }
    for (const operator of operators) {
      if (!text.startsWith(operator, start)) continue
      this.at = start + operator.length
      return { kind: 'operator', text: operator, start, end: this.at, line }
    }
    const digits = /^\d+(?=[<>])/.exec(text.slice(start, start + 8))
    if (digits !== null) {
      this.at = start + digits[0].length
      return { kind: 'descriptor', text: digits[0], start, end: this.at, line }
    }
    const { word, end } = this.words.read(start, endsWord)
    this.advance(end)
    return { kind: 'word', word, text: text.slice(start, end), start, end, line }
  }

  private hereDocuments(): void {
    const { waiting, text } = this
    this.waiting = []
    for (const document of waiting) {
      const lines: string[] = []
      let found = false
      while (this.at < text.length) {
        const newline = text.indexOf('\n', this.at)
        const end = newline < 0 ? text.length : newline
        let content = text.slice(this.at, end)
        this.advance(newline < 0 ? end : end + 1)
        if (document.tabs) content = content.replace(/^\t+/, '')
        if (content === document.delimiter) {
          found = true
          break
        }
        lines.push(content)
      }
      const message = `here-document at line ${document.line} delimited by end-of-file (wanted \`${document.delimiter}')`
      if (!found && !this.final) throw new GrammarError(message, this.line, { incomplete: true })
      if (!found) this.warnings.push({ line: this.line, text: message })
      const content = lines.map(each => `${each}\n`).join('')
      document.redirection.target = document.quoted
        ? { parts: [{ kind: 'quoted', text: content }] }
        : new WordReader(content, this.words.commands).document()
    }
  }
}

const endsWord = (character: string): boolean => /[ \t\r\n;&|<>()]/.test(character)

/** The characters of a word without its quotes; expansions as nothing (a here-document's delimiter has none). */
export const plainText = (word: Word): string =>
  word.parts
    .map(part =>
      part.kind === 'plain' || part.kind === 'quoted' ? part.text : part.kind === 'double' ? plainText(part) : '',
    )
    .join('')
