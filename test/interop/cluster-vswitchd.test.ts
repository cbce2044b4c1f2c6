/**
 * Our daemon behind database servers that are killed and come back, while frames go through it and the real ovs-vsctl adds
 * ports: a cluster of three, beside one behind ovs-vswitchd; a server alone, the real one and ours.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cluster } from './cluster.testing.ts'
import { Behind, Changes, type Traffic, type Vsctl } from './cluster-traffic.testing.ts'
import { hasOpenVswitch } from './real-switch.ts'
import { until } from './waiting.testing.ts'
import { buildWeft, runIn, type WeftCli } from './weft-cli.testing.ts'

/** Until a daemon has its database again, seconds. */
const patience = 60

const column = async (vsctl: Vsctl, what: string): Promise<string> => (await vsctl(what)).stdout.trim()

/** What the daemon writes by itself comes to the database. */
const writes = async (vsctl: Vsctl): Promise<void> => {
  const counted = async (): Promise<number> =>
    Number((await column(vsctl, 'get interface p2 statistics:tx_packets')) || 0)
  const then = await counted()
  await until(async () => (await counted()) > then, 'statistics')
}

/** Every port is there once, with a number of its own, in the switch and in the database. */
const hasEach = async (place: Behind, added: readonly string[], vsctl: Vsctl): Promise<void> => {
  expect((await column(vsctl, 'list-ports br0')).split('\n').sort()).toEqual(['p1', 'p2', ...added].sort())
  const ports = place.addedPorts()
  expect(ports.map(([name]) => name)).toEqual(added)
  expect(place.log('bridge').filter(line => line.includes('deleted'))).toEqual([])
  const asked = added.map(name => `-- get interface ${name} ofport`).join(' ')
  expect((await column(vsctl, asked)).split('\n')).toEqual(ports.map(([, number]) => number))
  expect(await column(vsctl, 'get Open_vSwitch . cur_cfg')).toBe(await column(vsctl, 'get Open_vSwitch . next_cfg'))
}

/** Every frame came out once, in its order, by the flow that there was, and the cache went on. */
const lostNothing = async (place: Behind, traffic: Traffic, ports: number, missed: number): Promise<void> => {
  expect(traffic.lost.slice(0, 5)).toEqual([])
  expect(traffic.got).toHaveLength(traffic.sent - traffic.first!)
  const flow = await place.flow()
  expect(flow.packets).toBe(traffic.sent)
  // A new port may be a reason to look at flows anew, a server that is gone is none.
  expect((await place.missed()) - missed).toBeLessThanOrEqual(ports)
}

/** A daemon whose cluster loses its leader, then each of the others; gives the ports that it has in the end. */
const behindCluster = async (daemon: string, isOurs: boolean): Promise<[string, string][]> => {
  const cluster = new Cluster()
  const vsctl: Vsctl = words => cluster.vsctl(words)
  const place = new Behind(daemon, vsctl)
  try {
    cluster.start()
    await place.start(cluster.remotes)
    const traffic = await place.traffic()
    await until(() => traffic.got.length > 20, 'the first frames')
    const missed = await place.missed()
    const changes = new Changes(vsctl)
    await changes.more(1)
    const first = cluster.leader()
    const killed: number[] = []
    for (const next of [() => first, ...[1, 2].map(() => () => follower(cluster, killed))]) {
      const victim = next()
      killed.push(victim)
      cluster.kill(victim)
      expect(await changes.more(3)).toBeLessThan(patience)
      cluster.startServer(victim)
      await cluster.joined(victim)
    }
    await changes.stop()
    expect(cluster.leader()).not.toBe(first)
    await writes(vsctl)
    await traffic.stop()
    // Dummies of the real one stand still while it has no leader, and lose frames.
    if (isOurs) await lostNothing(place, traffic, changes.added.length, missed)
    await hasEach(place, changes.added, vsctl)
    return place.addedPorts()
  } finally {
    place.stop()
    cluster.stop()
  }
}

/** One that does not lead, and was not killed yet if there is such a one. */
const follower = (cluster: Cluster, killed: readonly number[]): number => {
  const leader = cluster.leader()
  const others = cluster.numbers.filter(i => i !== leader)
  return others.find(i => !killed.includes(i)) ?? others[0]!
}

/** Our daemon with one server, whose words are given, which is killed and has another database file when it comes back. */
const behindOne = async (weft: WeftCli, server: string): Promise<void> => {
  const remote = (): string => `unix:${place.directory}/db.sock`
  const vsctl: Vsctl = words => runIn(place.directory, `ovs-vsctl -t 60 --retry ${words}`, 90_000)
  const place: Behind = new Behind(weft.tool('vswitchd'), vsctl)
  const file = join(place.directory, 'conf.db')
  const options = `--remote=punix:${place.directory}/db.sock --unixctl=${place.directory}/db.ctl -vconsole:off`
  const startServer = async (): Promise<void> => {
    const { status } = await runIn(
      place.directory,
      `${server} ${file} ${options} --pidfile=${place.directory}/db.pid --detach`,
    )
    expect(status).toBe(0)
  }
  /** It has the file locked until it is gone. */
  const killServer = async (): Promise<void> => {
    const pid = readFileSync(join(place.directory, 'db.pid'), 'utf8').trim()
    process.kill(Number(pid), 'SIGKILL')
    const isGone = (): boolean =>
      !existsSync(`/proc/${pid}/stat`) || / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    await until(isGone, 'the end of the server')
  }
  try {
    execFileSync('ovsdb-tool', ['create', file, '/usr/share/openvswitch/vswitch.ovsschema'])
    await startServer()
    expect(await vsctl('--no-wait init')).toMatchObject({ status: 0 })
    await place.start([remote()])
    const traffic = await place.traffic()
    await until(() => traffic.got.length > 20, 'the first frames')
    const missed = await place.missed()
    expect(await vsctl('add-port br0 q0')).toMatchObject({ status: 0 })
    await killServer()
    // While nobody serves it: a port that is there when somebody does, and the switch goes on with what it has.
    await until(() => hasTransacted(file, addPort('q1')), 'the lock of the killed server to be free')
    const then = traffic.got.length
    await until(() => traffic.got.length > then + 200, 'frames without a server')
    expect(place.addedPorts()).toEqual([['q0', '3']])
    await startServer()
    await until(() => place.addedPorts().length === 2, 'the port that came meanwhile')
    expect(await vsctl('add-port br0 q2')).toMatchObject({ status: 0 })
    await writes(vsctl)
    await traffic.stop()
    await lostNothing(place, traffic, 3, missed)
    await hasEach(place, ['q0', 'q1', 'q2'], vsctl)
  } finally {
    if (existsSync(join(place.directory, 'db.pid'))) await killServer()
    place.stop()
  }
}

/** Whether nobody held the lock: that of a killed server goes with its last thread, later than its process. */
const hasTransacted = (file: string, transaction: unknown[]): boolean =>
  spawnSync('ovsdb-tool', ['transact', file, JSON.stringify(transaction)]).status === 0

const addPort = (name: string): unknown[] => [
  'Open_vSwitch',
  { op: 'insert', table: 'Interface', row: { name }, 'uuid-name': 'i' },
  { op: 'insert', table: 'Port', row: { name, interfaces: ['named-uuid', 'i'] }, 'uuid-name': 'p' },
  { op: 'mutate', table: 'Bridge', where: [], mutations: [['ports', 'insert', ['set', [['named-uuid', 'p']]]]] },
]

describe.skipIf(!hasOpenVswitch())('a daemon whose database servers are killed', () => {
  let weft: WeftCli
  beforeAll(async () => {
    weft = await buildWeft()
  })
  afterAll(() => weft?.close())

  test('has a cluster, and loses none of its ports and frames with its leader and its followers', async () => {
    const [ours, real] = await Promise.all([
      behindCluster(weft.tool('vswitchd'), true),
      behindCluster('ovs-vswitchd', false),
    ])
    const shared = Math.min(ours.length, real.length)
    expect(shared).toBeGreaterThanOrEqual(10)
    expect(ours.slice(0, shared)).toEqual(real.slice(0, shared))
  })

  test.each([
    ['a real server', () => 'ovsdb-server'],
    ['a server of ours', () => weft.tool('ovsdb-server')],
  ])('has %s, and finds it again with what changed meanwhile', async (_, server) => {
    await behindOne(weft, server())
  })
})
