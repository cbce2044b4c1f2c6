import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { testMachine } from '../../src/machine/machine.testing.ts'
import { commandScripts } from './command-scripts.ts'
import { scripts } from './shell-scripts.ts'

const hasBash = spawnSync('bash', ['--version'], { encoding: 'utf8' }).stdout?.includes('version 5.2') ?? false

type Ran = { status: number; stdout: string; stderr: string }

// One small bash starts all the others: to fork this process hundreds of times would take a minute.
const driver = `for f in [0-9]*; do
  mkdir dir && cd dir && bash -c "$(< ../$f)" > ../out.$f 2> ../err.$f < /dev/null
  echo $? > ../status.$f
  cd .. && rm -rf dir
done 2> /dev/null`

const real = new Map<string, Ran>()

beforeAll(() => {
  if (!hasBash) return
  const cwd = mkdtempSync(join(tmpdir(), 'weft-shell-'))
  const all = [...scripts, ...commandScripts]
  for (const [i, script] of all.entries()) writeFileSync(join(cwd, String(i)), script)
  spawnSync('bash', ['-c', driver], { cwd, env: { PATH: process.env.PATH, HOME: '/root', LC_ALL: 'C' } })
  const read = (name: string): string => readFileSync(join(cwd, name), 'utf8')
  for (const [i, script] of all.entries()) {
    real.set(script, { status: Number(read(`status.${i}`)), stdout: read(`out.${i}`), stderr: read(`err.${i}`) })
  }
  rmSync(cwd, { recursive: true })
})

const inOurs = (script: string): Ran => {
  const { machine, run } = testMachine()
  machine.files.mkdir(machine.init, '/tmp/w')
  return run(['bash', '-c', script], '/tmp/w')
}

const compare = (script: string): void => {
  const wanted = real.get(script) as Ran
  const ours = inOurs(script)
  expect(ours).toEqual(script.startsWith('#noerr') ? { ...wanted, stderr: ours.stderr } : wanted)
}

// The messages are those of bash 5.2; another version words some of them differently.
describe.skipIf(!hasBash)('the shell says and does what bash does', () => {
  test.each(scripts)('%s', compare)
})

describe.skipIf(!hasBash)('the commands say and do what coreutils and grep do', () => {
  test.each(commandScripts)('%s', compare)
})
