import { expect, test } from 'vitest'
import { absolute, basename, dirname, joined } from './path.ts'

test.each([
  ['a', '/x', '/x/a'],
  ['/a//b/./c/', '/x', '/a/b/c'],
  ['../..', '/x/y/z', '/x'],
  ['../../..', '/x', '/'],
  ['', '/x', '/x'],
])('absolute %s in %s is %s', (path, cwd, wanted) => {
  expect(absolute(path, cwd)).toBe(wanted)
})

// As basename(1) and dirname(1) of coreutils print them.
test.each([
  ['/a/b', 'b', '/a'],
  ['a', 'a', '.'],
  ['/', '/', '/'],
  ['//', '/', '/'],
  ['a/b/', 'b', 'a'],
  ['/a', 'a', '/'],
  ['a//b', 'b', 'a'],
])('%s', (path, base, directory) => {
  expect([basename(path), dirname(path)]).toEqual([base, directory])
})

test('joined puts one slash', () => {
  expect([joined('/', 'a'), joined('/a', 'b')]).toEqual(['/a', '/a/b'])
})
