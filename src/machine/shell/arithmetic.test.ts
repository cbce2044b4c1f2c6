import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ArithmeticError, evaluate } from './arithmetic.ts'

const variables = (values: Record<string, string> = {}) => ({
  values,
  get: (name: string) => values[name],
  set: (name: string, value: string) => {
    values[name] = value
  },
})
const value = (text: string, values: Record<string, string> = {}): number => Number(evaluate(text, variables(values)))
const wrong = (text: string): string => {
  try {
    return String(evaluate(text, variables()))
  } catch (error) {
    return (error as ArithmeticError).message
  }
}

test.each([
  ['', 0],
  ['1 + 2 * 3', 7],
  ['(1 + 2) * 3', 9],
  ['-7 / 2', -3],
  ['-7 % 3', -1],
  ['2 ** 3 ** 2', 512],
  ['-2 ** 2', 4],
  ['1 << 4 | 3', 19],
  ['5 & 3 ^ 1', 0],
  ['1 < 2 && 2 < 1 || 3', 1],
  ['!0 + ~0', 0],
  ['1 ? 2 : 3', 2],
  ['0 ? 2 : 0 ? 4 : 5', 5],
  ['1, 2, 3', 3],
  ['0x1f + 010 + 2#101 + 36#z', 31 + 8 + 5 + 35],
])('%s is %d', (text, wanted) => {
  expect(value(text)).toBe(wanted)
})

describe('variables', () => {
  test('are expressions themselves, and 0 when unset', () => {
    expect(value('x + 1')).toBe(1)
    expect(value('x', { x: 'y * 2', y: '21' })).toBe(42)
  })

  test('are assigned', () => {
    const v = variables({ x: '5' })
    expect(evaluate('x++ + ++x', v)).toBe(12n)
    expect(evaluate('x -= 2, x <<= 1, y = x', v)).toBe(10n)
    expect(v.values).toEqual({ x: '10', y: '10' })
  })

  test('are left alone in a branch that is not taken', () => {
    const v = variables()
    evaluate('0 && (x = 1), 1 || (x = 2), 1 ? 3 : (x = 4)', v)
    expect(v.values).toEqual({})
    expect(value('0 && 1/0')).toBe(0)
  })

  test('that refer to themselves are refused', () => {
    expect(() => value('x', { x: 'x' })).toThrow(ArithmeticError)
  })
})

test('numbers are of 64 bits and wrap', () => {
  expect(evaluate('9223372036854775807 + 1', variables())).toBe(-(2n ** 63n))
  expect(evaluate('1 << 63', variables())).toBe(-(2n ** 63n))
})

// The messages of bash 5.2.
test.each([
  ['1 / 0', 'division by 0 (error token is "0")'],
  ['1 +', 'syntax error: operand expected (error token is "+")'],
  ['08', 'value too great for base (error token is "08")'],
  ['1 2', 'syntax error in expression (error token is "2")'],
  ['(1', 'missing `)\' (error token is "1")'],
  ['2 ** -1', 'exponent less than 0 (error token is "1")'],
])('%s is refused', (text, message) => {
  expect(wrong(text)).toBe(message)
})

test('agrees with JavaScript on small expressions', () => {
  const small = fc.integer({ min: 0, max: 50 })
  const operator = fc.constantFrom('+', '-', '*', '<', '>', '<=', '>=', '==', '!=', '&', '|', '^')
  fc.assert(
    fc.property(fc.array(fc.tuple(operator, small), { maxLength: 6 }), small, (rest, begin) => {
      const text = [begin, ...rest.flat()].join(' ')
      expect(value(text)).toBe(Number(new Function(`return ${text}`)()))
    }),
  )
})

test('random text is a value or an error', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789xyz+-*/%&|^<>=!~?:,() #'), maxLength: 30 }), text => {
      try {
        evaluate(text, variables())
      } catch (error) {
        expect(error).toBeInstanceOf(ArithmeticError)
      }
    }),
    { numRuns: 3000 },
  )
})
