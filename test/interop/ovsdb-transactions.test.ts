import { afterAll, expect, test } from 'vitest'
import { Database } from '../../src/ovsdb/database.ts'
import { execute } from '../../src/ovsdb/execute.ts'
import { type Json, type JsonObject, parseJson, printJson } from '../../src/ovsdb/index.ts'
import type { DatabaseSchema } from '../../src/ovsdb/schema.ts'
import { seeded } from '../../src/runtime/index.ts'
import { hasOvs } from './ovs.testing.ts'
import { anyCulprit, canonicalText, learn, Pairs } from './ovsdb/compare.ts'
import { randomSchema } from './ovsdb/random-schema.ts'
import { Generator } from './ovsdb/random-transaction.ts'
import { type JsonClient, type RealServer, startServer } from './ovsdb/real-server.ts'

const seed = Number(process.env.WEFT_FUZZ_SEED ?? 1)
const count = Number(process.env.WEFT_OVSDB_CASES ?? 2000)
const perSchema = 100
const show = Number(process.env.WEFT_OVSDB_SHOW ?? 5)

let server: RealServer | undefined
afterAll(() => server?.stop())

test.runIf(hasOvs())('random transactions do what they do in ovsdb-server', async () => {
  const random = seeded(seed)
  const differences: string[] = []
  let committed = 0
  let refused = 0
  let culprits = 0
  let ends = 0
  let broken = 0
  for (let i = 0; i < Math.ceil(count / perSchema); i++) {
    const schema = randomSchema(random, `S${i}`)
    if (server === undefined || i % 20 === 0) {
      server?.stop()
      server = startServer([schema])
    } else server.addDatabase(schema)
    const client = await server.client()
    const database = new Database(schema, random)
    const generator = new Generator(random, database)
    const pairs = new Pairs()
    /** Whether both still have the same rows. */
    const compare = async (operations: Json[]): Promise<boolean> => {
      const sent = [schema.name, ...reparse(pairs.toTheirs(printJson(operations)))]
      const reply = await client.request('transact', sent)
      if (reply.closed === true) {
        ends++
        return false
      }
      const theirs = reply.result as Json[]
      const outcome = execute(database, operations)
      if (!outcome.done) throw new Error(`waits: ${printJson(operations)}`)
      learn(pairs, outcome.results, theirs)
      if (outcome.commit !== undefined) committed++
      const own = canonicalText(reparse(pairs.own(printJson(outcome.results))))
      const other = canonicalText(reparse(pairs.toOurs(printJson(theirs))))
      if (own.includes('"error":')) refused++
      if (own === other) return true
      if (anyCulprit(own) === anyCulprit(other)) {
        culprits++
        return true
      }
      if (await isBroken(client, schema)) {
        broken++
        client.close()
        return false
      }
      differences.push(
        `${schema.name} ${printJson(operations)}\n  ours   ${around(own, other)}\n  theirs ${around(other, own)}`,
      )
      return false
    }
    const everything = [...database.tables.keys()].map(table => ({ op: 'select', table, where: [] }))
    for (let n = 1; n <= perSchema; n++) {
      await compare(generator.transaction())
      if (client.closed || (n % 10 === 0 && !(await compare(everything)))) break
    }
    if (client.closed) {
      server.stop()
      server = undefined
    }
    client.close()
  }
  console.log(
    `${count} transactions, ${committed} changed something, ${refused} were refused, ${culprits} of them for another row; ` +
      `the real server ended ${ends} times and broke ${broken} databases; ${differences.length} differences`,
  )
  for (const text of differences.slice(0, show)) console.log(text)
  expect(differences.length).toBe(0)
  expect(culprits).toBeLessThan(count / 10)
  expect(broken).toBeLessThan(3 + count / 1000)
})

/** Whether the real server has weak references to rows that are not there: now and then it forgets some. */
const isBroken = async (client: JsonClient, { name, tables }: DatabaseSchema): Promise<boolean> => {
  const names = Object.keys(tables)
  const selects = names.map(table => ({ op: 'select', table, where: [] }))
  const { result } = await client.request('transact', [name, ...selects])
  const rows = new Map(names.map((table, i) => [table, ((result as JsonObject[])[i]?.rows ?? []) as JsonObject[]]))
  const isThere = (table: string, uuid: Json): boolean =>
    rows.get(table)?.some(({ _uuid }) => printJson(_uuid ?? null) === printJson(uuid)) === true
  for (const [table, { columns }] of Object.entries(tables)) {
    for (const [column, { key, value }] of Object.entries(columns)) {
      for (const row of rows.get(table) ?? []) {
        const json = row[column] as Json
        const elements = Array.isArray(json) && json[0] !== 'uuid' ? (json[1] as Json[]) : [json]
        for (const element of elements) {
          const [k, v] = value === undefined ? [element] : (element as Json[])
          if (key.weak && key.table && !isThere(key.table, k as Json)) return true
          if (value?.weak && value.table && !isThere(value.table, v as Json)) return true
        }
      }
    }
  }
  return false
}

/** The text near the first place where it differs from the other. */
const around = (text: string, other: string): string => {
  let at = 0
  while (text[at] === other[at]) at++
  return text.length < 2000 ? text : `…${text.slice(Math.max(0, at - 200), at + 200)}…`
}

const reparse = (text: string): Json[] => {
  const read = parseJson(text)
  if (!read.ok) throw new Error(read.error)
  return read.value as Json[]
}
