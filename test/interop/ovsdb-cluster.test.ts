import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFlowNetwork, Pace } from '../../src/node/index.ts'
import { Client, openVSwitch, setOf } from '../../src/ovsdb/index.ts'
import { recording, seeded, VirtualClock } from '../../src/runtime/index.ts'
import { Switch } from '../../src/switch/switch.ts'
import { anyDevices, idleDatapath } from '../../src/tools/bench.testing.ts'
import { Vswitchd } from '../../src/vswitchd/vswitchd.ts'
import { hasOvs } from './ovs.testing.ts'

const schema = '/usr/share/openvswitch/vswitch.ovsschema'

/** Three servers of ovsdb-server with one database, in a folder of their own. */
class Cluster {
  readonly dir = mkdtempSync(join(tmpdir(), 'weft-cluster-'))
  private readonly env = { ...process.env, OVS_RUNDIR: this.dir, OVS_LOGDIR: this.dir, OVS_DBDIR: this.dir }
  readonly remotes = [1, 2, 3].map(i => `unix:${this.dir}/s${i}.sock`)

  start(): void {
    const raft = (i: number): string => `unix:${this.dir}/s${i}.raft`
    this.run('ovsdb-tool', 'create-cluster', `${this.dir}/s1.db`, schema, raft(1))
    for (const i of [2, 3])
      this.run('ovsdb-tool', 'join-cluster', `${this.dir}/s${i}.db`, 'Open_vSwitch', raft(i), raft(1))
    for (const i of [1, 2, 3]) this.startServer(i)
    for (const i of [1, 2, 3])
      this.run('ovsdb-client', '--timeout=30', 'wait', `unix:${this.dir}/s${i}.sock`, 'Open_vSwitch', 'connected')
    this.run('ovs-vsctl', `--db=${this.remotes.join()}`, '--no-wait', '--timeout=30', 'init')
  }

  startServer(i: number): void {
    const at = (what: string): string => `${this.dir}/s${i}.${what}`
    const how = ['--detach', '--no-chdir', `--pidfile=${at('pid')}`, `--log-file=${at('log')}`, '-vconsole:off']
    this.run('ovsdb-server', at('db'), `--remote=punix:${at('sock')}`, `--unixctl=${at('ctl')}`, ...how)
  }

  leader(): number {
    for (const i of [1, 2, 3]) {
      try {
        const status = this.run('ovs-appctl', '-t', `${this.dir}/s${i}.ctl`, 'cluster/status', 'Open_vSwitch')
        if (/^Role: leader$/m.test(status)) return i
      } catch {
        // It does not run.
      }
    }
    return 0
  }

  kill(i: number): void {
    process.kill(Number(readFileSync(`${this.dir}/s${i}.pid`, 'utf8')), 'SIGKILL')
  }

  /** Does not hold up the daemon, which it waits for. */
  async vsctl(...args: string[]): Promise<string> {
    const words = [`--db=${this.remotes.join()}`, '--timeout=30', ...args]
    return (await promisify(execFile)('ovs-vsctl', words, { env: this.env })).stdout
  }

  stop(): void {
    for (const i of [1, 2, 3]) {
      try {
        this.kill(i)
      } catch {
        // It has ended.
      }
    }
    rmSync(this.dir, { recursive: true, force: true })
  }

  private run(program: string, ...args: string[]): string {
    return execFileSync(program, args, { env: this.env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  }
}

const until = async (holds: () => boolean | Promise<boolean>, what: string): Promise<void> => {
  for (let i = 0; i < 300; i++) {
    if (await holds()) return
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Error(`never came: ${what}`)
}

describe.runIf(hasOvs())('a cluster of ovsdb-server', () => {
  const cluster = new Cluster()
  const clock = new VirtualClock()
  const pace = new Pace(clock)
  const enter = (happen: () => void): void => pace.enter(happen)
  const network = openFlowNetwork(enter)
  beforeAll(() => cluster.start())
  afterAll(() => {
    network.close()
    pace.stop()
    cluster.stop()
  })

  test('a daemon follows its leader, and goes on with the next when that is killed', async () => {
    const { log, lines } = recording()
    const random = seeded(1)
    const sw = new Switch({ datapath: idleDatapath(), clock, random })
    const { remotes } = cluster
    const database = { remotes, dial: network.dial }
    const daemon = await new Promise<Vswitchd>(resolve =>
      enter(() => resolve(new Vswitchd({ switch: sw, devices: anyDevices(), random, database, log }))),
    )
    const user = new Client({ clock, random: seeded(2), dial: network.dial, remotes, schema: openVSwitch })
    enter(() => user.start())
    await until(() => daemon.client.hasLock && user.isFollowing, 'the first leader')
    const first = cluster.leader()
    expect(daemon.client.remote).toBe(remotes[first - 1])
    await cluster.vsctl('add-br', 'br0', '--', 'add-port', 'br0', 'p0')
    const bridge = sw.bridges.get('br0')!
    expect([...bridge.ports.keys()]).toEqual([0xfffe, 1])

    // Ports one after the other, also while there is no leader: what is to be tried again is.
    const total = 60
    let made = 0
    const add = (): void => {
      const transaction = user.transaction()
      const name = `q${made}`
      const [row] = user.rows('Bridge')
      const iface = transaction.insert('Interface', { name: setOf(name) })
      const port = transaction.insert('Port', { name: setOf(name), interfaces: setOf(iface) })
      transaction.mutate(row!, 'ports', 'insert', setOf(port))
      transaction.commit(status => {
        // What was lost on the way may have been done.
        const isThere = user.rows('Port').some(each => each.columns.name!.keys[0] === name)
        if (status === 'success' || isThere) made++
        else expect(['try again', 'error']).toContain(status)
        if (made < total) clock.at(clock.now() + 20e6, add)
      })
    }
    enter(add)
    await until(() => made > 10, 'the first ports')
    cluster.kill(first)
    await until(() => made === total, 'all ports')
    await until(() => bridge.ports.size === total + 2, 'all ports in the switch')
    const second = cluster.leader()
    expect(second).not.toBe(first)
    expect(daemon.client.remote).toBe(remotes[second - 1])
    expect(sw.bridges.get('br0')).toBe(bridge)
    expect((await cluster.vsctl('list-ports', 'br0')).trim().split('\n')).toHaveLength(total + 1)
    await until(async () => (await cluster.vsctl('get', 'interface', 'q59', 'ofport')).trim() === '61', 'its number')
    expect(lines.some(line => line.includes('is not cluster leader; trying another server'))).toBe(true)

    // A server that comes back is no leader: nobody goes to it, and what it has is the same.
    cluster.startServer(first)
    await cluster.vsctl('del-port', 'br0', 'q0')
    await until(() => bridge.ports.size === total + 1, 'the port gone')
    enter(() => {
      user.close()
      daemon.close()
    })
  })
})
