import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCapture } from './capture.ts'
import { type CapturedPacket, LinkType } from './captured.ts'
import { PcapngWriter } from './pcapng.ts'

const join = (chunks: Uint8Array[]): Uint8Array => {
  const all = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}

/** A file from the words of its blocks: `[type, ...body]`, each body a whole number of 32-bit words. */
const file = (little: boolean, ...blocks: number[][]): Uint8Array =>
  join(
    blocks.map(([type, ...body]) => {
      const size = 12 + body.length * 4
      const view = new DataView(new ArrayBuffer(size))
      for (const [i, word] of [type!, size, ...body, size].entries()) view.setUint32(i * 4, word, little)
      return new Uint8Array(view.buffer)
    }),
  )
const section = [0x0a0d0d0a, 0x1a2b3c4d, 0x00010000, 0xffffffff, 0xffffffff]
const sectionOf = (little: boolean): number[] =>
  little ? [0x0a0d0d0a, 0x1a2b3c4d, 0x00000001, 0xffffffff, 0xffffffff] : section
/** An option of four bytes or fewer whose value is given as it lies in the file. */
const option = (little: boolean, code: number, size: number, value: number): number[] =>
  little ? [(size << 16) | code, value] : [(code << 16) | size, value]

describe('writing', () => {
  test('packets of several interfaces come back with names, times, directions, comments and sizes', () => {
    const chunks: Uint8Array[] = []
    const epoch = 1_700_000_000_000_000_000n
    const writer = new PcapngWriter(chunk => chunks.push(chunk), { epoch, comment: 'a lab' })
    const hv1 = writer.addInterface({ name: 'hv1-eth0', speed: 1e10 })
    const hv2 = writer.addInterface({ name: 'hv2-eth0', description: 'the other', linkType: LinkType.raw })
    const bytes = Uint8Array.of(9, 1, 2, 3, 4, 5, 9)
    writer.packet(hv2, 1, bytes, 1, 6, { direction: 'outbound', comment: 'lost: the queue was full ✗' })
    writer.packet(hv1, 123_456_789_012, bytes, 0, 7, { direction: 'inbound', size: 1500 })
    const { packets, bad } = readCapture(join(chunks))
    expect(bad).toBeUndefined()
    expect(packets).toEqual([
      {
        time: epoch + 1n,
        interface: { linkType: 101, snapLength: 0, name: 'hv2-eth0', description: 'the other' },
        bytes: Uint8Array.of(1, 2, 3, 4, 5),
        size: 5,
        direction: 'outbound',
        comment: 'lost: the queue was full ✗',
      },
      {
        time: epoch + 123_456_789_012n,
        interface: { linkType: 1, snapLength: 0, name: 'hv1-eth0' },
        bytes,
        size: 1500,
        direction: 'inbound',
      },
    ])
  })

  test('every chunk is a whole block, little-endian', () => {
    const chunks: Uint8Array[] = []
    const writer = new PcapngWriter(chunk => chunks.push(chunk))
    writer.packet(writer.addInterface({ name: 'e' }), 5, Uint8Array.of(1))
    expect(chunks.map(chunk => chunk[0])).toEqual([0x0a, 1, 6])
    for (const chunk of chunks) {
      const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length)
      expect(view.getUint32(4, true)).toBe(chunk.length)
      expect(view.getUint32(chunk.length - 4, true)).toBe(chunk.length)
      expect(chunk.length % 4).toBe(0)
    }
    // if_tsresol, code 9, size 1, value 9: nanoseconds.
    expect([...chunks[1]!.subarray(24, 29)]).toEqual([9, 0, 1, 0, 9])
  })

  test('an interface that was never added is our mistake', () => {
    const writer = new PcapngWriter(() => {})
    expect(() => writer.packet(0, 0, Uint8Array.of(1))).toThrow('no interface 0 was added')
  })

  test('a comment longer than an option may be is cut between characters', () => {
    const chunks: Uint8Array[] = []
    const writer = new PcapngWriter(chunk => chunks.push(chunk))
    writer.packet(writer.addInterface({ name: 'e' }), 5, Uint8Array.of(1), 0, 1, { comment: `x${'é'.repeat(40_000)}` })
    const { packets, bad } = readCapture(join(chunks))
    expect(bad).toBeUndefined()
    expect(packets[0]!.comment).toBe(`x${'é'.repeat(32_767)}`)
  })

  test('any packets come back', () => {
    const arbitrary = fc.array(
      fc.record({
        time: fc.nat(2 ** 31),
        bytes: fc.uint8Array({ maxLength: 40 }),
        comment: fc.string({ unit: 'grapheme' }),
      }),
    )
    fc.assert(
      fc.property(arbitrary, wanted => {
        const chunks: Uint8Array[] = []
        const writer = new PcapngWriter(chunk => chunks.push(chunk))
        const port = writer.addInterface({ name: 'x' })
        for (const { time, bytes, comment } of wanted) writer.packet(port, time, bytes, 0, bytes.length, { comment })
        const { packets, bad } = readCapture(join(chunks))
        expect(bad).toBeUndefined()
        expect(packets.map(({ time, bytes, comment }) => ({ time: Number(time), bytes, comment }))).toEqual(wanted)
      }),
      { numRuns: 50 },
    )
  })
})

describe('reading', () => {
  for (const little of [false, true]) {
    const order = little ? 'little' : 'big'

    test(`${order}-endian: resolutions by ten and by two, and an offset`, () => {
      const offset = [(little ? (8 << 16) | 14 : (14 << 16) | 8) as number, ...(little ? [100, 0] : [0, 100])]
      const resolution = (value: number): number[] => option(little, 9, 1, little ? value : value << 24)
      const bytes = file(
        little,
        sectionOf(little),
        [1, little ? 1 : 1 << 16, 0],
        [1, little ? 1 : 1 << 16, 0, ...resolution(3), 0],
        [1, little ? 1 : 1 << 16, 0, ...resolution(0x8a), 0],
        [1, little ? 1 : 1 << 16, 0, ...resolution(12), ...offset],
        [6, 0, 0, 7, 0, 0],
        [6, 1, 0, 7, 0, 0],
        [6, 2, 0, 512, 0, 0],
        [6, 3, 0, 7000, 0, 0],
      )
      const { packets, bad } = readCapture(bytes)
      expect(bad).toBeUndefined()
      expect(packets.map(packet => packet.time)).toEqual([7_000n, 7_000_000n, 500_000_000n, 100_000_000_007n])
    })

    test(`${order}-endian: simple and obsolete packets, unknown blocks, a second section`, () => {
      const ethernet = little ? 1 : 1 << 16
      const bytes = file(
        little,
        sectionOf(little),
        [0x0bad, 1, 2, 3],
        [1, ethernet, 3],
        [3, 5, 0x01010101],
        [2, little ? 0xffff0000 : 0x0000ffff, 0, 9, 2, 60, 0x01010101],
        [5, 0, 0, 0],
        sectionOf(little),
        [1, little ? 101 : 101 << 16, 0],
        [6, 0, 0, 1, 1, 1, 0x02020202],
      )
      const { packets, bad } = readCapture(bytes)
      expect(bad).toBeUndefined()
      expect(packets.map(p => [p.interface.linkType, p.time, p.bytes.length, p.size])).toEqual([
        [1, 0n, 3, 5],
        [1, 9_000n, 2, 60],
        [101, 1_000n, 1, 1],
      ])
    })
  }

  test('a file may change its byte order at a section', () => {
    const bytes = join([
      file(true, sectionOf(true), [1, 1, 0], [6, 0, 0, 1, 0, 0]),
      file(false, sectionOf(false), [1, 1 << 16, 0], [6, 0, 0, 2, 0, 0]),
    ])
    expect(readCapture(bytes).packets.map(packet => packet.time)).toEqual([1_000n, 2_000n])
  })

  test('what makes no sense has a reason', () => {
    const head = [section, [1, 1 << 16, 0]]
    const cases: [string, number[][], string][] = [
      ['a version that we do not know', [[0x0a0d0d0a, 0x1a2b3c4d, 0x00020000, 0, 0]], 'version'],
      ['no byte order', [[0x0a0d0d0a, 0x11111111, 0x00010000, 0, 0]], 'version'],
      ['a section block that is too small', [[0x0a0d0d0a, 0x1a2b3c4d, 0x00010000]], 'length'],
      ['a packet of an interface that is not there', [...head, [6, 1, 0, 0, 0, 0]], 'value'],
      ['a simple packet without an interface', [section, [3, 0]], 'value'],
      ['more bytes kept than the block has', [...head, [6, 0, 0, 0, 4, 4]], 'length'],
      ['an option longer than its block', [...head, [6, 0, 0, 0, 0, 0, 0x0001ffff]], 'length'],
      ['an interface block that is too small', [section, [1, 1 << 16]], 'length'],
      ['a packet block that is too small', [...head, [6, 0, 0]], 'length'],
    ]
    for (const [name, blocks, why] of cases)
      expect([name, readCapture(file(false, ...blocks)).bad]).toEqual([name, why])
    const torn = file(false, ...head)
    torn[torn.length - 1] = 1
    expect(readCapture(torn).bad).toBe('length')
    expect(readCapture(Uint8Array.of(1, 2, 3, 4, 5)).bad).toBe('version')
  })

  test('a file cut anywhere gives the packets before the cut', () => {
    const chunks: Uint8Array[] = []
    const writer = new PcapngWriter(chunk => chunks.push(chunk))
    const port = writer.addInterface({ name: 'x' })
    for (let i = 0; i < 3; i++) writer.packet(port, i, new Uint8Array(i * 5))
    const whole = join(chunks)
    const ends = chunks.map((_, i) => chunks.slice(0, i + 1).reduce((size, chunk) => size + chunk.length, 0))
    for (let cut = 4; cut <= whole.length; cut++) {
      const { packets, bad } = readCapture(whole.subarray(0, cut))
      expect(packets).toHaveLength(Math.max(0, ends.filter(end => end <= cut).length - 2))
      expect(bad).toBe(ends.includes(cut) ? undefined : 'short')
    }
  })

  test('random changes never throw', () => {
    const chunks: Uint8Array[] = []
    const writer = new PcapngWriter(chunk => chunks.push(chunk))
    const port = writer.addInterface({ name: 'x', description: 'y' })
    for (let i = 0; i < 3; i++) writer.packet(port, i, new Uint8Array(i * 5), 0, i * 5, { comment: 'c' })
    const whole = join(chunks)
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        changes => {
          const bytes = whole.slice()
          for (const [at, value] of changes) bytes[at] = value
          const seen: CapturedPacket[] = readCapture(bytes).packets
          expect(seen.length).toBeLessThanOrEqual(3)
        },
      ),
      { numRuns: 500 },
    )
  })
})

test('a file of editcap (Wireshark 4.0), with a name and a comment, is read', () => {
  const hex =
    '0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000' +
    '0100000028000000010000000000040002000400657468370900010009000000000000002800000006000000400000000000' +
    '0000c58cea18e809ade210000000100000000200000000020200000000010806000101000500' +
    '68656c6c6f0000000000000040000000'
  const { packets, bad } = readCapture(Uint8Array.from(hex.match(/../g)!, pair => Number.parseInt(pair, 16)))
  expect(bad).toBeUndefined()
  expect(packets).toEqual([
    {
      time: 1_795_402_183_000_001_000n,
      interface: { linkType: 1, snapLength: 262144, name: 'eth7' },
      bytes: Uint8Array.of(2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 6, 0, 1),
      size: 16,
      comment: 'hello',
    },
  ])
})
