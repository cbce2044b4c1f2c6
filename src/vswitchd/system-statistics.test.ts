import { expect, test } from 'vitest'
import { mapOf, setOf } from '../ovsdb/datum.ts'
import { second, seeded, VirtualClock } from '../runtime/index.ts'
import { Switch } from '../switch/switch.ts'
import { anyDevices, idleDatapath } from '../tools/bench.testing.ts'
import { LocalDatabase } from './local-database.ts'
import { Vswitchd } from './vswitchd.ts'

/** A daemon on a computer that counts how often it was looked at. */
const start = (hasComputer = true) => {
  const random = seeded(1)
  const clock = new VirtualClock()
  const looks = { count: 0 }
  const systemStatistics = (): Record<string, string> => ({ cpu: '2', looks: String(++looks.count) })
  const sw = new Switch({ datapath: idleDatapath(), clock, random })
  const database = new LocalDatabase({ clock, random, ovsVersion: '3.1.0' })
  const more = hasComputer ? { systemStatistics } : {}
  const daemon = new Vswitchd({ switch: sw, devices: anyDevices(), random, database, ...more })
  const pass = (seconds: number): void => clock.runUntil(clock.now() + seconds * second)
  const root = () => daemon.client.rows('Open_vSwitch')[0]!
  const set = (config: Record<string, string>): void => {
    const transaction = daemon.client.transaction()
    transaction.update(root(), { other_config: mapOf(Object.entries(config)) })
    transaction.commit()
    pass(0)
  }
  pass(0)
  return { daemon, looks, pass, set, told: () => root().columns.statistics }
}
const found = (count: number) =>
  mapOf([
    ['cpu', '2'],
    ['looks', String(count)],
  ])

test('the computer is looked at every five seconds while that is asked for', () => {
  const { looks, pass, set, told } = start()
  pass(20)
  expect([looks.count, told()]).toEqual([0, mapOf([])])
  set({ 'enable-statistics': 'TRUE' })
  expect(told()).toEqual(found(1))
  pass(4)
  expect(told()).toEqual(found(1))
  pass(1)
  expect(told()).toEqual(found(2))
  set({ 'enable-statistics': 'true', more: 'x' })
  expect(told()).toEqual(found(2))
  pass(50)
  expect(told()).toEqual(found(12))
  set({ 'enable-statistics': 'yes' })
  expect(told()).toEqual(mapOf([]))
  pass(20)
  expect([looks.count, told()]).toEqual([12, mapOf([])])
  set({ 'enable-statistics': 'true' })
  expect(told()).toEqual(found(13))
})

test('no other may write it', () => {
  const { daemon, pass, set, told } = start()
  const transaction = daemon.client.transaction()
  transaction.update(daemon.client.rows('Open_vSwitch')[0]!, { statistics: mapOf([['x', 'y']]) })
  transaction.commit()
  pass(0)
  set({ more: 'x' })
  expect(told()).toEqual(mapOf([]))
})

test('a world without a computer has nothing to tell', () => {
  const { daemon, pass, set, told } = start(false)
  set({ 'enable-statistics': 'true' })
  pass(10)
  expect(told()).toEqual(mapOf([]))
  expect(daemon.client.rows('Open_vSwitch')[0]?.columns.ovs_version).toEqual(setOf('3.1.0'))
})

test('nothing is looked at once the daemon has ended', () => {
  const { daemon, looks, pass, set } = start()
  set({ 'enable-statistics': 'true' })
  daemon.close()
  pass(60)
  expect(looks.count).toBe(1)
})
