import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Outgoing } from './outgoing.ts'

test('gives all that was put, in order, and nothing twice', () => {
  const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 8000, max: 20_000 })), {
    maxLength: 12,
  })
  fc.assert(
    fc.property(fc.array(sizes, { maxLength: 12 }), turns => {
      const out = new Outgoing()
      let next = 0
      const taken: { got: Uint8Array; wanted: number[] }[] = []
      for (const turn of turns) {
        const wanted = turn.flatMap(size => {
          const message = Uint8Array.from({ length: size }, () => next++ & 0xff)
          const copy = Array.from(message)
          out.put(message)
          // What becomes of the message afterwards does not matter.
          message.fill(0xee)
          return copy
        })
        expect(out.size).toBe(wanted.length)
        const got = out.take()
        expect(out.size).toBe(0)
        expect(out.take()).toBeUndefined()
        if (got === undefined) expect(wanted).toEqual([])
        else taken.push({ got, wanted })
      }
      // What came later changed nothing of what was taken before.
      for (const { got, wanted } of taken)
        expect(got.length === wanted.length && got.every((byte, i) => byte === wanted[i])).toBe(true)
    }),
    { numRuns: 30 },
  )
})
