import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seeded } from '../runtime/index.ts'
import type { Atom } from './atom.ts'
import type { BaseType } from './column.ts'
import { Database } from './database.ts'
import { execute } from './execute.ts'
import { type Json, type JsonObject, parseJson } from './json.ts'
import { printJson } from './json-text.ts'
import { type DatabaseSchema, schemaFromJson } from './schema.ts'
import type { Row } from './table.ts'

const read = (text: string): Json => {
  const result = parseJson(text)
  if (!result.ok) throw new Error(result.error)
  return result.value
}

const schema = schemaFromJson(
  read(`{"name":"T","tables":{
    "A":{"isRoot":true,"indexes":[["s"],["i","b"]],"columns":{"s":{"type":"string"},"i":{"type":"integer"},"b":{"type":"boolean"},
      "r":{"type":"real"},"is":{"type":{"key":"integer","min":0,"max":3}},"m":{"type":{"key":"string","value":"integer","min":0,"max":"unlimited"}},
      "en":{"type":{"key":{"type":"string","enum":["set",["x","y"]]},"min":0}},"ri":{"type":{"key":{"type":"integer","minInteger":1,"maxInteger":9},"min":0}},
      "sl":{"type":{"key":{"type":"string","minLength":2,"maxLength":4},"min":0}},"fix":{"type":"string","mutable":false},
      "refs":{"type":{"key":{"type":"uuid","refTable":"B"},"min":0,"max":"unlimited"}},
      "weak":{"type":{"key":{"type":"uuid","refTable":"B","refType":"weak"},"min":0,"max":"unlimited"}},
      "pairs":{"type":{"key":{"type":"uuid","refTable":"B","refType":"weak"},"value":{"type":"uuid","refTable":"B"},"min":0,"max":"unlimited"}},
      "one":{"type":{"key":"integer","max":"unlimited"}}}},
    "B":{"columns":{"n":{"type":"string"},"next":{"type":{"key":{"type":"uuid","refTable":"B"},"min":0}}}},
    "C":{"isRoot":true,"maxRows":1,"columns":{"w":{"type":{"key":{"type":"uuid","refTable":"B","refType":"weak"}}}}}}}`),
) as DatabaseSchema

const open = (): Database => new Database(schema, seeded(1))
/** The results of operations, as text without UUIDs. */
const run = (database: Database, operations: string): string => {
  const outcome = execute(database, read(operations) as Json[])
  if (!outcome.done) return 'waits'
  return printJson(outcome.results).replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'U')
}

/** What ovsdb-server 3.1.0 answered, with U for each UUID. */
describe('operations', () => {
  test.each([
    [
      '[{}]',
      `[{"syntax":"{}","details":"Parsing ovsdb operation 1 of 1 failed: Required 'op' member is missing.","error":"syntax error"}]`,
    ],
    ['[5]', '[{"details":"Parsing ovsdb operation 1 of 1 failed: Object expected.","error":"syntax error"}]'],
    [
      '[{"op":"foo"}]',
      '[{"syntax":"{\\"op\\":\\"foo\\"}","details":"Parsing ovsdb operation 1 of 1 failed: No operation \\"foo\\"","error":"syntax error"}]',
    ],
    [
      '[{"op":"abort"},{"op":"select","table":"A","where":[]}]',
      '[{"details":"aborted by request","error":"aborted"},null]',
    ],
    [
      '[{"op":"insert","table":"A","row":{"zz":1}}]',
      '[{"syntax":"{\\"zz\\":1}","details":"No column zz in table A.","error":"unknown column"}]',
    ],
    [
      '[{"op":"insert","table":"A","row":{"i":1.5}}]',
      '[{"syntax":"1.5","details":"expected integer","error":"syntax error"}]',
    ],
    [
      '[{"op":"insert","table":"A","row":{"en":"w"}}]',
      '[{"details":"w is not one of the allowed values ([x, y])","error":"constraint violation"}]',
    ],
    [
      '[{"op":"insert","table":"A","row":{"ri":10}}]',
      '[{"details":"10 is not in the valid range 1 to 9 (inclusive)","error":"constraint violation"}]',
    ],
    [
      '[{"op":"insert","table":"A","row":{"sl":"abcde"}}]',
      '[{"details":"\\"abcde\\" length 5 is greater than maximum allowed length 4","error":"constraint violation"}]',
    ],
    [
      '[{"op":"insert","table":"A","row":{"is":["set",[1,1]]}}]',
      '[{"details":"set contains duplicate","error":"ovsdb error"}]',
    ],
    [
      '[{"op":"insert","table":"A","row":{"m":["map",[["a",1],["a",2]]]}}]',
      '[{"details":"map contains duplicate key","error":"ovsdb error"}]',
    ],
    [
      '[{"op":"insert","table":"A","row":{"one":["set",[]]}}]',
      '[{"syntax":"[\\"set\\",[]]","details":"set must have 1 to 4294967295 members but 0 are present","error":"syntax error"}]',
    ],
    [
      '[{"op":"select","table":"A","where":[["m","<","a"]]}]',
      '[{"syntax":"[\\"m\\",\\"<\\",\\"a\\"]","details":"Type mismatch: \\"<\\" operator may not be applied to column m of type map of (string, integer) pairs.","error":"syntax error"}]',
    ],
    [
      '[{"op":"mutate","table":"A","where":[],"mutations":[["fix","+=",1]]}]',
      '[{"syntax":"[\\"fix\\",\\"+=\\",1]","details":"Cannot mutate immutable column fix in table A.","error":"constraint violation"}]',
    ],
    [
      '[{"op":"wait","table":"A","timeout":0,"where":[],"columns":["s"],"until":"!=","rows":[]}]',
      '[{"details":"\\"where\\" clause test failed","error":"timed out"}]',
    ],
    ['[{"op":"wait","table":"A","where":[],"columns":["s"],"until":"!=","rows":[]}]', 'waits'],
    ['[{"op":"assert","lock":"l"}]', '[{"details":"Asserted lock l not held.","error":"not owner"}]'],
    [
      '[{"op":"insert","table":"C","row":{}}]',
      '[{"uuid":["uuid","U"]},{"details":"Weak reference column \\"w\\" in \\"C\\" row U (inserted within this transaction) contained all-zeros UUID (probably as the default value for this column) but deleting this value caused a constraint volation because this column is not allowed to be empty.","error":"constraint violation"}]',
    ],
    [
      '[{"op":"insert","table":"C","row":{}},{"op":"insert","table":"C","row":{}}]',
      '[{"uuid":["uuid","U"]},{"uuid":["uuid","U"]},{"details":"transaction causes \\"C\\" table to contain 2 rows, greater than the schema-defined limit of 1 row(s)","error":"constraint violation"}]',
    ],
    [
      '[{"op":"insert","table":"A","row":{"s":"w","i":3}},{"op":"insert","table":"A","row":{"s":"w","i":4}}]',
      '[{"uuid":["uuid","U"]},{"uuid":["uuid","U"]},{"details":"Transaction causes multiple rows in \\"A\\" table to have identical values (w) for index on column \\"s\\".  First row, with UUID U, was inserted by this transaction.  Second row, with UUID U, was inserted by this transaction.","error":"constraint violation"}]',
    ],
    [
      '[{"op":"insert","table":"A","row":{"refs":["named-uuid","nix"]}}]',
      '[{"uuid":["uuid","U"]},{"details":"Table A column refs row U references nonexistent row U in table B.","error":"referential integrity violation"}]',
    ],
    [
      '[{"op":"insert","table":"B","row":{"n":"a"}},{"op":"select","table":"B","where":[],"columns":["n"]}]',
      '[{"uuid":["uuid","U"]},{"rows":[{"n":"a"}]}]',
    ],
  ])('%s', (operations, results) => expect(run(open(), operations)).toBe(results))

  test('mutations', () => {
    const database = open()
    run(
      database,
      '[{"op":"insert","table":"A","row":{"m":["map",[["a",1]]],"i":9223372036854775807,"is":["set",[1,2]]}}]',
    )
    const mutated = (mutation: string, column: string): string =>
      run(
        database,
        `[{"op":"mutate","table":"A","where":[],"mutations":[${mutation}]},{"op":"select","table":"A","where":[],"columns":["${column}"]},{"op":"abort"}]`,
      )
    expect(mutated('["m","insert",["map",[["a",5],["b",6]]]]', 'm')).toContain('{"m":["map",[["a",1],["b",6]]]}')
    expect(mutated('["m","delete",["map",[["a",5]]]]', 'm')).toContain('{"m":["map",[["a",1]]]}')
    expect(mutated('["m","delete","a"]', 'm')).toContain('{"m":["map",[]]}')
    expect(mutated('["i","-=",1]', 'i')).toContain('{"i":9223372036854775806}')
    expect(mutated('["i","+=",1]', 'i')).toContain('Result of \\"+=\\" operation is out of range.')
    expect(mutated('["i","/=",0]', 'i')).toContain('"domain error"')
    expect(mutated('["is","*=",0]', 'is')).toContain('Result of \\"*=\\" operation contains duplicates.')
    expect(mutated('["is","insert",["set",[5,6,7]]]', 'is')).toContain(
      'Attempted to store 5 elements in set of up to 3 integers.',
    )
    expect(mutated('["one","delete",0]', 'one')).toContain(
      'Attempted to store 0 elements in set of 1 or more integers.',
    )
  })

  test('a row goes with the last reference to it, and weak references with the row', () => {
    const database = open()
    run(
      database,
      '[{"op":"insert","table":"A","row":{"refs":["named-uuid","b"],"weak":["named-uuid","b"]}},{"op":"insert","table":"B","uuid-name":"b","row":{"next":["named-uuid","c"]}},{"op":"insert","table":"B","uuid-name":"c","row":{}}]',
    )
    expect(run(database, '[{"op":"delete","table":"B","where":[]}]')).toContain('because of 1 remaining reference(s)')
    const before = printJson(
      execute(database, read('[{"op":"select","table":"B","where":[]}]') as Json[]) as unknown as Json,
    )
    expect(
      printJson(execute(database, read('[{"op":"select","table":"B","where":[]}]') as Json[]) as unknown as Json),
    ).toBe(before)
    run(database, '[{"op":"update","table":"A","where":[],"row":{"refs":["set",[]]}}]')
    expect(run(database, '[{"op":"select","table":"B","where":[]}]')).toBe('[{"rows":[]}]')
    expect(run(database, '[{"op":"select","table":"A","where":[],"columns":["weak"]}]')).toBe(
      '[{"rows":[{"weak":["set",[]]}]}]',
    )
  })
})

/** Everything a database counts, counted anew from its rows: what `Integrity` must have kept. */
const recount = (database: Database): void => {
  const strong = new Map<Row, number>()
  for (const table of database.tables.values()) {
    for (const row of table.rows.values()) {
      for (const { type, index } of table.columns) {
        const { keys, values = [] } = row.values[index]!
        const refer = (base: BaseType | undefined, atoms: readonly Atom[]): void => {
          if (base?.table === undefined) return
          for (const atom of atoms) {
            // Its own UUID is always there for a row.
            if (!base.weak && atom === row.uuid) continue
            const target = database.tables.get(base.table)?.rows.get(String(atom))
            expect(target).toBeDefined()
            if (base.weak) expect(target?.weakFrom?.get(row)).toBeGreaterThan(0)
            else strong.set(target!, (strong.get(target!) ?? 0) + 1)
          }
        }
        refer(type.key, keys)
        refer(type.value, values)
      }
    }
  }
  for (const table of database.tables.values()) {
    for (const index of table.indexes) {
      expect(index.rows.size).toBe(table.rows.size)
      for (const row of table.rows.values()) expect(index.rows.get(index.keyOf(row.values))).toBe(row)
    }
    for (const row of table.rows.values()) {
      expect(row.strong).toBe(strong.get(row) ?? 0)
      if (!table.root) expect(row.strong).toBeGreaterThan(0)
    }
  }
}

test('a transaction may select all there is, but not again and again', () => {
  const database = open()
  const set = Array.from({ length: 2000 }, (_, i) => i)
  expect(run(database, `[{"op":"insert","table":"A","row":{"one":["set",[${set}]]}}]`)).toBe('[{"uuid":["uuid","U"]}]')
  const select = { op: 'select', table: 'A', where: [], columns: ['one'] }
  const outcome = execute(database, Array<Json>(3000).fill(select))
  const results = outcome.done ? outcome.results : []
  expect(results[0]).toEqual({ rows: [{ one: ['set', set] }] })
  const refused = results.findIndex(result => (result as JsonObject).error === 'resources exhausted')
  expect(refused).toBe(2499)
  expect(results.slice(refused + 1)).toEqual(Array(3000 - refused - 1).fill(null))
})

test('references, weak references and indexes are counted as a count of all rows has them', () => {
  const uuids = Array.from({ length: 6 }, (_, i) => `11111111-2222-4333-8444-00000000000${i}`)
  const uuid = fc.constantFrom(...uuids).map(text => ['uuid', text] as Json[])
  const some = fc.uniqueArray(uuid, { maxLength: 3, selector: String }).map(list => ['set', list] as Json[])
  const pairs = fc
    .uniqueArray(fc.tuple(uuid, uuid), { maxLength: 2, selector: ([key]) => String(key) })
    .map(list => ['map', list] as Json[])
  const a = fc.record(
    { s: fc.constantFrom('x', 'y', 'z'), i: fc.nat(2), refs: some, weak: some, pairs },
    { requiredKeys: [] },
  )
  const b = fc.record(
    { n: fc.constantFrom('x', 'y'), next: some.map(([kind, list]) => [kind, (list as Json[]).slice(0, 1)] as Json[]) },
    { requiredKeys: [] },
  )
  const where = fc.oneof(
    fc.constant([] as Json[]),
    uuid.map(text => [['_uuid', '==', text]] as Json[]),
  )
  const insert = (table: string, rows: fc.Arbitrary<object>): fc.Arbitrary<object> =>
    fc.record({ op: fc.constant('insert'), table: fc.constant(table), row: rows, uuid: fc.constantFrom(...uuids) })
  const change = (table: string, rows: fc.Arbitrary<object>): fc.Arbitrary<object> =>
    fc.record({ op: fc.constant('update'), table: fc.constant(table), row: rows, where })
  const mutate = fc.record({
    op: fc.constant('mutate'),
    table: fc.constant('A'),
    where,
    mutations: fc.array(fc.tuple(fc.constantFrom('refs', 'weak'), fc.constantFrom('insert', 'delete'), some), {
      maxLength: 2,
    }),
  })
  const remove = fc.record({ op: fc.constant('delete'), table: fc.constantFrom('A', 'B'), where })
  const operation = fc.oneof(
    insert('A', a),
    insert('B', b),
    insert('B', b),
    change('A', a),
    change('B', b),
    mutate,
    remove,
  )
  fc.assert(
    fc.property(fc.array(fc.array(operation, { minLength: 1, maxLength: 4 }), { maxLength: 12 }), transactions => {
      const database = open()
      for (const operations of transactions) {
        execute(database, operations as JsonObject[])
        recount(database)
      }
    }),
    { numRuns: 400 },
  )
})
