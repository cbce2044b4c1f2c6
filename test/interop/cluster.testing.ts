/** Clusters of real database servers, which are killed and come back. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Result } from '../../src/tools/words.testing.ts'
import { runIn } from './weft-cli.testing.ts'

const schema = '/usr/share/openvswitch/vswitch.ovsschema'

/** Three servers of ovsdb-server with one database, in a folder of their own. */
export class Cluster {
  readonly numbers = [1, 2, 3] as const
  readonly directory = mkdtempSync(join(tmpdir(), 'weft-cluster-'))
  readonly remotes = this.numbers.map(i => `unix:${this.directory}/s${i}.sock`)
  private readonly env = {
    ...process.env,
    OVS_RUNDIR: this.directory,
    OVS_LOGDIR: this.directory,
    OVS_DBDIR: this.directory,
  }

  /** Returns when each of them has the database, with its first row. */
  start(): void {
    const raft = (i: number): string => `unix:${this.directory}/s${i}.raft`
    this.run('ovsdb-tool', 'create-cluster', `${this.directory}/s1.db`, schema, raft(1))
    for (const i of [2, 3])
      this.run('ovsdb-tool', 'join-cluster', `${this.directory}/s${i}.db`, 'Open_vSwitch', raft(i), raft(1))
    for (const i of this.numbers) this.startServer(i)
    for (const i of this.numbers)
      this.run('ovsdb-client', '--timeout=60', 'wait', `unix:${this.directory}/s${i}.sock`, 'Open_vSwitch', 'connected')
    this.run('ovs-vsctl', `--db=${this.remotes.join()}`, '--no-wait', '--timeout=60', 'init')
  }

  startServer(i: number): void {
    const at = (what: string): string => `${this.directory}/s${i}.${what}`
    const how = ['--detach', '--no-chdir', `--pidfile=${at('pid')}`, `--log-file=${at('log')}`, '-vconsole:off']
    this.run('ovsdb-server', at('db'), `--remote=punix:${at('sock')}`, `--unixctl=${at('ctl')}`, ...how)
  }

  /** Waits until a server that came back is one of the cluster again. */
  async joined(i: number): Promise<void> {
    await runIn(this.directory, `ovsdb-client --timeout=60 wait ${this.remotes[i - 1]} Open_vSwitch connected`, 90_000)
  }

  /** The leader's number; 0 if there is none. */
  leader(): number {
    for (const i of this.numbers) {
      try {
        const status = this.run('ovs-appctl', '-t', `${this.directory}/s${i}.ctl`, 'cluster/status', 'Open_vSwitch')
        if (/^Role: leader$/m.test(status)) return i
      } catch {
        // It does not run.
      }
    }
    return 0
  }

  kill(i: number): void {
    process.kill(Number(readFileSync(`${this.directory}/s${i}.pid`, 'utf8')), 'SIGKILL')
  }

  /** The real ovs-vsctl, with all the servers. */
  vsctl(words: string): Promise<Result> {
    return runIn(this.directory, `ovs-vsctl --db=${this.remotes.join()} --timeout=60 --retry ${words}`, 90_000)
  }

  stop(): void {
    for (const i of this.numbers) {
      try {
        this.kill(i)
      } catch {
        // It has ended.
      }
    }
    rmSync(this.directory, { recursive: true, force: true })
  }

  private run(program: string, ...args: string[]): string {
    return execFileSync(program, args, { env: this.env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  }
}
