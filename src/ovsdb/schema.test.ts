import { describe, expect, test } from 'vitest'
import { type Json, parseJson } from './json.ts'
import { printJson } from './json-text.ts'
import { type DatabaseSchema, schemaFromJson, schemaToJson } from './schema.ts'
import { openVSwitch } from './schemas/open-vswitch.ts'
import { serverSchema } from './schemas/server.ts'

const read = (text: string): Json => {
  const result = parseJson(text)
  if (!result.ok) throw new Error(result.error)
  return result.value
}
const errorOf = (text: string): string => {
  const schema = schemaFromJson(read(text))
  return 'error' in schema ? schema.toString() : 'no error'
}
const withType = (type: string): string => `{"name":"a","tables":{"A":{"columns":{"x":{"type":${type}}}}}}`
const withTable = (table: string): string => `{"name":"a","tables":{"A":${table}}}`

/** What `ovsdb-tool create` of 3.1.0 said. */
describe('errors', () => {
  test.each([
    ['{}', 'syntax "{}": syntax error: Parsing database schema failed: Required \'name\' member is missing.'],
    [
      '{"name":"a b","tables":{}}',
      'syntax "{"name":"a b","tables":{}}": syntax error: Parsing database schema failed: Type mismatch for member \'name\'.',
    ],
    [
      '{"name":"a","version":"1","tables":{}}',
      'syntax "{"name":"a","tables":{},"version":"1"}": syntax error: schema version "1" not in format x.y.z',
    ],
    ['{"name":"a","tables":{"A":5}}', 'syntax error: Parsing table schema for table A failed: Object expected.'],
    [
      '{"name":"a","tables":{"_A":{"columns":{}}}}',
      'syntax "{"name":"a","tables":{"_A":{"columns":{}}}}": syntax error: names beginning with "_" are reserved',
    ],
    [
      '{"name":"a","tables":{"A B":{"columns":{}}}}',
      'syntax "{"name":"a","tables":{"A B":{"columns":{}}}}": syntax error: name must be a valid id',
    ],
    [
      '{"name":"a","foo":1,"tables":{}}',
      'syntax "{"foo":1,"name":"a","tables":{}}": syntax error: Parsing database schema failed: Member \'foo\' is present but not allowed here.',
    ],
  ])('of a database: %s', (text, error) => expect(errorOf(text)).toBe(error))

  test.each([
    ['{"columns":{}}', 'syntax "{"columns":{}}": syntax error: table must have at least one column'],
    ['{"columns":{"x":5}}', 'syntax error: Parsing schema for column x failed: Object expected.'],
    [
      '{"columns":{"x":{"type":"string"}},"maxRows":0}',
      'syntax "{"columns":{"x":{"type":"string"}},"maxRows":0}": syntax error: maxRows must be at least 1',
    ],
    [
      '{"columns":{"x":{"type":"string"}},"indexes":[5]}',
      'syntax "5": syntax error: array of distinct column names expected',
    ],
    [
      '{"columns":{"x":{"type":"string"}},"indexes":[["y"]]}',
      'syntax "["y"]": syntax error: y is not a valid column name',
    ],
    [
      '{"columns":{"x":{"type":"string","ephemeral":true}},"indexes":[["x"]]}',
      'syntax "{"columns":{"x":{"ephemeral":true,"type":"string"}},"indexes":[["x"]]}": syntax error: ephemeral columns (such as x) may not be indexed',
    ],
  ])('of a table: %s', (text, error) => expect(errorOf(withTable(text))).toBe(error))

  test.each([
    ['"foo"', 'syntax ""foo"": syntax error: "foo" is not an atomic-type'],
    ['{}', 'syntax "{}": syntax error: Parsing ovsdb type failed: Required \'key\' member is missing.'],
    ['{"key":"string","min":2}', 'syntax "{"key":"string","min":2}": syntax error: ovsdb type fails constraint checks'],
    ['{"key":"string","min":-1}', 'syntax "-1": syntax error: bad min or max value'],
    ['{"key":"string","max":"foo"}', 'syntax ""foo"": syntax error: bad min or max value'],
    ['{"key":"string","max":4294967295}', 'syntax "4294967295": syntax error: bad min or max value'],
    [
      '{"key":{"type":"integer","minInteger":5,"maxInteger":4}}',
      'syntax "{"maxInteger":4,"minInteger":5,"type":"integer"}": syntax error: minInteger exceeds maxInteger',
    ],
    [
      '{"key":{"type":"string","minLength":-5}}',
      'syntax "-5": syntax error: minLength out of valid range 0 to 4294967295',
    ],
    [
      '{"key":{"type":"string","minInteger":5}}',
      'syntax "{"minInteger":5,"type":"string"}": syntax error: Parsing ovsdb type failed: Member \'minInteger\' is present but not allowed here.',
    ],
    ['{"key":{"type":"uuid","refTable":"B"}}', 'syntax error: column x key refers to undefined table B'],
    [
      '{"key":{"type":"uuid","refTable":"A","refType":"x"}}',
      'syntax "{"refTable":"A","refType":"x","type":"uuid"}": syntax error: refType must be "strong" or "weak" (not "x")',
    ],
    [
      '{"key":{"type":"integer","enum":["set",[]]}}',
      'syntax "["set",[]]": syntax error: set must have 1 to 4294967295 members but 0 are present',
    ],
    ['{"key":{"type":"integer","enum":["set",[1,1]]}}', 'ovsdb error: set contains duplicate'],
    [
      '{"key":{"type":"integer","enum":["set",[1,2]],"minInteger":5}}',
      'syntax "{"enum":["set",[1,2]],"minInteger":5,"type":"integer"}": syntax error: Parsing ovsdb type failed: Member \'minInteger\' is present but not allowed here.',
    ],
  ])('of a type: %s', (text, error) => expect(errorOf(withType(text))).toBe(error))
})

test.each([
  '{"key":{"type":"integer","enum":5}}',
  '{"key":{"type":"real","enum":["set",[1.5,2]]}}',
  '{"key":"string","value":"string"}',
  '{"max":"unlimited","min":0,"key":{"type":"integer","minInteger":-9223372036854775808}}',
  '{"max":7,"key":{"type":"uuid","refTable":"A","refType":"weak"},"value":{"type":"string","maxLength":3}}',
])('%s is printed as it was', type => {
  const schema = schemaFromJson(read(withType(type))) as DatabaseSchema
  expect(printJson(schemaToJson(schema))).toBe(withType(type))
})

test('weak references are never fixed, and references that rows live by are kept', () => {
  const columns = (w: string, b: string): string =>
    `{"w":{${w}"type":{"min":0,"key":{"type":"uuid","refTable":"A","refType":"weak"}}},"b":{${b}"type":{"min":0,"key":{"type":"uuid","refTable":"B"}}}}`
  const text = (inner: string): string =>
    `{"name":"a","tables":{"A":{"isRoot":true,"columns":${inner}},"B":{"columns":{"x":{"type":"string"}}}}}`
  const schema = schemaFromJson(read(text(columns('"mutable":false,', '"ephemeral":true,')))) as DatabaseSchema
  expect(printJson(schemaToJson(schema))).toBe(text(columns('', '')))
})

test('a table may have the name of what objects have', () => {
  const text = '{"name":"a","tables":{"constructor":{"columns":{"toString":{"type":"string"}}}}}'
  expect(printJson(schemaToJson(schemaFromJson(read(text)) as DatabaseSchema))).toBe(text)
})

describe('schemas that Weft has', () => {
  test.each([openVSwitch, serverSchema])('$name is read back as it is', schema => {
    const once = schemaFromJson(read(printJson(schemaToJson(schema)))) as DatabaseSchema
    expect(schemaFromJson(schemaToJson(once))).toEqual(once)
    expect(schemaToJson(once)).toEqual(schemaToJson(schema))
  })
})
