import { expect, test } from 'vitest'
import { KeyPool } from './key-pool.ts'
import { newKey, word } from './layout.ts'

test('keys in use are not handed out again, others are, with nothing in them', () => {
  const pool = new KeyPool()
  const outer = pool.take()
  outer[word.inPort] = 7
  const { used } = pool
  const inner = pool.copy(outer)
  expect(inner).not.toBe(outer)
  expect(inner).toEqual(outer)
  inner[word.inPort] = 8
  expect(outer[word.inPort]).toBe(7)
  pool.release(used)
  expect(pool.take()).toBe(inner)
  expect(inner).toEqual(newKey())
  expect(outer[word.inPort]).toBe(7)
})
