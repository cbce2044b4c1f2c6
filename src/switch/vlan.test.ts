import { describe, expect, test } from 'vitest'
import { carries, inputRefusal, inputTags, outputTags, type Tags, trunkAll, vlanSettings } from './vlan.ts'

describe('columns', () => {
  test('nothing is a trunk of all', () => expect(vlanSettings({})).toEqual(trunkAll))
  test('a tag alone is an access port', () =>
    expect(vlanSettings({ tag: 5 })).toMatchObject({
      mode: 'access',
      tag: 5,
      trunks: undefined,
      priorityTags: 'never',
    }))
  test('a trunk ignores the tag', () => expect(vlanSettings({ mode: 'trunk', tag: 5 }).tag).toBe(0))
  test('customers’ VLANs are for a tunnel, which says the type of its tag', () =>
    expect(vlanSettings({ mode: 'dot1q-tunnel', tag: 9, trunks: [5], cvlans: [7], outerType: 0x8100 })).toMatchObject({
      tag: 9,
      trunks: new Set([7]),
      outerType: 0x8100,
    }))
  test('a native VLAN is carried even if the list leaves it out', () =>
    expect(vlanSettings({ mode: 'native-tagged', tag: 7, trunks: [5] }).trunks).toEqual(new Set([5, 7])))
})

const access = vlanSettings({ tag: 5 })
const trunk = vlanSettings({ trunks: [5, 7] })
const tagged = vlanSettings({ mode: 'native-tagged', tag: 7, trunks: [5] })
const untagged = vlanSettings({ mode: 'native-untagged', tag: 7, trunks: [5] })
const tunnel = vlanSettings({ mode: 'dot1q-tunnel', tag: 9 })
const tunnelOf5 = vlanSettings({ mode: 'dot1q-tunnel', tag: 9, cvlans: [5] })

/** A tag of 802.1Q. */
const q = (vlan: number, priority = 0): number => ((0x8100 << 16) >>> 0) + priority * 0x2000 + vlan
const s = (vlan: number): number => ((0x88a8 << 16) >>> 0) + vlan

test.each([
  ['access, untagged', access, [0, 0], undefined, [q(5), 0]],
  ['access, tagged', access, [q(5), 0], 'tagged_on_access', undefined],
  ['access, a tag of priority over another', access, [q(0, 3), q(7)], undefined, [q(5, 3), 0]],
  ['trunk, carried', trunk, [q(7), q(8)], undefined, [q(7), q(8)]],
  ['trunk, not carried', trunk, [q(8), 0], 'vlan_not_trunked', undefined],
  ['trunk, untagged is VLAN 0', trunk, [0, 0], 'vlan_not_trunked', undefined],
  ['trunk of all, untagged', trunkAll, [0, 0], undefined, [0, 0]],
  ['native-tagged, untagged', tagged, [0, 0], undefined, [q(7), 0]],
  ['native-tagged, a tag of priority over another', tagged, [q(0, 1), q(8)], undefined, [q(7, 1), q(8)]],
  ['native-untagged, tagged with another', untagged, [q(5), 0], undefined, [q(5), 0]],
  ['native-untagged, not carried', untagged, [q(9), 0], 'vlan_not_trunked', undefined],
  ['tunnel, untagged', tunnel, [0, 0], undefined, [s(9), 0]],
  ['tunnel, two tags', tunnel, [q(5, 2), q(6)], undefined, [s(9), q(5, 2)]],
  ['tunnel, excluded', tunnelOf5, [q(6), 0], 'vlan_excluded', undefined],
] as const)('in: %s', (_, settings, tags, refusal, inside) => {
  expect(inputRefusal(settings, tags[0] & 0xfff)).toBe(refusal)
  if (inside !== undefined) expect(inputTags(settings, tags)).toEqual(inside)
})

test.each<[string, typeof access, Tags, boolean, Tags]>([
  ['access', access, [q(5), 0], true, [0, 0]],
  ['access, another', access, [q(6), 0], false, [0, 0]],
  ['access, a second VLAN', access, [q(5), q(6)], false, [0, 0]],
  ['trunk', trunk, [q(7), 0], true, [q(7), 0]],
  ['trunk, an inner tag that says nothing', trunk, [q(7), q(0)], true, [q(7), 0]],
  ['native-tagged, native', tagged, [q(7), 0], true, [q(7), 0]],
  ['native-untagged, native', untagged, [q(7), q(8)], true, [q(8), 0]],
  ['native-untagged, another', untagged, [q(5), 0], true, [q(5), 0]],
  ['tunnel', tunnel, [s(9), q(5)], true, [q(5), 0]],
  ['tunnel, excluded', tunnelOf5, [s(9), q(6)], false, [q(6), 0]],
  ['VLAN 0 with a priority', trunkAll, [q(0, 3), 0], true, [q(0, 3), 0]],
  ['VLAN 0 without one', trunkAll, [q(0), 0], true, [0, 0]],
])('out: %s', (_, settings, tags, carried, out) => {
  expect(carries(settings, tags)).toBe(carried)
  expect(outputTags(settings, tags, tags[0])).toEqual(out)
})

test.each([
  ['never', 3, [0, 0]],
  ['if-nonzero', 3, [q(0, 3), 0]],
  ['if-nonzero', 0, [0, 0]],
  ['always', 3, [q(0, 3), 0]],
  ['always', 0, [0, 0]],
] as const)('priority tags of an access port: %s %i', (priorityTags, priority, out) => {
  expect(outputTags(vlanSettings({ tag: 5, priorityTags }), [q(5, priority), 0], q(0, priority))).toEqual(out)
})
