import { readFileSync, writeFileSync } from 'node:fs'
import { commandScripts } from './command-scripts.ts'
import { scripts } from './shell-scripts.ts'

/** What a script gave. */
export type Ran = { status: number; stdout: string; stderr: string }

const file = new URL('recorded.json', import.meta.url)

/** Every script of the two tables. */
export const allScripts: readonly string[] = [...scripts, ...commandScripts]

/** What the real bash 5.2, coreutils 9.1 and grep 3.8 of Debian 12 gave for each script. */
export const readRecorded = (): ReadonlyMap<string, Ran> =>
  new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, Ran>))

export const writeRecorded = (ran: ReadonlyMap<string, Ran>): void =>
  writeFileSync(
    file,
    `${JSON.stringify(Object.fromEntries([...ran].map(([script, each]) => [script, compared(script, each)])), undefined, 2)}\n`,
  )

/** What is compared: a script that begins with `#noerr` prints messages that differ for good reason. */
export const compared = (script: string, { status, stdout, stderr }: Ran): Ran => ({
  status,
  stdout,
  stderr: script.startsWith('#noerr') ? '' : stderr,
})
