import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Counters } from './counters.ts'
import { recording } from './log.ts'
import { below, seeded } from './random.ts'
import { Pipe } from './stream.ts'
import { start, type Task } from './task.ts'
import { fromUtf8, fromUtf8Slowly, utf8, utf8Behind, utf8Decoder, utf8Slowly } from './text.ts'

describe('a seeded generator', () => {
  test('repeats for its seed and differs from its neighbours', () => {
    const draw = (seed: number): number[] => {
      const random = seeded(seed)
      return Array.from({ length: 5 }, random)
    }
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
    expect(draw(2 ** 32 + 1)).not.toEqual(draw(1))
  })

  test('is spread evenly over its range', () => {
    const random = seeded(7)
    const counts = new Array<number>(10).fill(0)
    for (let i = 0; i < 100_000; i++) counts[below(random, 10)]!++
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500)
  })
})

describe('a pipe', () => {
  test('keeps order and sizes, and takes nothing when full', () => {
    const pipe = new Pipe(4)
    expect(pipe.offer(utf8('abc'))).toBe(true)
    expect(pipe.offer(utf8('de'))).toBe(true)
    expect(pipe.offer(utf8('f'))).toBe(false)
    expect(fromUtf8(pipe.take(2))).toBe('ab')
    expect(pipe.size).toBe(3)
    expect(fromUtf8(pipe.take())).toBe('cde')
  })

  test('lets a writer wait for room and a reader for bytes and the end', () => {
    const pipe = new Pipe(1)
    const read: string[] = []
    let written = 0
    function* writer(): Task<void> {
      for (const word of ['one ', 'two ', 'three']) {
        yield* pipe.write(utf8(word))
        written++
      }
      pipe.close()
    }
    function* reader(): Task<void> {
      for (let got = yield* pipe.read(); got !== undefined; got = yield* pipe.read()) read.push(fromUtf8(got))
      read.push('end')
    }
    start(writer())
    expect(written).toBe(1)
    start(reader())
    expect(read).toEqual(['one ', 'two ', 'three', 'end'])
  })

  test('tells a writer that the other end is gone', () => {
    const pipe = new Pipe(1)
    let taken: boolean | undefined
    pipe.offer(utf8('full'))
    function* writer(): Task<void> {
      taken = yield* pipe.write(utf8('more'))
    }
    start(writer())
    pipe.close()
    expect(taken).toBe(false)
  })
})

describe('text', () => {
  test('is UTF-8 as Node has it, in both directions', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        if (Buffer.from(text).toString() !== text) return // a lone surrogate
        expect(utf8(text)).toEqual(new Uint8Array(Buffer.from(text)))
        expect(fromUtf8(utf8(text))).toBe(text)
      }),
    )
  })

  test('survives bytes that are not UTF-8, as Node judges them', () => {
    const fatal = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 8 }), bytes => {
        const text = fromUtf8(bytes)
        let valid = true
        try {
          fatal.decode(bytes)
        } catch {
          valid = false
        }
        expect(valid || text.includes('\ufffd')).toBe(true)
        if (valid) expect(utf8(text)).toEqual(bytes)
      }),
    )
  })
})

test('long texts and short ones become the same bytes, also with half a surrogate pair, and the same texts', () => {
  const twins = (text: string): void => {
    const slow = Array.from(utf8Slowly(0, text))
    expect(Array.from(utf8(text))).toEqual(slow)
    expect(Array.from(utf8Behind(3, text))).toEqual([0, 0, 0, ...slow])
  }
  for (const length of [0, 63, 64, 65, 500]) {
    for (const end of ['', 'é', '😀', '\ud83d', '\ude00x']) twins('x'.repeat(length) + end)
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 8 }), fc.nat(80), fc.nat(3), (odd, before, start) => {
      const bytes = Uint8Array.from([...Array<number>(before + start).fill(0x61), ...odd, 0x7a])
      expect(fromUtf8(bytes, start)).toBe(fromUtf8Slowly(bytes, start, bytes.length))
      twins(fromUtf8(bytes))
    }),
  )
})

test('text that comes in pieces is whole again, wherever it was cut', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.array(fc.nat(40), { maxLength: 4 }),
      (text, cuts) => {
        const bytes = utf8(text)
        const decode = utf8Decoder()
        const places = [0, ...cuts.map(cut => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]
        const pieces = places.slice(1).map((end, i) => decode(bytes.subarray(places[i], end)))
        expect(pieces.join('')).toBe(text)
        if (!text.includes('\ufffd')) for (const piece of pieces) expect(piece).not.toContain('\ufffd')
      },
    ),
  )
})

test('counters count by name and list in order', () => {
  const counters = new Counters()
  counters.add('short')
  counters.add('flags', 3)
  counters.add('short')
  expect(counters.entries()).toEqual([
    ['flags', 3],
    ['short', 2],
  ])
  expect(counters.get('never')).toBe(0)
})

test('a recording log keeps the last lines', () => {
  const { log, lines } = recording(2)
  for (const text of ['a', 'b', 'c']) log('bridge', 'warn', text)
  expect(lines).toEqual(['bridge|WARN|b', 'bridge|WARN|c'])
})
