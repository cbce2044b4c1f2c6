/** The commands of ovs-ofctl that read files of messages and captures, whole, torn and wrong: the same output as the original. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeMessage } from '../../src/openflow/message-wire.ts'
import { messageSamples, type SampleSpeech, speeches } from '../../src/openflow/messages.testing.ts'
import { below, seeded } from '../../src/runtime/random.ts'
import { disagreements, ourRun, type ToolRun, theirRun } from './ofctl-tool.testing.ts'
import { hasOpenVswitch } from './real-switch.ts'

const random = seeded(Number(process.env.WEFT_SEED ?? 3))
const pick = <T>(items: readonly T[]): T => items[below(random, items.length)] as T
const hello = Buffer.from('0100000800000001', 'hex')
const echo = Buffer.from('010200100000000a0102030405060708', 'hex')

type Segment = {
  data: Uint8Array
  sequence: number
  flags?: number
  source?: number
  destination?: number
  tag?: boolean
}

/** A frame with a segment of TCP from 0.0.0.1 to 0.0.0.2. */
const frameOf = ({ data, sequence, flags = 0x18, source = 1000, destination = 6653, tag = false }: Segment): Buffer => {
  const headers = Buffer.alloc(40)
  headers.writeUInt16BE(0x4500, 0)
  headers.writeUInt16BE(40 + data.length, 2)
  headers.writeUInt16BE(0x4006, 8)
  headers.writeUInt32BE(1, 12)
  headers.writeUInt32BE(2, 16)
  headers.writeUInt16BE(source, 20)
  headers.writeUInt16BE(destination, 22)
  headers.writeUInt32BE(sequence >>> 0, 24)
  headers.writeUInt16BE(0x5000 | flags, 32)
  const type = Buffer.from(tag ? '810000050800' : '0800', 'hex')
  return Buffer.concat([Buffer.alloc(12), type, headers, data])
}

type Capture = { magic?: number; link?: number; lengths?: number; big?: boolean; cut?: number }

const pcapOf = (frames: readonly Uint8Array[], options: Capture = {}): Buffer => {
  const { magic = 0xa1b2c3d4, link = 1, lengths, big = false, cut = 0 } = options
  const words = (...values: number[]): Buffer => {
    const bytes = Buffer.alloc(4 * values.length)
    for (const [i, value] of values.entries())
      if (big) bytes.writeUInt32BE(value, 4 * i)
      else bytes.writeUInt32LE(value, 4 * i)
    return bytes
  }
  const records = frames.flatMap((frame, i) => [
    words(1600000000 + i, 123456, lengths ?? frame.length, frame.length),
    Buffer.from(frame),
  ])
  const file = Buffer.concat([words(magic, 0x00040002, 0, 0, 65535, link), ...records])
  return file.subarray(0, file.length - cut)
}

const cooked = (kind: number, length: number, type: number): Buffer => {
  const frame = frameOf({ data: hello, sequence: 1 })
  const header = Buffer.from('0000000100060102030405060000', 'hex')
  header.writeUInt16BE(kind, 0)
  header.writeUInt16BE(length, 4)
  const typeBytes = Buffer.alloc(2)
  typeBytes.writeUInt16BE(type)
  return Buffer.concat([header, typeBytes, frame.subarray(14)])
}

describe.skipIf(!hasOpenVswitch())('ovs-ofctl on files', () => {
  let directory: string
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'weft-ofctl-files-'))
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  const file = (name: string, bytes: Uint8Array): string => {
    writeFileSync(join(directory, name), bytes)
    return name
  }
  const same = (runs: readonly ToolRun[]): void =>
    expect(disagreements(runs.map(run => ({ ...run, directory }))).slice(0, 6)).toEqual([])

  test('ofp-parse', () => {
    const files = [
      Buffer.alloc(0),
      hello,
      Buffer.concat([hello, echo]),
      Buffer.concat([hello, echo.subarray(0, 12)]),
      hello.subarray(0, 3),
      Buffer.from('0100000700000001', 'hex'),
      Buffer.from('0100000000000001', 'hex'),
      Buffer.concat([hello, Buffer.from('ff0a000800000001', 'hex')]),
    ].map((bytes, i) => file(`messages${i}`, bytes))
    same([
      ...files.flatMap(name => [{ args: ['ofp-parse', name] }, { args: ['-mmm', 'ofp-parse', name] }]),
      { args: ['ofp-parse', '-'], stdin: hello },
      { args: ['ofp-parse', 'nofile'] },
      { args: ['ofp-parse', '.'] },
    ])
  })

  test('captures that can be read and captures that cannot', () => {
    const one = [frameOf({ data: hello, sequence: 1 })]
    const files = [
      pcapOf(one),
      pcapOf(one, { big: true }),
      pcapOf(one, { magic: 0xa1b23c4d }),
      pcapOf(one, { magic: 0x0a0d0d0a }),
      pcapOf(one, { link: 0 }),
      pcapOf(one, { link: 0x10000001 }),
      pcapOf([...one, ...one], { cut: 3 }),
      pcapOf([...one, ...one], { cut: one[0]!.length + 9 }),
      pcapOf(one, { lengths: 70000 }),
      pcapOf(one, { lengths: 0xffffffff }),
      pcapOf([Buffer.alloc(0), ...one]),
      pcapOf([Buffer.alloc(10), ...one]),
      pcapOf(one).subarray(0, 20),
      Buffer.alloc(0),
      pcapOf([cooked(0, 6, 0x800), cooked(4, 6, 0x86dd), cooked(1, 6, 4)], { link: 113 }),
      pcapOf([cooked(0, 6, 0x800), cooked(0, 5, 0x800)], { link: 113 }),
      pcapOf([cooked(0, 6, 0x800), cooked(0, 6, 0x800).subarray(0, 15)], { link: 113 }),
    ].map((bytes, i) => file(`capture${i}`, bytes))
    same([
      ...files.flatMap(name => [{ args: ['parse-pcap', name] }, { args: ['ofp-parse-pcap', name] }]),
      { args: ['parse-pcap', ...files.slice(0, 6), 'nofile', files[1] as string] },
      { args: ['parse-pcap', '.'] },
      { args: ['ofp-parse-pcap', '.'] },
      ...one.map(frame => ({ args: ['parse-packet'], stdin: frame })),
      ...['', '00', '000102030405060708090a0b0c0d'].map(hex => ({
        args: ['parse-packet'],
        stdin: Buffer.from(hex, 'hex'),
      })),
    ])
  })

  test('messages in captured streams', () => {
    const stream = Buffer.concat(Array.from({ length: 5 }, () => [hello, echo]).flat())
    const captures = Array.from({ length: 40 }, (_, i) => {
      const frames: Buffer[] = []
      let at = 0
      while (frames.length < 8) {
        const size = below(random, 30)
        const data = stream.subarray(at, at + size)
        const flags = below(random, 10) === 0 ? pick([1, 2, 4, 0x12]) : 0x18
        const off = below(random, 8) === 0 ? pick([-3, 5, 100]) : 0
        const [source, destination] = pick([
          [1000, 6653],
          [1000, 6653],
          [6653, 1000],
          [1000, 6633],
          [1000, 80],
        ] as const)
        const way = i % 2 === 0 ? { source, destination } : {}
        frames.push(frameOf({ data, sequence: at + 1 + off - (i % 3 === 0 ? 9 : 0), flags, tag: i % 5 === 0, ...way }))
        at += size
      }
      return file(`stream${i}`, pcapOf(frames))
    })
    same(
      captures.map(name => ({
        args: [
          ...pick([[], ['--timestamp'], ['-m']]),
          'ofp-parse-pcap',
          name,
          ...pick([[], [], ['80'], ['80', '6633', 'x']]),
        ],
      })),
    )
  })

  test('a composed packet as a capture', () => {
    const run = { args: ['--pcap', 'compose-packet', 'udp,nw_src=1.2.3.4'], encoding: 'latin1' } as const
    const [theirs, ours] = [theirRun(run), ourRun(run)]
    const timeless = (text: string): string => text.slice(0, 24) + text.slice(32)
    expect(timeless(ours.stdout)).toBe(timeless(theirs.stdout))
    expect(Buffer.from(ours.stdout, 'latin1').readUInt32LE(24)).toBeCloseTo(Date.now() / 1000, -1)
  })

  test.each(speeches.map(speech => ({ speech, name: Object.values(speech).join(' ') })))(
    'messages of $name, torn at every length, in one file',
    ({ speech }) => {
      const samples = samplesOf(speech)
      const torn = samples.flatMap(message => cutEverywhere(message))
      const marked = torn.flatMap((message, i) => [message, echoOf(i)])
      const [theirs, ours] = [theirRun, ourRun].map(run =>
        run({ args: ['-vANY:off', 'ofp-parse', file(`torn${speech.version}`, Buffer.concat(marked))], directory }),
      )
      const pieces = (text = ''): string[] => text.split(/^OFPT_ECHO_REPLY \(xid=0x7e[0-9a-f]{6}\): .*\n/m)
      const [a, b] = [pieces(theirs?.stdout), pieces(ours?.stdout)]
      const wrong = torn.flatMap((message, i) =>
        a[i] === b[i] ? [] : [{ hex: Buffer.from(message).toString('hex'), theirs: a[i], ours: b[i] }],
      )
      expect(wrong.slice(0, 5)).toEqual([])
      expect(a.length).toBe(torn.length + 1)
    },
  )
})

const samplesOf = (speech: SampleSpeech): Uint8Array[] =>
  Object.values(messageSamples(speech)).flatMap(kind =>
    fc
      .sample(kind, { numRuns: 2, seed: Number(process.env.WEFT_SEED ?? 11) })
      .map((body, i) => encodeMessage(body, { ...speech, xid: i })!),
  )

/** Every beginning of a message, with a header that knows its length. */
const cutEverywhere = (message: Uint8Array): Uint8Array[] =>
  Array.from({ length: Math.min(message.length, 400) - 7 }, (_, i) => {
    const bytes = message.slice(0, 8 + i)
    bytes[2] = bytes.length >> 8
    bytes[3] = bytes.length
    return bytes
  })

/** What stands between messages, so that each one's output can be told. */
const echoOf = (i: number): Uint8Array =>
  encodeMessage({ type: 'echo_reply', data: new Uint8Array(0) }, { version: 1, xid: 0x7e000000 + i })!
