import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCapture } from './capture.ts'
import type { CapturedPacket } from './captured.ts'
import { formatTime, type ShowOptions, showLine, type TcpBases } from './show.ts'

const captures = new URL('../../test/captures/', import.meta.url)
const packetsOf = (name: string): CapturedPacket[] => {
  const { packets, bad } = readCapture(readFileSync(new URL(`${name}.pcapng`, captures)))
  expect(bad).toBeUndefined()
  return packets
}

/** Each packet with what tcpdump 4.99.3 printed for it, recorded beside the capture. */
const recorded = (name: string, suffix: string): string[] =>
  readFileSync(new URL(`${name}.tcpdump${suffix}.txt`, captures), 'latin1')
    .replace(/\n$/, '')
    .split(/\n(?=\d\d:\d\d:\d\d\.\d{6} )/)

const shown = (packets: CapturedPacket[], options: ShowOptions): string[] => {
  const connections: TcpBases = new Map()
  return packets.map(
    ({ time, bytes }) => `${formatTime(time)} ${showLine(bytes, 0, bytes.length, { ...options, connections })}`,
  )
}

describe('what tcpdump prints', () => {
  // `kinds` holds one of each kind, whole and cut, named in its comment; `kernel` is a talk between Linux machines.
  for (const name of ['kinds', 'kernel']) {
    const packets = packetsOf(name)
    const named = (lines: string[]): string[] => lines.map((line, i) => `${packets[i]?.comment ?? i}: ${line}`)
    test(`${name}`, () => expect(named(shown(packets, {}))).toEqual(named(recorded(name, ''))))
    test(`${name} -e -v`, () =>
      expect(named(shown(packets, { link: true, verbose: true }))).toEqual(named(recorded(name, '-ev'))))
  }
})

test('the beginning of a connection without a memory is shown as it is', () => {
  const segments = packetsOf('kernel').filter(({ bytes }) => showLine(bytes).includes('Flags [P.]'))
  const { bytes } = segments[0]!
  const seq = new DataView(bytes.buffer, bytes.byteOffset).getUint32(38)
  expect(showLine(bytes)).toContain(`seq ${seq}:${seq + 18}, ack `)
})

describe('any bytes', () => {
  const packets = [...packetsOf('kinds'), ...packetsOf('kernel')].filter(({ bytes }) => bytes.length < 200)
  const modes: ShowOptions[] = [{}, { link: true, verbose: true }]

  test('cut anywhere have a line that does not depend on what lies behind the end', () => {
    for (const { bytes } of packets.filter((_, i) => i % 7 === 0)) {
      for (let cut = 0; cut < bytes.length; cut++) {
        const [zeros, ones] = [new Uint8Array(cut + 64), new Uint8Array(cut + 64).fill(0xff)]
        zeros.set(bytes.subarray(0, cut))
        ones.set(bytes.subarray(0, cut))
        for (const options of modes) expect(showLine(ones, 0, cut, options)).toBe(showLine(zeros, 0, cut, options))
      }
    }
  })

  test('changed anywhere have a line, wherever they lie', () => {
    const packet = fc.constantFrom(...packets.map(({ bytes }) => bytes))
    fc.assert(
      fc.property(packet, fc.array(fc.tuple(fc.nat(199), fc.nat(255)), { maxLength: 4 }), (bytes, changes) => {
        const copy = new Uint8Array(bytes)
        for (const [at, value] of changes) if (at < copy.length) copy[at] = value
        const moved = new Uint8Array(copy.length + 40).fill(0xaa)
        moved.set(copy, 17)
        for (const options of modes) {
          const line = showLine(copy, 0, copy.length, options)
          expect(showLine(moved, 17, 17 + copy.length, options)).toBe(line)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('showing changes nothing', () => {
    for (const { bytes } of packets) {
      const before = bytes.join()
      showLine(bytes, 0, bytes.length, { link: true, verbose: true })
      expect(bytes.join()).toBe(before)
    }
  })

  test('nested without end are cut off', () => {
    const frame = new Uint8Array(14 + 20 * 3000)
    frame.set([8, 0], 12)
    for (let at = 14, left = 20 * 3000; left > 0; at += 20, left -= 20) {
      frame.set([0x45, 0, left >> 8, left & 255, 0, 0, 0, 0, 64, 4], at)
    }
    expect(showLine(frame)).toMatch(/ \[\|nested\]$/)
  })
})

test('times', () => {
  expect(formatTime(0)).toBe('00:00:00.000000')
  expect(formatTime(3_723_000_004_999)).toBe('01:02:03.000004')
  expect(formatTime(86_400e9 + 1e9)).toBe('00:00:01.000000')
  expect(formatTime(1_700_000_000_123_456_789n)).toBe('22:13:20.123456')
})
