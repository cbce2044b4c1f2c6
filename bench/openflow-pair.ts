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

export type Pair = { directory: string; ovs: Side; weft: Side; close(): void }

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

const startWeft = (directory: string): Side & { pids: number[] } => {
  const socket = join(directory, 'weft.mgmt')
  const child = spawn(process.execPath, childWords('serve', socket), { stdio: ['ignore', 'ignore', 'inherit'] })
  // It does not keep this process from ending, and ends with it.
  child.unref()
  const { pid = 0 } = child
  for (let i = 0; !existsSync(socket); i++) {
    if (i === 200) throw new Error('the switch does not start')
    pause(50)
  }
  return {
    pids: [pid],
    socket,
    ofctl: (command, ...words) =>
      timed(process.execPath, childWords('ofctl', command as string, `unix:${socket}`, ...words)),
    resident: () => residentOf(pid),
  }
}

/** Starts both; they end with this process, if not before. */
export const startPair = (): Pair => {
  const directory = mkdtempSync(join(tmpdir(), 'weft-bench-'))
  const [ovs, weft] = [startOvs(directory), startWeft(directory)]
  const close = (): void => {
    process.off('exit', close)
    for (const pid of [...ovs.pids, ...weft.pids]) {
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
  return { directory, ovs, weft, close }
}
