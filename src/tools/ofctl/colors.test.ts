import { expect, test } from 'vitest'
import { plain } from '../../flow/paint.ts'
import { codesOf, colorWish, paintFor } from './colors.ts'

// As ovs-ofctl 3.1 does it, on a terminal and into a pipe.
test.each<[wish: string | undefined, isTerminal: boolean, terminal: string | undefined, colors: boolean]>([
  [undefined, true, 'xterm', true],
  ['auto', true, 'xterm', true],
  ['tty', true, '', true],
  ['if-tty', true, 'dumb', false],
  ['auto', true, undefined, false],
  ['auto', false, 'xterm', false],
  ['yes', false, undefined, true],
  ['Always', true, 'dumb', true],
  ['force', false, 'dumb', true],
  ['no', true, 'xterm', false],
  ['none', true, 'xterm', false],
  ['NEVER', true, 'xterm', false],
])('--color=%s with a terminal %s of kind %s: %s', (word, isTerminal, terminal, colors) => {
  const env = new Map(terminal === undefined ? [] : [['TERM', terminal]])
  const paint = paintFor(colorWish(word)!, { isTerminal, env })
  expect(paint.drop('drop')).toBe(colors ? '\x1b[34m\x1b[Kdrop\x1b[m\x1b[K' : 'drop')
  expect(paint === plain).toBe(!colors)
})

test.each(['', 'foo', '1', 'toString'])('"%s" is no wish', word => {
  expect(colorWish(word)).toBeUndefined()
})

test('what OVS_COLORS says takes the place of the usual, where it is right', () => {
  const usual = codesOf('')
  expect(usual).toEqual({
    actions: '1;31',
    drop: '34',
    learn: '31',
    param: '36',
    paren: '35',
    special: '33',
    value: '32',
  })
  expect(codesOf('ac=01;4:foo=3:pm=:sp=x:toString=1::vl')).toEqual({
    ...usual,
    actions: '01;4',
    param: '',
    value: '(null)',
  })
})
