import { describe, expect, test } from 'vitest'
import { floodOrder } from './flood-order.ts'

const local = 0xfffe

/** Recorded from ovs-vswitchd 3.1: ports added one after the other, and the trace of `FLOOD`. */
describe('the order in which a flood reaches ports is that of Open vSwitch', () => {
  test.each([
    [
      [local, 7, 3, 9, 1, 20, 4, 15, 2, 30, 31],
      [local, 9, 20, 15, 30, 7, 1, 4, 2, 31, 3],
    ],
    [
      [local, 4, 15, 1, 31, 9, 3, 30, 2, 20, 7],
      [local, 9, 20, 15, 7, 4, 1, 30, 2, 31, 3],
    ],
  ])('%j', (added, order) => {
    expect(floodOrder(added)).toEqual(order)
  })
})

test('every port is reached once, however many there are', () => {
  for (let count = 0; count < 300; count++) {
    const numbers = Array.from({ length: count }, (_, i) => i + 1)
    expect(floodOrder(numbers).sort((a, b) => a - b)).toEqual(numbers)
  }
})
