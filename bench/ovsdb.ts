/** A database server beside ovsdb-server, on the same disk in the same run; a ratio above 1 is better than ovsdb-server. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from './harness.ts'
import { childWords, hasOvs } from './openflow-pair.ts'

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

type Running = { socket: string; seconds(): number; stop(): void }

/** Ticks of the clock in which a process had a processor are hundredths of a second. */
const processorTime = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

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
  return { socket, seconds: () => processorTime(pid), stop }
}

const create = (file: string): void => {
  execFileSync('ovsdb-tool', ['create', file, schema])
}

/** Seconds until so many ports are added to a new database. */
const commits = (program: Program, folder: string, count: number, clients: number): number => {
  const file = join(folder, `${program.name}.db`)
  rmSync(file, { force: true })
  create(file)
  const server = start(program, file)
  const began = performance.now()
  execFileSync(process.execPath, childWords('ovsdb-client', server.socket, String(count), String(clients), 'durable'))
  const seconds = (performance.now() - began) / 1000
  server.stop()
  return seconds
}

const commitBench = (name: string, count: number, clients: number): Bench => ({
  name,
  unit: 'times as fast',
  rounds: 3,
  setUp() {
    const folder = makeFolder()
    return () => commits(theirs, folder, count, clients) / commits(ours, folder, count, clients)
  },
})

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
      const seconds = running.seconds()
      running.stop()
      return Math.max(seconds, 0.01)
    }
    return () => once(theirs) / once(ours)
  },
}

export const ovsdbBenches: readonly Bench[] = hasOvs()
  ? [commitBench('ovsdb/commit/ratio', 1000, 1), commitBench('ovsdb/commits-of-50/ratio', 3000, 50), startBench]
  : []
