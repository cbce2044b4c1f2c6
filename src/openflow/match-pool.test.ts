import { expect, test } from 'vitest'
import { equals, newMatch, setField } from '../flow/match.ts'
import { MatchPool, matchFrom } from './match-pool.ts'

test('matches taken together are different ones', () => {
  const pool = new MatchPool()
  const [a, b] = [pool.take(), pool.take()]
  setField(a, 'ip_src', 1n)
  setField(b, 'ip_src', 2n)
  setField(b, 'tun_metadata3', 7n)
  expect(a.key).not.toEqual(b.key)
  expect(equals(a, b)).toBe(false)
})

test('after a release they are used again, and fit every key', () => {
  const pool = new MatchPool()
  const [a, b] = [pool.take(), pool.take()]
  setField(a, 'in_port', 5n)
  setField(b, 'tun_metadata0', 5n)
  pool.release()
  expect(pool.take()).toBe(a)
  expect(pool.take()).toBe(b)
  expect(pool.take()).not.toBe(a)
  expect(equals(a, newMatch())).toBe(true)
  expect(equals(b, newMatch())).toBe(true)
  expect(b.tlv).toBeUndefined()
})

test('one who works while another does leaves that one its matches', () => {
  const pool = new MatchPool()
  const outer = pool.take()
  setField(outer, 'in_port', 5n)
  const { used } = pool
  const inner = pool.take()
  pool.release(used)
  expect(inner).not.toBe(outer)
  expect(pool.take()).toBe(inner)
  expect(equals(outer, newMatch())).toBe(false)
})

test('without a pool a match is its owner’s', () => {
  expect(matchFrom(undefined)).not.toBe(matchFrom(undefined))
  const pool = new MatchPool()
  const match = matchFrom(pool)
  pool.release()
  expect(matchFrom(pool)).toBe(match)
})
