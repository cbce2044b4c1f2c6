import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EthernetHeader } from '../wire/ethernet.ts'
import { Frame } from '../wire/frame.ts'
import { TestLab } from './lab.testing.ts'
import type { Link } from './link.ts'
import type { LinkKind } from './link-kind.ts'
import { type OffloadName, Offloads, offloadNames } from './offload.ts'

const ask = (offloads: Offloads, text: string): void =>
  offloads.ask(
    new Map(text.split(' ').map((each): [OffloadName, boolean] => [each.slice(1) as OffloadName, each[0] === '+'])),
  )

describe('switches', () => {
  test('without a checksum or gathering there is no segmentation, and it comes back', () => {
    const veth = new Offloads('veth')
    expect(veth.active(true).has('tx-tcp-segmentation')).toBe(true)
    ask(veth, '-tx-checksum-ip-generic')
    expect(veth.active(true).has('tx-tcp-segmentation')).toBe(false)
    expect(veth.isWanted('tx-tcp-segmentation')).toBe(true)
    ask(veth, '+tx-checksum-ip-generic -tx-scatter-gather')
    expect(veth.active(true).has('tx-tcp6-segmentation')).toBe(false)
    expect(veth.active(true).has('tx-generic-segmentation')).toBe(false)
    ask(veth, '+tx-scatter-gather')
    expect(veth.active(true)).toEqual(new Offloads('veth').active(true))
  })

  test("a tap has its reader's once it is there", () => {
    const tap = new Offloads('tap')
    expect(tap.active(false).has('tx-tcp-segmentation')).toBe(false)
    expect(tap.active(true).has('tx-tcp-segmentation')).toBe(true)
  })

  const kinds: LinkKind[] = ['loopback', 'veth', 'dummy', 'tap', 'eth', 'internal']
  const wishes = fc.uniqueArray(fc.tuple(fc.constantFrom(...offloadNames), fc.boolean()), {
    selector: ([name]) => name,
  })

  test('law: what is fixed never moves, what may be changed is wanted as it was asked last', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.array(wishes), (kind, rounds) => {
        const [fresh, offloads] = [new Offloads(kind), new Offloads(kind)]
        for (const round of rounds) offloads.ask(new Map(round))
        const last = new Map(rounds.flat())
        for (const name of offloadNames) {
          if (offloads.isFixed(name)) expect(offloads.active(true).has(name)).toBe(fresh.active(true).has(name))
          else expect(offloads.isWanted(name)).toBe(last.get(name) ?? fresh.isWanted(name))
        }
      }),
    )
  })
})

/** A run of `count` TCP segments of 100 bytes. */
const run = (six: boolean, count: number): Frame => {
  const headers = 14 + (six ? 40 : 20) + 20
  const frame = Frame.of(headers + count * 100)
  const { bytes, start } = frame
  EthernetHeader.put.type(bytes, start, six ? 0x86dd : 0x0800)
  bytes[start + 14] = six ? 0x60 : 0x45
  bytes[start + 14 + (six ? 6 : 9)] = 6
  bytes[start + headers - 8] = 5 << 4
  frame.gso = 100
  return frame
}

const veth = (): Link => {
  const made = new TestLab().kernel().root.links.addVeth('a', 'b')
  if (!made.ok) throw new Error(made.errno)
  made.value.setUp(true)
  made.value.peer?.setUp(true)
  return made.value
}

/** Sizes of the frames that leave a link for a run of three segments. */
const leaving = (link: Link, six: boolean): number[] => {
  const sizes: number[] = []
  const tap = (direction: 'in' | 'out', frame: Frame): void => {
    if (direction === 'out') sizes.push(frame.size)
  }
  link.taps.add(tap)
  link.transmit(run(six, 3))
  link.taps.delete(tap)
  return sizes
}

test.each([
  ['IPv4', false, 'tx-tcp-segmentation', 154],
  ['IPv6', true, 'tx-tcp6-segmentation', 174],
] as const)('runs of %s leave whole, or in packets where the link may not cut them', (_, six, name, size) => {
  const link = veth()
  expect(leaving(link, six)).toEqual([size + 200])
  link.askOffloads(new Map([[name, false]]))
  expect(leaving(link, six)).toEqual([size, size, size])
  expect(leaving(link, !six)).toHaveLength(1)
  link.askOffloads(new Map([[name, true]]))
  expect(leaving(link, six)).toEqual([size + 200])
})
