import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { utf8 } from '../runtime/index.ts'
import { type Json, maxDepth, parseJson } from './json.ts'
import { JsonStream } from './json-stream.ts'
import { printJson } from './json-text.ts'

const read = (text: string): Json => {
  const result = parseJson(text)
  if (!result.ok) throw new Error(result.error)
  return result.value
}
const errorOf = (text: string): string => {
  const result = parseJson(text)
  return result.ok ? 'no error' : result.error
}

describe('numbers', () => {
  /** What `echo` of ovsdb-server 3.1.0 sent back for these numbers. */
  test.each([
    ['0.1', '0.1'],
    ['1e-7', '1e-07'],
    ['123456789012345678901', '1.23456789012346e+20'],
    ['-0', '0'],
    ['1e17', '100000000000000000'],
    ['12345678901234567', '12345678901234567'],
    ['1.5e300', '1.5e+300'],
    ['100000000000000000000', '1e+20'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['9223372036854775808', '9.22337203685478e+18'],
    ['0.0001', '0.0001'],
    ['0.00001', '1e-05'],
    ['123456.789012345678', '123456.789012346'],
    ['1E2', '100'],
    ['1.0', '1'],
    ['9007199254740993.0', '9007199254740993'],
  ])('%s comes back as %s', (text, printed) => expect(printJson(read(`[${text}]`))).toBe(`[${printed}]`))

  test('integers of 64 bits are exact, and no bigint where a number will do', () => {
    expect(read('[9223372036854775807,9007199254740991,9007199254740992]')).toEqual([
      9223372036854775807n,
      9007199254740991,
      9007199254740992n,
    ])
  })
})

describe('errors, in the words and with the places of ovsdb-server 3.1.0', () => {
  test.each([
    ['{"a":}', 'line 0, column 5, byte 5: syntax error expecting value'],
    ['{"a":01}', 'line 0, column 7, byte 7: leading zeros not allowed'],
    ['[1e400]', 'line 0, column 6, byte 6: number outside valid range'],
    ['', 'line 0, column 0, byte 0: empty input stream'],
    ['  ', 'line 0, column 2, byte 2: empty input stream'],
    ['x', "line 0, column 1, byte 1: invalid keyword 'x'"],
    ['O', "line 0, column 0, byte 0: invalid character 'O'"],
    ['  5', 'line 0, column 3, byte 3: syntax error at beginning of input'],
    ['"a"', 'line 0, column 2, byte 2: syntax error at beginning of input'],
    [']', 'line 0, column 0, byte 0: syntax error at beginning of input'],
    ['"a', 'line 0, column 2, byte 2: unexpected end of input in quoted string'],
    ['{} 5', 'line 0, column 4, byte 4: trailing garbage at end of input'],
    ['{} "a"', 'line 0, column 5, byte 5: trailing garbage at end of input'],
    ['{}]', 'line 0, column 2, byte 2: trailing garbage at end of input'],
    ['{} x', "line 0, column 4, byte 4: invalid keyword 'x'"],
    ['{} -', "line 0, column 4, byte 4: '-' must be followed by digit"],
    ['[5', 'line 0, column 3, byte 3: unexpected end of input'],
    ['[true', 'line 0, column 6, byte 6: unexpected end of input'],
    ['[tru', "line 0, column 4, byte 4: invalid keyword 'tru'"],
    ['["a"', 'line 0, column 4, byte 4: unexpected end of input'],
    ['[5 ', 'line 0, column 3, byte 3: unexpected end of input'],
    ['[1.', 'line 0, column 3, byte 3: decimal point must be followed by digit'],
  ])('%s', (text, error) => expect(errorOf(text)).toBe(error))

  test.each([
    ['5', 'syntax error at beginning of input'],
    ['{"a" 5}', "syntax error parsing object expecting ':'"],
    ['{5}', 'syntax error parsing object expecting string'],
    ['[1 2]', "syntax error expecting ']' or ','"],
    ['{"a":1 "b"}', "syntax error expecting '}' or ','"],
    ['["\\ud800"]', 'malformed escaped surrogate pair'],
    ['["\\ud800\\u0041"]', 'second half of escaped surrogate pair is not trailing surrogate'],
    ['["\\u0000"]', 'null bytes not supported in quoted strings'],
    ['["\\u00"]', 'quoted string ends within \\u escape'],
    ['["\\u00zz"]', 'malformed \\u escape'],
    ['["\\x"]', 'bad escape \\x'],
    ['["a\nb"]', 'U+000A must be escaped in quoted string'],
    ['[nul]', "invalid keyword 'nul'"],
    ['[-]', "'-' must be followed by digit"],
    ['[1.]', 'decimal point must be followed by digit'],
    ['[.5]', "invalid character '.'"],
    ['[1] 2', 'trailing garbage at end of input'],
    ['["a', 'unexpected end of input in quoted string'],
    ['[1,', 'unexpected end of input'],
    ['{"a":1,}', 'syntax error parsing object expecting string'],
    ['[1,]', 'syntax error expecting value'],
    ['['.repeat(maxDepth + 1), `input exceeds maximum nesting depth ${maxDepth}`],
  ])('%s', (text, error) => expect(errorOf(text)).toContain(`: ${error}`))
})

describe('text', () => {
  test('the last of two members with one name counts', () => {
    expect(read('{"a":1,"a":9007199254740993}')).toEqual({ a: 9007199254740993n })
  })
  test('a member may have any name', () => {
    const value = read('{"__proto__":{"a":1e17}}')
    expect(Object.keys(value as object)).toEqual(['__proto__'])
    expect(printJson(value)).toBe('{"__proto__":{"a":100000000000000000}}')
  })
  test('escapes', () => {
    expect(read('["\\u00e9\\ud83d\\ude00\\/\\b\\f\\n\\r\\t\\"\\\\"]')).toEqual(['é😀/\b\f\n\r\t"\\'])
    expect(printJson(['\u007f\u0001\u001f', 'é😀', 'a/b', '\n"\\'])).toBe(
      '["\u007f\\u0001\\u001f","é😀","a/b","\\n\\"\\\\"]',
    )
  })
  test('members in order of their names where errors show them', () => {
    expect(printJson({ b: [{ d: 1, c: 2 }], a: null }, true)).toBe('{"a":null,"b":[{"c":2,"d":1}]}')
  })
})

/** As `JSON.parse` would have rounded. */
const loose = (value: unknown): string =>
  JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? Number(part) : part))

const values = fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())) as fc.Arbitrary<Json>

test('reads as JSON.parse does', () => {
  fc.assert(
    fc.property(values, fc.nat(3), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      // A large number sends the text to the other parser.
      const both = read(`[12345678901234567890123456789,${text}]`) as Json[]
      expect(loose(both[1])).toBe(JSON.stringify(JSON.parse(text)))
      expect(loose(read(text))).toBe(JSON.stringify(JSON.parse(text)))
    }),
  )
})

test('any text is read or refused', () => {
  const piece = fc.constantFrom(...'[]{},:"\\ue1.-+0aft \n'.split(''), 'true', 'null', '\\u0', '12345678901234567')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), pieces => {
      const text = pieces.join('')
      const result = parseJson(text)
      // A large number sends the text to the other parser.
      const both = parseJson(`[12345678901234567890123456789,${text}]`)
      if (result.ok) expect(both).toEqual({ ok: true, value: [1.2345678901234568e28, result.value] })
      if (result.ok) expect(read(printJson(result.value))).toEqual(result.value)
      else expect(result.error).toMatch(/^line [0-9]+, column [0-9]+, byte [0-9]+: /)
    }),
    { numRuns: 5000 },
  )
})

describe('streams', () => {
  const bytesOf = (...texts: string[]): Uint8Array => utf8(texts.join(''))
  test('values come whole, in whatever pieces the bytes are', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 4 }), fc.array(fc.nat(40)), (sent, cuts) => {
        const bytes = bytesOf(...sent.map(value => `${JSON.stringify(value)}\n`))
        const stream = new JsonStream(1e6)
        const got: Json[] = []
        let at = 0
        for (const cut of [...cuts, bytes.length]) {
          const { values: some, error } = stream.push(bytes.subarray(at, at + cut))
          expect(error).toBeUndefined()
          got.push(...some)
          at = Math.min(bytes.length, at + cut)
        }
        expect(loose(got)).toBe(JSON.stringify(sent.map(value => JSON.parse(JSON.stringify(value)))))
        expect(stream.size).toBe(0)
      }),
    )
  })
  test('what does not end is held up to the limit', () => {
    const stream = new JsonStream(1000)
    expect(stream.push(bytesOf('["', 'x'.repeat(500))).error).toBeUndefined()
    expect(stream.push(bytesOf('x'.repeat(500))).error).toBe('value of more than 1000 bytes')
    expect(stream.size).toBe(0)
    expect(stream.push(bytesOf('{}')).error).toBe('value of more than 1000 bytes')
  })
  test('so does what its parts would take', () => {
    const stream = new JsonStream(1000)
    expect(stream.push(bytesOf('[', '{},'.repeat(5))).error).toBeUndefined()
    expect(stream.push(bytesOf('{},'.repeat(5))).error).toBe('value of more than 1000 bytes')
    expect(new JsonStream(1000).push(bytesOf(`["${'{,'.repeat(400)}"]`))).toMatchObject({ weights: [868] })
  })
  test('bytes that come one by one take little more than their number', () => {
    const stream = new JsonStream(1e6)
    for (const byte of bytesOf('["', 'x'.repeat(10_000))) stream.push(Uint8Array.of(byte))
    expect(stream.size).toBeLessThan(20_000)
    expect(stream.push(bytesOf('"]')).values).toEqual([['x'.repeat(10_000)]])
    expect(stream.size).toBe(0)
  })
  test('too deep is an error before the end', () => {
    expect(new JsonStream(1e9).push(bytesOf('['.repeat(100_000))).error).toContain('nesting depth')
  })
  test('values before an error are given', () => {
    expect(new JsonStream(1000).push(bytesOf('{"a":1}{"b"}{"c":1}'))).toMatchObject({
      values: [{ a: 1 }],
      error: "line 0, column 4, byte 4: syntax error parsing object expecting ':'",
    })
  })
  test('broken UTF-8 is an error, U+FFFD is not', () => {
    const bytes = bytesOf('["\ufffd"]')
    expect(new JsonStream(1000).push(bytes)).toEqual({ values: [['\ufffd']], weights: [71] })
    expect(new JsonStream(1000).push(Uint8Array.of(0x5b, 0x22, 0xff, 0x22, 0x5d)).error).toContain('UTF-8')
    expect(new JsonStream(1000).push(Uint8Array.of(0x5b, 0x22, 0xc3, 0x22, 0x5d)).error).toContain('UTF-8')
  })
})
