import fc from 'fast-check'
import { expect, test } from 'vitest'
import { second } from '../../runtime/clock.ts'
import type { Bridge } from '../bridge.ts'
import { Bed } from '../switch.testing.ts'

type Link = readonly [number, number]
type Plan = { links: readonly Link[]; speaks: readonly ('stp' | 'rstp')[]; cut: number }

/** Bridges, and links between any two of them; `cut` is the link that goes. */
const plans: fc.Arbitrary<Plan> = fc.integer({ min: 2, max: 6 }).chain(count => {
  const bridge = fc.integer({ min: 0, max: count - 1 })
  return fc.record({
    speaks: fc.array(fc.constantFrom('stp' as const, 'rstp' as const), { minLength: count, maxLength: count }),
    links: fc.array(
      fc.tuple(bridge, bridge).filter(([a, b]) => a !== b),
      { minLength: 1, maxLength: 9 },
    ),
    cut: fc.nat({ max: 8 }),
  })
})

/** For each bridge the one that stands for all that links lead to. */
const islands = (count: number, links: readonly Link[]): number[] => {
  const of = Array.from({ length: count }, (_, i) => i)
  for (const [a, b] of links) {
    const [from, to] = [of[b]!, of[a]!]
    for (const [i, island] of of.entries()) if (island === from) of[i] = to
  }
  return of
}

const build = ({ speaks, links }: Plan) => {
  const bed = new Bed()
  const bridges = speaks.map((protocol, i) => bed.bridge(`br${i}`, { hwaddr: 0x020000000000 + i, [protocol]: {} }))
  for (const [i, [a, b]] of links.entries()) {
    bed.patch(bridges[a]!, `l${i}a`, `l${i}b`)
    bed.patch(bridges[b]!, `l${i}b`, `l${i}a`)
  }
  return { bed, bridges }
}

/** The links over which frames go both ways. */
const open = (bridges: readonly Bridge[], links: readonly Link[]): Link[] =>
  links.filter(([a, b], i) =>
    [bridges[a]!.portByName(`l${i}a`), bridges[b]!.portByName(`l${i}b`)].every(port => port?.tree?.forwards === true),
  )

const isTree = (count: number, links: readonly Link[], all: readonly Link[]): void => {
  const wanted = islands(count, all)
  expect(islands(count, links).map((of, i, reached) => reached.indexOf(of) === i)).toEqual(
    wanted.map((of, i) => wanted.indexOf(of) === i),
  )
  expect(links.length).toBe(count - new Set(wanted).size)
}

test('any bridges come to a tree that reaches all, and to another when a link goes', () => {
  fc.assert(
    fc.property(plans, plan => {
      const { bed, bridges } = build(plan)
      bed.clock.runUntil(120 * second)
      isTree(bridges.length, open(bridges, plan.links), plan.links)
      const cut = plan.cut % plan.links.length
      for (const [bridge, name] of [
        [bridges[plan.links[cut]![0]]!, `l${cut}a`],
        [bridges[plan.links[cut]![1]]!, `l${cut}b`],
      ] as const) {
        const port = bridge.portByName(name)
        if (port !== undefined) bed.switch.removePort(bridge, port)
      }
      bed.clock.runUntil(300 * second)
      isTree(
        bridges.length,
        open(bridges, plan.links),
        plan.links.filter((_, i) => i !== cut),
      )
      bed.switch.close()
    }),
    { numRuns: 25 },
  )
})
