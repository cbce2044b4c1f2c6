// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the strings are shell words
import { describe, expect, test } from 'vitest'
import type { Part } from './ast.ts'
import { GrammarError } from './grammar-error.ts'
import { WordReader } from './word-reader.ts'

/** A reader whose `$(…)` are closed by the next `)`, their text thrown away. */
const reader = (text: string): WordReader =>
  new WordReader(text, (body, at) => ({ list: [], end: body.indexOf(')', at) + 1 }))
const parts = (text: string): Part[] => reader(text).read(0, character => character === ' ').word.parts
const error = (text: string): string => {
  try {
    parts(text)
  } catch (thrown) {
    if (thrown instanceof GrammarError) return `${thrown.message}${thrown.incomplete ? ' (more)' : ''}`
    throw thrown
  }
  return ''
}
const plain = (text: string): Part => ({ kind: 'plain', text })
const quoted = (text: string): Part => ({ kind: 'quoted', text })
const parameter = (name: string): Part => ({ kind: 'parameter', name })

describe('quotes', () => {
  test.each<[string, Part[]]>([
    ['abc', [plain('abc')]],
    ['a\\bc', [plain('a'), quoted('b'), plain('c')]],
    ["a'b c'd", [plain('a'), quoted('b c'), plain('d')]],
    ['"b c"', [{ kind: 'double', parts: [quoted('b c')] }]],
    ['"a\\"b\\c\\$"', [{ kind: 'double', parts: [quoted('a"b\\c$')] }]],
    ['""', [{ kind: 'double', parts: [] }]],
    ["''", [quoted('')]],
    ['a\\\nb', [plain('ab')]],
    ["$'a\\tb\\x41\\101\\'\\q\\u00e9'", [quoted("a\tbAA'\\qé")]],
    ['$"a"', [{ kind: 'double', parts: [quoted('a')] }]],
    ['a\\', [plain('a'), quoted('\\')]],
    ['é*?', [plain('é*?')]],
  ])('%j', (text, wanted) => {
    expect(parts(text)).toEqual(wanted)
  })
})

describe('expansions', () => {
  test.each<[string, Part[]]>([
    ['$x', [parameter('x')]],
    ['$x_1.y', [parameter('x_1'), plain('.y')]],
    ['$10', [parameter('1'), plain('0')]],
    ['${10}', [parameter('10')]],
    ['$@$*$#$?$-$$$!', [...'@*#?-$!'].map(parameter)],
    ['$', [plain('$')]],
    ['a$%', [plain('a$%')]],
    ['"$x"', [{ kind: 'double', parts: [parameter('x')] }]],
    [`$${'a'.repeat(300)}`, [parameter('a'.repeat(300))]],
    ['$(x)y', [{ kind: 'command', body: [] }, plain('y')]],
    ['$((1+(2)))', [{ kind: 'arithmetic', parts: [quoted('1+(2)')] }]],
    ['$(($x))', [{ kind: 'arithmetic', parts: [parameter('x')] }]],
    ['${#x}', [{ kind: 'parameter', name: 'x', change: { op: 'length' } }]],
    ['${x:-y}', [{ kind: 'parameter', name: 'x', change: { op: '-', colon: true, word: { parts: [plain('y')] } } }]],
    ['${x+}', [{ kind: 'parameter', name: 'x', change: { op: '+', colon: false, word: { parts: [] } } }]],
    ['${x##*/}', [{ kind: 'parameter', name: 'x', change: { op: '##', word: { parts: [plain('*/')] } } }]],
    [
      '${x//a/b}',
      [
        {
          kind: 'parameter',
          name: 'x',
          change: { op: 'replace', where: 'all', pattern: { parts: [plain('a')] }, by: { parts: [plain('b')] } },
        },
      ],
    ],
    [
      '${x:1:2}',
      [
        {
          kind: 'parameter',
          name: 'x',
          change: { op: 'slice', offset: { parts: [plain('1')] }, length: { parts: [plain('2')] } },
        },
      ],
    ],
    ['${x^^}', [{ kind: 'parameter', name: 'x', change: { op: 'case', upper: true, all: true } }]],
    ['${x,}', [{ kind: 'parameter', name: 'x', change: { op: 'case', upper: false, all: false } }]],
    ['${a b}', [{ kind: 'parameter', name: '', change: { op: 'bad', text: '${a b}' } }]],
  ])('%j', (text, wanted) => {
    // A bad substitution has a space in it, so the whole text is read.
    expect(reader(text).read(0, () => false).word.parts).toEqual(wanted)
  })
})

describe('what is not closed asks for more', () => {
  test.each([
    ["'a", "'"],
    // Here bash says the same.
    ['"${x:-it\'s}"', "'"],
    ['"a', '"'],
    ["$'a", "'"],
    ['`a', '`'],
    ['${x', '}'],
    ['${x:-a', '}'],
    ['$((1', ')'],
  ])('%s', (text, character) => {
    expect(error(text)).toBe(`unexpected EOF while looking for matching \`${character}' (more)`)
  })
})

test('a here-document’s text is as in double quotes, with ordinary quotes', () => {
  const [whole] = reader('a "b" \'c\' $x \\$ \\"').document().parts
  expect(whole).toEqual({ kind: 'double', parts: [quoted('a "b" \'c\' '), parameter('x'), quoted(' $ \\"')] })
})

test('a word ends where it is told', () => {
  const { word, end } = reader('ab;cd').read(0, character => character === ';')
  expect([word.parts, end]).toEqual([[plain('ab')], 2])
  expect(reader('a"; "b;').read(0, character => character === ';').end).toBe(6)
})
