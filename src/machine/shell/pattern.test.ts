import fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapePattern, hasGlob, matches, unescapePattern } from './pattern.ts'

test.each([
  ['*', '', true],
  ['a*c', 'abbc', true],
  ['a?c', 'ac', false],
  ['[a-c]x', 'bx', true],
  ['[!a-c]', 'b', false],
  ['[^a-c]', 'd', true],
  ['[]]', ']', true],
  ['[!]]', ']', false],
  ['[', '[', true],
  ['[a', '[a', true],
  ['\\*', '*', true],
  ['\\*', 'x', false],
  ['[[:digit:]]*', '7up', true],
  ['[a\\]b]', ']', true],
  ['a.c', 'abc', false],
  ['*\n*', 'a\nb', true],
  ['(a|b)', '(a|b)', true],
  ['[a-]', '-', true],
])('%s on %j: %s', (pattern, text, wanted) => {
  expect(matches(pattern, text)).toBe(wanted)
})

test('knows whether there is something to expand', () => {
  expect([hasGlob('a*'), hasGlob('a\\*'), hasGlob('[a]'), hasGlob('abc')]).toEqual([true, false, true, false])
})

test('many stars take no more time than few', () => {
  const text = 'a'.repeat(3000)
  expect(matches(`${'*a'.repeat(20)}*b`, text)).toBe(false)
  expect(matches(`${'*a'.repeat(20)}*`, text)).toBe(true)
})

test('stars agree with a matcher that tries all ways', () => {
  const all = (pattern: string, text: string): boolean =>
    pattern === ''
      ? text === ''
      : pattern[0] === '*'
        ? all(pattern.slice(1), text) || (text !== '' && all(pattern, text.slice(1)))
        : text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && all(pattern.slice(1), text.slice(1))
  const string = (...of: string[]) => fc.array(fc.constantFrom(...of), { maxLength: 8 }).map(each => each.join(''))
  fc.assert(
    fc.property(string('a', 'b', '*', '?'), string('a', 'b'), (pattern, text) => {
      expect(matches(pattern, text)).toBe(all(pattern, text))
    }),
    { numRuns: 2000 },
  )
})

test('an escaped text matches itself only, and comes back', () => {
  fc.assert(
    fc.property(fc.string(), text => {
      expect(matches(escapePattern(text), text)).toBe(true)
      expect(unescapePattern(escapePattern(text))).toBe(text)
    }),
  )
})

test('any text is a pattern', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'ab[]!^-*?\\:alph/'), maxLength: 15 }),
      pattern => void matches(pattern, 'abab'),
    ),
    {
      numRuns: 2000,
    },
  )
})
