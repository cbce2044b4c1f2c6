import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { printMessage } from '../message-print.ts'
import { decodeMessage, encodeMessage } from '../message-wire.ts'
import { splitReply } from '../split-reply.ts'
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

describe('a reply too long for a message', () => {
  const queues = Array.from({ length: 5000 }, (_, queue) => ({
    port: 1,
    queue,
    bytes: queue,
    packets: 1,
    errors: 0,
    duration: undefined,
  }))

  test.each(versions)('is split in version %i, and nothing is lost', version => {
    const parts = splitReply({ type: 'queue_reply', queues }, version)
    expect(parts.length).toBeGreaterThan(2)
    expect(parts.map(part => part.more === true)).toEqual(parts.map((_, i) => i < parts.length - 1))
    const messages = parts.map(body => encodeMessage(body, { version, xid: 1 }) as Uint8Array)
    for (const [i, message] of messages.entries()) {
      expect(message.length).toBeLessThanOrEqual(0xffff)
      if (i < messages.length - 1) expect(message.length).toBeGreaterThan(0xffff - 48)
    }
    expect(parts.flatMap(part => (part.type === 'queue_reply' ? part.queues : []))).toEqual(queues)
  })

  test('of one thing stays whole', () => {
    const body = { type: 'aggregate_reply', packets: 1, bytes: 2, flows: 3 } as const
    expect(splitReply(body, 4)).toEqual([body])
    expect(splitReply({ type: 'flow_reply', flows: [] }, 4)).toEqual([{ type: 'flow_reply', flows: [] }])
  })
})
