import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type FieldName,
  field,
  fieldCoded,
  fieldNamed,
  fieldNames,
  fullMask,
  readField,
  readNumber,
  writeField,
  writeNumber,
} from './fields.ts'
import { keyWords, newKey, word } from './layout.ts'

describe('the table', () => {
  test('has every field of ovs-fields(7), and each of a family', () => {
    expect(fieldNames.length).toBe(183)
    for (const [family, count] of [
      ['tun_metadata', 64],
      ['reg', 16],
      ['xreg', 8],
      ['xxreg', 4],
    ] as const)
      for (let i = 0; i < count; i++) expect(fieldNamed(`${family}${i}`)).toBe(`${family}${i}`)
  })
  test('fields lie inside the row', () => {
    for (const name of fieldNames) {
      const {
        at: [last, low],
        bits,
      } = field(name)
      expect(last).toBeLessThan(keyWords)
      expect(last - Math.ceil((low + bits) / 32) + 1).toBeGreaterThanOrEqual(0)
    }
  })
  test('names and codes lead back to their field, and none is given twice', () => {
    const names = new Set<string>()
    const codes = new Set<string>()
    for (const name of fieldNames) {
      const { aka, codes: own = [] } = field(name)
      for (const text of [name, ...(aka === undefined ? [] : [aka]), ...own.map(code => code.name)]) {
        expect(names.has(text)).toBe(false)
        names.add(text)
        expect(fieldNamed(text)).toBe(name)
      }
      for (const code of own) {
        const key = `${code.class}:${code.number}:${code.experimenter}`
        expect(codes.has(key)).toBe(false)
        codes.add(key)
        expect(fieldCoded(code.class, code.number, code.experimenter)).toBe(name)
      }
    }
  })
  // Headers as ovs-ofctl sent them (hex dump of `-F nxm parse-flow`): class 16, field 7, has-mask 1, length 8.
  test.each([
    [0x00000c01, 'nw_proto'],
    [0x0001d304, 'ct_state'],
    [0x0001d810, 'ct_label'],
    [0x0001f004, 'ct_nw_src'],
    [0x80000408, 'metadata'],
    [0x80005804, 'packet_type'],
    [0x00000e04, 'ip_src'],
    [0x00013401, 'ip_frag'],
    [0x00013801, 'nw_ecn'],
  ] as const)('%i is %s', (header, name) => {
    expect(fieldCoded(header >>> 16, (header >>> 9) & 127)).toBe(name)
  })
  test('experimenter classes', () => {
    expect(fieldCoded(0xffff, 4, 0x005ad650)).toBe('nsh_spi')
    expect(fieldCoded(0xffff, 11, 0x2320)).toBe('tun_erspan_idx')
    expect(fieldCoded(0xffff, 42, 0x4f4e4600)).toBe('tcp_flags')
    expect(fieldCoded(0xffff, 42)).toBeUndefined()
  })
})

const anyField = fc.constantFrom(...fieldNames)
const anyValue = fc.bigInt(0n, (1n << 128n) - 1n)
const anyKey = fc.uint32Array({ minLength: keyWords, maxLength: keyWords })

describe('reading and writing', () => {
  test('what is written is read, and nothing else changes', () => {
    fc.assert(
      fc.property(anyKey, anyField, anyValue, anyValue, (start, name, value, mask) => {
        const key = Uint32Array.from(start)
        const was = readField(key, name)
        writeField(key, name, value, mask)
        // Where no layout says otherwise, a tunnel option has four bytes.
        const full = fullMask(name) & (name.startsWith('tun_metadata') ? 0xffffffffn : -1n)
        expect(readField(key, name)).toBe(((was & ~mask) | (value & mask)) & full)
        writeField(key, name, was)
        expect(key).toEqual(Uint32Array.from(start))
      }),
      { numRuns: 2000 },
    )
  })
  test('numbers are the same as bigints', () => {
    const small = fieldNames.filter(name => field(name).at[1] + field(name).bits <= 32)
    fc.assert(
      fc.property(anyKey, fc.constantFrom(...small), fc.nat(0xffffffff), (start, name, value) => {
        const [a, b] = [Uint32Array.from(start), Uint32Array.from(start)]
        writeNumber(a, name, value)
        writeField(b, name, BigInt(value))
        expect(a).toEqual(b)
        expect(BigInt(readNumber(a, name))).toBe(readField(b, name))
      }),
      { numRuns: 2000 },
    )
  })
  test('addresses lie as the layout says', () => {
    const key = newKey()
    writeField(key, 'eth_dst', 0x0102_0304_0506n)
    writeField(key, 'eth_src', 0x0a0b_0c0d_0e0fn)
    expect([...key.subarray(word.ethernet, word.ethernet + 3)]).toEqual([0x01020304, 0x05060a0b, 0x0c0d0e0f])
    writeField(key, 'ipv6_src', 0x2001_0db8_0000_0000_0000_0000_0000_0001n)
    expect([...key.subarray(word.ipv6Src, word.ipv6Src + 4)]).toEqual([0x20010db8, 0, 0, 1])
  })
  test('overlays share words: xreg0 is reg0 and reg1, arp_spa is ip_src', () => {
    const key = newKey()
    const same = (whole: FieldName, ...parts: FieldName[]): void => {
      writeField(key, whole, 0x0123_4567_89ab_cdef_0123_4567_89ab_cdefn)
      expect(
        parts
          .map(part =>
            readField(key, part)
              .toString(16)
              .padStart(field(part).bits / 4, '0'),
          )
          .join(''),
      ).toBe(
        readField(key, whole)
          .toString(16)
          .padStart(field(whole).bits / 4, '0'),
      )
    }
    same('xreg3', 'reg6', 'reg7')
    same('xxreg3', 'reg12', 'reg13', 'reg14', 'reg15')
    same('xxreg0', 'xreg0', 'xreg1')
    same('arp_spa', 'ip_src')
    same('nd_sll', 'arp_sha')
  })
})
