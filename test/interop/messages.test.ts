import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeError, errorNames } from '../../src/openflow/error.ts'
import { encodeErrorReply } from '../../src/openflow/error-reply.ts'
import { encodeHello } from '../../src/openflow/hello.ts'
import { plainHexDump } from '../../src/openflow/hex-dump.ts'
import { printMessage } from '../../src/openflow/message-print.ts'
import { encodeMessage } from '../../src/openflow/message-wire.ts'
import { messageSamples, type SampleSpeech, speeches } from '../../src/openflow/messages.testing.ts'
import { hasOpenVswitch } from './real-switch.ts'

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const ofctl = (...args: string[]): string =>
  spawnSync('ovs-ofctl', ['-vANY:off', ...args], { encoding: 'utf8', maxBuffer: 1 << 28 }).stdout

/** Between any two messages stands an echo with the first one's place as its number. */
const mark = (place: number): Uint8Array =>
  encodeMessage({ type: 'echo_reply', data: new Uint8Array(0) }, { version: 1, xid: 0x7e000000 + place })!
const markLine = /^OFPT_ECHO_REPLY \(xid=0x7e[0-9a-f]{6}\): 0 bytes of payload\n/m

/** What the original prints of each message. */
const parsed = (messages: readonly Uint8Array[]): string[] => {
  const directory = mkdtempSync(join(tmpdir(), 'weft-messages-'))
  try {
    const file = join(directory, 'stream')
    writeFileSync(file, Buffer.concat(messages.flatMap((message, place) => [message, mark(place)])))
    return ofctl('ofp-parse', file).split(markLine).slice(0, messages.length)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** `ofp-parse` always says as much as this. */
const parseVerbosity = 2

/** Times beyond what a double holds to the last digit, as no switch has them, are not compared to it. */
const exact = (text: string): string => text.replace(/duration(?=\d{7})\S+/g, 'duration')
/** What cannot be told of changed bytes: times of more than 10⁹ ns beside the seconds. */
const vague = (text: string): string => text.replace(/duration\S+/g, 'duration')

const compare = (messages: readonly Uint8Array[], same = exact): void => {
  const theirs = parsed(messages)
  const wrong = messages
    .map((bytes, i) => ({
      hex: hexOf(bytes),
      ours: same(printMessage(bytes, { verbosity: parseVerbosity })),
      theirs: same(theirs[i]!),
    }))
    .filter(({ ours, theirs: real }) => ours !== real)
  expect(wrong.slice(0, 8)).toEqual([])
}

const seed = Number(process.env.WEFT_SEED ?? 7)
const samplesOf = (speech: SampleSpeech, count: number): Uint8Array[] =>
  Object.values(messageSamples(speech)).flatMap(kind =>
    fc.sample(kind, { numRuns: count, seed }).map((body, i) => encodeMessage(body, { ...speech, xid: i })!),
  )

const change = fc.array(fc.record({ at: fc.integer({ min: 8, max: 90 }), to: fc.integer({ min: 0, max: 255 }) }), {
  minLength: 1,
  maxLength: 3,
})

/** Messages of which a few bytes behind the header are others. */
const changed = (messages: readonly Uint8Array[]): Uint8Array[] => {
  const changes = fc.sample(change, { numRuns: messages.length, seed })
  return messages.map((message, i) => {
    const bytes = message.slice()
    for (const { at, to } of changes[i]!) if (at < bytes.length) bytes[at] = to
    return bytes
  })
}

/** Messages with their end cut off, and a header that knows it. */
const cut = (messages: readonly Uint8Array[]): Uint8Array[] => {
  const cuts = fc.sample(fc.integer({ min: 1, max: 30 }), { numRuns: messages.length, seed })
  return messages.map((message, i) => {
    const bytes = message.slice(0, Math.max(8, message.length - cuts[i]!))
    bytes[2] = bytes.length >> 8
    bytes[3] = bytes.length
    return bytes
  })
}

const named = speeches.map(speech => ({ speech, name: Object.values(speech).join(' ') }))

describe.skipIf(!hasOpenVswitch())('messages against ovs-ofctl', () => {
  test.each(named)('text of random messages, $name', ({ speech }) => {
    compare(samplesOf(speech, 60))
  })

  test.each(named)('text of changed messages, $name', ({ speech }) => {
    compare(changed(samplesOf(speech, 60)), vague)
  })

  test.each(named)('text of cut messages, $name', ({ speech }) => {
    compare(cut(samplesOf(speech, 20)))
  })

  test('text of headers of every type, kind and extension', () => {
    const heads: Uint8Array[] = []
    for (let version = 1; version <= 7; version++)
      for (let type = 0; type < 40; type++)
        for (const size of [8, 12, 16, 24, 32, 56, 64]) {
          const bytes = new Uint8Array(size)
          bytes.set([version, type, 0, size, 0, 0, 0, 1])
          heads.push(bytes)
        }
    compare(heads)
  })

  test('ofp-print, each verbosity, whole and not', () => {
    const messages = speeches.flatMap(speech => samplesOf(speech, 1)).filter((_, i) => i % 7 === 0)
    const cases = messages.flatMap((bytes, i) => [
      { bytes, verbosity: i % 6 },
      { bytes: bytes.subarray(0, 4 + (i % 9)), verbosity: 1 },
      { bytes: Uint8Array.from([...bytes, 0]), verbosity: 1 },
    ])
    for (const { bytes, verbosity } of cases) {
      const ours = printMessage(bytes, { verbosity })
      expect({ hex: hexOf(bytes), text: ours }).toEqual({
        hex: hexOf(bytes),
        text: ofctl('ofp-print', hexOf(bytes), String(verbosity)),
      })
    }
  })

  test('print-error', () => {
    const script = errorNames.map(name => `ovs-ofctl print-error ${name}`).join('\n')
    const theirs = spawnSync('sh', { input: script, encoding: 'utf8' }).stdout
    expect(errorNames.map(describeError).join('')).toBe(theirs)
  })

  test('encode-error-reply and encode-hello', () => {
    const requests = [1, 2, 3, 4, 5, 6, 9].map(version => {
      const bytes = new Uint8Array(80).fill(version)
      bytes.set([version, 2, 0, 80, 0, 0, 0, 7])
      return bytes
    })
    const cases = errorNames.filter((_, i) => i % 5 === 0).flatMap(name => requests.map(request => ({ name, request })))
    const script = cases
      .map(({ name, request }) => `ovs-ofctl -vANY:off encode-error-reply ${name} ${hexOf(request)}`)
      .join('\n')
    const theirs = spawnSync('sh', { input: script, encoding: 'utf8', maxBuffer: 1 << 26 }).stdout
    expect(cases.map(({ name, request }) => plainHexDump(encodeErrorReply(name, request))).join('')).toBe(theirs)
    for (const versions of [0x2, 0x12, 0x5e, 0x7e, 0x40]) {
      const hello = encodeHello(versions, 1)
      expect(ofctl('encode-hello', String(versions))).toBe(`${plainHexDump(hello)}${printMessage(hello)}`)
    }
  })
})
