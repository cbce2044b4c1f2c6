import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatMatch } from '../flow/match-text.ts'
import { Reader, Writer } from './bytes.ts'
import { asSuch, asText, type MatchText, putMatch } from './flow-taker.ts'
import { FlowTexts } from './flow-texts.ts'
import { matchLine, matchOf } from './match-lines.testing.ts'
import type { MatchMemo } from './match-memo.ts'
import { encodeMatch, putNxMatch } from './match-wire.ts'
import type { Version } from './protocol.ts'
import { TextBytes } from './text-bytes.ts'

const names = (port: number): string | undefined => (port % 3 === 0 ? `eth${port}` : undefined)
const named = { name: names, number: () => undefined }
/** The bytes of a match, and how long they are without their padding. */
const bytesOf = (line: string, version: 0 | Version): { bytes: Uint8Array; length: number } => {
  const match = matchOf(line)
  const out = new Writer()
  if (version === 0) return { length: putNxMatch(out, match), bytes: out.done() }
  encodeMatch(out, match, version)
  const bytes = out.done()
  return { bytes, length: (bytes[2]! << 8) | bytes[3]! }
}

const versions = [0, 1, 2, 3, 4, 5, 6] as const

const textOf = (memo: MatchMemo, match: MatchText): string => {
  const out = new TextBytes()
  putMatch(out, memo, match)
  return out.string()
}

/** A memo that has seen all the others of a run. */
const memos = versions.map(() => [new FlowTexts(), new FlowTexts(named)] as const)

test('the text of a match is the same however it is come by', () => {
  let known = 0
  let runs = 0
  const change = fc.option(fc.tuple(fc.nat(60), fc.nat(7)), { freq: 1 })
  fc.assert(
    fc.property(matchLine, fc.constantFrom(...versions), fc.boolean(), change, (line, version, withNames, broken) => {
      const { bytes, length } = bytesOf(line, version)
      if (broken !== null) bytes[broken[0] % Math.max(bytes.length, 1)]! ^= 1 << broken[1]
      const texts = memos[version]![withNames ? 1 : 0]
      const memo = texts.matches
      if (memo.find(bytes, version === 0 ? 0 : 4, length) !== undefined) known++
      runs++
      const taken = (how: typeof asSuch | ReturnType<typeof asText>) => {
        const warnings: string[] = []
        const reader = new Reader(bytes)
        const context = {
          version: version || 1,
          warn: (_: string, words: string) => void warnings.push(words),
        } as const
        const got = version === 0 ? how.nx(reader, length, context) : how.standard(reader, context)
        if (!got.ok) return { error: got.error, warnings }
        const { value } = got
        const isText = typeof value === 'string' || 'shape' in value
        const text = isText ? textOf(memo, value) : formatMatch(value, withNames ? { portName: names } : {})
        return { text, warnings, at: reader.at }
      }
      expect(taken(asText(texts))).toEqual(taken(asSuch))
    }),
    { numRuns: 3000 },
  )
  // Otherwise nothing would be compared.
  expect(known / runs).toBeGreaterThan(0.25)
})

test('more shapes than there is room for are read', () => {
  const texts = new FlowTexts()
  for (let mask = 1; mask < 200; mask++)
    for (const value of [0, mask]) {
      const { bytes } = bytesOf(`reg1=${value}/${mask}`, 4)
      const got = asText(texts).standard(new Reader(bytes), { version: 4, warn: () => {} })
      const [digits, bits] = [value, mask].map(number => (number === 0 ? '0' : `0x${number.toString(16)}`))
      expect(got.ok && textOf(texts.matches, got.value)).toBe(`reg1=${digits}/${bits}`)
    }
})
