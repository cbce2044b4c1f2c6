/** Runs ovs-ofctl, the original and ours, on the same words, files and input, without a switch. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sentence } from '../../src/node/sentence.ts'
import { start, VirtualClock } from '../../src/runtime/index.ts'
import { ofctl } from '../../src/tools/ofctl/ofctl.ts'
import type { Connect, Stdio } from '../../src/tools/program.ts'
import type { Result } from '../../src/tools/words.testing.ts'

/** Names of files are of `directory`. Bytes of stdout are characters of an `encoding`. */
export type ToolRun = {
  args: readonly string[]
  stdin?: string | Uint8Array
  directory?: string
  encoding?: 'utf8' | 'latin1'
  /** In addition to what there is. */
  env?: Readonly<Record<string, string>>
}

/** Log lines have a time in front. */
const maskTimes = (text: string): string => text.replace(/^\d{4}-\d\d-\d\dT[\d:]+Z\|\d+\|/gm, 'TIME|')
/** The original does not end every last line of what it says to stderr. */
const masked = ({ stdout, stderr, status }: Result): Result => ({ stdout, stderr: maskTimes(stderr).trimEnd(), status })

export const theirRun = ({ args, stdin = '', directory = '/', encoding = 'utf8', env = {} }: ToolRun): Result => {
  const options = {
    input: stdin,
    encoding,
    cwd: directory,
    maxBuffer: 1 << 28,
    env: { ...process.env, ...env },
  } as const
  const { stdout, stderr, status } = spawnSync('ovs-ofctl', args as string[], options)
  return masked({ stdout, stderr, status: status ?? -1 })
}

const bytesOf = (data: string | Uint8Array): Uint8Array => (typeof data === 'string' ? Buffer.from(data) : data)

export const ourRun = ({ args, stdin = '', directory = '/', encoding = 'utf8', env = {} }: ToolRun): Result => {
  const result: Result = { stdout: '', stderr: '', status: -1 }
  const stdio: Stdio = {
    // biome-ignore lint/correctness/useYield: it never waits
    *print(text) {
      result.stdout += text
    },
    // biome-ignore lint/correctness/useYield: it never waits
    *printBytes(bytes) {
      result.stdout += Buffer.from(bytes).toString(encoding)
    },
    // biome-ignore lint/correctness/useYield: it never waits
    *error(text) {
      result.stderr += `${text}\n`
    },
    // biome-ignore lint/correctness/useYield: it never waits
    *readAll() {
      return bytesOf(stdin)
    },
    isTerminal: false,
    env: new Map(Object.entries(env)),
  }
  const at = (path: string): string => join(directory, path)
  const connect: Connect = {
    clock: new VirtualClock(),
    vswitchd: () => undefined,
    runDirectory: '/var/run/openvswitch',
    exists: path => existsSync(at(path)),
    // biome-ignore lint/correctness/useYield: it never waits
    *open() {
      return 'No such file or directory'
    },
    readFile(path) {
      try {
        return readFileSync(at(path))
      } catch (error) {
        return sentence(error)
      }
    },
    wallTime: Date.now,
  }
  start(ofctl(['ovs-ofctl', ...args], stdio, connect), {
    done(status) {
      result.status = status
    },
    failed(error) {
      throw error
    },
  })
  return masked(result)
}

/** What both say of each run, where they do not agree. */
export const disagreements = (runs: readonly ToolRun[]): (ToolRun & { ours: Result; theirs: Result })[] =>
  runs
    .map(run => ({ ...run, ours: ourRun(run), theirs: theirRun(run) }))
    .filter(({ ours, theirs }) => JSON.stringify(ours) !== JSON.stringify(theirs))
