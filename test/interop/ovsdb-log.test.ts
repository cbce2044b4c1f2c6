import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DatabaseFile, sha1 } from '../../src/node/database-file.ts'
import {
  createLog,
  type Database,
  type DatabaseSchema,
  execute,
  Fault,
  type LogWorld,
  type OpenLog,
  openLog,
  parseJson,
  printJson,
} from '../../src/ovsdb/index.ts'
import { recording, seeded } from '../../src/runtime/index.ts'
import { hasOvs } from './ovs.testing.ts'
import { canonicalText } from './ovsdb/compare.ts'
import { randomSchema } from './ovsdb/random-schema.ts'
import { Generator } from './ovsdb/random-transaction.ts'
import { startServer } from './ovsdb/real-server.ts'

const seed = Number(process.env.WEFT_FUZZ_SEED ?? 1)
const schemas = Number(process.env.WEFT_OVSDB_SCHEMAS ?? 10)
const perSchema = 100

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weft-log-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const { log, lines } = recording()
const world: LogWorld = { sha1, log, date: () => Date.now() }
const opened = (path: string, schema?: DatabaseSchema): OpenLog & { file: DatabaseFile } => {
  const file = DatabaseFile.open(path, { create: schema !== undefined })
  if (typeof file === 'string') throw new Error(file)
  const fault = schema && createLog(file, schema, world)
  const open = fault ?? openLog(file, world, seeded(1))
  if (open instanceof Fault) throw new Error(open.toString())
  return { ...open, file }
}

/** All that is kept on disk of a database, as selects of all tables say it. */
const selects = (database: Database) =>
  [...database.tables.values()].map(({ name, columns }) => ({
    op: 'select',
    table: name,
    where: [],
    columns: columns.filter(({ index, type }) => index !== 1 && !type.ephemeral).map(column => column.name),
  }))
const contents = (database: Database, like = database): string => {
  const outcome = execute(database, selects(like))
  return outcome.done ? canonicalText(outcome.results) : 'waits'
}
/** What a real tool finds in a file. */
const queried = (path: string, database: Database): string => {
  const copy = `${path}.copy`
  copyFileSync(path, copy)
  const asked = [database.schema.name, ...selects(database)]
  const text = execFileSync('ovsdb-tool', ['query', copy, printJson(asked)], { stdio: 'pipe' }).toString()
  const read = parseJson(text)
  return read.ok ? canonicalText(read.value) : read.error
}

test.runIf(hasOvs())('ovsdb-tool finds in our files what is there', () => {
  const random = seeded(seed)
  for (let i = 0; i < schemas; i++) {
    const path = join(folder, `ours-${i}.db`)
    const schema = randomSchema(random, `S${i}`)
    const { database, log, file } = opened(path, schema)
    const generator = new Generator(random, database)
    for (let n = 0; n < perSchema; n++) {
      execute(database, generator.transaction(), { record: (commit, comment) => log.write(commit, comment) })
    }
    const wanted = contents(database)
    expect(queried(path, database)).toBe(wanted)
    expect(contents(opened(path).database, database)).toBe(wanted)
    expect(execFileSync('ovsdb-tool', ['show-log', '-mmm', path], { stdio: 'pipe' }).toString()).toContain('record 0')
    expect(log.compact(database)).toBeUndefined()
    expect(queried(path, database)).toBe(wanted)
    file.close()
    execFileSync('ovsdb-tool', ['compact', path], { stdio: 'pipe' })
    expect(contents(opened(path).database, database)).toBe(wanted)
  }
  expect(lines).toEqual([])
})

test.runIf(hasOvs())('we find in files of ovsdb-server what is there', async () => {
  const random = seeded(seed + 1000)
  let compared = 0
  for (let i = 0; i < schemas; i++) {
    const schema = randomSchema(random, `R${i}`)
    const server = startServer([schema])
    const client = await server.client()
    const model = opened(join(folder, `model-${i}.db`), schema)
    const generator = new Generator(random, model.database)
    try {
      for (let n = 0; n < perSchema && !client.closed; n++) {
        const operations = generator.transaction()
        await client.request('transact', [schema.name, ...operations])
        execute(model.database, operations)
      }
      const path = join(folder, `real-${i}.db`)
      writeFileSync(path, readFileSync(join(server.path, '..', `${schema.name}.db`)))
      lines.length = 0
      const { database, file } = opened(path)
      const asked = selects(database)
      const reply = client.closed ? undefined : await client.request('transact', [schema.name, ...asked])
      // It writes differences that are too large to be read, and what it broke it cannot answer for.
      if (reply?.result !== undefined && !lines.some(line => line.includes('must have'))) {
        expect(lines).toEqual([])
        expect(contents(database)).toBe(canonicalText(reply.result))
        compared++
      }
      file.close()
    } finally {
      client.close()
      server.stop()
    }
  }
  console.log(`${compared} of ${schemas} files compared`)
  expect(compared).toBeGreaterThan(schemas / 3)
})
