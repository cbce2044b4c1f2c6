import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { fromUtf8, recording, seeded, utf8 } from '../runtime/index.ts'
import { ephemeral, map, one, set } from './column.ts'
import type { Database } from './database.ts'
import { execute } from './execute.ts'
import { Fault } from './fault.ts'
import type { Json, JsonObject } from './json.ts'
import { printJson } from './json-text.ts'
import { createLog, type LogWorld, type OpenLog, openLog } from './log.ts'
import { recordBytes, type Sha1 } from './log-records.ts'
import { MemoryFile } from './memory-file.testing.ts'
import type { DatabaseSchema } from './schema.ts'

const sha1: Sha1 = bytes => createHash('sha1').update(bytes).digest('hex')
const text = { type: 'string' } as const
const schema: DatabaseSchema = {
  name: 'T',
  tables: {
    A: {
      root: true,
      columns: { s: one(text), many: set(text), three: set(text, 3), m: map(text, text), e: ephemeral(one(text)) },
    },
  },
}

const world = (): LogWorld & { lines: string[]; time: number } => {
  const { log, lines } = recording()
  const all = { sha1, log, lines, time: 1_700_000_000_000, date: () => all.time }
  return all
}
const opened = (file: MemoryFile, in_ = world()): OpenLog => {
  const open = openLog(file, in_, seeded(1))
  if (open instanceof Fault) throw new Error(open.toString())
  return open
}
const made = (): MemoryFile => {
  const file = new MemoryFile()
  createLog(file, schema, world())
  return file
}
const transact = ({ database, log }: OpenLog, ...operations: Json[]): Json[] => {
  const outcome = execute(database, operations, { record: (commit, comment) => log.write(commit, comment) })
  return outcome.done ? outcome.results : []
}
const insert = (row: JsonObject): JsonObject => ({ op: 'insert', table: 'A', row })
const update = (row: JsonObject): JsonObject => ({ op: 'update', table: 'A', where: [], row })
const rowsOf = (database: Database): Json => {
  const columns = ['_uuid', 's', 'many', 'three', 'm']
  const outcome = execute(database, [{ op: 'select', table: 'A', where: [], columns }])
  return outcome.done ? (outcome.results as Json) : null
}
const recordsOf = (file: MemoryFile): string[] => fromUtf8(file.bytes).trimEnd().split('\n').slice(2)

describe('what is written', () => {
  test('differences, with a comment and the date, and never what is ephemeral', () => {
    const file = made()
    const open = opened(file)
    const [inserted] = transact(open, insert({ s: 'é', many: ['set', ['a', 'b']] }), { op: 'comment', comment: 'why' })
    transact(open, update({ many: ['set', ['b', 'c']], e: 'x' }))
    transact(open, update({ e: 'y' }), { op: 'comment', comment: 'of nothing' })
    transact(open, { op: 'delete', table: 'A', where: [] })
    const [, uuid] = (inserted as { uuid: [string, string] }).uuid
    const bodies = recordsOf(file).filter((_, i) => i % 2 === 1)
    expect(bodies).toEqual([
      `{"_date":1700000000000,"A":{"${uuid}":{"s":"é","many":["set",["a","b"]]}},"_comment":"why","_is_diff":true}`,
      `{"_date":1700000000000,"A":{"${uuid}":{"many":["set",["a","c"]]}},"_is_diff":true}`,
      `{"_date":1700000000000,"A":{"${uuid}":null},"_is_diff":true}`,
    ])
  })

  test('values in full where a difference would have too many elements to be read', () => {
    const file = made()
    const open = opened(file)
    transact(open, insert({ three: ['set', ['a', 'b', 'c']] }))
    transact(open, update({ three: ['set', ['d', 'e']] }))
    expect(recordsOf(file).at(-1)).toMatch(/"three":\["set",\["d","e"\]\]\}\}\}$/)
    expect(rowsOf(opened(file).database)).toEqual(rowsOf(open.database))
  })

  test('is what a reader finds, before and after compaction', () => {
    const file = made()
    const open = opened(file)
    for (let i = 0; i < 50; i++) {
      transact(open, insert({ s: `row ${i}`, m: ['map', [['k', `${i}`]]] }))
      const where = [['s', '==', `row ${i >> 1}`]]
      const mutations = [
        ['many', 'insert', ['set', [`${i}`, 'x']]],
        ['m', 'insert', ['map', [[`${i}`, 'v']]]],
      ]
      transact(open, { op: 'mutate', table: 'A', where, mutations })
      if (i % 7 === 0) transact(open, { op: 'delete', table: 'A', where: [['s', '==', `row ${i - 3}`]] })
    }
    const sorted = (open: OpenLog): string =>
      (printJson(rowsOf(open.database)).match(/\{"_uuid.*?\}/g) ?? []).sort().join()
    expect(sorted(opened(file))).toEqual(sorted(open))
    const before = file.bytes.length
    expect(open.log.compact(open.database)).toBeUndefined()
    expect(file.bytes.length).toBeLessThan(before / 2)
    transact(open, insert({ s: 'after' }))
    expect(sorted(opened(file))).toEqual(sorted(open))
  })
})

describe('a file that is not whole', () => {
  const written = (): { file: MemoryFile; whole: string } => {
    const file = made()
    const open = opened(file)
    transact(open, insert({ s: 'first' }))
    transact(open, insert({ s: 'second' }))
    return { file, whole: fromUtf8(file.bytes) }
  }

  test('opens with what is whole wherever it was torn, and goes on from there', () => {
    const { file, whole } = written()
    const first = whole.indexOf('OVSDB JSON', 10)
    const second = whole.indexOf('OVSDB JSON', first + 10)
    for (let size = first; size <= whole.length; size++) {
      const torn = new MemoryFile()
      torn.bytes = file.bytes.slice(0, size)
      const in_ = world()
      const open = opened(torn, in_)
      const rows = size < second ? 0 : size < whole.length ? 1 : 2
      expect(open.database.tables.get('A')?.rows.size).toBe(rows)
      expect(in_.lines.length).toBe(size === first || size === second || size === whole.length ? 0 : 1)
      expect(torn.bytes.length).toBe(size)
      transact(open, insert({ s: 'next' }))
      expect(opened(torn).database.tables.get('A')?.rows.size).toBe(rows + 1)
    }
  })

  test.each<[string, (size: number) => string]>([
    ['garbage line\nmore', size => `syntax error: t.db: parse error at offset ${size} in header line "garbage line"`],
    ['OVSDB JSON 50 00', size => `syntax error: t.db: parse error at offset ${size} in header line "OVSDB JSON"`],
    [
      'OVSDB JSON 5 997234b8e9bede433e267da8f295f24af4587152\n{"a":',
      size =>
        `syntax error: t.db: 5 bytes starting at offset ${size + 54} have SHA-1 hash ce8a1d64be40efcf16cbd7c046f0992ee9f97823 but should have hash 997234b8e9bede433e267da8f295f24af4587152`,
    ],
    [
      'OVSDB JSON 102 997234b8e9bede433e267da8f295f24af4587152\n{"a":',
      size => `I/O error: t.db: error reading 102 bytes starting at offset ${size + 56} (End of file)`,
    ],
    [
      fromUtf8(recordBytes(printJson({ Nope: {}, _date: 1 }), sha1)),
      () => 'syntax "{"Nope":{},"_date":1}": unknown table: No table named Nope.',
    ],
    [
      fromUtf8(recordBytes(printJson({ A: { foo: null } }), sha1)),
      () => 'syntax "{"foo":null}": syntax error: "foo" is not a valid UUID',
    ],
    [
      fromUtf8(recordBytes(printJson({ A: { '2a70cd60-e09a-450d-bfc8-9a897fbe3282': null } }), sha1)),
      () => 'syntax error: transaction deletes row 2a70cd60-e09a-450d-bfc8-9a897fbe3282 that does not exist',
    ],
  ])('says in the words of ovsdb-server what is wrong: %s', (tail, message) => {
    const { file, whole } = written()
    file.append(utf8(tail))
    const in_ = world()
    opened(file, in_)
    expect(in_.lines).toEqual([expect.stringContaining('ovsdb_server|ERR|')])
    expect(in_.lines[0]?.slice('ovsdb_server|ERR|'.length)).toEqual(message(utf8(whole).length))
  })

  test.each([
    ['', 'ovsdb error: t.db: cannot identify file type'],
    ['hello\n', 'ovsdb error: t.db: unexpected file format'],
  ])('does not open if it does not begin as one: %j', (contents, message) => {
    const file = new MemoryFile()
    file.append(utf8(contents))
    expect(String(openLog(file, world(), seeded(1)))).toBe(message)
  })
})

describe('a full disk', () => {
  test('leaves the database as it was, and goes on when there is room', () => {
    const file = made()
    const open = opened(file)
    transact(open, insert({ s: 'first' }))
    file.full = file.bytes.length + 30
    const error = { details: 't.db: write failed', error: 'I/O error', 'io-error': 'No space left on device' }
    expect(transact(open, insert({ s: 'second' }))[1]).toEqual(error)
    expect(open.log.compact(open.database)?.toString()).toMatch(/^I\/O error: t.db: replace failed/)
    expect(open.database.tables.get('A')?.rows.size).toBe(1)
    file.full = Number.POSITIVE_INFINITY
    transact(open, insert({ s: 'third' }))
    expect(rowsOf(opened(file).database)).toEqual(rowsOf(open.database))
  })
})

test('who waits for the disk hears what became of it', () => {
  const file = made()
  const in_ = world()
  const { log } = opened(file, in_)
  const told: (string | undefined)[] = []
  for (let i = 0; i < 2; i++) log.sync(failure => told.push(failure?.toString()))
  expect(told).toEqual([])
  file.syncs[0]?.()
  file.syncs[1]?.('Input/output error')
  expect(told).toEqual([undefined, 'I/O error: t.db: fsync failed (Input/output error)'])
  expect(log.failure?.details).toBe('t.db: fsync failed')
})

test('compaction is due after a hundred commits: when the file has grown a lot, or each day', () => {
  const in_ = world()
  const file = made()
  const open = opened(file, in_)
  for (let i = 0; i < 120; i++) transact(open, insert({ s: 'x'.repeat(i < 118 ? 1 : 6_000_000) }))
  expect(open.log.isDue).toBe(false)
  in_.time += 600_000
  expect(open.log.isDue).toBe(true)
  open.log.compact(open.database)
  for (let i = 0; i < 120; i++) transact(open, insert({ s: 'x' }))
  in_.time += 600_000
  expect(open.log.isDue).toBe(false)
  in_.time += 86_400_000
  expect(open.log.isDue).toBe(true)
})
