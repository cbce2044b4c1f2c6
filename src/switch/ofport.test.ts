import { expect, test } from 'vitest'
import { second } from '../runtime/clock.ts'
import { OfportNumbers } from './ofport.ts'

test('numbers go up from 1, around those requested', () => {
  const numbers = new OfportNumbers()
  expect(numbers.take(0)).toBe(1)
  expect(numbers.take(0, 2)).toBe(2)
  expect([numbers.take(0), numbers.take(0, 10), numbers.take(0)]).toEqual([3, 10, 4])
})

test('a request that is taken, zero or reserved gets the next free one', () => {
  const numbers = new OfportNumbers()
  expect(numbers.take(0, 5)).toBe(5)
  expect(numbers.take(0, 5)).toBe(1)
  expect(numbers.take(0, 0)).toBe(2)
  expect(numbers.take(0, 0xff00)).toBe(3)
})

test('a number given back rests while others never had a port', () => {
  const numbers = new OfportNumbers()
  for (let i = 0; i < 3; i++) numbers.take(0)
  numbers.giveBack(2, second)
  expect(numbers.take(2 * second)).toBe(4)
  expect(numbers.take(2 * second, 2)).toBe(2)
})

test('when all had ports, the one free for longest comes back; when none is free, none', () => {
  const numbers = new OfportNumbers()
  for (let i = 1; i < 0xff00; i++) numbers.take(0, i)
  expect(numbers.take(0)).toBeUndefined()
  numbers.giveBack(300, 2)
  numbers.giveBack(200, 1)
  expect([numbers.take(3), numbers.take(3), numbers.take(3)]).toEqual([200, 300, undefined])
})
