// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the strings are shell programs
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Command, Item, Simple } from './ast.ts'
import { assignmentOf, type Parsed, Parser } from './parser.ts'
import { plainText } from './scanner.ts'

const parse = (text: string): Parsed => new Parser(text).next()

const items = (text: string): Item[] => {
  const parsed = parse(text)
  if (parsed.kind !== 'line') throw new Error(`${text}: ${JSON.stringify(parsed)}`)
  return parsed.list
}
const command = (text: string): Command => items(text)[0]?.andOr.first.commands[0] as Command
const words = (text: string): string[] => (command(text) as Simple).words.map(plainText)
const message = (text: string): string => {
  const parsed = parse(text)
  return parsed.kind === 'error' ? parsed.error.message : parsed.kind
}

describe('simple commands', () => {
  test('words lose their quotes and keep their spaces', () => {
    expect(words(`echo a 'b c' "d e" f\\ g h"i"'j'`)).toEqual(['echo', 'a', 'b c', 'd e', 'f g', 'hij'])
    expect(words('echo a#b # c')).toEqual(['echo', 'a#b'])
  })

  test('assignments come before the name; after it they are words', () => {
    const simple = command('x=1 y+=2 env z=3') as Simple
    expect(simple.assignments.map(each => [each.name, each.append, plainText(each.value)])).toEqual([
      ['x', false, '1'],
      ['y', true, '2'],
    ])
    expect(simple.words.map(plainText)).toEqual(['env', 'z=3'])
    expect(assignmentOf({ parts: [{ kind: 'quoted', text: 'x=1' }] })).toBeUndefined()
  })

  test('redirections stand anywhere and name their descriptor', () => {
    const simple = command('>out cmd 2>&1 <in 3>>x a') as Simple
    expect(simple.redirections.map(each => [each.fd, each.op, plainText(each.target)])).toEqual([
      [1, '>', 'out'],
      [2, '>&', '1'],
      [0, '<', 'in'],
      [3, '>>', 'x'],
    ])
    expect(words('echo a2>f')).toEqual(['echo', 'a2'])
  })

  test('parts of a word say what they are', () => {
    const [, word] = (command('echo a"b$c"$(d)${e:-f}$((1+2))`g`') as Simple).words
    expect(word?.parts.map(part => part.kind)).toEqual([
      'plain',
      'double',
      'command',
      'parameter',
      'arithmetic',
      'command',
    ])
  })

  test('a here-document goes to its redirection, the text after it goes on', () => {
    const parser = new Parser('cat <<A <<-"B" | wc\none $x\nA\n\ttwo $x\n\tB\necho next\n')
    const first = parser.next()
    if (first.kind !== 'line') throw new Error(first.kind)
    const [a, b] = (first.list[0] as Item).andOr.first.commands[0]?.redirections ?? []
    expect(a?.target.parts[0]?.kind).toBe('double')
    expect(b?.target.parts).toEqual([{ kind: 'quoted', text: 'two $x\n' }])
    expect(parser.next()).toMatchObject({ kind: 'line', list: [{ text: 'echo next' }] })
    expect(parser.next()).toEqual({ kind: 'end' })
  })
})

describe('lists and compound commands', () => {
  test('items know whether they run in the background and how they were typed', () => {
    expect(items('a; b & c && d').map(item => [item.text, item.background])).toEqual([
      ['a', false],
      ['b', true],
      ['c && d', false],
    ])
  })

  test('pipelines, negation, and-or', () => {
    const [item] = items('! a | b || c')
    expect(item?.andOr.first).toMatchObject({ negated: true, commands: [{ kind: 'simple' }, { kind: 'simple' }] })
    expect(item?.andOr.rest.map(each => each.op)).toEqual(['||'])
  })

  test.each([
    ['{ a; }', 'group'],
    ['(a; b)', 'subshell'],
    ['if a; then b; elif c; then d; else e; fi', 'if'],
    ['while a; do b; done', 'while'],
    ['until a; do b; done', 'while'],
    ['for x in 1 2; do b; done', 'for'],
    ['for x; do b; done', 'for'],
    ['for ((i=0; i<3; i++)); do b; done', 'arithmetic-for'],
    ['case x in a|b) c;; *) d; esac', 'case'],
    ['f() { a; }', 'function'],
    ['function f { a; }', 'function'],
    ['((1+2))', 'arithmetic'],
    ['[[ a == b && ( -f c || ! d ) ]]', 'test'],
    ['if a\nthen b\nfi', 'if'],
  ])('%s', (text, kind) => {
    expect(command(text).kind).toBe(kind)
  })

  test('reserved words are words where a command does not begin', () => {
    expect(words('echo if then done } {')).toEqual(['echo', 'if', 'then', 'done', '}', '{'])
  })

  test('a line is parsed without those after it', () => {
    const parser = new Parser('echo a\n)\n')
    expect(parser.next().kind).toBe('line')
    expect(parser.next()).toMatchObject({ kind: 'error', text: ')', error: { line: 2 } })
  })
})

describe('mistakes', () => {
  test.each([
    ['echo )', "syntax error near unexpected token `)'"],
    ['if true; then; fi', "syntax error near unexpected token `;'"],
    ['echo >', "syntax error near unexpected token `newline'"],
    ['if true', 'syntax error: unexpected end of file'],
    ['echo "a', 'unexpected EOF while looking for matching `"\''],
    ['echo ${a', "unexpected EOF while looking for matching `}'"],
    ['f() ', 'syntax error: unexpected end of file'],
    ['a b()', "syntax error near unexpected token `('"],
    ['case x in ;;', "syntax error near unexpected token `;;'"],
  ])('%s', (text, wanted) => {
    expect(message(text)).toBe(wanted)
  })

  test('nesting without end is refused, not followed', () => {
    for (const piece of ['$(', '(', '{ ', '"$(', '${x:-', '`', '$((', 'if ', '! ', '[[ ( ', '((', 'while '])
      expect(['error', 'end', 'line'], piece).toContain(parse(piece.repeat(5000)).kind)
  })
})

const tokens = [
  'echo',
  'if',
  'then',
  'fi',
  'for',
  'in',
  'do',
  'done',
  'case',
  'esac',
  'while',
  '{',
  '}',
  '(',
  ')',
  '((',
  '))',
  '[[',
  ']]',
  '&&',
  '||',
  '|',
  ';',
  ';;',
  '&',
  '\n',
  '<',
  '>',
  '<<E',
  '<<<',
  '2>&1',
  '$(',
  '`',
  '"',
  "'",
  '$x',
  '${',
  '${x:-',
  '$((',
  '\\',
  '*',
  '#',
  '=',
  'x=',
  '!',
  'E\n',
  '&>',
  'function',
  'f()',
  '-f',
  '==',
  ' ',
  '1',
  '{1..3}',
  '$',
  '~',
]

test('token soup never throws and never hangs', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...tokens), { maxLength: 40 }),
      fc.boolean(),
      fc.constantFrom('', ' '),
      (soup, final, between) => {
        const parser = new Parser(soup.join(between), final)
        for (let i = 0; i < 200; i++) {
          const line = parser.next()
          if (line.kind !== 'line') return
        }
        throw new Error('it never ends')
      },
    ),
    { numRuns: 5000 },
  )
})

test('random text never throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), text => {
      const parser = new Parser(text)
      while (parser.next().kind === 'line');
    }),
    { numRuns: 2000 },
  )
})
