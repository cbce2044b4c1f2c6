/** A database server beside ovsdb-server, on the same disk in the same run; a ratio above 1 is better than ovsdb-server. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
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

/** Whether a process is gone, or there only until someone asks how it ended. */
const isOver = (pid: number): boolean => {
  try {
    return / [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
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

type Seconds = { wall: number; processor: number }

/** How long it takes to add so many ports, after the early ones. */
const commits = (program: Program, folder: string, count: number, clients: number): Seconds => {
  const file = join(folder, `${program.name}.db`)
  rmSync(file, { force: true })
  create(file)
  const { socket, pid, stop } = start(program, file)
  const numbers = [early + count, clients, early, pid].map(String)
  const said = execFileSync(process.execPath, childWords('ovsdb-client', socket, ...numbers), { encoding: 'utf8' })
  stop()
  const [wall = 0, processor = 0] = said.split(' ').map(Number)
  return { wall, processor }
}

/** By the clock on the wall and by that of the processor, which others on the machine disturb less. */
const commitBenches = (name: string, count: number, clients: number): Bench[] =>
  (['wall', 'processor'] as const).map(kind => ({
    name: `ovsdb/${name}/${kind === 'wall' ? 'ratio' : 'processor-ratio'}`,
    unit: 'times as fast',
    rounds: 3,
    setUp() {
      const folder = makeFolder()
      return () => commits(theirs, folder, count, clients)[kind] / commits(ours, folder, count, clients)[kind]
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
    execFileSync(process.execPath, childWords('ovsdb-client', server.socket, String(ports), '50'))
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
