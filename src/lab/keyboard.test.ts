import { expect, test } from 'vitest'
import { fromUtf8, start } from '../runtime/index.ts'
import { Keyboard } from './keyboard.ts'

/** Reads once; what came, or `waits`. */
const reader = (keys: Keyboard) => {
  const stream = keys.stream({ columns: 80 })
  return (most?: number): { got: unknown } => {
    const result: { got: unknown } = { got: 'waits' }
    start(stream.read(most), {
      done: bytes => {
        result.got = bytes instanceof Uint8Array ? fromUtf8(bytes) : bytes
      },
    })
    return result
  }
}

test('a read gives one line, or waits for it', () => {
  const keys = new Keyboard()
  const read = reader(keys)
  keys.type('one\ntwo\nthr')
  expect([read(), read(), read()].map(({ got }) => got)).toEqual(['one\n', 'two\n', 'thr'])
  expect(keys.wanted).toBe(false)
  const later = read()
  expect([later.got, keys.wanted]).toEqual(['waits', true])
  keys.type('late ø\n')
  expect([later.got, keys.wanted]).toEqual(['late ø\n', false])
})

test('a short read leaves the rest of its line', () => {
  const keys = new Keyboard()
  const read = reader(keys)
  keys.type('abcd\nx\n')
  expect([read(3), read(3), read(3)].map(({ got }) => got)).toEqual(['abc', 'd\n', 'x\n'])
})

test('Ctrl-D ends one read, a hang-up all that follow', () => {
  const keys = new Keyboard()
  const read = reader(keys)
  keys.type('a\n')
  keys.type(undefined)
  keys.type('b\n')
  expect([read(), read(), read()].map(({ got }) => got)).toEqual(['a\n', undefined, 'b\n'])
  const waiting = read()
  keys.hangUp()
  expect([waiting.got, read().got, keys.wanted]).toEqual([undefined, undefined, false])
})

test('what nobody read can be taken back, or thrown away', () => {
  const keys = new Keyboard()
  keys.type('a\nb\n')
  keys.type(undefined)
  keys.type('c\n')
  expect(keys.unread()).toBe('a\nb\nc\n')
  expect(keys.unread()).toBe('')
  keys.type('d\n')
  keys.flush()
  expect(keys.unread()).toBe('')
})

test('a reader that was ended wants nothing any more', () => {
  const keys = new Keyboard()
  const running = start(keys.stream(undefined).read())
  expect(keys.wanted).toBe(true)
  running.stop()
  expect(keys.wanted).toBe(false)
})
