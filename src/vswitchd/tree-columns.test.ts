import { expect, test } from 'vitest'
import { type Datum, mapOf, setOf } from '../ovsdb/datum.ts'
import { bench } from '../tools/bench.testing.ts'
import { programs } from '../tools/index.ts'
import type { Row } from './row.ts'
import { treeColumns, treePortColumns } from './tree-columns.ts'

const row = (columns: Record<string, Datum>): Row => ({ uuid: 'u', columns }) as Row
const config = (record: Record<string, string>): Datum => mapOf(Object.entries(record))

test('nothing is wanted of a bridge that enables nothing, whatever is configured', () =>
  expect(treeColumns(row({ other_config: config({ 'stp-priority': '1' }) }))).toEqual({}))

test('what is no whole number is as if it was not there', () =>
  expect(
    treeColumns(
      row({
        stp_enable: setOf(true),
        other_config: config({
          'stp-priority': '0x10',
          'stp-hello-time': '2.5',
          'stp-max-age': '8',
          'stp-system-id': '12:34',
        }),
      }),
    ),
  ).toEqual({ stp: { maxAge: 8, systemId: 'invalid' } }))

test('columns of a bridge and of a port', () => {
  expect(
    treeColumns(
      row({
        rstp_enable: setOf(true),
        mcast_snooping_enable: setOf(true),
        other_config: config({ 'rstp-priority': '4096', 'mcast-snooping-disable-flood-unregistered': 'true' }),
      }),
    ),
  ).toEqual({ rstp: { priority: 4096 }, snooping: { disableFloodUnregistered: true } })
  expect(
    treePortColumns(
      row({
        other_config: config({ 'stp-enable': 'false', 'rstp-port-admin-edge': 'true', 'mcast-snooping-flood': 'true' }),
      }),
    ),
  ).toEqual({ tree: { stp: { enabled: false }, rstp: { adminEdge: true } }, snooping: { flood: true } })
})

test('a bridge asks who wants which group only if it is to', () => {
  const querier = (record: Record<string, string>): unknown =>
    treeColumns(row({ mcast_snooping_enable: setOf(true), other_config: config(record) })).snooping?.querier
  const key = 'weft-mcast-snooping-querier'
  expect(querier({ [`${key}-interval`]: '60' })).toBeUndefined()
  expect(querier({ [key]: 'true', [`${key}-address`]: 'nowhere', [`${key}-igmp-version`]: '7' })).toEqual({})
  expect(
    querier({
      [key]: 'true',
      [`${key}-interval`]: '60',
      [`${key}-address`]: '10.0.0.9',
      [`${key}-igmp-version`]: '2',
      [`${key}-mld-version`]: '1',
    }),
  ).toEqual({ interval: 60, address: 0x0a000009, igmpVersion: 2, mldVersion: 1 })
})

test('a tree and a table of groups come and go with their columns', () => {
  const { run } = bench(programs)
  run(
    'ovs-vsctl add-br br0 -- add-port br0 p1 -- set interface p1 type=patch options:peer=p2 -- set port p1 other_config:stp-path-cost=7',
  )
  expect(run('ovs-appctl stp/show br0').stderr).toContain('no such stp object')
  run('ovs-vsctl set bridge br0 stp_enable=true mcast_snooping_enable=true')
  expect(run('ovs-appctl stp/show br0').stdout).toContain('  p1         designated listening  7     128.1\n')
  expect(run('ovs-appctl mdb/show br0').stdout).toBe(' port  VLAN  GROUP                Age\n')
  run('ovs-vsctl set bridge br0 rstp_enable=true')
  expect(run('ovs-appctl rstp/show').stdout).toContain('  p1         Designated Discarding 2000     128.1\n')
  run('ovs-vsctl set bridge br0 stp_enable=false rstp_enable=false mcast_snooping_enable=false')
  expect(run('ovs-appctl rstp/show').stdout).toBe('')
  expect(run('ovs-appctl mdb/show br0').stderr).toContain('multicast snooping is disabled')
})
