/** The `weft` command as a program of its own: bundled once, into a folder that goes when the tests end. */
import { spawn } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from '../../scripts/bundle.mjs'
import { type Result, wordsOf } from '../../src/tools/words.testing.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export type WeftCli = {
  /** The words that run a tool of ours: to be followed by its own. */
  tool(
    name:
      | 'ovs-vsctl'
      | 'ovs-ofctl'
      | 'ovs-appctl'
      | 'ovsdb-client'
      | 'ovsdb-server'
      | 'ovsdb-tool'
      | 'vswitchd'
      | 'mn'
      | 'up'
      | 'down',
  ): string
  close(): void
}

export const buildWeft = async (): Promise<WeftCli> => {
  const directory = mkdtempSync(join(tmpdir(), 'weft-cli-'))
  // Whoever a daemon becomes has to read it.
  chmodSync(directory, 0o755)
  const output = join(directory, 'dist/cli')
  mkdirSync(output, { recursive: true })
  cpSync(join(root, 'package.json'), join(directory, 'package.json'))
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))
  bundle(join(root, 'src/cli/weft.ts'), output)
  return {
    tool: name => `${process.execPath} ${join(output, 'weft.js')} ${name}`,
    close: () => rmSync(directory, { recursive: true, force: true }),
  }
}

/** Runs a command line in a run directory and waits until it ends, not until those that it left behind do. */
export const runIn = (directory: string, line: string, limit = 60_000): Promise<Result> =>
  new Promise((resolve, reject) => {
    const [program = '', ...args] = wordsOf(line)
    const env = { ...process.env, OVS_RUNDIR: directory, OVS_LOGDIR: directory, OVS_DBDIR: directory }
    const child = spawn(program, args, { env, cwd: directory, stdio: ['ignore', 'pipe', 'pipe'], timeout: limit })
    const result: Result = { stdout: '', stderr: '', status: -1 }
    child.stdout.setEncoding('utf8').on('data', text => (result.stdout += text))
    child.stderr.setEncoding('utf8').on('data', text => (result.stderr += text))
    child.on('error', reject)
    child.on('exit', status => {
      // What was said before the end may still be on its way.
      setTimeout(() => {
        child.stdout.destroy()
        child.stderr.destroy()
        resolve({ ...result, status: status ?? -1 })
      }, 50)
    })
  })
