import type { Process } from '../command.ts'
import { sizeOf } from '../files/node.ts'

/** Why a test has no answer; `test` then ends with status 2. */
export class TestError {
  readonly message: string

  constructor(message: string) {
    this.message = message
  }
}

export const isUnary = (op: string): boolean => /^-[abcdefghknoprstuvwxzGLNOS]$/.test(op)
export const isBinary = (op: string): boolean => /^(?:=|==|!=|<|>|-(?:eq|ne|lt|le|gt|ge|nt|ot|ef))$/.test(op)

/** `-f file`, `-z text`… as test(1) defines them. */
export const unary = (process: Process, op: string, operand: string): boolean => {
  if (op === '-z') return operand === ''
  if (op === '-n') return operand !== ''
  if (op === '-t') return process.files.get(integer(operand))?.stream.terminal !== undefined
  const { files } = process.machine
  const found = files.lookup(process, operand, op !== '-h' && op !== '-L')
  if (!found.ok) return false
  const node = found.value
  switch (op) {
    case '-a':
    case '-e':
    case '-r':
    case '-O':
    case '-G':
      return true
    case '-w':
      return node.kind !== 'virtual' || node.write !== undefined
    case '-f':
      return node.kind === 'file' || node.kind === 'virtual'
    case '-d':
      return node.kind === 'directory'
    case '-h':
    case '-L':
      return node.kind === 'link'
    case '-c':
      return node.kind === 'device'
    case '-s':
      return sizeOf(node) > 0
    case '-x':
      return (node.mode & 0o111) !== 0
    default:
      return false
  }
}

/** Compares two operands; `pattern` operators belong to the caller. */
export const binary = (process: Process, left: string, op: string, right: string): boolean => {
  switch (op) {
    case '=':
    case '==':
      return left === right
    case '!=':
      return left !== right
    case '<':
      return left < right
    case '>':
      return left > right
    case '-nt':
    case '-ot':
    case '-ef': {
      const a = process.machine.files.lookup(process, left)
      const b = process.machine.files.lookup(process, right)
      if (op === '-ef') return a.ok && b.ok && a.value === b.value
      const [newer, older] = op === '-nt' ? [a, b] : [b, a]
      return newer.ok && (!older.ok || newer.value.changed > older.value.changed)
    }
    default:
      return compare(op, integer(left), integer(right))
  }
}

/** The numeric operators of test and `[[`. */
export const compare = (op: string, left: number | bigint, right: number | bigint): boolean =>
  op === '-eq'
    ? left === right
    : op === '-ne'
      ? left !== right
      : op === '-lt'
        ? left < right
        : op === '-le'
          ? left <= right
          : op === '-gt'
            ? left > right
            : left >= right

const integer = (text: string): number => {
  if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new TestError(`${text}: integer expression expected`)
  return Number(text)
}

/**
 * The answer of `test args…`: up to four arguments by their number (POSIX XCU test), more by the old grammar with
 * `-a`, `-o` and parentheses. Throws a `TestError`.
 */
export const evaluateTest = (process: Process, args: readonly string[]): boolean => {
  const [a = '', b = '', c = ''] = args
  if (args.length === 0) return false
  if (args.length === 1) return a !== ''
  if (a === '!' && args.length <= 4 && !(args.length === 3 && (isBinary(b) || b === '-a' || b === '-o'))) {
    return !evaluateTest(process, args.slice(1))
  }
  if (args.length === 2) {
    if (!isUnary(a)) throw new TestError(`${a}: unary operator expected`)
    return unary(process, a, b)
  }
  if (args.length === 3) {
    if (isBinary(b)) return binary(process, a, b, c)
    if (b === '-a') return a !== '' && c !== ''
    if (b === '-o') return a !== '' || c !== ''
    if (a === '(' && c === ')') return b !== ''
    throw new TestError(`${b}: binary operator expected`)
  }
  const reader = new Reader(process, args)
  const answer = reader.or()
  if (!reader.done) throw new TestError('too many arguments')
  return answer
}

const maxDepth = 100

class Reader {
  private at = 0
  private depth = 0
  private readonly process: Process
  private readonly args: readonly string[]

  constructor(process: Process, args: readonly string[]) {
    this.process = process
    this.args = args
  }

  get done(): boolean {
    return this.at >= this.args.length
  }

  or(): boolean {
    let answer = this.and()
    while (this.args[this.at] === '-o') {
      this.at++
      const right = this.and()
      answer ||= right
    }
    return answer
  }

  private and(): boolean {
    let answer = this.not()
    while (this.args[this.at] === '-a') {
      this.at++
      const right = this.not()
      answer &&= right
    }
    return answer
  }

  private not(): boolean {
    let negated = false
    while (this.args[this.at] === '!' && !isBinary(this.args[this.at + 1] ?? '')) {
      this.at++
      negated = !negated
    }
    return this.primary() !== negated
  }

  private primary(): boolean {
    const { args, process } = this
    if (this.done) throw new TestError('argument expected')
    const [first = '', second = '', third] = args.slice(this.at, this.at + 3)
    if (third !== undefined && isBinary(second)) {
      this.at += 3
      return binary(process, first, second, third)
    }
    if (first === '(') {
      this.at++
      if (++this.depth > maxDepth) throw new TestError('nested too deeply')
      const answer = this.or()
      this.depth--
      if (args[this.at] !== ')') throw new TestError("`)' expected")
      this.at++
      return answer
    }
    if (isUnary(first) && this.at + 1 < args.length) {
      this.at += 2
      return unary(process, first, second)
    }
    this.at++
    return first !== ''
  }
}
