import { describe, expect, test } from 'vitest'
import { parseFlowFile } from './flow-file.ts'
import { formatFlowMod } from './flow-format.ts'

const told = (text: string, command: 'add' | undefined = undefined): string[] | string => {
  const read = parseFlowFile(text, 'flows.txt', command)
  return read.ok ? read.flows.map(({ flow }) => formatFlowMod(flow)) : read.error
}

describe('files of flows', () => {
  test('a line each, comments and blank lines apart', () => {
    expect(told('# two tenants\n in_port=1,actions=2\n\ntable=1,tun_id=100,actions=drop # rest\n')).toEqual([
      'ADD in_port=1 actions=output:2',
      'ADD table:1 tun_id=0x64 actions=drop',
    ])
  })
  test('a line may say what to do', () => {
    expect(
      told('delete in_port=1\nadd in_port=2,actions=1\nmodify_strict priority=4,actions=2\ndelete\nmodify actions=3'),
    ).toEqual([
      'DEL in_port=1 actions=drop',
      'ADD in_port=2 actions=output:1',
      'MOD_STRICT priority=4 actions=output:2',
      'DEL actions=drop',
      'MOD actions=output:3',
    ])
  })
  test('unless the command is settled', () => {
    expect(told('delete in_port=1', 'add')).toBe('flows.txt:1: must specify an action')
  })
  test('an error tells file and line', () => {
    expect(told('in_port=1,actions=2\n\n#\nfoo,actions=1\n')).toBe('flows.txt:4: field foo missing value')
    expect(told('in_port=1,actions=foo(table=1)')).toBe('flows.txt:1: unknown action foo')
  })
  test('nothing at all is no flows', () => {
    expect(told('')).toEqual([])
  })
})
