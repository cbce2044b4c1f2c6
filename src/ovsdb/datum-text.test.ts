import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ColumnType, map, one, optional, set } from './column.ts'
import { type Datum, defaultDatum, describe as describeType, mapOf, setOf } from './datum.ts'
import { formatAtom, formatDatum, parseDatum } from './datum-text.ts'
import { schema } from './schemas/open-vswitch.ts'

const tag = schema.Port!.columns.tag!
const trunks = schema.Port!.columns.trunks!
const options = schema.Interface!.columns.options!
const mac = schema.Interface!.columns.mac!
const read = (text: string, column: ColumnType): Datum | string => {
  const parsed = parseDatum(text, column)
  return parsed.ok ? parsed.value : parsed.error
}

describe('values from text', () => {
  test('sets', () => {
    expect(read('5', tag)).toEqual(setOf(5))
    expect(read('[]', tag)).toEqual(setOf())
    expect(read('3,1,2,1', trunks)).toEqual(setOf(1, 2, 3))
    expect(read('[3, 1]', trunks)).toEqual(setOf(1, 3))
    expect(read('3-5,0x10', trunks)).toEqual(setOf(3, 4, 5, 16))
  })
  test('maps', () => {
    expect(read('remote_ip=1.2.3.4,key=flow', options)).toEqual(
      mapOf([
        ['key', 'flow'],
        ['remote_ip', '1.2.3.4'],
      ]),
    )
    expect(read('{a="b c"}', options)).toEqual(mapOf([['a', 'b c']]))
  })
  /** What ovs-vsctl 3.1.0 said. */
  test.each([
    ['x', tag, '"x" is not a valid integer or range'],
    ['1,2', tag, '1,2: 2 value(s) specified but the maximum number is 1'],
    ['5000', tag, 'constraint violation: 5000 is not in the valid range 0 to 4095 (inclusive)'],
    ['[3', trunks, '[3: missing "]" at end of data'],
    ['3]', trunks, '3]: unexpected "]" parsing set of up to 4096 integers'],
    ['q', options, 'q: syntax error at "'],
    ['{a=b', options, '{a=b: missing "}" at end of data'],
    ['aa:bb', mac, 'aa:bb: unexpected ":" parsing set of up to 1 strings'],
    ['tcp:1.2.3.4', schema.Controller!.columns.target!, 'tcp:1.2.3.4: unexpected ":" parsing string'],
    ['foo', schema.Port!.columns.protected!, '"foo" is not a valid boolean (use "true" or "false")'],
    ['foo', schema.Port!.columns.qos!, '"foo" is not a valid UUID'],
    [
      '-1',
      schema.Interface!.columns.ingress_policing_rate!,
      'constraint violation: -1 is less than minimum allowed value 0',
    ],
    [
      'foo',
      schema.Port!.columns.vlan_mode!,
      'constraint violation: foo is not one of the allowed values ([access, dot1q-tunnel, native-tagged, native-untagged, trunk])',
    ],
  ] as const)('%s is refused', (text, column, error) => expect(read(text, column)).toBe(error))

  test('any text is read or refused', () => {
    const columns = fc.constantFrom(tag, trunks, options, mac, schema.Bridge!.columns.flow_tables!)
    const piece = fc.constantFrom('[', ']', '{', '}', '=', ',', ' ', '"', '\\', '1', '-', 'a', ':', '1-9')
    const text = fc.oneof(
      fc.string(),
      fc.array(piece).map(parts => parts.join('')),
    )
    fc.assert(
      fc.property(text, columns, (given, column) => {
        expect(['string', 'object']).toContain(typeof read(given, column))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('text from values', () => {
  test('strings are quoted unless they are plain words', () => {
    expect(['p1', 'a.b-c', '1.2.3.4', '', 'a b', 'true'].map(text => formatAtom(text, 'string'))).toEqual([
      'p1',
      'a.b-c',
      '"1.2.3.4"',
      '""',
      '"a b"',
      '"true"',
    ])
  })
  test('one value of a set that may have more has brackets', () => {
    expect(formatDatum(setOf(9), trunks)).toBe('[9]')
    expect(formatDatum(setOf(9), tag)).toBe('9')
    expect(formatDatum(setOf(), tag)).toBe('[]')
    expect(
      formatDatum(
        mapOf([
          ['remote_ip', '1.2.3.4'],
          ['key', 'flow'],
        ]),
        options,
      ),
    ).toBe('{key=flow, remote_ip="1.2.3.4"}')
  })
  test('comes back as it was', () => {
    const strings = fc.dictionary(fc.string({ minLength: 1 }), fc.string()).map(all => mapOf(Object.entries(all)))
    fc.assert(fc.property(strings, datum => void expect(read(formatDatum(datum, options), options)).toEqual(datum)))
    const numbers = fc.array(fc.integer({ min: 0, max: 4095 })).map(all => setOf(...all))
    fc.assert(fc.property(numbers, datum => void expect(read(formatDatum(datum, trunks), trunks)).toEqual(datum)))
  })
})

test('types by name, and what a new row has', () => {
  const text = { type: 'string' } as const
  expect([one(text), optional(text), set(text), map(text, text)].map(describeType)).toEqual([
    'string',
    'set of up to 1 strings',
    'set of strings',
    'map of (string, string) pairs',
  ])
  expect(defaultDatum(one(text))).toEqual(setOf(''))
  expect(defaultDatum(optional(text))).toEqual(setOf())
  expect(defaultDatum(map(text, text))).toEqual(mapOf([]))
})
