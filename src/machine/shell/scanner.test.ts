import { describe, expect, test } from 'vitest'
import type { Redirection } from './ast.ts'
import { GrammarError } from './grammar-error.ts'
import { plainText, Scanner, type Token } from './scanner.ts'

const scanner = (text: string, final = true): Scanner =>
  new Scanner(text, 0, final, () => {
    throw new Error('no substitution here')
  })
const all = (text: string): Token[] => {
  const from = scanner(text)
  const tokens: Token[] = []
  while (from.peek().kind !== 'end') tokens.push(from.next())
  return tokens
}
const texts = (text: string): string[] => all(text).map(token => `${token.kind[0]}:${token.text}`)

describe('tokens', () => {
  test.each([
    ['a b', ['w:a', 'w:b']],
    ['a;b&&c||d|e&', ['w:a', 'o:;', 'w:b', 'o:&&', 'w:c', 'o:||', 'w:d', 'o:|', 'w:e', 'o:&']],
    ['a>b<c>>d', ['w:a', 'o:>', 'w:b', 'o:<', 'w:c', 'o:>>', 'w:d']],
    ['a&>>b&>c', ['w:a', 'o:&>>', 'w:b', 'o:&>', 'w:c']],
    ['a<<<b', ['w:a', 'o:<<<', 'w:b']],
    ['a<>b>|c>&d<&e|&f', ['w:a', 'o:<>', 'w:b', 'o:>|', 'w:c', 'o:>&', 'w:d', 'o:<&', 'w:e', 'o:|&', 'w:f']],
    ['a;;b;&c;;&', ['w:a', 'o:;;', 'w:b', 'o:;&', 'w:c', 'o:;;&']],
    ['(a)', ['o:(', 'w:a', 'o:)']],
    ['2>a 10<b 2 >c x2>d', ['d:2', 'o:>', 'w:a', 'd:10', 'o:<', 'w:b', 'w:2', 'o:>', 'w:c', 'w:x2', 'o:>', 'w:d']],
    ['a # comment\nb#c', ['w:a', 'n:newline', 'w:b#c']],
    ['a\\\nb c \\\nd', ['w:a\\\nb', 'w:c', 'w:d']],
    ['"a b"\'c d\' e\\ f', ['w:"a b"\'c d\'', 'w:e\\ f']],
    ['', []],
    ['  \t ', []],
  ])('of %j', (text, wanted) => {
    expect(texts(text)).toEqual(wanted)
  })

  test('know their place and line', () => {
    const [a, newline, b] = all('a\n  b')
    expect(a).toMatchObject({ start: 0, end: 1, line: 1 })
    expect(newline).toMatchObject({ start: 1, end: 2, line: 1 })
    expect(b).toMatchObject({ start: 4, end: 5, line: 2 })
    expect(all('"x\ny" z')[1]).toMatchObject({ line: 2 })
  })

  test('are looked at without being taken', () => {
    const from = scanner('a b')
    expect([from.peek().text, from.peek().text, from.next().text, from.next().text]).toEqual(['a', 'a', 'a', 'b'])
    expect(from.next().kind).toBe('end')
    expect(from.next().kind).toBe('end')
  })
})

describe('here-documents', () => {
  const read = (text: string, raw: string, options: { tabs?: boolean; final?: boolean } = {}) => {
    const from = scanner(`<< ${raw}\n${text}`, options.final ?? true)
    from.next()
    const word = from.next()
    if (word.kind !== 'word') throw new Error('no word')
    const redirection: Redirection = { fd: 0, op: '<<', target: word.word }
    from.expectHereDocument(redirection, word.word, word.text, options.tabs ?? false)
    from.next()
    return { text: plainText(redirection.target), rest: from.next().text, warnings: from.warnings, line: from.line }
  }

  test('end at their delimiter, alone on its line', () => {
    expect(read('one\n E\nEE\nE\nafter', 'E')).toMatchObject({ text: 'one\n E\nEE\n', rest: 'after', line: 6 })
    expect(read('E\nafter', 'E')).toMatchObject({ text: '', rest: 'after' })
  })

  test('lose their tabs after <<-', () => {
    expect(read('\t\ta\n\t b\n\tE\nafter', 'E', { tabs: true })).toMatchObject({ text: 'a\n b\n', rest: 'after' })
  })

  test('take all as it is when the delimiter is quoted', () => {
    expect(read('$x `y` \\z\nE\n', "'E'").text).toBe('$x `y` \\z\n')
    expect(read('a\\\nb\\$\nE\n', 'E').text).toBe('ab$\n')
  })

  test('that never end are a warning at the end of the text, or ask for more', () => {
    const { warnings, text } = read('a\nb', 'E')
    expect(text).toBe('a\nb\n')
    expect(warnings).toEqual([{ line: 3, text: "here-document at line 1 delimited by end-of-file (wanted `E')" }])
    expect(() => read('a\n', 'E', { final: false })).toThrow(GrammarError)
  })
})
