import type { AndOr, Assignment, CaseArm, Command, Item, List, Pipeline, Redirection, Simple, Word } from './ast.ts'
import { GrammarError } from './grammar-error.ts'
import { parseTest } from './parse-test.ts'
import { Scanner, type Token } from './scanner.ts'

const redirections = new Set(['<', '>', '>>', '>|', '<>', '<&', '>&', '&>', '&>>', '<<<', '<<', '<<-'])
/** Words that mean something where a command begins, and cannot be the name of one. */
const closers = new Set(['then', 'elif', 'else', 'fi', 'do', 'done', 'esac', '}', 'in'])
const maxDepth = 150

/** What one step of parsing gave: the commands of one complete line, the end, or why not. */
export type Parsed =
  | { kind: 'line'; list: List; warnings: { line: number; text: string }[] }
  | { kind: 'end' }
  | { kind: 'error'; error: GrammarError; text: string }

/**
 * Parses a program a complete command line at a time, as a shell runs it: what stands before a mistake is run.
 * `final` says that no more text can come.
 */
export class Parser {
  private readonly scanner: Scanner
  private depth: number
  private readonly text: string

  constructor(text: string, final = true, at = 0, depth = 0) {
    this.text = text
    this.depth = depth
    this.scanner = new Scanner(text, at, final, (inner, start) => {
      if (this.depth >= maxDepth) throw new GrammarError('nested too deeply', this.scanner.line)
      const parser = new Parser(inner, final, start, this.depth + 1)
      const list = parser.list()
      if (parser.scanner.peek().kind === 'end') {
        throw new GrammarError("unexpected EOF while looking for matching `)'", parser.scanner.line + 1, {
          incomplete: true,
        })
      }
      const close = parser.expect(')')
      return { list, end: close.end }
    })
  }

  /** The next complete line; never throws. */
  next(): Parsed {
    try {
      while (this.scanner.peek().kind === 'newline') this.scanner.next()
      if (this.scanner.peek().kind === 'end') return { kind: 'end' }
      const list = this.line()
      return { kind: 'line', list, warnings: this.scanner.warnings.splice(0) }
    } catch (error) {
      if (error instanceof GrammarError)
        return { kind: 'error', error, text: this.text.split('\n')[error.line - 1] ?? '' }
      throw error
    }
  }

  /** Items up to the end of a line. */
  private line(): List {
    const items: List = []
    for (;;) {
      items.push(this.item())
      const token = this.scanner.peek()
      if (token.kind === 'newline' || token.kind === 'end') {
        this.scanner.next()
        return items
      }
      if (!this.endedItem) this.unexpected(token)
    }
  }

  private endedItem = false

  private item(): Item {
    const start = this.scanner.position()
    const andOr = this.andOr()
    const token = this.scanner.peek()
    const text = this.text.slice(start, token.start).trimEnd()
    this.endedItem = true
    if (this.isOperator('&')) {
      this.scanner.next()
      return { andOr, background: true, text }
    }
    if (this.isOperator(';')) this.scanner.next()
    else if (token.kind === 'newline') {
      // The end of a line ends an item; the caller sees it.
    } else this.endedItem = false
    return { andOr, background: false, text }
  }

  /** Items over several lines, up to what cannot begin one: a closing word, `)`, `;;`, the end. */
  private list(): List {
    const items: List = []
    for (;;) {
      this.newlines()
      const token = this.scanner.peek()
      if (token.kind === 'end' || (token.kind === 'operator' && [')', ';;', ';&', ';;&'].includes(token.text)))
        return items
      if (token.kind === 'word' && closers.has(token.text) && token.text !== 'in') return items
      items.push(this.item())
      if (!this.endedItem) return items
    }
  }

  /** A list that must not be empty: the body of a loop or an arm of `if`. */
  private body(): List {
    const list = this.list()
    if (list.length === 0) this.unexpected(this.scanner.peek())
    return list
  }

  private andOr(): AndOr {
    const andOr: AndOr = { first: this.pipeline(), rest: [] }
    for (;;) {
      const token = this.scanner.peek()
      if (token.kind !== 'operator' || (token.text !== '&&' && token.text !== '||')) return andOr
      this.scanner.next()
      this.newlines()
      andOr.rest.push({ op: token.text, pipeline: this.pipeline() })
    }
  }

  private pipeline(): Pipeline {
    let negated = false
    while (this.isWord('!')) {
      this.scanner.next()
      negated = !negated
    }
    const commands: Command[] = []
    const token = this.scanner.peek()
    const isNothing = token.kind === 'end' || token.kind === 'newline' || this.isOperator(';')
    if (!negated || !isNothing) commands.push(this.command())
    while (this.isOperator('|') || this.isOperator('|&')) {
      const both = this.scanner.next().text === '|&'
      if (both) {
        const last = commands[commands.length - 1] as Command
        last.redirections.push({ fd: 2, op: '>&', target: { parts: [{ kind: 'quoted', text: '1' }] } })
      }
      this.newlines()
      commands.push(this.command())
    }
    return { negated, commands }
  }

  private command(): Command {
    if (++this.depth > maxDepth) throw new GrammarError('nested too deeply', this.scanner.line)
    try {
      const compound = this.compound()
      if (compound === undefined) return this.simple()
      while (this.redirection(compound.redirections)) {
        // Each call takes one.
      }
      return compound
    } finally {
      this.depth--
    }
  }

  private compound(): Command | undefined {
    const token = this.scanner.peek()
    if (token.kind === 'operator' && token.text === '(') {
      this.scanner.next()
      if (this.scanner.follows('(')) {
        this.scanner.skip(1)
        return { kind: 'arithmetic', expression: this.scanner.arithmetic(), redirections: [] }
      }
      const body = this.body()
      this.expect(')')
      return { kind: 'subshell', body, redirections: [] }
    }
    if (token.kind !== 'word') return undefined
    switch (token.text) {
      case '{': {
        this.scanner.next()
        const body = this.body()
        this.word('}')
        return { kind: 'group', body, redirections: [] }
      }
      case 'if':
        return this.if()
      case 'while':
      case 'until': {
        this.scanner.next()
        const test = this.body()
        return { kind: 'while', until: token.text === 'until', test, body: this.doBody(), redirections: [] }
      }
      case 'for':
        return this.for()
      case 'case':
        return this.case()
      case 'function': {
        this.scanner.next()
        const name = this.operand()
        if (this.isOperator('(')) {
          this.scanner.next()
          this.expect(')')
        }
        return this.function(name.text)
      }
      case '[[':
        this.scanner.next()
        return { kind: 'test', test: parseTest(this.scanner), redirections: [] }
      default:
        if (closers.has(token.text) && token.text !== 'in') return this.unexpected(token)
        return undefined
    }
  }

  private if(): Command {
    const arms: { test: List; body: List }[] = []
    this.scanner.next()
    for (;;) {
      const test = this.body()
      this.word('then')
      arms.push({ test, body: this.body() })
      if (!this.isWord('elif')) break
      this.scanner.next()
    }
    const command: Command = { kind: 'if', arms, redirections: [] }
    if (this.isWord('else')) {
      this.scanner.next()
      command.otherwise = this.body()
    }
    this.word('fi')
    return command
  }

  private doBody(): List {
    this.word('do')
    const body = this.body()
    this.word('done')
    return body
  }

  private for(): Command {
    this.scanner.next()
    if (this.isOperator('(')) return this.arithmeticFor()
    const name = this.operand()
    if (this.isOperator(';')) this.scanner.next()
    this.newlines()
    const command: Command = { kind: 'for', name: name.text, body: [], redirections: [] }
    if (this.isWord('in')) {
      this.scanner.next()
      command.words = []
      for (let token = this.scanner.next(); ; token = this.scanner.next()) {
        if (token.kind === 'word') command.words.push(token.word)
        else if (token.kind === 'newline' || (token.kind === 'operator' && token.text === ';')) break
        else return this.unexpected(token)
      }
      this.newlines()
    }
    command.body = this.doBody()
    return command
  }

  private arithmeticFor(): Command {
    this.expect('(')
    if (!this.scanner.follows('(')) return this.unexpected(this.scanner.peek())
    this.scanner.skip(1)
    const [begin, test, step, ...more] = splitAtSemicolons(this.scanner.arithmetic())
    if (begin === undefined || test === undefined || step === undefined || more.length > 0) {
      throw new GrammarError("syntax error near unexpected token `('", this.scanner.line, { showsLine: true })
    }
    if (this.isOperator(';')) this.scanner.next()
    this.newlines()
    return { kind: 'arithmetic-for', begin, test, step, body: this.doBody(), redirections: [] }
  }

  private case(): Command {
    this.scanner.next()
    const subject = this.operand()
    this.newlines()
    this.word('in')
    const arms: CaseArm[] = []
    for (;;) {
      this.newlines()
      if (this.isWord('esac')) break
      if (this.isOperator('(')) this.scanner.next()
      const patterns: Word[] = []
      for (;;) {
        if (patterns.length > 0 || this.scanner.peek().kind !== 'end') patterns.push(this.operand().word)
        else return this.unexpected(this.scanner.peek())
        if (!this.isOperator('|')) break
        this.scanner.next()
      }
      if (this.scanner.peek().kind === 'end') this.operand()
      this.expect(')')
      const body = this.list()
      const end = this.scanner.peek()
      arms.push({ patterns, body, through: end.text === ';&' })
      if (end.kind === 'operator' && (end.text === ';;' || end.text === ';&')) this.scanner.next()
      else if (!this.isWord('esac')) return this.unexpected(end)
    }
    this.scanner.next()
    return { kind: 'case', word: subject.word, arms, redirections: [] }
  }

  private function(name: string): Command {
    this.newlines()
    const token = this.scanner.peek()
    const body = this.compound()
    if (body === undefined) return this.unexpected(token)
    while (this.redirection(body.redirections)) {
      // Each call takes one.
    }
    return { kind: 'function', name, body, redirections: [] }
  }

  private simple(): Command {
    const first = this.scanner.peek()
    const command: Simple = { kind: 'simple', assignments: [], words: [], redirections: [], line: first.line }
    for (;;) {
      if (this.redirection(command.redirections)) continue
      const token = this.scanner.peek()
      if (token.kind !== 'word') {
        if (token.kind === 'operator' && token.text === '(' && isName(command, first))
          return this.definition(command, first)
        break
      }
      this.scanner.next()
      const assignment = command.words.length === 0 ? assignmentOf(token.word) : undefined
      if (assignment === undefined) command.words.push(token.word)
      else command.assignments.push(assignment)
    }
    if (command.words.length + command.assignments.length + command.redirections.length === 0) {
      this.unexpected(this.scanner.peek())
    }
    return command
  }

  private definition(command: Simple, name: Token): Command {
    const open = this.scanner.next()
    if (command.words.length !== 1) return this.unexpected(open)
    this.expect(')')
    return this.function(name.text)
  }

  private redirection(into: Redirection[]): boolean {
    const token = this.scanner.peek()
    let fd: number | undefined
    if (token.kind === 'descriptor') {
      this.scanner.next()
      fd = Number(token.text)
    } else if (token.kind !== 'operator' || !redirections.has(token.text)) return false
    const operator = this.scanner.next()
    const strip = operator.text === '<<-'
    const op = (strip ? '<<' : operator.text) as Redirection['op']
    const target = this.operand()
    const redirection: Redirection = { fd: fd ?? (op.startsWith('<') ? 0 : 1), op, target: target.word }
    into.push(redirection)
    if (op === '<<') this.scanner.expectHereDocument(redirection, target.word, target.text, strip)
    return true
  }

  private newlines(): void {
    while (this.scanner.peek().kind === 'newline') this.scanner.next()
  }

  private isOperator(text: string): boolean {
    const token = this.scanner.peek()
    return token.kind === 'operator' && token.text === text
  }

  private isWord(text: string): boolean {
    const token = this.scanner.peek()
    return token.kind === 'word' && token.text === text
  }

  private word(text: string): void {
    if (!this.isWord(text)) this.unexpected(this.scanner.peek())
    this.scanner.next()
  }

  private expect(text: string): Token {
    if (!this.isOperator(text)) this.unexpected(this.scanner.peek())
    return this.scanner.next()
  }

  /** A word that must be here: the end of the text counts as the end of the line, and more text does not help. */
  private operand(): Token & { kind: 'word' } {
    const token = this.scanner.next()
    if (token.kind === 'word') return token
    const { line, start, end } = token
    return this.unexpected(token.kind === 'end' ? { kind: 'newline', text: 'newline', line, start, end } : token)
  }

  private unexpected(token: Token): never {
    throw unexpected(token)
  }
}

/** The error for a token that cannot stand where it does. At the end of the text more could come. */
export const unexpected = (token: Token): GrammarError =>
  token.kind === 'end'
    ? // bash counts the line after the last.
      new GrammarError('syntax error: unexpected end of file', token.line + 1, { incomplete: true })
    : new GrammarError(`syntax error near unexpected token \`${token.text}'`, token.line, { showsLine: true })

const isName = (command: Simple, first: Token): boolean =>
  first.kind === 'word' && command.words.length === 1 && command.assignments.length + command.redirections.length === 0

/** `name=value` and `name+=value`, with the name unquoted. */
export const assignmentOf = (word: Word): Assignment | undefined => {
  const [head, ...rest] = word.parts
  if (head === undefined || head.kind !== 'plain') return undefined
  const match = /^([A-Za-z_][A-Za-z0-9_]*)(\+?)=/.exec(head.text)
  if (match === null) return undefined
  const text = head.text.slice(match[0].length)
  const parts = text === '' ? rest : [{ kind: 'plain' as const, text }, ...rest]
  return { name: match[1] as string, append: match[2] === '+', value: { parts } }
}

const splitAtSemicolons = (word: Word): Word[] => {
  const words: Word[] = [{ parts: [] }]
  for (const part of word.parts) {
    if (part.kind !== 'quoted') {
      words[words.length - 1]?.parts.push(part)
      continue
    }
    const [head, ...tail] = part.text.split(';')
    words[words.length - 1]?.parts.push({ kind: 'quoted', text: head as string })
    for (const text of tail) words.push({ parts: [{ kind: 'quoted', text }] })
  }
  return words
}
