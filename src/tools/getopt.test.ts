import { expect, test } from 'vitest'
import { readOptions, type Shape } from './getopt.ts'

const shapes: readonly Shape[] = [
  { long: 'strict' },
  { long: 'stats' },
  { long: 'sort', takes: 'perhaps' },
  { long: 'timeout', short: 't', takes: 'value' },
  { long: 'more', short: 'm' },
  { long: 'verbose', short: 'v', takes: 'perhaps' },
]
const read = (line: string) => readOptions(line.split(' '), shapes)
const found = (line: string) => {
  const result = read(line)
  return result.error === undefined
    ? [result.options.map(({ name, value }) => `${name}=${value}`).join(' '), result.words]
    : result.error
}

test.each([
  ['show br0 --strict', ['strict=undefined', ['show', 'br0']]],
  ['--str -- --stats -', ['strict=undefined', ['--stats', '-']]],
  ['-', ['', ['-']]],
  ['--time 5 a', ['timeout=5', ['a']]],
  ['--timeout=5 -t6 -t 7', ['timeout=5 timeout=6 timeout=7', []]],
  ['-mmt 3', ['more=undefined more=undefined timeout=3', []]],
  ['--sort in_port', ['sort=undefined', ['in_port']]],
  ['--sort=in_port -vdbg -v x', ['sort=in_port verbose=dbg verbose=undefined', ['x']]],
])('%s', (line, expected) => {
  expect(found(line)).toEqual(expected)
})

test.each([
  ['--st', "option '--st' is ambiguous; possibilities: '--strict' '--stats'"],
  ['--stats=1', "option '--stats' doesn't allow an argument"],
  ['--timeout', "option '--timeout' requires an argument"],
  ['-mt', "option requires an argument -- 't'"],
  ['-q', "invalid option -- 'q'"],
  ['--foo=1', "unrecognized option '--foo=1'"],
])('%s is refused', (line, error) => {
  expect(found(line)).toBe(error)
})

test('what stands before a wrong option is told', () => {
  expect(read('--strict a -mq --stats')).toEqual({
    options: [
      { name: 'strict', value: undefined },
      { name: 'more', value: undefined },
    ],
    words: ['a'],
    error: "invalid option -- 'q'",
  })
})

test('as many words as there may be are taken', () => {
  const words = Array.from({ length: 300_000 }, (_, i) => `word${i}`)
  expect(readOptions(words, shapes, 'leading').words).toEqual(words)
  expect(readOptions(['--strict', '--', ...words], shapes).words).toEqual(words)
})
