import { expect, test } from 'vitest'
import { netMachine, twoHosts } from '../net.testing.ts'
import { classLength, humanBytes } from './ifconfig-text.ts'

// What the real tools print is held against them in test/interop/net-commands.test.ts.

test('bytes for people are cut, not rounded', () => {
  expect([0, 70, 1023, 1024, 7156, 2 ** 20 - 1, 2 ** 20, 3 * 2 ** 30].map(humanBytes)).toEqual([
    '0 (0.0 B)',
    '70 (70.0 B)',
    '1023 (1023.0 B)',
    '1024 (1.0 KiB)',
    '7156 (6.9 KiB)',
    '1048575 (1023.9 KiB)',
    '1048576 (1.0 MiB)',
    '3221225472 (3.0 GiB)',
  ])
})

test('classes of addresses', () => {
  expect([0x0a000001, 0x80000000, 0xc0a80001].map(classLength)).toEqual([8, 16, 24])
})

test('ifconfig lists by name and number', () => {
  const { text } = netMachine('for i in 10 2; do ip link add eth$i type dummy; done')
  expect(text('ifconfig -a | grep flags | cut -d: -f1')).toBe('eth2\neth10\nlo\n')
})

test('`ifconfig eth0 0` takes the address away, and the routes with it', () => {
  const { text } = twoHosts()
  expect(text('route -n | wc -l; ifconfig e0 0; route -n | wc -l')).toBe('3\n2\n')
  expect(text('ip -4 -o addr show e0')).toBe('')
})

test('arp shows what was asked for in vain', () => {
  const { text } = twoHosts()
  text('ping -c 1 -q 10.0.0.2; ping -c 1 -q -W 4 10.0.0.66')
  expect(text('arp -an')).toBe('? (10.0.0.2) at 02:00:00:00:00:02 [ether] on e0\n? (10.0.0.66) at <incomplete> on e0\n')
})
