import { expect, test } from 'vitest'
import { Network } from './network.ts'
import { formatDelay, formatRate, wiring } from './wiring.ts'

test('rates and delays in the largest unit that fits', () => {
  expect([0, 999, 1000, 1e6, 1.5e6, 10e9, 400e9, 2e12, 5e15].map(formatRate)).toEqual([
    '0 bit/s',
    '999 bit/s',
    '1 kbit/s',
    '1 Mbit/s',
    '1.5 Mbit/s',
    '10 Gbit/s',
    '400 Gbit/s',
    '2 Tbit/s',
    '5000 Tbit/s',
  ])
  expect([0, 5, 50_000, 2.5e6, 1e9, 9e12].map(formatDelay)).toEqual([
    '0 ns',
    '5 ns',
    '50 us',
    '2.5 ms',
    '1 s',
    '9000 s',
  ])
  expect(formatDelay(1234567)).toBe('1.235 ms')
})

test('a line for each cable, with what it does to frames', () => {
  const net = new Network()
  for (const name of ['a', 'longer']) net.machine(name)
  expect(wiring(net)).toBe('')
  net.cable('a:eth0', 'longer:eth0')
  net.cable('longer:eth1', 'a:eth1', { bandwidth: 10e6, delay: 15e6, jitter: 1e6, loss: 0.005 })
  net.cable('a:eth2', 'longer:eth2', { delay: 0, queue: 5 }).plugged = false
  expect(wiring(net)).toBe(`\
a:eth0      <-> longer:eth0
longer:eth1 <-> a:eth1 (10 Mbit/s, 15 ms, jitter 1 ms, loss 0.5%)
a:eth2      <-> longer:eth2 (0 ns) unplugged
`)
})
