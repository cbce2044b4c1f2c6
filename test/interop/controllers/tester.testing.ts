/** os-ken's switch tester: cases of ours, a run of it, and what it found. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from '../waiting.testing.ts'
import { freePort, startProcess } from './controller.testing.ts'

/** What os-ken's tester can be told of a target; with 1.5 it fails on its own account. */
export type TesterVersion = 'openflow10' | 'openflow13' | 'openflow14'

/** What a case ended with, `OK` or the tester's reason, by `file: case`. */
export type Found = Map<string, string>

const script = fileURLToPath(new URL('switch_cases.py', import.meta.url))

/** Writes the cases of a version into a new folder; `few` leaves out those that take long or say the same again. */
export const writeCases = (version: TesterVersion, few: boolean): string => {
  const directory = mkdtempSync(join(tmpdir(), 'weft-cases-'))
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' }
  // The Python that os-ken belongs to is that of its manager.
  const words = [script, version, directory, ...(few ? ['few'] : [])]
  const { status, stderr } = spawnSync('/usr/bin/python3', words, { encoding: 'utf8', env })
  if (status !== 0) throw new Error(stderr)
  return directory
}

/** Runs the tester over a folder of cases; `connect` is told the port that switches 1 (the target) and 2 are to call. */
export const runTester = async (
  version: TesterVersion,
  directory: string,
  connect: (port: number) => Promise<void> | void,
  { patience = 200_000 }: { patience?: number } = {},
): Promise<Found> => {
  const port = await freePort()
  const options = { target: '1', tester: '2', 'target-version': version, 'tester-version': version, dir: directory }
  const words = [
    ...['--ofp-listen-host', '127.0.0.1', '--ofp-tcp-listen-port', String(port)],
    ...Object.entries(options).flatMap(([name, value]) => [`--test-switch-${name}`, value]),
  ]
  const tester = startProcess('osken-manager', [...words, 'os_ken.tests.switch.tester'], {
    env: { PYTHONDONTWRITEBYTECODE: '1' },
  })
  try {
    await connect(port)
    await until(
      () => /Test end|_test_sequential_execute/.test(tester.output),
      () => `the tester did not end\n${tester.output.slice(-2000)}`,
      patience,
    )
  } finally {
    await tester.stop()
  }
  if (!tester.output.includes('Test end')) throw new Error(`the tester failed\n${tester.output.slice(-3000)}`)
  return found(tester.output, directory)
}

/** The results come in the order of the files' names and of the cases in them. */
const found = (output: string, directory: string): Found => {
  const lines = output.split('\n')
  const results: Found = new Map()
  const files = readdirSync(directory).map(
    file => JSON.parse(readFileSync(join(directory, file), 'utf8')) as [string, ...{ description: string }[]],
  )
  for (const [name, ...cases] of files.sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const { description } of cases) {
      const at = lines.findIndex(line => line.trimEnd().replace(/ +(OK|ERROR)$/, '') === `    ${description}`)
      if (at < 0) continue
      const isGood = lines[at]?.endsWith('OK')
      results.set(`${name}: ${description}`, isGood ? 'OK' : (lines[at + 1]?.trim() ?? ''))
      // A title may come again in another file.
      lines.splice(0, at + 1)
    }
  }
  return results
}

export const removeCases = (directory: string): void => rmSync(directory, { recursive: true, force: true })
