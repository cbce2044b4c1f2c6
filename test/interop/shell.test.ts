import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { testMachine } from '../../src/machine/machine.testing.ts'
import { commandScripts } from './command-scripts.ts'
import { scripts } from './shell-scripts.ts'

const hasBash = spawnSync('bash', ['--version'], { encoding: 'utf8' }).stdout?.includes('version 5.2') ?? false

const inBash = (script: string): { status: number | null; stdout: string; stderr: string } => {
  const cwd = mkdtempSync(join(tmpdir(), 'weft-shell-'))
  const env = { PATH: process.env.PATH, HOME: '/root', LC_ALL: 'C' }
  const ran = spawnSync('bash', ['-c', script], { cwd, env, encoding: 'utf8', input: '' })
  rmSync(cwd, { recursive: true })
  return { status: ran.status, stdout: ran.stdout, stderr: ran.stderr }
}

const inOurs = (script: string): { status: number; stdout: string; stderr: string } => {
  const { machine, run } = testMachine()
  machine.files.mkdir(machine.init, '/tmp/w')
  return run(['bash', '-c', script], '/tmp/w')
}

const compare = (script: string): void => {
  const real = inBash(script)
  const ours = inOurs(script)
  if (script.startsWith('#noerr')) {
    real.stderr = ''
    ours.stderr = ''
  }
  expect(ours).toEqual(real)
}

// The messages are those of bash 5.2; another version words some of them differently.
describe.skipIf(!hasBash)('the shell says and does what bash does', () => {
  test.each(scripts)('%s', compare)
})

describe.skipIf(!hasBash)('the commands say and do what coreutils and grep do', () => {
  test.each(commandScripts)('%s', compare)
})
