import { expect, test } from 'vitest'
import { parseActionLines } from './action-lines.ts'

const told = (text: string, version: 1 | 4, kind: 'actions' | 'instructions' = 'actions'): string =>
  parseActionLines(text, version, kind).output

test('what differs when it is written again follows the actions', () => {
  expect(told('0001 0008 0123 0000 # a comment\n', 4)).toBe(
    [
      'actions=set_vlan_vid:291',
      ' 1: 01 -> 19',
      ' 3: 08 -> 10',
      ' 4: 01 -> 80',
      ' 5: 23 -> 00',
      ' 6: 00 -> 0c',
      ' 7: 00 -> 02',
      ' 8: (none) -> 11',
      ' 9: (none) -> 23',
      ...[10, 11, 12, 13, 14, 15].map(at => `${at}: (none) -> 00`),
      '\n',
    ].join('\n'),
  )
})

test('a list a line; comments and blank lines are passed over', () => {
  const text = '# nothing\n\n0000 0008 0001 0000\n  \n0063 0008 00000000\n'
  expect(told(text, 1)).toBe('actions=output:1\n\nbad OpenFlow10 actions: OFPBAC_BAD_TYPE\n\n')
})

test('instructions are checked in their table', () => {
  const goTo3 = '0001 0008 03000000'
  expect(told(goTo3, 4, 'instructions')).toBe('actions=goto_table:3\n\n')
  expect(told(`2,${goTo3}`, 4, 'instructions')).toBe('actions=goto_table:3\n\n')
  expect(told(`3,${goTo3}`, 4, 'instructions')).toBe('bad OpenFlow13 instructions: OFPBIC_BAD_TABLE_ID\n\n')
  expect(told('0006 0008 00000000', 4, 'instructions')).toBe('bad OpenFlow13 instructions: OFPMMFC_INVALID_METER\n\n')
})

test('what is not hexadecimal ends it', () => {
  const { output, fatal } = parseActionLines('0000 0008 0001 0000\n00zz\n0000 0008 0001 0000\n', 1, 'actions')
  expect(output).toBe('actions=output:1\n\n')
  expect(fatal).toBe('Trailing garbage in hex data')
})
