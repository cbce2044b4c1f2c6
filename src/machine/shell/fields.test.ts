import { describe, expect, test } from 'vitest'
import { Fields, maxText, TooLong } from './fields.ts'

const split = (text: string, ifs = ' \t\n'): string[] => {
  const fields = new Fields(ifs)
  fields.split(text)
  return fields.take().map(field => field.text)
}

// What `IFS=…; set -- $x; printf '[%s]' "$@"` of bash prints.
describe('splitting', () => {
  test.each([
    ['a b', ' \t\n', ['a', 'b']],
    ['  a \t\n b  ', ' \t\n', ['a', 'b']],
    ['', ' \t\n', []],
    ['   ', ' \t\n', []],
    ['a:b::c', ':', ['a', 'b', '', 'c']],
    [':a:', ':', ['', 'a']],
    ['::', ':', ['', '']],
    ['a : b:c  d', ': ', ['a', 'b', 'c', 'd']],
    [' : a', ': ', ['', 'a']],
    ['a b', ':', ['a b']],
    ['a b', '', ['a b']],
    ['axbxxc', 'x', ['a', 'b', '', 'c']],
  ])('%j at %j', (text, ifs, wanted) => {
    expect(split(text, ifs)).toEqual(wanted)
  })
})

describe('fields', () => {
  test('grow from chunks, and quoted nothing is one', () => {
    const fields = new Fields(' ')
    fields.add('a', false)
    fields.split('b c')
    fields.add('d', true)
    fields.end()
    fields.end()
    fields.add('', false)
    fields.end()
    fields.add('', true)
    expect(fields.take().map(field => field.text)).toEqual(['ab', 'cd', ''])
  })

  test('escape what was quoted in their pattern, and know whether they have one', () => {
    const fields = new Fields(' ')
    fields.add('*', true)
    fields.add('[x]?', false)
    fields.end()
    fields.add('*', true)
    expect(fields.take()).toEqual([
      { text: '*[x]?', pattern: '\\*[x]?', globs: true },
      { text: '*', pattern: '\\*', globs: false },
    ])
  })

  test('have a limit together', () => {
    const fields = new Fields(' ')
    fields.add('x'.repeat(maxText), true)
    expect(() => fields.add('y', true)).toThrow()
    expect(new TooLong(5).size).toBe(5)
  })
})
