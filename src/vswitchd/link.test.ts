import { describe, expect, test } from 'vitest'
import { Client } from '../ovsdb/client.ts'
import { setOf } from '../ovsdb/datum.ts'
import { openVSwitch } from '../ovsdb/schemas/open-vswitch.ts'
import { type Duplex, second, seeded, VirtualClock } from '../runtime/index.ts'
import { Switch } from '../switch/switch.ts'
import { anyDevices, idleDatapath } from '../tools/bench.testing.ts'
import { LocalDatabase } from './local-database.ts'
import { Vswitchd } from './vswitchd.ts'

/** A database and daemons on it, with connections that can be cut. */
const world = () => {
  const clock = new VirtualClock()
  const database = new LocalDatabase({ clock, random: seeded(1) })
  const cables = new Set<Duplex>()
  let isAway = false
  const remotes = ['unix:db.sock']
  const dial: typeof database.dial = (remote, done) => {
    if (isAway) {
      done('Connection refused')
      return () => undefined
    }
    return database.dial(remote, result => {
      if (typeof result !== 'string') cables.add(result)
      done(result)
    })
  }
  const daemon = (seed: number): Vswitchd =>
    new Vswitchd({
      switch: new Switch({ datapath: idleDatapath(), clock, random: seeded(seed) }),
      devices: anyDevices(),
      random: seeded(seed + 1),
      database: { remotes, dial },
    })
  const user = new Client({ clock, random: seeded(9), dial: database.dial, remotes, schema: openVSwitch })
  user.start()
  const addBridge = (name: string): void => {
    const transaction = user.transaction()
    const iface = transaction.insert('Interface', { name: setOf(name), type: setOf('internal') })
    const port = transaction.insert('Port', { name: setOf(name), interfaces: setOf(iface) })
    const bridge = transaction.insert('Bridge', { name: setOf(name), ports: setOf(port) })
    const [root] = transaction.rows('Open_vSwitch')
    transaction.mutate(root!, 'bridges', 'insert', setOf(bridge))
    transaction.increment(root!, 'next_cfg')
    transaction.commit()
    expect(transaction.status).toBe('success')
  }
  return {
    clock,
    daemon,
    user,
    addBridge,
    /** Ends all connections of daemons; nobody can be reached until `back`. */
    cut() {
      isAway = true
      for (const cable of cables) cable.close()
      cables.clear()
    },
    back() {
      isAway = false
    },
  }
}
const config = ({ user }: ReturnType<typeof world>): unknown[] =>
  ['next_cfg', 'cur_cfg'].map(column => user.rows('Open_vSwitch')[0]!.columns[column]!.keys[0])

describe('a daemon and its database', () => {
  test('without the database the switch stays as it is, and what was asked for meanwhile is done after', () => {
    const there = world()
    const { switch: sw } = there.daemon(3)
    there.addBridge('br0')
    const bridge = sw.bridges.get('br0')
    expect(config(there)).toEqual([1, 1])
    there.cut()
    there.addBridge('br1')
    there.clock.runUntil(60 * second)
    expect([...sw.bridges.keys()]).toEqual(['br0'])
    expect(config(there)).toEqual([2, 1])
    there.back()
    there.clock.runUntil(120 * second)
    expect([...sw.bridges.keys()]).toEqual(['br0', 'br1'])
    expect(sw.bridges.get('br0')).toBe(bridge)
    expect(config(there)).toEqual([2, 2])
  })

  test('a device that changes while the database is away is told of after', () => {
    const there = world()
    const daemon = there.daemon(3)
    there.addBridge('br0')
    there.cut()
    const device = daemon.hand.made.get('br0')!.devices.get('br0')!
    Object.assign(device, { linkUp: false })
    device.onChange?.()
    there.back()
    there.clock.runUntil(20 * second)
    const iface = there.user.rows('Interface')[0]!
    expect(iface.columns.link_state).toEqual(setOf('down'))
  })

  test('of two daemons one has the bridges, the other when the first is gone', () => {
    const there = world()
    const [one, two] = [there.daemon(3), there.daemon(5)]
    there.addBridge('br0')
    expect([one.switch.bridges.size, two.switch.bridges.size]).toEqual([1, 0])
    one.close()
    expect(two.switch.bridges.size).toBe(1)
    // The first comes back and is not needed.
    const three = there.daemon(7)
    expect(three.switch.bridges.size).toBe(0)
  })

  test('a daemon that finds its lock with somebody else gives its bridges up', () => {
    const there = world()
    const one = there.daemon(3)
    there.addBridge('br0')
    there.cut()
    there.back()
    const two = there.daemon(5)
    expect([one.switch.bridges.size, two.switch.bridges.size]).toEqual([1, 1])
    there.clock.runUntil(20 * second)
    expect([one.switch.bridges.size, two.switch.bridges.size]).toEqual([0, 1])
  })

  test('counts are written while somebody wants them fresh, every five seconds', () => {
    const there = world()
    const daemon = there.daemon(3)
    there.addBridge('br0')
    const device = daemon.hand.made.get('br0')!.devices.get('br0')!
    let count = 0
    Object.assign(device, { statistics: () => ({ rx_errors: ++count }) })
    there.clock.runUntil(20 * second)
    expect(count).toBe(0)
    const stop = daemon.keepRefreshing()
    there.clock.runUntil(46 * second)
    expect(count).toBe(5)
    stop()
    there.clock.runUntil(90 * second)
    expect(count).toBe(5)
  })
})
