import fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapePattern, hasGlob, matches, patternSource, unescapePattern } from './pattern.ts'

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

test('stars stay inside a path’s name', () => {
  expect(new RegExp(`^${patternSource('a*', { slash: true })}$`).test('a/b')).toBe(false)
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
