import { describe, expect, test } from 'vitest'
import { decodeMessage } from '../../openflow/message-wire.ts'
import type { Version } from '../../openflow/protocol.ts'
import { encodeReplies } from './split.ts'

const versions = [1, 2, 3, 4, 5, 6] as const satisfies Version[]

const bodiesOf = (messages: readonly Uint8Array[]) =>
  messages.map(bytes => {
    const got = decodeMessage(bytes)
    if (!got.ok) throw new Error(got.error)
    return got.message.body
  })

describe('a reply', () => {
  const queues = Array.from({ length: 5000 }, (_, queue) => ({
    port: 1,
    queue,
    bytes: queue,
    packets: 1,
    errors: 0,
    duration: undefined,
  }))

  test.each(versions)('is split in version %i, and nothing is lost', version => {
    const messages = encodeReplies({ type: 'queue_reply', queues }, { version, xid: 7 })
    const bodies = bodiesOf(messages)
    expect(bodies.length).toBeGreaterThan(2)
    expect(bodies.map(body => 'more' in body && body.more === true)).toEqual(
      bodies.map((_, i) => i < bodies.length - 1),
    )
    for (const [i, message] of messages.entries()) {
      expect(message.length).toBeLessThanOrEqual(0xffff)
      if (i < messages.length - 1) expect(message.length).toBeGreaterThan(0xffff - 48)
    }
    const all = bodies.flatMap(body => (body.type === 'queue_reply' ? body.queues : []))
    expect(all.map(({ queue, bytes }) => [queue, bytes])).toEqual(queues.map(({ queue, bytes }) => [queue, bytes]))
  })

  test('of one thing stays whole', () => {
    const body = { type: 'aggregate_reply', packets: 1, bytes: 2, flows: 3 } as const
    expect(bodiesOf(encodeReplies(body, { version: 4, xid: 1 }))).toEqual([body])
    expect(encodeReplies({ type: 'queue_reply', queues: [] }, { version: 4, xid: 1 })).toHaveLength(1)
  })

  test('that a version cannot say is none', () => {
    expect(encodeReplies({ type: 'meter_reply', meters: [] }, { version: 2, xid: 1 })).toEqual([])
  })
})
