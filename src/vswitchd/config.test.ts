import { describe, expect, test } from 'vitest'
import { setOf } from '../ovsdb/datum.ts'
import { seeded } from '../runtime/index.ts'
import { Config, type Transaction } from './config.ts'

const fresh = (): Config => new Config(seeded(1))

/** A bridge with a port of its name; more names are more ports. */
const addBridge = (transaction: Transaction, name: string, ...ports: string[]): string => {
  const rows = [name, ...ports].map(each => {
    const iface = transaction.insert('Interface', { name: setOf(each) })
    return transaction.insert('Port', { name: setOf(each), interfaces: setOf(iface) })
  })
  const bridge = transaction.insert('Bridge', { name: setOf(name), ports: setOf(...rows) })
  const root = transaction.rows('Open_vSwitch')[0]!
  transaction.update(root, { bridges: setOf(...root.columns.bridges!.keys, bridge) })
  return bridge
}
const names = (config: Config, table: string): unknown[] => config.rows(table).map(row => row.columns.name?.keys[0])

describe('transactions', () => {
  test('the root row is there from the start, with defaults', () => {
    const root = fresh().root()
    expect(root.uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(root.columns.next_cfg).toEqual(setOf(0))
    expect(root.columns.bridges).toEqual(setOf())
  })
  test('all or nothing', () => {
    const config = fresh()
    config.transact(transaction => {
      addBridge(transaction, 'br0')
      return false
    })
    expect(names(config, 'Bridge')).toEqual([])
    expect(config.transact(transaction => void addBridge(transaction, 'br0', 'p1'))).toEqual({
      ok: true,
      changed: true,
    })
    expect(names(config, 'Port')).toEqual(['br0', 'p1'])
  })
  test('a transaction sees what it has done, others do not', () => {
    const config = fresh()
    config.transact(transaction => {
      const uuid = addBridge(transaction, 'br0')
      expect(transaction.row('Bridge', uuid)?.columns.name).toEqual(setOf('br0'))
      expect(config.row('Bridge', uuid)).toBeUndefined()
      return true
    })
  })
  test('watchers are called for changes only', () => {
    const config = fresh()
    let calls = 0
    const stop = config.watch(() => calls++)
    config.transact(transaction => void addBridge(transaction, 'br0'))
    config.transact(transaction => {
      const row = transaction.rows('Bridge')[0]!
      transaction.update(row, { name: setOf('br0') })
      return true
    })
    expect(calls).toBe(1)
    stop()
    config.transact(transaction => void addBridge(transaction, 'br1'))
    expect(calls).toBe(1)
  })
  test('the same seed gives the same UUIDs', () => {
    expect(fresh().root().uuid).toBe(fresh().root().uuid)
    expect(new Config(seeded(2)).root().uuid).not.toBe(fresh().root().uuid)
  })
})

describe('what must hold', () => {
  test('rows that nothing refers to go', () => {
    const config = fresh()
    config.transact(transaction => void addBridge(transaction, 'br0', 'p1'))
    config.transact(transaction => void transaction.update(transaction.rows('Open_vSwitch')[0]!, { bridges: setOf() }))
    for (const table of ['Bridge', 'Port', 'Interface']) expect(names(config, table)).toEqual([])
    config.transact(transaction => void transaction.insert('Interface', { name: setOf('alone') }))
    expect(names(config, 'Interface')).toEqual([])
  })
  test('names differ', () => {
    const config = fresh()
    const twice = config.transact(transaction => {
      addBridge(transaction, 'br0')
      addBridge(transaction, 'br0')
      return true
    })
    expect(twice).toMatchObject({ ok: false, error: { error: 'constraint violation' } })
    expect(!twice.ok && twice.error.details).toMatch(
      /^Transaction causes multiple rows in "Bridge" table to have identical values \(br0\) for index on column "name"\. {2}First row, with UUID \S+, was inserted by this transaction\. {2}Second row, with UUID \S+, was inserted by this transaction\.$/,
    )
    expect(names(config, 'Bridge')).toEqual([])
  })
  test('references lead somewhere', () => {
    const config = fresh()
    const result = config.transact(transaction => void transaction.insert('Port', { name: setOf('x') }))
    expect(!result.ok && result.error.details).toMatch(
      /^Table Port column interfaces row \S+ references nonexistent row 00000000-0000-0000-0000-000000000000 in table Interface\.$/,
    )
  })
  test('columns hold what they can', () => {
    const config = fresh()
    config.transact(transaction => void addBridge(transaction, 'br0'))
    const result = config.transact(transaction => {
      transaction.update(transaction.rows('Port')[0]!, { tag: setOf(1, 2) })
      return true
    })
    expect(!result.ok && result.error).toEqual({
      details: 'Attempted to store 2 elements in set of up to 1 integers.',
      error: 'constraint violation',
    })
  })
  test('one row is all that some tables have', () => {
    const result = fresh().transact(transaction => void transaction.insert('Open_vSwitch'))
    expect(result).toMatchObject({ ok: false, error: { error: 'constraint violation' } })
  })
  test('weak references go with their rows', () => {
    const config = fresh()
    config.transact(transaction => {
      const bridge = addBridge(transaction, 'br0', 'p1')
      const port = transaction.rows('Port')[1]!
      const mirror = transaction.insert('Mirror', { name: setOf('m'), select_src_port: setOf(port.uuid) })
      transaction.update(transaction.row('Bridge', bridge)!, { mirrors: setOf(mirror) })
      return true
    })
    expect(config.rows('Mirror')[0]?.columns.select_src_port?.keys).toHaveLength(1)
    config.transact(transaction => {
      const bridge = transaction.rows('Bridge')[0]!
      const local = transaction.rows('Port')[0]!
      transaction.update(bridge, { ports: setOf(local.uuid) })
      return true
    })
    expect(config.rows('Mirror')[0]?.columns.select_src_port?.keys).toHaveLength(0)
  })
})
