import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { second } from '../runtime/clock.ts'
import { fromUtf8 } from '../runtime/text.ts'
import { versionSet } from './hello.ts'
import { OfSession, type SessionOptions } from './session.ts'

const bytes = (hex: string): Uint8Array =>
  Uint8Array.from(hex.replace(/ /g, '').match(/../g) ?? [], pair => Number.parseInt(pair, 16))
const hex = (data: Uint8Array | undefined): string | undefined =>
  data && Array.from(data, byte => byte.toString(16).padStart(2, '0')).join('')

const session = (options: Partial<SessionOptions> = {}): OfSession => {
  let xid = 1
  return new OfSession({ xid: () => xid++, now: 0, ...options })
}
const connected = (version = 4, options: Partial<SessionOptions> = {}): OfSession => {
  const it = session(options)
  it.take()
  it.input(0, bytes(`0${version}00000800000001`))
  expect(it.next()).toBeUndefined()
  return it
}
/** What the session answers to bytes, and what it hands on. */
const say = (it: OfSession, text: string): { answer: string | undefined; messages: string[] } => {
  it.input(0, bytes(text))
  const messages: string[] = []
  for (let message = it.next(); message !== undefined; message = it.next()) messages.push(hex(message) as string)
  return { answer: hex(it.take()), messages }
}

describe('hello', () => {
  test('all versions need no bitmap, others do', () => {
    expect(hex(session().take())).toBe('0600000800000001')
    expect(hex(session({ versions: versionSet([1]) }).take())).toBe('0100000800000001')
    expect(hex(session({ versions: versionSet([1, 4]) }).take())).toBe('04000010000000010001000800000012')
  })

  test.each([
    ['0100000800000001', 1],
    ['0700000800000001', 6],
    ['2000000800000001', 6],
    ['0600001000000001 0001000800000012', 4],
    // A bitmap without versions, or cut short, says nothing; what is before or after it is passed over.
    ['0600001000000001 0001000800000000', 6],
    ['0600001000000001 0001000900000002', 6],
    ['0600001800000001 0002000500000000 0001000800000002', 1],
    ['0600000a00000001 0001', 6],
    // Of two bitmaps the last counts, if it makes sense.
    ['0600001800000001 0001000800000012 0001000800000006', 2],
    ['0600001800000001 0001000800000012 0001000800000000', 4],
    ['0600001800000001 0001000c00000012 0000007f00000000', 4],
    ['0600001000000001 0001000600000002', 6],
    ['0600001000000001 0001000000000000', 6],
  ])('%s agrees on version %i', (hello, version) => {
    const it = session()
    say(it, hello)
    expect(it.version).toBe(version)
  })

  test.each([
    [[1, 2, 3, 4, 5, 6], '0600001000000001 0001000800000080', 1, 'version 0x06 and earlier', 'version 0x07'],
    [
      [1, 2, 3, 4, 5, 6],
      '0600001000000001 0001000800000580',
      1,
      'version 0x06 and earlier',
      'versions 0x07, 0x08, 0x0a',
    ],
    [[1, 4], '0600001000000001 0001000800000024', 5, 'versions 0x01, 0x04', 'versions 0x02, 0x05'],
    [[1], '0600001000000001 0001000800000024', 5, 'version 0x01', 'versions 0x02, 0x05'],
    [[5, 6], '0400000800000001', 4, 'versions 0x05, 0x06', 'version 0x04 and earlier'],
  ] as const)('of %j against %s there is none in common', (ours, hello, version, we, you) => {
    const it = session({ versions: versionSet(ours) })
    it.take()
    it.input(0, bytes(hello))
    expect(it.next()).toBeUndefined()
    const answer = it.take() as Uint8Array
    expect(hex(answer.subarray(0, 2))).toBe(`0${version}01`)
    expect(hex(answer.subarray(4, 12))).toBe('0000000000000000')
    expect(fromUtf8(answer.subarray(12))).toBe(`We support ${we}, you support ${you}, no common versions.`)
    expect(it.ended).toBe(`version negotiation failed (we support ${we}, peer supports ${you})`)
  })

  test.each(['0102000800000001', '0105000800000001', '0000000800000001'])('%s is no beginning', message => {
    const it = session()
    it.take()
    expect(say(it, message)).toEqual({ answer: undefined, messages: [] })
    expect(it.ended).toBe('received message while expecting hello')
  })
})

describe('messages', () => {
  test('come out whole, however they came in', () => {
    const stream = ['0405000800000002', '0414000800000003', '0409000c0000000400000080']
    const all = bytes(stream.join(''))
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 30 }), sizes => {
        const it = connected()
        const got: string[] = []
        for (let at = 0; at < all.length; ) {
          const size = sizes.shift() ?? all.length
          it.input(0, all.subarray(at, at + size))
          at += size
          for (let message = it.next(); message !== undefined; message = it.next()) got.push(hex(message) as string)
        }
        expect(got).toEqual(stream)
      }),
    )
  })

  test('a length that no message has ends the session', () => {
    const it = connected()
    expect(say(it, '0402000400000001')).toEqual({ answer: undefined, messages: [] })
    expect(it.ended).toBe('received too-short ofp_header')
  })

  test.each([
    ['0402000800000002', '0403000800000002'],
    ['0102000c0000000261626364', '0103000c0000000261626364'],
    ['0403000800000002', undefined],
    // Of another version: refused in that version, or in 1.0 if there is no such version.
    ['0105000800000002', '01010014000000020001000001050008 00000002'],
    ['07050008000000ff', '01010014000000ff00010000 07050008000000ff'],
    ['00020008000000ff', '01010014000000ff00010000 00020008000000ff'],
    ['0101000a000000ff0001', '01010016000000ff00010000 0101000a000000ff0001'],
  ])('%s is answered with %s and not handed on', (message, answer) => {
    expect(say(connected(), message)).toEqual({ answer: answer?.replace(/ /g, ''), messages: [] })
  })

  test.each(['0100000800000002', '0101000c0000000200010001', '0405000800000003'])('%s is handed on', message => {
    expect(say(connected(), message)).toEqual({ answer: undefined, messages: [message] })
  })

  test('an error quotes as much as there is room for', () => {
    const long = `0163ffff00000009${'ab'.repeat(65527)}`
    expect(say(connected(), long).answer).toBe(`0101ffff0000000900010000${long.slice(0, 2 * 65523)}`)
  })

  test('a tap sees both ways, but no hello', () => {
    const seen: (string | undefined)[] = []
    const it = connected(4, { tap: message => seen.push(hex(message)) })
    say(it, '0405000800000003')
    it.send(bytes('0415000800000003'))
    expect(seen).toEqual(['0405000800000003', '0415000800000003'])
  })
})

describe('inactivity', () => {
  test('a silent peer is asked for an echo, then given up', () => {
    const it = connected(4, { probeInterval: 7 * second })
    expect(it.nextWake()).toBe(7 * second)
    it.wake(6 * second)
    expect(it.take()).toBeUndefined()
    it.wake(7 * second)
    expect(hex(it.take())).toBe('0402000800000002')
    expect(it.idle).toBe(true)
    expect(it.nextWake()).toBe(14 * second)
    it.wake(14 * second)
    expect(it.ended).toMatch(/^no response to inactivity probe/)
  })

  test('anything that comes in begins the time anew', () => {
    const it = connected(4, { probeInterval: 7 * second })
    it.wake(7 * second)
    it.input(8 * second, bytes('0403000800000002'))
    expect(it.next()).toBeUndefined()
    expect(it.nextWake()).toBe(15 * second)
    expect(it.idle).toBe(false)
  })

  test('five seconds is the least, and 0 is never', () => {
    expect(connected(4, { probeInterval: second }).nextWake()).toBe(5 * second)
    expect(connected(4, { probeInterval: 0 }).nextWake()).toBeUndefined()
  })
})

test('no bytes break a session', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), pieces => {
      const it = session()
      it.input(0, bytes('0600000800000001'))
      for (const piece of pieces) {
        it.input(0, piece)
        while (it.next() !== undefined);
      }
      it.take()
    }),
  )
})
