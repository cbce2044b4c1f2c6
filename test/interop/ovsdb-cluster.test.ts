import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFlowNetwork, Pace } from '../../src/node/index.ts'
import { Client, openVSwitch, setOf } from '../../src/ovsdb/index.ts'
import { recording, seeded, VirtualClock } from '../../src/runtime/index.ts'
import { Switch } from '../../src/switch/switch.ts'
import { anyDevices, idleDatapath } from '../../src/tools/bench.testing.ts'
import { Vswitchd } from '../../src/vswitchd/vswitchd.ts'
import { Cluster } from './cluster.testing.ts'
import { hasOvs } from './ovs.testing.ts'
import { until } from './waiting.testing.ts'

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
    await cluster.vsctl('add-br br0 -- add-port br0 p0')
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
    expect((await cluster.vsctl('list-ports br0')).stdout.trim().split('\n')).toHaveLength(total + 1)
    const number = String(bridge.portByName('q59')?.ofport)
    await until(
      async () => (await cluster.vsctl('get interface q59 ofport')).stdout.trim() === number,
      'its number in the database',
    )
    expect(lines.some(line => line.includes('is not cluster leader; trying another server'))).toBe(true)

    // A server that comes back is no leader: nobody goes to it, and what it has is the same.
    cluster.startServer(first)
    await cluster.vsctl('del-port br0 q0')
    await until(() => bridge.ports.size === total + 1, 'the port gone')
    enter(() => {
      user.close()
      daemon.close()
    })
  })
})
