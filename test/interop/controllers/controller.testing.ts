/** Real controllers as processes beside the test. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from '../waiting.testing.ts'

export const hasOsKen = (): boolean => spawnSync('which', ['osken-manager']).status === 0

/** Ports that no system gives to whoever asks for any, and of these in their order those of this process. */
const [lowest, highest] = [12_000, 32_000]
let next = lowest + ((process.pid * 97) % (highest - lowest))

const isFree = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

/** A TCP port of 127.0.0.1 that nobody listens on, and that no other test is given soon. */
export const freePort = async (): Promise<number> => {
  for (let tries = lowest; tries < highest; tries++) {
    const port = next
    next = port + 1 < highest ? port + 1 : lowest
    if (await isFree(port)) return port
  }
  throw new Error(`no port from ${lowest} to ${highest} is free`)
}

export type Process = {
  /** What it has printed, errors too. */
  readonly output: string
  /** Ends it, at once with SIGKILL, and waits until it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** Starts a program in a directory; `env` is added to ours. */
export const startProcess = (
  program: string,
  args: readonly string[],
  { cwd, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Process => {
  const child: ChildProcess = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const gone = new Promise<void>(resolve => {
    child.once('close', () => resolve())
    child.once('error', () => resolve())
  })
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text))
  return {
    get output() {
      return output
    },
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill(signal)
      // os-ken, when something in it has failed, stays.
      const impatient = setTimeout(() => child.kill('SIGKILL'), 1000)
      await gone
      clearTimeout(impatient)
    },
  }
}

const here = fileURLToPath(new URL('.', import.meta.url))

/** An os-ken application of this folder, listening on a port of 127.0.0.1. */
export const startOsKen = (
  apps: readonly string[],
  port: number,
  { env = {}, options = [] }: { env?: Record<string, string>; options?: readonly string[] } = {},
): Process => {
  const files = apps.map(app => (app.includes('.') && !app.endsWith('.py') ? app : join(here, app)))
  const listen = ['--ofp-listen-host', '127.0.0.1', '--ofp-tcp-listen-port', String(port)]
  return startProcess('osken-manager', [...listen, ...options, ...files], {
    env: { ...env, PYTHONDONTWRITEBYTECODE: '1' },
  })
}

export type Answer = { call: unknown; value: unknown; seen: unknown[]; barrier: boolean }

/** What a plan of calls, run by `ofctl_calls.py`, is to be. `version` is the number on the wire. */
export type Plan = { version: number; calls: readonly unknown[]; switches: number }

/** Runs a plan; gives the answers by datapath id, in decimal. `connect` is told the port. */
export const runCalls = async (plan: Plan, connect: (port: number) => void): Promise<Record<string, Answer[]>> => {
  const directory = mkdtempSync(join(tmpdir(), 'weft-calls-'))
  const [file, answers] = [join(directory, 'plan'), join(directory, 'answers')]
  writeFileSync(file, JSON.stringify({ ...plan, answers }))
  const port = await freePort()
  let written = false
  const watcher = watch(directory, (_, name) => (written ||= name === 'answers'))
  const controller = startOsKen(['ofctl_calls.py'], port, { env: { WEFT_CALLS: file } })
  try {
    connect(port)
    await until(
      () => written,
      () => `no answers from os-ken\n${controller.output}\n`,
      200_000,
    )
    return JSON.parse(readFileSync(answers, 'utf8'))
  } finally {
    watcher.close()
    await controller.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}
