import { expect, test } from 'vitest'
import { mapOf, setOf } from '../ovsdb/datum.ts'
import { seeded, VirtualClock } from '../runtime/index.ts'
import { Switch } from '../switch/switch.ts'
import { anyDevices, idleDatapath } from '../tools/bench.testing.ts'
import { LocalDatabase } from './local-database.ts'
import { Vswitchd } from './vswitchd.ts'

/** A daemon with a bridge that has one VXLAN port, and what it logs of that port. */
const start = () => {
  const random = seeded(1)
  const clock = new VirtualClock()
  const lines: string[] = []
  const log = (module: string, level: string, text: string): void => {
    if (text.includes('vz')) lines.push(`${module}|${level}|${text}`)
  }
  const openTunnel = (_type: string, udpPort: number) => ({
    vport: { name: `vxlan_sys_${udpPort}`, type: 'vxlan', send() {} },
    close() {},
    refused: () => [],
  })
  const sw = new Switch({ datapath: idleDatapath(), clock, random, log, openTunnel })
  const database = new LocalDatabase({ clock, random, ovsVersion: '3.1.0' })
  const { client } = new Vswitchd({ switch: sw, devices: anyDevices(), random, database, log })
  const settle = (): string[] => {
    clock.runUntil(clock.now())
    return lines.splice(0)
  }
  settle()
  const transaction = client.transaction()
  const iface = transaction.insert('Interface', { name: setOf('vz'), type: setOf('vxlan') })
  const port = transaction.insert('Port', { name: setOf('vz'), interfaces: setOf(iface) })
  const bridge = transaction.insert('Bridge', { name: setOf('br0'), ports: setOf(port) })
  transaction.update(client.rows('Open_vSwitch')[0]!, { bridges: setOf(bridge) })
  transaction.commit()
  settle()
  const change = (options?: Record<string, string>): string[] => {
    const now = client.transaction()
    const row = now.rows(options === undefined ? 'Bridge' : 'Interface')[0]!
    const other = { other_config: mapOf([['x', String(change.count++)]]) }
    now.update(row, options === undefined ? other : { options: mapOf(Object.entries(options)) })
    now.commit()
    return settle()
  }
  change.count = 0
  const error = (): unknown => client.rows('Interface')[0]?.columns.error?.keys[0]
  return { change, error }
}

const refused = 'netdev|warn|vz: could not set configuration (Invalid argument)'
const added = (port: number): string => `bridge|info|bridge br0: added interface vz on port ${port}`
const deleted = 'bridge|info|bridge br0: deleted interface vz on port 1'

// As the log of Open vSwitch 3.1 had it for the same steps.
test('each look at options with a mistake is told of', () => {
  const { change, error } = start()
  const tos = 'netdev_vport|warn|vz: invalid TOS 3'
  const withoutPeer = `${tos}\nvz: vxlan type requires valid 'remote_ip' argument`
  expect(change({ tos: '3' })).toEqual([withoutPeer, refused])
  expect(error()).toBe("vz: invalid TOS 3\nvz: vxlan type requires valid 'remote_ip' argument")
  expect(change()).toEqual([withoutPeer, refused])
  expect(change({ tos: '3', remote_ip: '9.9.9.9' })).toEqual([tos, added(1)])
  expect(error()).toBeUndefined()
  expect(change()).toEqual([tos])
  expect(change({ tos: '3' })).toEqual([withoutPeer, refused, deleted, withoutPeer, refused])
  // Its number rests for now.
  expect(change({ tos: '4', remote_ip: '9.9.9.9' })).toEqual([added(2)])
  expect(change()).toEqual([])
})

test('several mistakes come in the order of the table that options are in', () => {
  const { change } = start()
  expect(change({ tos: '1', zz: '1', local_ip: 'x', remote_ip: 'foo' })).toEqual([
    [
      "netdev_vport|warn|vz: bad vxlan 'local_ip'",
      "vz: unknown vxlan argument 'zz'",
      'vz: invalid TOS 1',
      "vz: bad vxlan 'remote_ip'",
      "vz: vxlan type requires valid 'remote_ip' argument",
    ].join('\n'),
    refused,
  ])
})
