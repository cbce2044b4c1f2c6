import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { basic, extended, literal } from './regex.ts'

const matches = (compile: typeof basic, pattern: string, text: string): boolean | string => {
  const compiled = compile(pattern)
  return compiled.ok ? new RegExp(compiled.value).test(text) : compiled.why
}

// The answers of GNU grep 3.8.
test.each([
  ['a+b', 'a+b', true],
  ['a+b', 'aab', false],
  ['a\\+b', 'aab', true],
  ['a\\?b', 'b', true],
  ['\\(a\\|b\\)c', 'bc', true],
  ['(a|b)', 'a', false],
  ['*a', '*a', true],
  ['a**b', 'aab', true],
  ['^*a', '*a', true],
  ['a\\{2\\}', 'aa', true],
  ['a{2}', 'a{2}', true],
  ['a^b', 'a^b', true],
  ['a$b', 'a$b', true],
  ['\\(a\\)\\1', 'aa', true],
  ['[]a]', ']', true],
  ['[^]a]', ']', false],
  ['[a\\]', '\\', true],
  ['[[:alpha:]_]', '_', true],
  ['[a-c-]', '-', true],
  ['\\.', 'x', false],
  ['\\<a\\>', 'b a c', true],
  ['\\ba', 'ba', false],
  ['a\\', '', 'Trailing backslash'],
  ['[a', '', 'Unmatched [, [^, [:, [., or [='],
  ['\\(a', '', 'Unmatched ( or \\('],
  ['a\\)', '', 'Unmatched ) or \\)'],
])('basic %s on %s: %s', (pattern, text, wanted) => {
  expect(matches(basic, pattern, text)).toBe(wanted)
})

test.each([
  ['^(a|b)+$', 'abba', true],
  ['a{1,2}$', 'xaa', true],
  ['a{,2}b', 'b', true],
  ['a\\{2}', 'a{2}', true],
  ['{y}', '{y}', true],
  ['a)', 'a)', true],
  ['(a)(b)\\2', 'abb', true],
  ['a+*', 'aaa', true],
  ['\\w+\\s\\W', 'ab  ', true],
  ['x|', '', true],
  ['(a', '', 'Unmatched ( or \\('],
  ['a{2,1}', '', 'Invalid content of \\{\\}'],
])('extended %s on %s: %s', (pattern, text, wanted) => {
  expect(matches(extended, pattern, text)).toBe(wanted)
})

describe('whatever the pattern', () => {
  test('it compiles or says why', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab01.*+?[](){}|^$\\,-:='), maxLength: 12 }), pattern => {
        for (const compile of [basic, extended]) {
          const compiled = compile(pattern)
          if (compiled.ok) new RegExp(compiled.value)
          else expect(compiled.why).not.toBe('')
        }
      }),
      { numRuns: 3000 },
    )
  })

  test('a literal matches itself', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        expect(new RegExp(`^(?:${literal(text)})$`, 's').test(text)).toBe(true)
      }),
    )
  })
})
