import type { Task } from '../../runtime/index.ts'
import { extended } from '../commands/regex.ts'
import { compileRegex } from '../commands/regex-engine.ts'
import type { Test } from './ast.ts'
import { escapePattern, matches, unescapePattern } from './pattern.ts'
import type { Shell } from './shell-types.ts'
import { binary, compare, TestError, unary } from './test-expression.ts'

/** Runs `[[ … ]]`: as test(1), but `=` and `!=` match patterns, `=~` a regular expression, and numbers are arithmetic. */
export function* runTest(shell: Shell, test: Test): Task<number> {
  try {
    return (yield* holds(shell, test)) ? 0 : 1
  } catch (error) {
    if (!(error instanceof TestError)) throw error
    yield* shell.complain(`[[: ${error.message}`)
    return 2
  }
}

function* holds(shell: Shell, test: Test): Task<boolean> {
  switch (test.kind) {
    case 'not':
      return !(yield* holds(shell, test.test))
    case 'and':
      return (yield* holds(shell, test.left)) && (yield* holds(shell, test.right))
    case 'or':
      return (yield* holds(shell, test.left)) || (yield* holds(shell, test.right))
    case 'unary': {
      const operand = yield* shell.text(test.word)
      if (test.op === '-v') return shell.state.get(operand) !== undefined
      return unary(shell.process, test.op, operand)
    }
    default:
      return yield* compared(shell, test)
  }
}

function* compared(shell: Shell, test: Extract<Test, { kind: 'binary' }>): Task<boolean> {
  const { op } = test
  if (op.startsWith('-') && !['-nt', '-ot', '-ef'].includes(op)) {
    return compare(op, yield* shell.arithmetic(test.left), yield* shell.arithmetic(test.right))
  }
  const left = yield* shell.text(test.left)
  if (op === '=~') {
    const pattern = yield* shell.pattern(test.right)
    // What was quoted is escaped as for a shell pattern; the other marks of a regular expression are left to do.
    const compiled = extended(
      hasQuotes(test) ? unescapePattern(pattern).replace(/[.^$+(){}|*?[\]\\]/g, '\\$&') : pattern,
    )
    if (!compiled.ok) throw new TestError(`invalid regular expression \`${unescapePattern(pattern)}'`)
    const matcher = compileRegex(compiled.value, false)
    if (matcher === undefined) throw new TestError(`invalid regular expression \`${unescapePattern(pattern)}'`)
    return matcher.test(left)
  }
  const right = yield* shell.pattern(test.right)
  if (op === '=' || op === '==') return matches(right, left)
  if (op === '!=') return !matches(right, left)
  return binary(shell.process, left, op, right === escapePattern(right) ? right : unescapePattern(right))
}

const hasQuotes = (test: Extract<Test, { kind: 'binary' }>): boolean =>
  test.right.parts.length > 0 && test.right.parts.every(part => part.kind === 'quoted' || part.kind === 'double')
