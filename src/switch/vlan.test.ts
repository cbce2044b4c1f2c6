import { describe, expect, test } from 'vitest'
import { carries, inputRefusal, inputVlan, isTrunked, outputVlan, trunkAll, vlanSettings } from './vlan.ts'

describe('columns', () => {
  test('nothing is a trunk of all', () => expect(vlanSettings({})).toEqual(trunkAll))
  test('a tag alone is an access port', () =>
    expect(vlanSettings({ tag: 5 })).toEqual({ mode: 'access', tag: 5, trunks: undefined, priorityTags: 'never' }))
  test('a trunk ignores the tag', () => expect(vlanSettings({ mode: 'trunk', tag: 5 }).tag).toBe(0))
  test('a native VLAN is carried even if the list leaves it out', () =>
    expect(vlanSettings({ mode: 'native-tagged', tag: 7, trunks: [5] }).trunks).toEqual(new Set([5, 7])))
})

const access = vlanSettings({ tag: 5 })
const trunk = vlanSettings({ trunks: [5, 7] })
const tagged = vlanSettings({ mode: 'native-tagged', tag: 7, trunks: [5] })
const untagged = vlanSettings({ mode: 'native-untagged', tag: 7, trunks: [5] })

test.each([
  ['access, untagged', access, 0, undefined, 5],
  ['access, tagged', access, 5, 'tagged_on_access', 5],
  ['trunk, carried', trunk, 7, undefined, 7],
  ['trunk, not carried', trunk, 8, 'vlan_not_trunked', 8],
  ['trunk, untagged is VLAN 0', trunk, 0, 'vlan_not_trunked', 0],
  ['trunk of all, untagged', trunkAll, 0, undefined, 0],
  ['native-tagged, untagged', tagged, 0, undefined, 7],
  ['native-untagged, tagged with another', untagged, 5, undefined, 5],
  ['native-untagged, not carried', untagged, 9, 'vlan_not_trunked', 9],
] as const)('in: %s', (_, settings, tag, refusal, vlan) => {
  expect(inputRefusal(settings, tag)).toBe(refusal)
  expect(inputVlan(settings, tag)).toBe(vlan)
})

test.each([
  ['access', access, 5, true, false, 0],
  ['access, another', access, 6, false, false, 0],
  ['trunk', trunk, 7, true, true, 7],
  ['native-tagged, native', tagged, 7, true, true, 7],
  ['native-untagged, native', untagged, 7, true, false, 0],
  ['native-untagged, another', untagged, 5, true, true, 5],
] as const)('out: %s', (_, settings, vlan, carried, asIs, id) => {
  expect(carries(settings, vlan)).toBe(carried)
  expect(isTrunked(settings, vlan)).toBe(asIs)
  expect(outputVlan(settings, vlan)).toBe(id)
})
