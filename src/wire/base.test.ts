import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checksum, sum16, updateChecksum } from './checksum.ts'
import { Frame, headroom } from './frame.ts'
import { bit, bits, bits16, bits32, header, u8, u16, u24, u32, u48, u64, u128 } from './header.ts'

describe('a frame', () => {
  test('has room in front, and makes more when it runs out', () => {
    const frame = Frame.from(Uint8Array.of(1, 2, 3))
    frame.prepend(headroom)
    expect([frame.start, frame.size]).toEqual([0, headroom + 3])
    frame.prepend(20)
    expect(frame.size).toBe(headroom + 23)
    expect([...frame.content().subarray(-3)]).toEqual([1, 2, 3])
  })

  test('copies only its own bytes', () => {
    const frame = new Frame(Uint8Array.of(9, 1, 2, 9), 1, 3)
    const copy = frame.copy()
    copy.bytes[copy.start] = 7
    expect([...frame.content()]).toEqual([1, 2])
    expect([...copy.content()]).toEqual([7, 2])
  })
})

describe('a header', () => {
  const Sample = header('Sample', 44, {
    version: [0, bits(4, 4)],
    low: [0, bits(0, 4)],
    flag: [1, bit(0)],
    last: [1, bit(7)],
    short: [2, u16],
    vni: [4, u24],
    one: [7, u8],
    word: [8, u32],
    mac: [12, u48],
    dei: [18, bits16(12, 1)],
    vid: [18, bits16(0, 12)],
    label: [20, bits32(12, 20)],
    wide: [24, u64],
    address: [28, u128],
  })

  test('keeps what is written, field by field, and nothing beyond', () => {
    const values = {
      version: 4,
      low: 5,
      flag: true,
      last: true,
      short: 0xfffe,
      vni: 0xabcdef,
      one: 7,
      word: 0xfedcba98,
      mac: 0xfeedfacecafe,
      dei: 1,
      vid: 4095,
      label: 0xfffff,
    }
    const bytes = new Uint8Array(50).fill(0xee)
    Sample.write(bytes, 3, values)
    expect(Sample.read(bytes, 3)).toMatchObject(values)
    expect([bytes[2], bytes[47]]).toEqual([0xee, 0xee])
    expect([...bytes.subarray(3, 23)]).toEqual([
      0x45, 0x81, 0xff, 0xfe, 0xab, 0xcd, 0xef, 7, 0xfe, 0xdc, 0xba, 0x98, 0xfe, 0xed, 0xfa, 0xce, 0xca, 0xfe, 0x1f,
      0xff,
    ])
  })

  test('changes one field in place and leaves its neighbours', () => {
    const bytes = new Uint8Array(44).fill(0xff)
    Sample.put.low(bytes, 0, 0)
    Sample.put.flag(bytes, 0, false)
    Sample.put.vid(bytes, 0, 1)
    Sample.put.label(bytes, 0, 2)
    expect([bytes[0], bytes[1], bytes[18], bytes[19]]).toEqual([0xf0, 0x7f, 0xf0, 0x01])
    expect([...bytes.subarray(20, 24)]).toEqual([0, 0, 0x2f, 0xff])
    expect(Sample.at.vid(bytes, 0)).toBe(1)
  })

  test('reads wide numbers', () => {
    const bytes = new Uint8Array(44)
    Sample.put.address(bytes, 0, 0xfe80_0000_0000_0000_0000_0000_0000_0001n)
    expect([bytes[28], bytes[29], bytes[43]]).toEqual([0xfe, 0x80, 1])
    expect(Sample.at.address(bytes, 0)).toBe(0xfe80_0000_0000_0000_0000_0000_0000_0001n)
    Sample.put.wide(bytes, 0, 0x0102030405060708n)
    expect([...bytes.subarray(24, 32)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  test('is undefined where the bytes end early', () => {
    expect(Sample.read(new Uint8Array(43), 0)).toBeUndefined()
    expect(Sample.read(new Uint8Array(60), 0, 43)).toBeUndefined()
  })
})

describe('the internet checksum', () => {
  test('of the example in RFC 1071 §3', () => {
    expect(sum16(Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7), 0, 8)).toBe(0xddf2)
  })

  test('pads an odd byte with zero behind it', () => {
    expect(sum16(Uint8Array.of(0x12, 0x34, 0x56), 0, 3)).toBe(sum16(Uint8Array.of(0x12, 0x34, 0x56, 0), 0, 4))
  })

  test('changed in place is the checksum computed again', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 40 }), fc.nat(0xffff), (bytes, word) => {
        const was = checksum(bytes, 0, bytes.length)
        const old = u16.get(bytes, 2)
        u16.set(bytes, 2, word)
        const now = checksum(bytes, 0, bytes.length)
        const updated = updateChecksum(was, old, word)
        // 0 and 0xffff are the same number in this arithmetic; all bytes zero is the one case that tells them apart.
        expect(updated === now || (updated + now === 0xffff && (updated === 0 || now === 0))).toBe(true)
      }),
    )
  })
})
