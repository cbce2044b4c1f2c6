/** A real ovsdb-server and ovs-vswitchd with dummy devices, in a run directory of their own. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Result, wordsOf } from '../../src/tools/words.testing.ts'
import { runBeside } from './beside.testing.ts'

export type RealSwitch = {
  run(line: string, stdin?: string): Result
  /** The same while the test's own process goes on. */
  ask(line: string, stdin?: string): Promise<Result>
  /** Of ovs-vswitchd. */
  controlSocket: string
  /** Where its files are, and where commands run. */
  directory: string
  close(): void
}

export const hasOpenVswitch = (): boolean =>
  ['ovsdb-tool', 'ovsdb-server', 'ovs-vswitchd', 'ovs-vsctl', 'ovs-ofctl'].every(
    name => spawnSync('which', [name]).status === 0,
  )

export const startRealSwitch = (): RealSwitch => {
  const directory = mkdtempSync(join(tmpdir(), 'weft-ovs-'))
  const at = (name: string): string => join(directory, name)
  const env = { ...process.env, OVS_RUNDIR: directory, OVS_LOGDIR: directory, OVS_DBDIR: directory }
  const start = (program: string, ...args: string[]): void => {
    execFileSync(program, args, { env, stdio: 'ignore' })
  }
  start('ovsdb-tool', 'create', at('conf.db'), '/usr/share/openvswitch/vswitch.ovsschema')
  const daemon = (name: string): string[] => [
    '--detach',
    `--pidfile=${at(`${name}.pid`)}`,
    `--unixctl=${at(`${name}.ctl`)}`,
  ]
  start('ovsdb-server', at('conf.db'), `--remote=punix:${at('db.sock')}`, ...daemon('ovsdb-server'))
  const db = `--db=unix:${at('db.sock')}`
  start('ovs-vsctl', db, '--no-wait', 'init')
  start(
    'ovs-vswitchd',
    `unix:${at('db.sock')}`,
    '--enable-dummy=override',
    '--disable-system',
    '-vconsole:off',
    '-vfile:off',
    ...daemon('ovs-vswitchd'),
  )
  const controlSocket = at('ovs-vswitchd.ctl')
  /** With whom to ask. */
  const whole = (line: string): string =>
    line.replace(/^ovs-vsctl /, `ovs-vsctl -t 30 ${db} `).replace(/^ovs-appctl /, `ovs-appctl -t ${controlSocket} `)
  return {
    directory,
    controlSocket,
    run(line, stdin = '') {
      const [program = '', ...args] = wordsOf(whole(line))
      const done = spawnSync(program, args, { env, cwd: directory, input: stdin, encoding: 'utf8' })
      return { stdout: done.stdout, stderr: done.stderr, status: done.status ?? -1 }
    },
    ask: (line, stdin) => runBeside(directory, whole(line), stdin),
    close() {
      for (const name of ['ovs-vswitchd', 'ovsdb-server']) {
        try {
          process.kill(Number(readFileSync(at(`${name}.pid`), 'utf8')))
        } catch {
          // It has ended already.
        }
      }
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
