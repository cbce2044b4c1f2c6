import { expect, test } from 'vitest'
import { endsByDefault, signalNumbers, signalOf } from './signals.ts'

// As `kill -l` of a Linux on x86 lists them.
test.each([
  ['1', 'HUP'],
  ['2', 'INT'],
  ['3', 'QUIT'],
  ['9', 'KILL'],
  ['10', 'USR1'],
  ['12', 'USR2'],
  ['13', 'PIPE'],
  ['14', 'ALRM'],
  ['15', 'TERM'],
  ['17', 'CHLD'],
  ['18', 'CONT'],
  ['19', 'STOP'],
  ['20', 'TSTP'],
] as const)('%s is %s, by number and by every spelling of the name', (number, name) => {
  expect(signalNumbers[name]).toBe(Number(number))
  for (const text of [number, name, `SIG${name}`, name.toLowerCase(), `sig${name.toLowerCase()}`])
    expect(signalOf(text), text).toBe(name)
})

test.each(['0', '99', 'FOO', '', '-9', '9x', 'SIG', 'toString'])('%j is none', text => {
  expect(signalOf(text)).toBeUndefined()
})

test('four signals do not end a process', () => {
  const all = Object.keys(signalNumbers) as (keyof typeof signalNumbers)[]
  expect(all.filter(name => !endsByDefault(name))).toEqual(['CHLD', 'CONT', 'STOP', 'TSTP'])
})
