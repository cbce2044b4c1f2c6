import type { List, Parameter, Part, Word } from './ast.ts'
import { GrammarError } from './grammar-error.ts'

type Read<T> = { end: number } & T
const special = '@*#?-$!'
const name = /^[A-Za-z_][A-Za-z0-9_]*/
const escapes: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '?': '?',
}

/**
 * Reads one word and all that is inside it: quotes, parameters, substitutions. What is between `$(` and `)` is a program
 * of its own, which `commands` parses from a position and says where its `)` is.
 */
export class WordReader {
  private readonly text: string
  readonly commands: (text: string, at: number) => { list: List; end: number }
  private depth = 0

  constructor(text: string, commands: (text: string, at: number) => { list: List; end: number }) {
    this.text = text
    this.commands = commands
  }

  /** A word from `at` to the first unquoted character that `ends` it. With `apostrophe` (inside double quotes) `'…'` keeps its quotes. */
  read(at: number, ends: (character: string) => boolean, apostrophe = false): Read<{ word: Word }> {
    const { text } = this
    const parts: Part[] = []
    let i = at
    while (i < text.length && !ends(text[i] as string)) {
      const character = text[i] as string
      if (character === '\\') {
        if (text[i + 1] === '\n') i += 2
        else if (i + 1 >= text.length) {
          add(parts, 'quoted', '\\')
          i++
        } else {
          add(parts, 'quoted', text[i + 1] as string)
          i += 2
        }
      } else if (character === "'" && apostrophe) {
        const close = text.indexOf("'", i + 1)
        if (close < 0) throw this.unclosed("'", i)
        add(parts, 'quoted', text.slice(i, close + 1))
        i = close + 1
      } else if (character === "'") {
        const close = text.indexOf("'", i + 1)
        if (close < 0) throw this.unclosed("'", i)
        parts.push({ kind: 'quoted', text: text.slice(i + 1, close) })
        i = close + 1
      } else if (character === '"') {
        const inner = this.double(i + 1, '"')
        parts.push({ kind: 'double', parts: inner.parts })
        i = inner.end
      } else if (character === '$' && text[i + 1] === "'") {
        const inner = this.ansi(i + 2)
        parts.push({ kind: 'quoted', text: inner.value })
        i = inner.end
      } else if (character === '$' && text[i + 1] === '"') i++
      else if (character === '$' || character === '`') i = this.substitution(i, parts, 'plain')
      else {
        const run = ordinary(text, i) || 1
        add(parts, 'plain', text.slice(i, i + run))
        i += run
      }
    }
    return { word: { parts }, end: i }
  }

  /** The text of a here-document with an unquoted delimiter: as in double quotes, but `"` is ordinary. */
  document(): Word {
    return { parts: [{ kind: 'double', parts: this.double(0, undefined).parts }] }
  }

  /** From after `((` to after `))`. */
  arithmetic(at: number): Read<{ word: Word }> {
    const { text } = this
    let depth = 0
    for (let i = at; i < text.length; i++) {
      const character = text[i]
      if (character === '(') depth++
      else if (character === ')') {
        if (depth === 0) {
          if (text[i + 1] !== ')') throw new GrammarError('', this.lineOf(at))
          const parts = new WordReader(text.slice(at, i), this.commands).double(0, undefined).parts
          return { word: { parts }, end: i + 2 }
        }
        depth--
      }
    }
    throw this.unclosed(')', at)
  }

  /** Parts up to the closing quote, or to the end of the text when there is none to find. */
  private double(at: number, close: '"' | undefined): Read<{ parts: Part[] }> {
    const { text } = this
    const parts: Part[] = []
    let i = at
    while (i < text.length) {
      const character = text[i] as string
      if (character === close) return { parts, end: i + 1 }
      if (character === '\\') {
        const next = text[i + 1]
        if (next === '\n') i += 2
        else if (next !== undefined && ('$`\\'.includes(next) || (next === '"' && close === '"'))) {
          add(parts, 'quoted', next)
          i += 2
        } else {
          add(parts, 'quoted', '\\')
          i++
        }
      } else if (character === '$' || character === '`') i = this.substitution(i, parts, 'quoted')
      else {
        const run = inDouble(text, i)
        add(parts, 'quoted', text.slice(i, i + run))
        i += run
      }
    }
    if (close !== undefined) throw this.unclosed(close, at)
    return { parts, end: i }
  }

  /** What begins with `$` or a backquote; a lone `$` is a character. */
  private substitution(at: number, parts: Part[], otherwise: 'plain' | 'quoted'): number {
    const { text } = this
    if (text[at] === '`') return this.backquoted(at, parts)
    const next = text[at + 1] ?? ''
    if (next === '(') {
      if (text[at + 2] === '(') {
        const found = this.tryArithmetic(at)
        if (found !== undefined) {
          parts.push({ kind: 'arithmetic', parts: found.word.parts })
          return found.end
        }
      }
      const { list, end } = this.nested(() => this.commands(text, at + 2))
      parts.push({ kind: 'command', body: list })
      return end
    }
    if (next === '{') return this.nested(() => this.braced(at, parts, otherwise === 'quoted'))
    const match = name.exec(text.slice(at + 1, at + 257))
    if (match !== null) {
      let whole = match[0]
      if (whole.length === 256) whole = (/^[A-Za-z0-9_]+/.exec(text.slice(at + 1)) as RegExpExecArray)[0]
      parts.push({ kind: 'parameter', name: whole })
      return at + 1 + whole.length
    }
    if (next !== '' && (special.includes(next) || /[0-9]/.test(next))) {
      parts.push({ kind: 'parameter', name: next })
      return at + 2
    }
    add(parts, otherwise, '$')
    return at + 1
  }

  /** `$((` can also begin a command substitution that holds a subshell; the closing `))` tells. */
  private tryArithmetic(at: number): Read<{ word: Word }> | undefined {
    try {
      return this.nested(() => this.arithmetic(at + 3))
    } catch (error) {
      if (error instanceof GrammarError && !error.incomplete) return undefined
      throw error
    }
  }

  private backquoted(at: number, parts: Part[]): number {
    const { text } = this
    let inner = ''
    for (let i = at + 1; i < text.length; i++) {
      const character = text[i] as string
      if (character === '`') {
        const body = `${inner}\n)`
        const { list, end } = this.nested(() => this.commands(body, 0))
        if (end < body.length)
          throw new GrammarError("syntax error near unexpected token `)'", this.lineOf(at), { showsLine: true })
        parts.push({ kind: 'command', body: list })
        return i + 1
      }
      if (character === '\\' && '`\\$'.includes(text[i + 1] ?? ' ')) inner += text[++i]
      else inner += character
    }
    throw this.unclosed('`', at)
  }

  private braced(at: number, parts: Part[], quoted: boolean): number {
    const { text } = this
    let i = at + 2
    const rest = text.slice(i)
    const lengthOf = /^#(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])\}/.exec(rest)
    if (lengthOf !== null) {
      parts.push({ kind: 'parameter', name: lengthOf[0].slice(1, -1), change: { op: 'length' } })
      return i + lengthOf[0].length
    }
    const match = /^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])/.exec(rest)
    if (match === null) return this.bad(at, parts)
    const parameter: Parameter = { kind: 'parameter', name: match[0] }
    i += match[0].length
    const operator = /^(?::?[-=?+]|##?|%%?|\/[/#%]?|\^\^?|,,?|:|\})/.exec(text.slice(i, i + 2))?.[0]
    if (operator === undefined) {
      if (i >= text.length) throw this.unclosed('}', at)
      return this.bad(at, parts)
    }
    i += operator.length
    if (operator === '}') {
      parts.push(parameter)
      return i
    }
    const stop = operator === ':' ? ':' : operator.startsWith('/') ? '/' : undefined
    const inner = this.argument(i, stop, quoted && /[-=?+]$/.test(operator))
    i = inner.end
    if (operator.startsWith('/')) {
      const where = operator === '//' ? 'all' : operator === '/#' ? 'start' : operator === '/%' ? 'end' : 'first'
      let by: Word = { parts: [] }
      if (text[i] === '/') {
        const replacement = this.argument(i + 1, undefined)
        by = replacement.word
        i = replacement.end
      }
      parameter.change = { op: 'replace', where, pattern: inner.word, by }
    } else if (operator === ':') {
      parameter.change = { op: 'slice', offset: inner.word }
      if (text[i] === ':') {
        const length = this.argument(i + 1, undefined)
        parameter.change.length = length.word
        i = length.end
      }
    } else if (operator.startsWith('^') || operator.startsWith(','))
      parameter.change = { op: 'case', upper: operator.startsWith('^'), all: operator.length === 2 }
    else if (operator === '#' || operator === '##' || operator === '%' || operator === '%%')
      parameter.change = { op: operator, word: inner.word }
    else {
      const op = operator.slice(-1) as '-' | '=' | '?' | '+'
      parameter.change = { op, colon: operator.length === 2, word: inner.word }
    }
    if (text[i] !== '}') throw this.unclosed('}', at)
    parts.push(parameter)
    return i + 1
  }

  /** The word of a braced operator, to its `}` or to `stop`. Quotes inside work as outside. */
  private argument(at: number, stop: string | undefined, apostrophe = false): Read<{ word: Word }> {
    return this.read(at, character => character === '}' || character === stop, apostrophe)
  }

  /** `${…}` that means nothing: an error, but only when it is expanded. */
  private bad(at: number, parts: Part[]): number {
    const close = this.text.indexOf('}', at)
    if (close < 0) throw this.unclosed('}', at)
    const text = this.text.slice(at, close + 1)
    parts.push({ kind: 'parameter', name: '', change: { op: 'bad', text } })
    return close + 1
  }

  private ansi(at: number): Read<{ value: string }> {
    const { text } = this
    let value = ''
    for (let i = at; i < text.length; i++) {
      const character = text[i] as string
      if (character === "'") return { value, end: i + 1 }
      if (character !== '\\') {
        value += character
        continue
      }
      const next = text[++i] ?? ''
      const code = /^(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|([0-7]{1,3}))/.exec(text.slice(i, i + 5))
      if (code !== null) {
        value += String.fromCodePoint(
          code[3] !== undefined
            ? Number.parseInt(code[3], 8) & 255
            : Number.parseInt((code[1] ?? code[2]) as string, 16),
        )
        i += code[0].length - 1
      } else value += escapes[next] ?? `\\${next}`
    }
    throw this.unclosed("'", at)
  }

  // Hostile text can nest without end; a real shell runs out of stack there.
  private nested<T>(read: () => T): T {
    if (++this.depth > 100) throw new GrammarError('nested too deeply', 1)
    try {
      return read()
    } finally {
      this.depth--
    }
  }

  private unclosed(character: string, at: number): GrammarError {
    return new GrammarError(`unexpected EOF while looking for matching \`${character}'`, this.lineOf(at), {
      incomplete: true,
    })
  }

  private lineOf(at: number): number {
    let line = 1
    for (let i = 0; i < at && i < this.text.length; i++) if (this.text[i] === '\n') line++
    return line
  }
}

/** How many characters from `at` mean nothing to any reader of words. */
const ordinary = (text: string, at: number): number => length(/[A-Za-z0-9_]*/y, text, at)

/** How many from `at` mean nothing in double quotes, at least one; a `"` of a here-document is one by itself. */
const inDouble = (text: string, at: number): number => length(/[^\\$`"]+|"/y, text, at)

const length = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at
  pattern.test(text)
  return pattern.lastIndex - at
}

const add = (parts: Part[], kind: 'plain' | 'quoted', text: string): void => {
  const last = parts[parts.length - 1]
  if (last !== undefined && last.kind === kind) last.text += text
  else parts.push({ kind, text })
}
