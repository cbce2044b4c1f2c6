import { array, assert, constantFrom, property, uint8Array } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seeded, VirtualClock } from '../runtime/index.ts'
import { type Outer, readRow, type Underlay, writeRow } from '../tunnel/index.ts'
import { type Ip, parseIp } from '../wire/address.ts'
import { Frame } from '../wire/frame.ts'
import { Cable } from './cable.ts'
import { LabVtep } from './vtep.ts'

const ip = (text: string): Ip => parseIp(text) as Ip
const [one, two] = [ip('10.99.0.2'), ip('10.99.0.3')]
const local = ip('10.99.0.1')
const hex = (frame: Frame): string => Buffer.from(frame.content()).toString('hex')

/** A frame between two stations: the last byte of each MAC. */
const frame = (from: number, to: number | 'all'): Frame =>
  Frame.from(
    Uint8Array.of(
      ...(to === 'all' ? [255, 255, 255, 255, 255, 255] : [2, 0, 0, 0, 0, to]),
      ...[2, 0, 0, 0, 0, from],
      ...[0x12, 0x34, 1, 2, 3],
    ),
  )

/** A datagram as RFC 7348 §5 draws it, written by hand. */
const datagram = (vni: number, inner: Frame, flags = 8): Frame =>
  Frame.from(Uint8Array.of(flags, 0, 0, 0, vni >> 16, (vni >> 8) & 255, vni & 255, 0, ...inner.content()))

const make = () => {
  const clock = new VirtualClock()
  const cable = new Cable(['s1:uplink', 'vtep'], { clock, random: seeded(1) }, { delay: 10 })
  const inside: string[] = []
  cable.a.output = { send: arrived => inside.push(hex(arrived)) }
  const outside: { outer: Outer; bytes: string }[] = []
  const underlay: Underlay = {
    send: (sent, row) => outside.push({ outer: readRow(row), bytes: hex(sent) }),
  }
  const vtep = new LabVtep(cable.b, { clock, underlay, vni: 42, remotes: [one, two] })
  const settle = () => clock.runUntil(clock.now() + 1000)
  const receive = (from: Ip, datagram: Frame): void => {
    vtep.receive(datagram, writeRow({ src: from, dst: local, srcPort: 50000, dstPort: 4789 }))
    settle()
  }
  return { cable, inside, outside, vtep, settle, receive }
}

describe('a VTEP at a lab’s cable', () => {
  test('sends what is for all, or unknown, to every remote, and what it learned to one', () => {
    const { cable, outside, settle, receive } = make()
    cable.a.send(frame(1, 'all'))
    settle()
    expect(outside.map(({ outer }) => outer.dst)).toEqual([one, two])
    expect(outside.map(({ bytes }) => bytes)).toEqual(Array(2).fill(hex(datagram(42, frame(1, 'all')))))
    expect(outside[0]?.outer).toMatchObject({ vni: 42, dstPort: 4789 })
    receive(two, datagram(42, frame(9, 1)))
    outside.length = 0
    cable.a.send(frame(1, 9))
    cable.a.send(frame(1, 8))
    settle()
    expect(outside.map(({ outer }) => outer.dst)).toEqual([two, one, two])
  })

  test('lets in what is of its VNI, and counts what is not', () => {
    const { inside, vtep, receive } = make()
    receive(one, datagram(42, frame(9, 1)))
    receive(one, datagram(43, frame(9, 1)))
    receive(one, datagram(42, frame(9, 1), 0))
    receive(one, Frame.of(7))
    receive(one, Frame.from(datagram(42, frame(9, 1)).content(), 0, 12))
    expect(inside).toEqual([hex(frame(9, 1))])
    expect(vtep.counters()).toEqual([
      ['vtep_decapsulated', 1],
      ['vtep_encapsulated', 0],
      ['vtep_unknown_vni', 1],
      ['vxlan_flags', 1],
      ['vxlan_inner_short', 1],
      ['vxlan_short', 1],
    ])
  })

  test('takes any bytes: each datagram comes in or is counted under one name', () => {
    const hostile = constantFrom(8, 0, 0xff, 0x0c).chain(flags =>
      uint8Array({ maxLength: 80 }).map(bytes => {
        if (bytes.length > 0) bytes[0] = flags
        if (bytes.length > 6 && (bytes[6] as number) < 128) bytes.set([0, 0, 42], 4)
        return Frame.from(bytes)
      }),
    )
    assert(
      property(array(hostile, { maxLength: 20 }), datagrams => {
        const { inside, vtep, receive } = make()
        for (const each of datagrams) receive(two, each)
        const counters = vtep.counters()
        expect(counters.reduce((sum, [, count]) => sum + count, 0)).toBe(datagrams.length)
        expect(inside).toHaveLength(new Map(counters).get('vtep_decapsulated') as number)
      }),
      { numRuns: 300 },
    )
  })

  test('sends nothing back to where it came from', () => {
    const { outside, receive } = make()
    receive(one, datagram(42, frame(9, 'all')))
    expect(outside).toEqual([])
  })
})
