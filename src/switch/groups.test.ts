import { describe, expect, test } from 'vitest'
import { matchOf } from '../flow/match.ts'
import { OfBucket, OfGroup } from '../openflow/group.ts'
import { bucket, flowMod, groupMod, output, Stores, toGroup } from './bridge-stores.testing.ts'

const ids = ({ bridge }: Stores, group = 1): number[] | undefined => bridge.groups.get(group)?.buckets.map(b => b.id)

describe('group_mod', () => {
  test('adds once, modifies what is there, and may do either', () => {
    const stores = new Stores()
    const { groups } = stores.bridge
    expect(groups.apply(groupMod({ command: 'modify' }))).toBe('OFPGMFC_UNKNOWN_GROUP')
    expect(groups.apply(groupMod({}))).toBeUndefined()
    expect(groups.apply(groupMod({}))).toBe('OFPGMFC_GROUP_EXISTS')
    stores.time = 5
    expect(groups.apply(groupMod({ command: 'add_or_mod', type: 'select' }))).toBeUndefined()
    expect(groups.get(1)).toMatchObject({ type: 'select', created: 0 })
    expect(groups.apply(groupMod({ command: 'add_or_mod', group: 2 }))).toBeUndefined()
    expect(groups.list().map(({ id }) => id)).toEqual([1, 2])
    expect(groups.list(2).map(({ id }) => id)).toEqual([2])
  })
  test('an indirect group has one bucket, numbers of buckets differ, and groups have numbers to a limit', () => {
    const { groups } = new Stores().bridge
    expect(groups.apply(groupMod({ type: 'indirect', buckets: [] }))).toBe('OFPGMFC_INVALID_GROUP')
    expect(groups.apply(groupMod({ buckets: [bucket([], 4), bucket([], 4)] }))).toBe('OFPGMFC_BAD_BUCKET')
    expect(groups.apply(groupMod({ group: OfGroup.max + 1 }))).toBe('OFPGMFC_INVALID_GROUP')
    expect(groups.size).toBe(0)
  })
  test('counts begin anew with a modification', () => {
    const { groups } = new Stores().bridge
    groups.apply(groupMod({}))
    Object.assign(groups.get(1)!, { packets: 5 })
    groups.get(1)!.buckets[0]!.packets = 5
    groups.apply(groupMod({ command: 'modify' }))
    expect([groups.get(1)!.packets, groups.get(1)!.buckets[0]!.packets]).toEqual([0, 0])
  })
})

describe('buckets', () => {
  const filled = (): Stores => {
    const stores = new Stores()
    stores.bridge.groups.apply(groupMod({ buckets: [bucket([output(1)], 5), bucket([output(2)], 9)] }))
    return stores
  }
  const insert = (stores: Stores, commandBucket: number, id: number) =>
    stores.bridge.groups.apply(groupMod({ command: 'insert_bucket', commandBucket, buckets: [bucket([], id)] }))
  const remove = (stores: Stores, commandBucket: number) =>
    stores.bridge.groups.apply(groupMod({ command: 'remove_bucket', commandBucket, buckets: [] }))

  test('are put first, last or behind another', () => {
    const stores = filled()
    expect(insert(stores, 5, 6)).toBeUndefined()
    expect(insert(stores, OfBucket.first, 1)).toBeUndefined()
    expect(insert(stores, OfBucket.last, 2)).toBeUndefined()
    expect(ids(stores)).toEqual([1, 5, 6, 9, 2])
    expect(insert(stores, 77, 7)).toBe('OFPGMFC_UNKNOWN_BUCKET')
    expect(insert(stores, OfBucket.last, 9)).toBe('OFPGMFC_BUCKET_EXISTS')
    expect(ids(stores)).toEqual([1, 5, 6, 9, 2])
  })
  test('go by number, from either end, or all; none is no mistake at the ends', () => {
    const stores = filled()
    insert(stores, OfBucket.last, 6)
    insert(stores, OfBucket.last, 7)
    expect(remove(stores, 77)).toBe('OFPGMFC_UNKNOWN_BUCKET')
    expect(remove(stores, 9)).toBeUndefined()
    expect(remove(stores, OfBucket.first)).toBeUndefined()
    expect(remove(stores, OfBucket.last)).toBeUndefined()
    expect(ids(stores)).toEqual([6])
    expect(remove(stores, OfBucket.all)).toBeUndefined()
    expect(remove(stores, OfBucket.first)).toBeUndefined()
    expect(ids(stores)).toEqual([])
  })
  test('that stay keep their counts', () => {
    const stores = filled()
    stores.bridge.groups.get(1)!.buckets[1]!.packets = 3
    stores.bridge.groups.get(1)!.packets = 3
    insert(stores, OfBucket.first, 1)
    const { packets, buckets } = stores.bridge.groups.get(1)!
    expect([packets, buckets.map(b => b.packets)]).toEqual([0, [0, 0, 3]])
  })
  test('of a group that is not there', () => {
    const stores = new Stores()
    expect(insert(stores, OfBucket.first, 1)).toBe('OFPGMFC_UNKNOWN_GROUP')
    expect(remove(stores, OfBucket.first)).toBe('OFPGMFC_UNKNOWN_GROUP')
  })
})

describe('flows and groups', () => {
  test('a flow cannot send to a group that is not there; a group counts the actions that send to it', () => {
    const { flows, groups } = new Stores().bridge
    expect(flows.apply(flowMod({ actions: [toGroup(1)] }))).toBe('OFPBAC_BAD_OUT_GROUP')
    expect(flows.apply(flowMod({ actions: [{ type: 'write_actions', actions: [toGroup(1)] }] }))).toBe(
      'OFPBAC_BAD_OUT_GROUP',
    )
    groups.apply(groupMod({}))
    const inner = { type: 'clone', actions: [toGroup(1), { type: 'write_actions', actions: [toGroup(1)] }] } as const
    expect(flows.apply(flowMod({ actions: [toGroup(1), inner] }))).toBeUndefined()
    expect(groups.get(1)!.references).toBe(3)
    expect(flows.dump({ outGroup: 1 })).toHaveLength(1)
    flows.apply(flowMod({ command: 'modify', actions: [toGroup(1)] }))
    expect(groups.get(1)!.references).toBe(1)
    flows.apply(flowMod({ command: 'delete' }))
    expect([groups.get(1)!.references, groups.get(1)!.users.size]).toEqual([0, 0])
  })
  test('flows go with their group', () => {
    const stores = new Stores()
    const { flows, groups } = stores.bridge
    groups.apply(groupMod({}))
    groups.apply(groupMod({ group: 2 }))
    flows.apply(flowMod({ priority: 1, actions: [toGroup(1)], sendFlowRemoved: true }))
    flows.apply(flowMod({ priority: 2, actions: [toGroup(2)], sendFlowRemoved: true }))
    flows.apply(flowMod({ priority: 3, match: matchOf({ in_port: 1n }) }))
    expect(groups.apply(groupMod({ command: 'delete', group: 9 }))).toBeUndefined()
    expect(groups.apply(groupMod({ command: 'delete', group: 1 }))).toBeUndefined()
    expect([stores.priorities(), stores.told]).toEqual([[2, 3], ['1 group_delete']])
    groups.apply(groupMod({ command: 'delete', group: OfGroup.all }))
    expect([stores.priorities(), groups.size]).toEqual([[3], 0])
  })
})
