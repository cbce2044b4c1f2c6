import { expect, test } from 'vitest'
import { BytesMemo } from './bytes-memo.ts'

const bytes = Uint8Array.from({ length: 600 }, (_, i) => i & 255)

test('the same bytes are found, wherever they stand', () => {
  const memo = new BytesMemo<string>()
  memo.keep(1, bytes, 3, 20, 'a')
  expect(memo.find(1, bytes, 3, 20)).toBe('a')
  expect(memo.find(1, bytes, 259, 276)).toBe('a')
})

test('others are not', () => {
  const memo = new BytesMemo<string>()
  memo.keep(1, bytes, 3, 20, 'a')
  expect(memo.find(2, bytes, 3, 20)).toBeUndefined()
  expect(memo.find(1, bytes, 4, 21)).toBeUndefined()
  expect(memo.find(1, bytes, 3, 19)).toBeUndefined()
})

test('no bytes are bytes too', () => {
  const memo = new BytesMemo<string>()
  memo.keep(1, bytes, 7, 7, 'drop')
  expect(memo.find(1, bytes, 0, 0)).toBe('drop')
})

test('room is bounded: long ones are not kept, new ones take the place of old ones', () => {
  const memo = new BytesMemo<number>()
  memo.keep(1, bytes, 0, 300, 1)
  expect(memo.find(1, bytes, 0, 300)).toBeUndefined()
  const many = 10000
  const numbered = (i: number): Uint8Array => Uint8Array.of(i >>> 8, i & 255, 0, 0)
  for (let i = 0; i < many; i++) memo.keep(1, numbered(i), 0, 4, i)
  const found = Array.from({ length: many }, (_, i) => memo.find(1, numbered(i), 0, 4))
  expect(found.filter(value => value !== undefined).length).toBeLessThanOrEqual(2048)
  expect(found.at(-1)).toBe(many - 1)
  expect(found.every((value, i) => value === undefined || value === i)).toBe(true)
})
