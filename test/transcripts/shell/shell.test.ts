import { describe, expect, test } from 'vitest'
import { testMachine } from '../../../src/machine/machine.testing.ts'
import { commandScripts } from './command-scripts.ts'
import { allScripts, compared, readRecorded } from './recorded.testing.ts'
import { scripts } from './shell-scripts.ts'

const recorded = readRecorded()

const compare = (script: string): void => {
  const { machine, run } = testMachine()
  machine.files.mkdir(machine.init, '/tmp/w')
  const wanted = recorded.get(script)
  if (wanted === undefined) throw new Error('there is no recording of it: see test/interop/shell.test.ts')
  expect(compared(script, run(['bash', '-c', script], '/tmp/w'))).toEqual(compared(script, wanted))
}

describe('the shell says and does what bash did', () => {
  test.each(scripts)('%s', compare)
})

describe('the commands say and do what coreutils and grep did', () => {
  test.each(commandScripts)('%s', compare)
})

test('no recording is left of a script that is gone', () => {
  expect([...recorded.keys()].filter(script => !allScripts.includes(script))).toEqual([])
})
