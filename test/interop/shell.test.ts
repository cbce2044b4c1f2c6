import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { allScripts, compared, type Ran, readRecorded, writeRecorded } from '../transcripts/shell/recorded.testing.ts'

// The messages are those of bash 5.2; another version words some of them differently.
const hasBash = spawnSync('bash', ['--version'], { encoding: 'utf8' }).stdout?.includes('version 5.2') ?? false

// One small bash starts all the others: to fork this process hundreds of times would take a minute.
const driver = `for f in [0-9]*; do
  mkdir dir && cd dir && bash -c "$(< ../$f)" > ../out.$f 2> ../err.$f < /dev/null
  echo $? > ../status.$f
  cd .. && rm -rf dir
done 2> /dev/null`

/** Runs every script with the real programs, each in an empty directory. */
const runAll = (): Map<string, Ran> => {
  const cwd = mkdtempSync(join(tmpdir(), 'weft-shell-'))
  for (const [i, script] of allScripts.entries()) writeFileSync(join(cwd, String(i)), script)
  spawnSync('bash', ['-c', driver], { cwd, env: { PATH: process.env.PATH, HOME: '/root', LC_ALL: 'C' } })
  const read = (name: string): string => readFileSync(join(cwd, name), 'utf8')
  const ran = allScripts.map((script, i): [string, Ran] => [
    script,
    { status: Number(read(`status.${i}`)), stdout: read(`out.${i}`), stderr: read(`err.${i}`) },
  ])
  rmSync(cwd, { recursive: true })
  return new Map(ran)
}

// `RECORD=1 npm run interop -- shell` records anew what the unit test compares with.
describe.skipIf(!hasBash)('the recording is what the real programs print', () => {
  let real: ReadonlyMap<string, Ran>
  beforeAll(() => {
    real = runAll()
    if (process.env.RECORD !== undefined) writeRecorded(real)
  })

  test.each(allScripts)('%s', script => {
    const recorded = readRecorded().get(script)
    expect(recorded, 'it was never recorded').toBeDefined()
    expect(compared(script, recorded as Ran)).toEqual(compared(script, real.get(script) as Ran))
  })
})
