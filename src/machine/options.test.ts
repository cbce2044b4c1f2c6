import { describe, expect, test } from 'vitest'
import { output } from './machine.testing.ts'
import { byName, parseOptions } from './options.ts'

const table = {
  a: 'none',
  n: 'required',
  c: 'optional',
  all: 'none',
  lines: 'required',
  color: 'optional',
  alphabet: 'none',
} as const

const read = (line: string, inOrder = false) => parseOptions(line.split(' '), table, inOrder)

test('bundles, values and operands', () => {
  expect(read('-an5 x -n 6 -cred --lines=7 --lines 8 --color y')).toEqual({
    ok: true,
    options: [
      { name: 'a', value: undefined },
      { name: 'n', value: '5' },
      { name: 'n', value: '6' },
      { name: 'c', value: 'red' },
      { name: 'lines', value: '7' },
      { name: 'lines', value: '8' },
      { name: 'color', value: undefined },
    ],
    operands: ['x', 'y'],
  })
})

test('-- ends options, - is an operand, and so is everything after the first in order', () => {
  expect(read('-a -- -a -')).toMatchObject({ options: [{ name: 'a' }], operands: ['-a', '-'] })
  expect(read('-a - x -a', true)).toMatchObject({ options: [{ name: 'a' }], operands: ['-', 'x', '-a'] })
})

test('a long name may be cut short while it is clear', () => {
  expect(read('--li=3')).toMatchObject({ options: [{ name: 'lines', value: '3' }] })
  expect(read('--all')).toMatchObject({ options: [{ name: 'all' }] })
})

test('the last of several counts', () => {
  const parsed = read('-n 1 -n 2')
  expect(parsed.ok && byName(parsed.options).get('n')).toBe('2')
})

// As getopt_long(3) of glibc 2.36 says it.
test.each([
  ['-z', "invalid option -- 'z'"],
  ['-az', "invalid option -- 'z'"],
  ['-n', "option requires an argument -- 'n'"],
  ['--bogus', "unrecognized option '--bogus'"],
  ['--bogus=1', "unrecognized option '--bogus'"],
  ['--al', "option '--al' is ambiguous; possibilities: '--all' '--alphabet'"],
  ['--lines', "option '--lines' requires an argument"],
  ['--all=1', "option '--all' doesn't allow an argument"],
])('%s: %s', (line, error) => {
  expect(read(line)).toEqual({ ok: false, error })
})

describe('a program', () => {
  test('complains with a hint', () => {
    expect(output('cat --bogus')).toBe("cat: unrecognized option '--bogus'\nTry 'cat --help' for more information.\n")
  })
})
