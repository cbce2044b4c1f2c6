import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { printMessage } from '../message-print.ts'
import { decodeMessage, encodeMessage } from '../message-wire.ts'
import { statisticsBodies } from './statistics.testing.ts'

const versions = [1, 2, 3, 4, 5, 6] as const

describe.each(versions)('statistics of version %i', version => {
  const bodies = statisticsBodies(version)

  test('come back from the wire, and stand there again to the byte', () => {
    fc.assert(
      fc.property(bodies, body => {
        const bytes = encodeMessage(body, { version, xid: 1, nxm: true })
        if (bytes === undefined) return
        const read = decodeMessage(bytes)
        expect(read).toMatchObject({ ok: true })
        if (!read.ok) return
        expect(read.message.body.type).toBe(body.type)
        expect(encodeMessage(read.message.body, { version, xid: 1, nxm: true })).toEqual(bytes)
      }),
      { numRuns: 300 },
    )
  })

  test('are refused, or read, whatever the bytes', () => {
    fc.assert(
      fc.property(
        bodies,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
        fc.nat(40),
        (body, changes, cut) => {
          const whole = encodeMessage(body, { version, xid: 1, nxm: true })
          if (whole === undefined) return
          const bytes = whole.slice(0, Math.max(8, whole.length - cut))
          for (const [at, value] of changes) bytes[8 + (at % Math.max(1, bytes.length - 8))] = value
          bytes[2] = bytes.length >>> 8
          bytes[3] = bytes.length & 0xff
          expect(typeof printMessage(bytes)).toBe('string')
        },
      ),
      { numRuns: 500 },
    )
  })
})
