import { expect, test } from 'vitest'
import { newKey, word } from '../flow/layout.ts'
import { markOption } from '../flow/tlv.ts'
import { second } from '../runtime/clock.ts'
import { type FrozenState, metadataOf, restoreMetadata, seenByMirrors } from './frozen.ts'
import { mirrorsOf } from './mirrors.ts'
import { Recirculation } from './recirculation.ts'
import { Bed } from './switch.testing.ts'

const bed = new Bed()

const state = (table: number, change: Partial<FrozenState> = {}): FrozenState => ({
  bridge: 'br0',
  table,
  metadata: metadataOf(newKey()),
  stack: [],
  actionSet: [],
  actions: [],
  conntracked: false,
  ...change,
})

test('which mirrors have seen a frame counts, not in which order they did', () => {
  const none = { all: true, sources: [], destinations: [], vlans: [] }
  const wished = ['b', 'a'].map(uuid => ({
    ...none,
    uuid,
    outputPort: undefined,
    outputVlan: 5,
    snapLength: undefined,
  }))
  const mirrors = mirrorsOf(wished, [])
  const ids = new Recirculation(bed.clock)
  expect(ids.hold(state(1, seenByMirrors(new Set(mirrors))))).toBe(1)
  expect(ids.hold(state(1, seenByMirrors(new Set(mirrors.toReversed()))))).toBe(1)
  expect(ids.hold(state(1, seenByMirrors(new Set(mirrors.slice(1)))))).toBe(2)
})

test('equal states share a number, others do not', () => {
  const ids = new Recirculation(bed.clock)
  expect(ids.hold(state(1))).toBe(1)
  expect(ids.hold(state(1))).toBe(1)
  expect(ids.hold(state(2))).toBe(2)
  expect(ids.hold(state(1, { conntracked: true }))).toBe(3)
  expect(ids.hold(state(1, { actions: [{ type: 'output', port: 3 }] }))).toBe(4)
  expect(ids.hold(state(1, { stack: [{ value: 5n, bits: 16 }] }))).toBe(5)
  expect(ids.get(4)?.actions).toEqual([{ type: 'output', port: 3 }])
})

test('a number that nobody holds goes after a while, and is not given to an equal state before', () => {
  const ids = new Recirculation(bed.clock)
  ids.hold(state(1))
  ids.hold(state(1))
  ids.release([1])
  bed.clock.runUntil(bed.clock.now() + second)
  expect(ids.get(1)).toBeDefined()
  ids.release([1])
  expect(ids.get(1)).toBeDefined()
  expect(ids.hold(state(1))).toBe(2)
  bed.clock.runUntil(bed.clock.now() + second)
  expect(ids.get(1)).toBeUndefined()
  expect(ids.size).toBe(1)
  ids.release([1, 99])
})

test('a number that no frame comes back to goes with its last holder, and is not given again', () => {
  const ids = new Recirculation(bed.clock)
  ids.hold(state(1), false)
  ids.hold(state(1), false)
  ids.release([1])
  expect(ids.get(1)).toBeDefined()
  ids.release([1])
  expect(ids.size).toBe(0)
  expect(ids.hold(state(1), false)).toBe(2)
  // Now frames do come back to an equal state.
  expect(ids.hold(state(1))).toBe(2)
  ids.release([2, 2])
  expect(ids.get(2)).toBeDefined()
  bed.clock.runUntil(bed.clock.now() + second)
  expect(ids.get(2)).toBeUndefined()
})

test('metadata comes back as it was; the frame stays', () => {
  const key = newKey()
  key[word.inPort] = 7
  key[word.regs + 15] = 9
  key[word.tunIdLow] = 5
  const metadata = metadataOf(key)
  const other = newKey()
  other[word.ipv4Src] = 1
  other[word.regs] = 3
  restoreMetadata(metadata, other)
  expect([
    other[word.inPort],
    other[word.regs + 15],
    other[word.regs],
    other[word.tunIdLow],
    other[word.ipv4Src],
  ]).toEqual([7, 9, 0, 5, 1])
})

test('tunnel options are put by, and one of 0 is not one that is not there', () => {
  const ids = new Recirculation(bed.clock)
  const key = newKey()
  const without = ids.hold(state(1))
  markOption(key, 0)
  const withZero = ids.hold(state(1, { metadata: metadataOf(key) }))
  key[word.tunMetadata] = 5
  const withFive = ids.hold(state(1, { metadata: metadataOf(key) }))
  expect(new Set([without, withZero, withFive]).size).toBe(3)
  const deleted = newKey()
  deleted[word.tunMetadata] = 5
  expect([without, withZero, withFive]).not.toContain(ids.hold(state(1, { metadata: metadataOf(deleted) })))

  const back = newKey()
  restoreMetadata(ids.get(withFive)?.metadata ?? new Uint32Array(), back)
  expect(back).toEqual(key)
  restoreMetadata(ids.get(without)?.metadata ?? new Uint32Array(), back)
  expect(back).toEqual(newKey())
})
