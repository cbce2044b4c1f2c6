/** A database server beside ovsdb-server, on the same disk in the same run; a ratio above 1 is better than ovsdb-server. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from './harness.ts'
import { childWords, hasOvs } from './openflow-pair.ts'
import { processorTime } from './ovsdb-client.ts'

const schema = '/usr/share/openvswitch/vswitch.ovsschema'
type Program = { name: string; words: readonly string[] }
const theirs: Program = { name: 'theirs', words: ['ovsdb-server'] }
const ours: Program = { name: 'ours', words: [process.execPath, ...childWords('ovsdb-server')] }

/** On a real disk, which the system's folder for temporary files need not be. */
const makeFolder = (): string => {
  mkdirSync('.cache', { recursive: true })
  const folder = mkdtempSync(join(process.cwd(), '.cache/bench-ovsdb-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const pause = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

type Running = { socket: string; pid: number; stop(): void }

/**
 * Whether a process is gone, or there only until someone asks how it ended. Its first thread may be over while others still
 * keep its files open, and locked.
 */
const isOver = (pid: number): boolean => {
  try {
    return / [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')) && readdirSync(`/proc/${pid}/task`).length === 1
  } catch {
    return true
  }
}

const start = ({ words: [program = '', ...words] }: Program, file: string): Running => {
  const socket = `${file}.sock`
  const args = [...words, file, `--remote=punix:${socket}`, '--unixctl=none', '-vconsole:off']
  const child = spawn(program, args, { stdio: 'ignore' })
  const pid = child.pid ?? 0
  const stop = (): void => {
    process.off('exit', stop)
    child.kill('SIGKILL')
    // It has the file locked until it is really gone.
    while (!isOver(pid)) pause(5)
    rmSync(socket, { force: true })
  }
  process.on('exit', stop)
  for (let i = 0; !existsSync(socket); i++) {
    if (i === 3000) throw new Error(`${program} does not start`)
    pause(10)
  }
  return { socket, pid, stop }
}

const create = (file: string): void => {
  execFileSync('ovsdb-tool', ['create', file, schema])
}

/** A server runs for months: what it does before its code is warm is not what is asked here. */
const early = 2000

type Kind = 'wall' | 'processor'

/** How many times as fast ours is as theirs in adding so many ports after the early ones, each to its own database. */
const race = (folder: string, count: number, clients: number): Record<Kind, number> => {
  const running = [theirs, ours].map(program => {
    const file = join(folder, `${program.name}.db`)
    rmSync(file, { force: true })
    create(file)
    return start(program, file)
  })
  const servers = running.flatMap(({ socket, pid }) => [socket, String(pid)])
  const words = childWords('ovsdb-race', ...[count, clients, early].map(String), ...servers)
  const said = execFileSync(process.execPath, words, { encoding: 'utf8' })
  for (const { stop } of running) stop()
  const [[theirWall = 0, theirProcessor = 0] = [], [wall = 1, processor = 1] = []] = said
    .split('\n')
    .map(line => line.split(' ').map(Number))
  return { wall: theirWall / wall, processor: theirProcessor / processor }
}

/** By the clock on the wall and by that of the processor, which others on the machine disturb less. */
const commitBenches = (name: string, count: number, clients: number): Bench[] =>
  (['wall', 'processor'] as const).map(kind => ({
    name: `ovsdb/${name}/${kind === 'wall' ? 'ratio' : 'processor-ratio'}`,
    unit: 'times as fast',
    rounds: 3,
    setUp() {
      const folder = makeFolder()
      return () => race(folder, count, clients)[kind]
    },
  }))

/** Each adds two rows and changes a third, so that there are 100,000 in the log. */
const ports = 33_000

/** Processor time until a database with a long log is served. */
const startBench: Bench = {
  name: 'ovsdb/start/ratio',
  unit: 'times as fast',
  rounds: 3,
  setUp() {
    const file = join(makeFolder(), 'long.db')
    create(file)
    const server = start(theirs, file)
    execFileSync(process.execPath, childWords('ovsdb-fill', server.socket, String(ports), '50'))
    server.stop()
    const once = (program: Program): number => {
      const running = start(program, file)
      const seconds = processorTime(running.pid)
      running.stop()
      return Math.max(seconds, 0.01)
    }
    return () => once(theirs) / once(ours)
  },
}

export const ovsdbBenches: readonly Bench[] = hasOvs()
  ? [...commitBenches('commit', 3000, 1), ...commitBenches('commits-of-50', 3000, 50), startBench]
  : []
