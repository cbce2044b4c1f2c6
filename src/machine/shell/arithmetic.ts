/** What an expression reads and changes: variables as text, empty when unset. */
export interface Variables {
  get(name: string): string | undefined
  set(name: string, value: string): void
}

/** Why an expression has no value, in bash's words. `token` is the rest of the text where it went wrong. */
export class ArithmeticError {
  readonly message: string

  constructor(why: string, token: string) {
    this.message = `${why} (error token is "${token}")`
  }
}

const tokens =
  /\s*(?:(0[xX][0-9a-fA-F]+|\d+#[0-9a-zA-Z@_]+|\d+)|([A-Za-z_]\w*)|(<<=|>>=|\*\*|&&|\|\||<<|>>|<=|>=|==|!=|\+\+|--|[-+*/%&^|]=|[-+*/%<>=!~&^|?:,()]))/y
const precedence: Record<string, number> = {
  '||': 1,
  '&&': 2,
  '|': 3,
  '^': 4,
  '&': 5,
  '==': 6,
  '!=': 6,
  '<': 7,
  '>': 7,
  '<=': 7,
  '>=': 7,
  '<<': 8,
  '>>': 8,
  '+': 9,
  '-': 9,
  '*': 10,
  '/': 10,
  '%': 10,
  '**': 11,
}
const assignments = new Set(['=', '+=', '-=', '*=', '/=', '%=', '&=', '^=', '|=', '<<=', '>>='])
const maxDepth = 400

/**
 * Evaluates `$((…))`: C's operators on 64-bit integers that wrap (POSIX XCU 2.6.4), with bash's `**`, `,`, `++` and
 * `base#digits`. A variable's value is an expression itself. Throws an `ArithmeticError`.
 */
export const evaluate = (text: string, variables: Variables, depth = 0): bigint => {
  if (depth > maxDepth) throw new ArithmeticError('expression recursion level exceeded', text)
  return new Evaluation(text, variables, depth).all()
}

/** Recursive descent; `live` is false in a branch that `?:`, `&&` or `||` does not take, where nothing is assigned. */
class Evaluation {
  private readonly text: string
  private readonly variables: Variables
  private depth: number
  private at = 0
  private token = ''
  private start = 0
  private live = true

  constructor(text: string, variables: Variables, depth: number) {
    this.text = text
    this.variables = variables
    this.depth = depth
    this.advance()
  }

  all(): bigint {
    if (this.token === '') return 0n
    const value = this.comma()
    if (this.token !== '') throw this.error('syntax error in expression')
    return value
  }

  private advance(): void {
    tokens.lastIndex = this.at
    const match = tokens.exec(this.text)
    if (match === null) {
      const rest = this.text.slice(this.at)
      this.start = this.at + (rest.length - rest.trimStart().length)
      this.token = rest.trim() === '' ? '' : (rest.trimStart()[0] as string)
      this.at = this.token === '' ? this.text.length : this.start + 1
      return
    }
    this.token = (match[1] ?? match[2] ?? match[3]) as string
    this.at = tokens.lastIndex
    this.start = this.at - this.token.length
  }

  private error(why: string): ArithmeticError {
    const rest = this.text.slice(this.start)
    return new ArithmeticError(why, rest === '' ? this.text.slice(this.lastStart) : rest)
  }

  private lastStart = 0

  private take(): string {
    const token = this.token
    this.lastStart = this.start
    this.advance()
    return token
  }

  private comma(): bigint {
    let value = this.assignment()
    while (this.token === ',') {
      this.take()
      value = this.assignment()
    }
    return value
  }

  private assignment(): bigint {
    if (++this.depth > maxDepth) throw this.error('expression recursion level exceeded')
    try {
      const name = this.token
      if (!/^[A-Za-z_]/.test(name)) return this.conditional()
      const at = { at: this.at, start: this.start, last: this.lastStart }
      this.take()
      if (!assignments.has(this.token)) {
        this.at = at.at
        this.start = at.start
        this.lastStart = at.last
        this.token = name
        const value = this.conditional()
        if (assignments.has(this.token)) throw this.error('attempted assignment to non-variable')
        return value
      }
      const operator = this.take()
      const right = this.assignment()
      const value = operator === '=' ? right : this.binary(operator.slice(0, -1), this.value(name), right)
      this.assign(name, value)
      return value
    } finally {
      this.depth--
    }
  }

  private conditional(): bigint {
    const test = this.operation(1)
    if (this.token !== '?') return test
    this.take()
    const yes = this.when(test !== 0n, () => this.comma())
    if ((this.token as string) !== ':') throw this.error("`:' expected for conditional expression")
    this.take()
    const no = this.when(test === 0n, () => this.conditional())
    return test !== 0n ? yes : no
  }

  private operation(least: number): bigint {
    if (++this.depth > maxDepth) throw this.error('expression recursion level exceeded')
    try {
      return this.operations(least)
    } finally {
      this.depth--
    }
  }

  private operations(least: number): bigint {
    let left = this.unary()
    for (;;) {
      const operator = this.token
      const level = precedence[operator]
      if (level === undefined || level < least) return left
      this.take()
      if (operator === '&&' || operator === '||') {
        const decided = (left !== 0n) === (operator === '||')
        const right = this.when(!decided, () => this.operation(level + 1))
        left = decided ? BigInt(operator === '||') : BigInt(right !== 0n)
      } else left = this.binary(operator, left, this.operation(operator === '**' ? level : level + 1))
    }
  }

  private unary(): bigint {
    if (++this.depth > maxDepth) throw this.error('expression recursion level exceeded')
    try {
      const token = this.token
      if (token === '++' || token === '--') {
        this.take()
        const name = this.token
        if (!/^[A-Za-z_]/.test(name)) {
          const value = this.unary()
          return value
        }
        this.take()
        const value = wrap(this.value(name) + (token === '++' ? 1n : -1n))
        this.assign(name, value)
        return value
      }
      if (token === '-' || token === '+' || token === '!' || token === '~') {
        this.take()
        const value = this.unary()
        return token === '-'
          ? wrap(-value)
          : token === '!'
            ? BigInt(value === 0n)
            : token === '~'
              ? wrap(~value)
              : value
      }
      return this.primary()
    } finally {
      this.depth--
    }
  }

  private primary(): bigint {
    const token = this.token
    if (token === '(') {
      this.take()
      const value = this.comma()
      if (this.token !== ')') throw this.error("missing `)'")
      this.take()
      return value
    }
    if (/^\d/.test(token)) {
      const value = this.number(token)
      this.take()
      return value
    }
    if (/^[A-Za-z_]/.test(token)) {
      this.take()
      const value = this.value(token)
      if (this.token === '++' || this.token === '--')
        this.assign(token, wrap(value + (this.take() === '++' ? 1n : -1n)))
      return value
    }
    throw this.error('syntax error: operand expected')
  }

  private number(token: string): bigint {
    const [base, digits] = token.split('#')
    if (digits === undefined) {
      if (/^0[xX]/.test(token)) return wrap(BigInt(token))
      if (!token.startsWith('0')) return wrap(BigInt(token))
      if (/[89]/.test(token)) throw this.error('value too great for base')
      return token === '0' ? 0n : wrap(BigInt(`0o${token.slice(1)}`))
    }
    const radix = Number(base)
    if (radix < 2 || radix > 64) throw this.error('invalid arithmetic base')
    const alphabet = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@_'
    let value = 0n
    for (const digit of radix <= 36 ? digits.toLowerCase() : digits) {
      const worth = alphabet.indexOf(digit)
      if (worth >= radix) throw this.error('value too great for base')
      value = value * BigInt(radix) + BigInt(worth)
    }
    return wrap(value)
  }

  private binary(operator: string, left: bigint, right: bigint): bigint {
    switch (operator) {
      case '+':
        return wrap(left + right)
      case '-':
        return wrap(left - right)
      case '*':
        return wrap(left * right)
      case '/':
      case '%':
        if (right === 0n) {
          if (!this.live) return 0n
          this.start = this.lastStart
          throw this.error('division by 0')
        }
        return wrap(operator === '/' ? left / right : left % right)
      case '**':
        if (right < 0n) throw this.error('exponent less than 0')
        return power(left, right)
      case '<<':
        return wrap(left << (right & 63n))
      case '>>':
        return left >> (right & 63n)
      case '&':
        return left & right
      case '|':
        return left | right
      case '^':
        return left ^ right
      case '==':
        return BigInt(left === right)
      case '!=':
        return BigInt(left !== right)
      case '<':
        return BigInt(left < right)
      case '>':
        return BigInt(left > right)
      case '<=':
        return BigInt(left <= right)
      default:
        return BigInt(left >= right)
    }
  }

  private value(name: string): bigint {
    if (!this.live) return 0n
    const text = this.variables.get(name) ?? ''
    return /^\d{1,15}$/.test(text) && !text.startsWith('0')
      ? BigInt(text)
      : evaluate(text, this.variables, this.depth + 1)
  }

  private assign(name: string, value: bigint): void {
    if (this.live) this.variables.set(name, String(value))
  }

  private when(live: boolean, run: () => bigint): bigint {
    const before = this.live
    this.live = before && live
    const value = run()
    this.live = before
    return value
  }
}

const wrap = (value: bigint): bigint => BigInt.asIntN(64, value)

const power = (base: bigint, exponent: bigint): bigint => {
  let value = 1n
  let square = base
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) value = wrap(value * square)
    square = wrap(square * square)
  }
  return value
}
