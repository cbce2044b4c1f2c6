import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatMatch } from '../flow/match-text.ts'
import { formatActions } from './action-text.ts'
import { seenBy, unknownFrames } from './action-version.ts'
import type { OfBody } from './message.ts'
import { printMessage } from './message-print.ts'
import { decodeMessage, encodeMessage } from './message-wire.ts'
import { messageSamples, speeches } from './messages.testing.ts'
import type { Version } from './protocol.ts'

/** Matches and actions as text: versions say them in ways that come to the same. */
const shown = (body: OfBody, version: Version): object => ({
  ...body,
  ...('match' in body && { match: formatMatch(body.match) }),
  ...((body.type === 'flow_mod' || body.type === 'packet_out') && {
    actions: formatActions(seenBy(version, body.actions, unknownFrames)),
  }),
})

const nameOf = (speech: (typeof speeches)[number]): string => Object.values(speech).join(' ')

describe.each(speeches.map(speech => ({ speech, name: nameOf(speech) })))('messages, $name', ({ speech }) => {
  const samples = messageSamples(speech)
  test.each(Object.keys(samples))('%s comes back as it went', kind => {
    fc.assert(
      fc.property(samples[kind]!, fc.nat(), (body, xid) => {
        const bytes = encodeMessage(body, { ...speech, xid })
        expect(bytes).toBeDefined()
        const got = decodeMessage(bytes!, speech)
        expect(got).toMatchObject({ ok: true, message: { version: speech.version, xid } })
        if (got.ok) expect(shown(got.message.body, speech.version)).toEqual(shown(body, speech.version))
      }),
      { numRuns: 50 },
    )
  })

  test('a message that was cut or changed is read, or refused, without an exception', () => {
    const any = fc.oneof(...Object.values(samples))
    const change = fc.record({ at: fc.nat(200), to: fc.integer({ min: 0, max: 255 }) })
    fc.assert(
      fc.property(any, fc.array(change, { maxLength: 4 }), fc.nat(200), (body, changes, cut) => {
        const bytes = encodeMessage(body, { ...speech, xid: 1 })!
        for (const { at, to } of changes) if (at >= 4 && at < bytes.length) bytes[at] = to
        expect(printMessage(bytes, { verbosity: 3 })).toMatch(/\n$/)
        expect(printMessage(bytes.subarray(0, cut), { verbosity: 3 })).toMatch(/\n$/)
      }),
      { numRuns: 300 },
    )
  })
})

test('random bytes are refused or read, never thrown at', () => {
  const head = fc.record({ version: fc.integer({ min: 0, max: 8 }), type: fc.integer({ min: 0, max: 36 }) })
  fc.assert(
    fc.property(head, fc.uint8Array({ maxLength: 120 }), ({ version, type }, rest) => {
      const length = rest.length + 8
      const bytes = Uint8Array.from([version, type, length >> 8, length & 255, 0, 0, 0, 1, ...rest])
      const got = decodeMessage(bytes)
      expect(printMessage(bytes).includes('decode error')).toBe(!got.ok || isUnknownError(got.message.body))
    }),
    { numRuns: 3000 },
  )
})

const isUnknownError = (body: { type: string; name?: unknown }): boolean =>
  body.type === 'error' && body.name === undefined
