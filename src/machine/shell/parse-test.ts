import type { Test, Word } from './ast.ts'
import { GrammarError } from './grammar-error.ts'
import type { Scanner, Token } from './scanner.ts'

const unary = /^-[abcdefghknoprstuvwxzGLNOS]$/
const binary = new Set(['=', '==', '!=', '=~', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef'])
const maxDepth = 100

/** Reads the inside of `[[ … ]]` after its opening: `!`, `&&`, `||`, parentheses, and the primaries of test(1). */
export const parseTest = (scanner: Scanner): Test => {
  const test = or(scanner, 0)
  const close = scanner.next()
  if (close.kind !== 'word' || close.text !== ']]') throw wrong(close)
  return test
}

const or = (scanner: Scanner, depth: number): Test => {
  let left = and(scanner, depth)
  while (takes(scanner, '||')) left = { kind: 'or', left, right: and(scanner, depth) }
  return left
}

const and = (scanner: Scanner, depth: number): Test => {
  let left = not(scanner, depth)
  while (takes(scanner, '&&')) left = { kind: 'and', left, right: not(scanner, depth) }
  return left
}

const not = (scanner: Scanner, depth: number): Test => {
  if (depth > maxDepth) throw new GrammarError('nested too deeply', scanner.line)
  newlines(scanner)
  const token = scanner.peek()
  if (token.kind === 'word' && token.text === '!') {
    scanner.next()
    return { kind: 'not', test: not(scanner, depth + 1) }
  }
  if (takes(scanner, '(')) {
    const test = or(scanner, depth + 1)
    newlines(scanner)
    if (!takes(scanner, ')')) throw wrong(scanner.peek())
    return test
  }
  return primary(scanner)
}

const primary = (scanner: Scanner): Test => {
  const first = operand(scanner)
  if (unary.test(first.text)) {
    const next = scanner.peek()
    if (next.kind === 'word' && next.text !== ']]')
      return { kind: 'unary', op: first.text, word: operand(scanner).word }
  }
  const token = scanner.peek()
  const isOperator = token.kind === 'operator' && (token.text === '<' || token.text === '>')
  if (!isOperator && !(token.kind === 'word' && binary.has(token.text))) {
    return { kind: 'unary', op: '-n', word: first.word }
  }
  scanner.next()
  const right = token.text === '=~' ? scanner.regex() : operand(scanner).word
  return { kind: 'binary', op: token.text, left: first.word, right }
}

const operand = (scanner: Scanner): { word: Word; text: string } => {
  const token = scanner.next()
  if (token.kind !== 'word' || token.text === ']]') throw wrong(token)
  return token
}

const takes = (scanner: Scanner, text: string): boolean => {
  newlines(scanner)
  const token = scanner.peek()
  if (token.kind !== 'operator' || token.text !== text) return false
  scanner.next()
  return true
}

const newlines = (scanner: Scanner): void => {
  while (scanner.peek().kind === 'newline') scanner.next()
}

const wrong = (token: Token): GrammarError =>
  token.kind === 'end'
    ? new GrammarError('syntax error: unexpected end of file', token.line + 1, { incomplete: true })
    : new GrammarError(`syntax error in conditional expression: unexpected token \`${token.text}'`, token.line, {
        showsLine: true,
      })
