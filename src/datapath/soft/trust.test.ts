import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Trust } from './trust.ts'

const slots = fc.nat(200)
const ports = fc.oneof(fc.nat(300), fc.constantFrom(65535, 65536, 0xffffffff))
const steps = fc.oneof(
  fc.record({ do: fc.constant('give' as const), slot: slots }),
  fc.record({ do: fc.constant('late' as const), slot: slots }),
  fc.record({ do: fc.constant('take' as const), slot: slots }),
  fc.record({ do: fc.constant('ports' as const), ports: fc.array(ports, { maxLength: 4 }) }),
  fc.record({ do: fc.constant('all' as const) }),
)

test('trust is lost by a doubt about the slot, its port or all, and comes back when given', () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 40 }), fc.array(fc.tuple(slots, ports)), (script, asked) => {
      const trust = new Trust()
      // What is so, slot by slot and port by port: the ports doubted since the slot was found right.
      const doubted = new Map<number, Set<number> | 'all'>()
      for (let slot = 0; slot <= 200; slot++) {
        trust.give(slot)
        doubted.set(slot, new Set())
      }
      const shared = (port: number): number => Math.min(port, 65536)
      // A decision that was begun before what is in the script.
      const { last } = trust
      let since: Set<number> | 'all' = new Set<number>()
      for (const step of script) {
        if (step.do === 'give') {
          trust.give(step.slot)
          doubted.set(step.slot, new Set())
        } else if (step.do === 'late') {
          trust.give(step.slot, last)
          doubted.set(step.slot, since === 'all' ? 'all' : new Set(since))
        } else if (step.do === 'take') {
          trust.takeFrom(step.slot)
          doubted.set(step.slot, 'all')
        } else if (step.do === 'all') {
          trust.takeFromAll()
          for (const slot of doubted.keys()) doubted.set(slot, 'all')
          since = 'all'
        } else {
          trust.takeFromPorts(step.ports)
          const places = step.ports.map(shared)
          for (const of of [...doubted.values(), since]) if (of !== 'all') for (const place of places) of.add(place)
        }
      }
      for (const [slot, port] of asked) {
        const of = doubted.get(slot)!
        expect(trust.has(slot, port)).toBe(of !== 'all' && !of.has(shared(port)))
        if (of === 'all') expect(trust.has(slot, undefined)).toBe(false)
      }
    }),
  )
})
