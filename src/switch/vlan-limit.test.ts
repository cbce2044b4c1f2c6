import { describe, expect, test } from 'vitest'
import { matchOf } from '../flow/match.ts'
import { OfPort } from '../openflow/action.ts'
import { Frame } from '../wire/frame.ts'
import { Bed, packet } from './switch.testing.ts'

/** VLAN 5 outside, VLAN 10 inside, then IPv4. */
const doubleTagged = (): Uint8Array => {
  const inner = packet({ tci: 10 })
  return Uint8Array.from([...inner.subarray(0, 12), 0x81, 0, 0, 5, ...inner.subarray(12)])
}

describe('how many tags can be matched', () => {
  const start = () => {
    const bed = new Bed()
    const bridge = bed.bridge('br0', { failMode: 'secure' })
    const [p1] = ['p1', 'p2', 'p3'].map(name => bed.port(bridge, name)) as [never, never, never]
    bridge.flows.add({
      match: matchOf({ eth_type: [0x800n, 0xffffn] }),
      priority: 2,
      actions: [{ type: 'output', port: 2 }],
    })
    bridge.flows.add({ match: matchOf({}), priority: 1, actions: [{ type: 'output', port: 3 }] })
    return { bed, bridge, p1 }
  }

  test('one at first: the next is payload', () => {
    const { bed, p1 } = start()
    expect(bed.reaches(p1, doubleTagged())).toEqual(['p3'])
    expect(bed.reaches(p1, packet({ tci: 5 }))).toEqual(['p2'])
    expect(bed.datapath.vlanLimit).toBe(1)
  })

  test('two when told so, and flows of before are gone and counted', () => {
    const { bed, bridge, p1 } = start()
    bed.reaches(p1, doubleTagged())
    bed.reaches(p1, doubleTagged())
    bed.switch.limitVlans(2)
    expect(bed.datapath.stats().flows).toBe(0)
    expect(bed.reaches(p1, doubleTagged())).toEqual(['p2'])
    bed.switch.syncStats()
    expect(bridge.flows.dump().map(rule => rule.packets)).toEqual([1, 2])
  })

  test('0 is no limit, more than two is two, and the same again keeps the flows', () => {
    const { bed, p1 } = start()
    bed.switch.limitVlans(0)
    expect(bed.datapath.vlanLimit).toBe(2)
    bed.reaches(p1, doubleTagged())
    bed.switch.limitVlans(9)
    expect(bed.datapath.vlanLimit).toBe(2)
    expect(bed.datapath.stats().flows).toBe(1)
  })

  test('a packet-out is read alike', () => {
    const { bed, bridge } = start()
    bed.sent = []
    bridge.packetOut(Frame.from(doubleTagged()), 1, [{ type: 'output', port: OfPort.table }])
    expect(bed.sent.map(({ port }) => port)).toEqual(['p3'])
  })
})
