import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCapture } from './capture.ts'
import { writePcap } from './pcap.ts'

const u32 = (little: boolean, ...words: number[]): number[] =>
  words.flatMap(word => {
    const bytes = [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255]
    return little ? bytes.reverse() : bytes
  })

describe('reading', () => {
  for (const little of [false, true]) {
    for (const [magic, tick] of [
      [0xa1b2c3d4, 1000n],
      [0xa1b23c4d, 1n],
    ] as const) {
      test(`magic ${magic.toString(16)}, ${little ? 'little' : 'big'}-endian`, () => {
        const bytes = Uint8Array.from([
          ...u32(little, magic, little ? 0x00040002 : 0x00020004, 0, 0, 96, 1),
          ...u32(little, 1_700_000_000, 123_456, 2, 60),
          ...[7, 8],
          ...u32(little, 4_000_000_000, 0, 0, 0),
        ])
        const { packets, bad } = readCapture(bytes)
        expect(bad).toBeUndefined()
        expect(packets).toEqual([
          {
            time: 1_700_000_000_000_000_000n + 123_456n * tick,
            interface: { linkType: 1, snapLength: 96 },
            bytes: Uint8Array.of(7, 8),
            size: 60,
          },
          {
            time: 4_000_000_000_000_000_000n,
            interface: { linkType: 1, snapLength: 96 },
            bytes: new Uint8Array(0),
            size: 0,
          },
        ])
      })
    }
  }

  test('more bytes kept than there were is a length that contradicts itself', () => {
    const bytes = Uint8Array.from([...u32(false, 0xa1b2c3d4, 0x00020004, 0, 0, 96, 1, 0, 0, 2, 1), 1, 2])
    expect(readCapture(bytes)).toEqual({ packets: [], bad: 'length' })
  })

  test('a file cut anywhere gives the packets before the cut', () => {
    const whole = writePcap([1, 2, 3].map(size => ({ time: 0n, bytes: new Uint8Array(size) })))
    const ends = [24, 41, 59, 78]
    for (let cut = 4; cut <= whole.length; cut++) {
      const { packets, bad } = readCapture(whole.subarray(0, cut))
      expect(packets).toHaveLength(Math.max(0, ends.filter(end => end <= cut).length - 1))
      expect(bad).toBe(ends.includes(cut) ? undefined : 'short')
    }
  })

  test('random bytes behind a right magic never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), bytes => {
        readCapture(Uint8Array.from([0xa1, 0xb2, 0xc3, 0xd4, ...bytes]))
      }),
    )
  })
})

test('files of editcap (Wireshark 4.0) are read', () => {
  const body = '0200040000000000000000000000040001000000c7a9036b'
  const packet = '100000001000000002000000000202000000000108060001'
  for (const [magic, fraction] of [
    ['d4c3b2a1', '01000000'],
    ['4d3cb2a1', 'e8030000'],
  ]) {
    const hex = magic + body + fraction + packet
    const { packets, bad } = readCapture(Uint8Array.from(hex.match(/../g)!, pair => Number.parseInt(pair, 16)))
    expect(bad).toBeUndefined()
    expect(packets.map(p => [p.time, p.bytes.length, p.size])).toEqual([[1_795_402_183_000_001_000n, 16, 16]])
  }
})

test('what is written is read', () => {
  const packet = fc.record({ time: fc.bigInt(0n, 4_294_967_295_999_999_999n), bytes: fc.uint8Array() })
  fc.assert(
    fc.property(fc.array(packet), packets => {
      const read = readCapture(writePcap(packets))
      expect(read.bad).toBeUndefined()
      expect(read.packets.map(({ time, bytes }) => ({ time, bytes }))).toEqual(packets)
    }),
    { numRuns: 50 },
  )
})
