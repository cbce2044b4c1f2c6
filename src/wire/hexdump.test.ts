import { expect, test } from 'vitest'
import { hexdump, hexdumpText } from './hexdump.ts'

const bytes = Uint8Array.from([
  ...[0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 10, 10, 1],
  ...[0, 1, 0x41, 0x7e, 0x7f, 0x20, 0x21, 0, 10, 1, 0, 0xfe, 0xff],
])

test('-x', () => {
  expect(hexdump(bytes)).toBe(
    '\n\t0x0000:  0001 0800 0604 0001 0200 0000 000a 0a01\n\t0x0010:  0001 417e 7f20 2100 0a01 00fe ff',
  )
})

test('-X', () => {
  expect(hexdumpText(bytes)).toBe(
    '\n\t0x0000:  0001 0800 0604 0001 0200 0000 000a 0a01  ................' +
      '\n\t0x0010:  0001 417e 7f20 2100 0a01 00fe ff         ..A~..!......',
  )
})

test('offsets count from the start given', () => {
  expect(hexdump(bytes, 16, 18)).toBe('\n\t0x0000:  0001')
  expect(hexdump(bytes, 5, 5)).toBe('')
})
