import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatIp4, formatMac } from '../wire/address.ts'
import { TextBytes } from './text-bytes.ts'

const written = (write: (out: TextBytes) => void): string => {
  const out = new TextBytes(1)
  write(out)
  expect(out.done().length).toBe(out.at)
  return out.string()
}

test.each(['', 'priority=5', 'käse', 'a😀b', 'x'.repeat(5000)])('text %#', text => {
  expect(written(out => out.text(text))).toBe(text)
})

test('decimal numbers', () => {
  for (const value of [0, 9, 10, 99, 100, 4294967295, 4294967296, 2 ** 53 - 1])
    expect(written(out => out.decimal(value))).toBe(String(value))
  fc.assert(fc.property(fc.nat(), value => written(out => out.decimal(value)) === String(value)))
})

test('digits with zeros in front', () => {
  expect(written(out => out.digits(7, 3))).toBe('007')
  expect(written(out => out.digits(999_999_999, 9))).toBe('999999999')
})

test('hexadecimal numbers', () => {
  const same = (value: bigint): boolean =>
    written(out => out.hex(Number(value >> 32n), Number(value & 0xffffffffn))) === value.toString(16)
  for (const value of [0n, 1n, 15n, 16n, 0xffffffffn, 0x100000000n, (1n << 64n) - 1n]) expect(same(value)).toBe(true)
  fc.assert(fc.property(fc.bigInt(0n, (1n << 64n) - 1n), same))
})

test('addresses', () => {
  fc.assert(fc.property(fc.nat(0xffffffff), ip => written(out => out.ip4(ip)) === formatIp4(ip)))
  const mac = Uint8Array.from([9, 0x02, 0xff, 0, 0x1a, 0xb0, 7])
  expect(written(out => out.mac(mac, 1))).toBe(formatMac(0x02ff001ab007))
})
