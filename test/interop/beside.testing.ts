/** Programs that run beside the test: its own process, which may be the switch that they ask, goes on meanwhile. */
import { spawn } from 'node:child_process'
import { type Result, wordsOf } from '../../src/tools/words.testing.ts'

/**
 * Starts a command line in a run directory as Open vSwitch's tools know it. `live` is what it has said so far, and then
 * how it ended; `ended` is the same when all who hold its output are gone.
 */
export const startBeside = (directory: string, line: string, stdin = ''): { live: Result; ended: Promise<Result> } => {
  const [program = '', ...args] = wordsOf(line)
  const env = { ...process.env, OVS_RUNDIR: directory, OVS_LOGDIR: directory, OVS_DBDIR: directory }
  const child = spawn(program, args, { env, cwd: directory })
  const live: Result = { stdout: '', stderr: '', status: -1 }
  child.stdout.setEncoding('utf8').on('data', text => (live.stdout += text))
  child.stderr.setEncoding('utf8').on('data', text => (live.stderr += text))
  child.stdin.on('error', () => {})
  child.stdin.end(stdin)
  const ended = new Promise<Result>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', status => {
      live.status = status ?? -1
      resolve(live)
    })
  })
  return { live, ended }
}

export const runBeside = (directory: string, line: string, stdin = ''): Promise<Result> =>
  startBeside(directory, line, stdin).ended
