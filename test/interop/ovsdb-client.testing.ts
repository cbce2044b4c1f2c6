/** ovsdb-client, the real one as a process and ours in the test's own, in the same run directory. */
import { spawn } from 'node:child_process'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Pace } from '../../src/node/pace.ts'
import type { Enter } from '../../src/node/socket-duplex.ts'
import { toolConnect } from '../../src/node/tool-connect.ts'
import { toolSystem } from '../../src/node/tool-system.ts'
import { start, VirtualClock } from '../../src/runtime/index.ts'
import { stdioInto } from '../../src/tools/bench.testing.ts'
import { ovsdbClient } from '../../src/tools/index.ts'
import { type Result, wordsOf } from '../../src/tools/words.testing.ts'

/** A client that may still be running; `result` is what it said so far. */
export type RunningClient = {
  readonly result: Result
  readonly ended: Promise<Result>
  /** Asks it to end, as SIGTERM does. */
  terminate(): void
}

const terminated = 15

export const theirClient = (directory: string, line: string, stdin = ''): RunningClient => {
  const env = { ...process.env, OVS_RUNDIR: directory, OVS_LOGDIR: directory, OVS_DBDIR: directory }
  // It seeks in what it reads, as it can in a file only.
  const path = join(directory, 'stdin')
  writeFileSync(path, stdin)
  const input = openSync(path, 'r')
  const child = spawn('ovsdb-client', wordsOf(line), { env, cwd: directory, stdio: [input, 'pipe', 'pipe'] })
  closeSync(input)
  const result: Result = { stdout: '', stderr: '', status: -1 }
  child.stdout?.setEncoding('utf8').on('data', text => (result.stdout += text))
  child.stderr?.setEncoding('utf8').on('data', text => (result.stderr += text))
  const ended = new Promise<Result>(resolve => {
    child.on('close', (status, signal) =>
      resolve({ ...result, status: signal === null ? (status ?? -1) : 128 + terminated }),
    )
  })
  return { result, ended, terminate: () => void child.kill('SIGTERM') }
}

export const ourClient = (directory: string, line: string, stdin = ''): RunningClient => {
  const clock = new VirtualClock()
  const pace = new Pace(clock)
  const enter: Enter = happen => pace.enter(happen)
  let terminate = (): void => undefined
  const system = {
    ...toolSystem(enter, directory),
    onSignal(told: (name: string, number: number) => void) {
      terminate = () => enter(() => told('SIGTERM', terminated))
      return () => undefined
    },
  }
  const result: Result = { stdout: '', stderr: '', status: -1 }
  const connect = toolConnect(clock, enter, directory, system)
  const ended = new Promise<Result>((resolve, reject) => {
    const client = ovsdbClient(['ovsdb-client', ...wordsOf(line)], stdioInto(result, stdin), connect)
    enter(() => {
      start(client, {
        done(status) {
          pace.stop()
          resolve({ ...result, status })
        },
        failed: reject,
      })
    })
  })
  return { result, ended, terminate: () => terminate() }
}

/** What differs from run to run: times of tables and of log lines. */
export const withoutTimes = ({ stdout, stderr, status }: Result): Result => ({
  stdout: stdout.replace(/^\d{4}-\d\d-\d\d [\d:.]+$/gm, 'TIME'),
  stderr: stderr.replace(/^\d{4}-\d\d-\d\dT[\d:]+Z\|\d+\|/gm, 'TIME|'),
  status,
})
