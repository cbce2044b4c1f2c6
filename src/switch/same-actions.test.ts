import { expect, test } from 'vitest'
import type { Action } from '../datapath/action.ts'
import { newKey } from '../flow/layout.ts'
import { sameActions } from './same-actions.ts'

const cookie = (maxLength: number) => ({ type: 'controller', maxLength, key: newKey() })
/** Pairs of each kind that differ in one thing. */
const kinds: [Action, Action][] = [
  [
    { type: 'output', port: 1 },
    { type: 'output', port: 2 },
  ],
  [
    { type: 'set', key: [[1, 2]], mask: [[1, 3]] },
    { type: 'set', key: [[1, 2]], mask: [[1, 7]] },
  ],
  [
    { type: 'tunnel', row: Uint32Array.of(1, 2) },
    { type: 'tunnel', row: Uint32Array.of(1, 3) },
  ],
  [
    { type: 'push_vlan', tpid: 0x8100, tci: 5 },
    { type: 'push_vlan', tpid: 0x88a8, tci: 5 },
  ],
  [{ type: 'pop_vlan' }, { type: 'drop', reason: 'x' }],
  [
    { type: 'push_mpls', label: 1, ethType: 0x8847 },
    { type: 'push_mpls', label: 2, ethType: 0x8847 },
  ],
  [
    { type: 'pop_mpls', ethType: 0x800 },
    { type: 'pop_mpls', ethType: 0x86dd },
  ],
  [
    { type: 'userspace', reason: 'controller', cookie: cookie(1) },
    { type: 'userspace', reason: 'controller', cookie: cookie(2) },
  ],
  [
    { type: 'trunc', size: 1 },
    { type: 'trunc', size: 2 },
  ],
  [
    { type: 'recirc', id: 1 },
    { type: 'recirc', id: 2 },
  ],
  [
    { type: 'clone', actions: [{ type: 'output', port: 1 }] },
    { type: 'clone', actions: [{ type: 'pop_vlan' }] },
  ],
]

test.each(kinds.map(([a, b]) => [a.type, a, b] as const))('%s', (_, a, b) => {
  expect(sameActions([a], [structuredClone(a)])).toBe(true)
  expect(sameActions([a], [b])).toBe(false)
  expect(sameActions([a], [])).toBe(false)
  expect(sameActions([a, b], [b, a])).toBe(false)
})
