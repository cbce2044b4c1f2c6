/** Open vSwitch and Weft side by side: each a switch in a process of its own, and the `ovs-ofctl` that goes with it. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Side = {
  /** The bridge's management socket. */
  socket: string
  /** Runs the side's ovs-ofctl; gives the seconds on the clock. */
  ofctl(...words: string[]): number
  /** What of the switch process is in memory, bytes. */
  resident(): number
}

/** `pids` are ended by `close`. */
export type Pair = { directory: string; pids: number[]; ovs: Side; weft: Side; close(): void }

export const hasOvs = (): boolean => spawnSync('ovs-vswitchd', ['--version']).status === 0

/** Stops everything for so many milliseconds. */
const pause = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

const residentOf = (pid: number): number => {
  const [, kilobytes] = /^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}

/** Runs a program to its end; gives the seconds on the clock. What it prints goes nowhere. */
const timed = (program: string, words: readonly string[]): number => {
  const begin = performance.now()
  const { status } = spawnSync(program, words, { stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error(`${program} ${words.join(' ')} ended with ${status}`)
  return (performance.now() - begin) / 1000
}

/** The command as it is installed; `npm run bench` builds it, and runs in the project's folder. */
const weft = 'dist/cli/weft.js'

/** This program, as a child that does what `runChild` is told. */
export const childWords = (...words: string[]): string[] => [process.argv[1] as string, '--child', ...words]

const startOvs = (directory: string): Side & { pids: number[] } => {
  const at = (name: string): string => join(directory, name)
  const env = { ...process.env, OVS_RUNDIR: directory, OVS_LOGDIR: directory, OVS_DBDIR: directory }
  const run = (program: string, ...words: string[]): void => {
    execFileSync(program, words, { env, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  const daemon = (name: string): string[] => [
    '--detach',
    `--pidfile=${at(`${name}.pid`)}`,
    `--unixctl=${at(`${name}.ctl`)}`,
    '-vconsole:off',
    '-vfile:off',
  ]
  const db = `unix:${at('db.sock')}`
  run('ovsdb-tool', 'create', at('conf.db'), '/usr/share/openvswitch/vswitch.ovsschema')
  run('ovsdb-server', at('conf.db'), `--remote=punix:${at('db.sock')}`, ...daemon('ovsdb'))
  run('ovs-vsctl', `--db=${db}`, '--no-wait', 'init')
  run('ovs-vswitchd', db, '--enable-dummy=override', '--disable-system', ...daemon('vswitchd'))
  run('ovs-vsctl', `--db=${db}`, '--timeout=20', 'add-br', 'br0')
  const pids = ['vswitchd', 'ovsdb'].map(name => Number(readFileSync(at(`${name}.pid`), 'utf8')))
  const socket = at('br0.mgmt')
  return {
    pids,
    socket,
    ofctl: (command, ...words) => timed('ovs-ofctl', ['-vconsole:off', command as string, `unix:${socket}`, ...words]),
    resident: () => residentOf(pids[0] as number),
  }
}

/** Starts a child that listens at `socket`, and waits until it does. It does not keep this process from ending. */
const startListener = (what: string, socket: string): number => {
  const child = spawn(process.execPath, childWords(what, socket), { stdio: ['ignore', 'ignore', 'inherit'] })
  child.unref()
  for (let i = 0; !existsSync(socket); i++) {
    if (i === 200) throw new Error(`${what} does not start`)
    pause(50)
  }
  return child.pid ?? 0
}

const startWeft = (directory: string): Side & { pids: number[] } => {
  const socket = join(directory, 'weft.mgmt')
  const pid = startListener('serve', socket)
  return {
    pids: [pid],
    socket,
    ofctl: (command, ...words) =>
      timed(process.execPath, [weft, 'ovs-ofctl', command as string, `unix:${socket}`, ...words]),
    resident: () => residentOf(pid),
  }
}

/** Starts a server of bare echoes; gives what asks it for so many of a size, and the seconds on the clock that takes. */
export const startEcho = ({ directory, pids }: Pair): ((size: number, count: number) => number) => {
  const socket = join(directory, 'echo')
  pids.push(startListener('echo-server', socket))
  return (size, count) => timed(process.execPath, childWords('echo-client', socket, String(size), String(count)))
}

/** Starts both; they end with this process, if not before. */
export const startPair = (): Pair => {
  const directory = mkdtempSync(join(tmpdir(), 'weft-bench-'))
  const [ovs, weft] = [startOvs(directory), startWeft(directory)]
  const pids = [...ovs.pids, ...weft.pids]
  const close = (): void => {
    process.off('exit', close)
    for (const pid of pids) {
      try {
        process.kill(pid)
      } catch {
        // It has ended already.
      }
    }
    rmSync(directory, { recursive: true, force: true })
  }
  process.once('exit', close)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  return { directory, pids, ovs, weft, close }
}
