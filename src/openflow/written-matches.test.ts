import fc from 'fast-check'
import { expect, test } from 'vitest'
import { preconditionOf } from './action-check.ts'
import { Writer } from './bytes.ts'
import { putFields } from './match-encode.ts'
import { matchLine, matchOf } from './match-lines.testing.ts'
import type { OxmVersion } from './oxm-fields.ts'
import { WrittenMatches } from './written-matches.ts'

test.each([0, 3, 4, 5, 6] as const)('version %i: matches under one mask are written as each by itself', version => {
  const written = new WrittenMatches(version)
  const masks = new Map<string, object>()
  fc.assert(
    fc.property(matchLine, line => {
      const match = matchOf(line)
      const mask = match.mask.join()
      const alike = masks.get(mask) ?? {}
      masks.set(mask, alike)
      const [quick, slow] = [new Writer(), new Writer()]
      quick.u16(7)
      slow.u16(7)
      const got = written.put(quick, match, alike)
      const length = putFields(slow, match, version)
      expect(got).toMatchObject({ length, before: preconditionOf(match) })
      expect(quick.done()).toEqual(slow.done())
    }),
    { numRuns: 1000 },
  )
})

test('more masks and more kinds than there is room for', () => {
  const version: OxmVersion = 4
  const written = new WrittenMatches(version)
  for (let round = 0; round < 2; round++)
    for (let i = 1; i < 400; i++) {
      const match = matchOf(`ip,nw_proto=${i % 100},reg1=0/${i}`)
      const [quick, slow] = [new Writer(), new Writer()]
      written.put(quick, match, { mask: i })
      putFields(slow, match, version)
      expect(quick.done()).toEqual(slow.done())
    }
})
