import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { output } from '../machine.testing.ts'
import { extended } from './regex.ts'
import { compileRegex, linearMatcher, type Matcher } from './regex-engine.ts'

const linear = (pattern: string): Matcher => {
  const compiled = extended(pattern)
  const matcher = compiled.ok ? linearMatcher(compiled.value, false) : undefined
  if (matcher === undefined) throw new Error(pattern)
  return matcher
}

const found = (pattern: string, text: string): string | undefined => {
  const match = linear(pattern).find(text)
  return match === undefined ? undefined : text.slice(match.start, match.end)
}

// What `grep -oE` prints first (GNU grep 3.8): of the leftmost, the longest.
test.each([
  ['a|ab', 'xab', 'ab'],
  ['(a|ab)(c|bcd)', 'abcd', 'abcd'],
  ['x*', 'aax', ''],
  ['a{2,3}', 'aaaa', 'aaa'],
  ['a{2}', 'aaaa', 'aa'],
  ['(ab){2,}', 'ababab', 'ababab'],
  ['^b|c$', 'abc', 'c'],
  ['\\<b\\w*', 'ab bcd', 'bcd'],
  ['[[:digit:]]+\\.?', 'v3.14', '3.'],
  ['(a?){3}b', 'aab', 'aab'],
  ['q', 'abc', undefined],
])('%s on %s', (pattern, text, wanted) => {
  expect(found(pattern, text)).toBe(wanted)
})

/** Expressions of a few letters. */
const expressions = fc.letrec<{ any: string }>(tie => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '^', '$', '\\w', '\\b'),
    fc.tuple(tie('any'), tie('any')).map(([one, other]) => one + other),
    fc.tuple(tie('any'), tie('any')).map(([one, other]) => `(${one}|${other})`),
    fc.tuple(tie('any'), fc.constantFrom('*', '+', '?', '{2}', '{1,2}')).map(([one, by]) => `(${one})${by}`),
  ),
})).any

test('law: a text has a match exactly if JavaScript finds one, and it begins at the same place', () => {
  const texts = fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 8 })
  fc.assert(
    fc.property(expressions, texts, (pattern, text) => {
      const compiled = extended(pattern)
      if (!compiled.ok) return
      const expected = new RegExp(compiled.value).exec(text)
      const matcher = linear(pattern)
      expect(matcher.test(text)).toBe(expected !== null)
      const match = matcher.find(text)
      expect(match?.start).toBe(expected?.index)
      if (expected !== null && match !== undefined)
        expect(match.end - match.start).toBeGreaterThanOrEqual(expected[0].length)
    }),
  )
})

describe('what would hold a backtracking matcher for ever', () => {
  const line = 'a'.repeat(5000)

  test.each(['(a*)*b', '(a|a)*b', '(a+)+$b', '(a?){60}a{60}b', '.*.*.*.*.*x', '(.*a){12}b'])('%s', pattern => {
    const compiled = extended(pattern)
    const matcher = compiled.ok ? compileRegex(compiled.value, false) : undefined
    expect(matcher?.test(line)).toBe(false)
  })

  test('at a prompt', () => {
    const text = 'a'.repeat(60)
    expect(output(`echo ${text} | grep -cE '(a*)*b'`)).toBe('0\n')
    expect(output(`[[ ${text} =~ ^(a+)+b$ ]] || echo no`)).toBe('no\n')
    expect(output(`echo a | grep -E '((a{1,200}){1,200}){1,200}'`)).toBe('grep: Regular expression too big\n')
    expect(output('echo abcd | grep -oE "a|ab|abc"')).toBe('abc\n')
  })
})
