import { expect, test } from 'vitest'
import { newKey, word } from '../../flow/layout.ts'
import { newMatch } from '../../flow/match.ts'
import { type BodyOf, noBuffer } from '../../openflow/message.ts'
import { second, VirtualClock } from '../../runtime/index.ts'
import { PacketInQueue, type PacketInSettings } from './packet-in-queue.ts'

const packetIn = (reason: 'action' | 'no_match', mark: number): BodyOf<'packet_in'> => ({
  type: 'packet_in',
  reason,
  packet: Uint8Array.of(mark),
  total: 1,
  bufferId: noBuffer,
  table: 0,
  cookie: 0n,
  match: newMatch(),
  userdata: new Uint8Array(0),
  continuation: undefined,
})

const scene = (settings: PacketInSettings) => {
  const clock = new VirtualClock()
  const sent: number[] = []
  const session = { waiting: 0 }
  const notify = ({ packet }: BodyOf<'packet_in'>): boolean => sent.push(packet[0]!) > 0
  const queue = new PacketInQueue(clock, { notify, session }, settings)
  const offer = (port: number, mark: number, reason: 'action' | 'no_match' = 'action'): void => {
    const key = newKey()
    key[word.inPort] = port
    queue.offer(packetIn(reason, mark), key)
  }
  return { clock, sent, session, queue, offer }
}

test('as many go at once as the burst, as many wait, and the rest has no room', () => {
  const { clock, sent, queue, offer } = scene({ limit: { rate: 100, burst: 25 } })
  for (let i = 0; i < 80; i++) offer(1, i)
  // What a real ovs-vswitchd says after 80 frames at these limits.
  expect(queue.counts()?.action).toEqual({ backlog: 25, bypassed: 25, queued: 55, dropped: 30 })
  expect(queue.counts()?.miss).toEqual({ backlog: 0, bypassed: 0, queued: 0, dropped: 0 })
  clock.runUntil(second / 10)
  expect(sent.length).toBe(35)
  clock.runUntil(second)
  expect(sent).toEqual([...Array(25).keys(), ...Array.from({ length: 25 }, (_, i) => i + 55)])
})

test('ports take turns, and misses do not wait for others', () => {
  const { clock, sent, offer } = scene({ limit: { rate: 100, burst: 4 } })
  for (let i = 0; i < 6; i++) offer(1, i)
  offer(2, 20)
  offer(2, 30, 'no_match')
  expect(sent).toEqual([0, 1, 2, 3, 30])
  clock.runUntil(second)
  expect(sent.slice(5)).toEqual([4, 20, 5])
})

test('other limits count at once', () => {
  const { sent, queue, offer } = scene({})
  expect(queue.counts()).toBeUndefined()
  queue.configure({ limit: { rate: 100, burst: 0 } })
  for (let i = 0; i < 40; i++) offer(1, i)
  expect(queue.counts()?.action).toMatchObject({ bypassed: 25, backlog: 15 })
  queue.configure({ limit: { rate: 100, burst: 10 } })
  expect(queue.counts()?.action).toMatchObject({ backlog: 10, dropped: 5 })
  queue.configure({})
  offer(1, 99)
  expect(sent.at(-1)).toBe(99)
})

test('a peer that does not read is sent no more than its queue has room for', () => {
  const { sent, session, queue, offer } = scene({ queueSize: 3 })
  session.waiting = 1000
  for (let i = 0; i < 5; i++) offer(1, i)
  expect(sent).toEqual([0, 1, 2])
  expect(queue.dropped).toBe(2)
  session.waiting = 0
  offer(1, 9)
  expect(sent).toEqual([0, 1, 2, 9])
})
