import { expect, test } from 'vitest'
import { matchOf } from '../flow/match.ts'
import type { OfAction } from './action.ts'
import { preconditionOf } from './action-check.ts'
import { encodeInstructions } from './action-wire.ts'
import { Writer } from './bytes.ts'
import { WrittenLists } from './written-lists.ts'

/** In 1.1 setting a transport port takes another action for each protocol; in 1.0 a VLAN's is told apart too. */
const setPort: OfAction[] = [{ type: 'set_transport', side: 'src', port: 80 }]
const pushes: OfAction[] = [{ type: 'set_vlan_vid', vid: 5, push: true }]
const frames = [
  matchOf({}),
  matchOf({ eth_type: 0x800n, nw_proto: 6n }),
  matchOf({ eth_type: 0x800n, nw_proto: 17n }),
  matchOf({ vlan_tci: [0x1000n, 0x1000n] }),
]

test('a list is written as if it were the only one, whatever came before', () => {
  for (const version of [1, 2, 4, 6] as const) {
    const lists = new WrittenLists(version)
    for (let round = 0; round < 2; round++)
      for (const match of frames)
        for (const actions of [setPort, pushes]) {
          const [out, alone] = [new Writer(), new Writer()]
          out.u8(7)
          lists.write(out, actions, preconditionOf(match))
          encodeInstructions(alone, actions, version, preconditionOf(match))
          expect(out.done().subarray(1)).toEqual(alone.done())
        }
  }
})

test('more lists than are remembered are right too', () => {
  const lists = new WrittenLists(1)
  const many = Array.from({ length: 600 }, (_, port): OfAction[] => [{ type: 'output', port: port + 1 }])
  for (const actions of [...many, ...many]) {
    const [out, alone] = [new Writer(), new Writer()]
    lists.write(out, actions, preconditionOf(frames[0]!))
    encodeInstructions(alone, actions, 1)
    expect(out.done()).toEqual(alone.done())
  }
})
