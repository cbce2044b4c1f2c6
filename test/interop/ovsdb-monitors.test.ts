import { afterAll, expect, test } from 'vitest'
import { conditionFromJson } from '../../src/ovsdb/condition.ts'
import { Database, Fault, type Json, type JsonObject, parseJson, printJson } from '../../src/ovsdb/index.ts'
import type { Table } from '../../src/ovsdb/table.ts'
import { below, seeded } from '../../src/runtime/index.ts'
import { hasOvs } from './ovs.testing.ts'
import { canonicalText, learn, Pairs } from './ovsdb/compare.ts'
import { OurServer } from './ovsdb/our-server.ts'
import { chance, pick, randomSchema } from './ovsdb/random-schema.ts'
import { Generator } from './ovsdb/random-transaction.ts'
import { type RealServer, startServer } from './ovsdb/real-server.ts'

const seed = Number(process.env.WEFT_FUZZ_SEED ?? 1)
const count = Number(process.env.WEFT_OVSDB_CASES ?? 1000)
const perSchema = 100

let server: RealServer | undefined
afterAll(() => server?.stop())

test.runIf(hasOvs())('monitors tell of random transactions what those of ovsdb-server tell', async () => {
  const random = seeded(seed)
  const differences: string[] = []
  let told = 0
  let ends = 0
  for (let i = 0; i < Math.ceil(count / perSchema); i++) {
    const schema = randomSchema(random, `M${i}`)
    server?.stop()
    server = startServer([schema])
    const real = await server.client()
    const database = new Database(schema, random)
    const ours = new OurServer(database, random).client()
    const generator = new Generator(random, database)
    const pairs = new Pairs()
    /** How rows came to be seen. */
    const conditions: string[] = []
    /** Whether both say the same, first what monitors tell and then the reply. */
    const compare = async (method: string, params: Json[]): Promise<boolean> => {
      real.notes.length = 0
      const reply = await real.request(method, read(pairs.toTheirs(printJson(params))))
      if (reply.closed) {
        ends++
        return false
      }
      const own = ours.request(method, params)
      if (method === 'transact') {
        const results = (answer: JsonObject): Json[] => (answer.result ?? []) as Json[]
        learn(pairs, results(own.reply), results(reply))
      }
      told += own.notes.length
      const changes = (notes: JsonObject[]): string[] =>
        notes.map(({ method, params }) => printJson([method!, params!], true))
      const a = changes(own.notes).map(text => canonicalText(read(pairs.own(text))))
      const b = changes(real.notes).map(text => canonicalText(read(pairs.toOurs(text))))
      if (method !== 'transact') {
        conditions.push(`${method} ${printJson(params)}`)
        a.push(canonicalText(read(pairs.own(printJson([own.reply.result ?? null])))))
        b.push(canonicalText(read(pairs.toOurs(printJson([reply.result ?? null])))))
      }
      if (a.sort().join('\n') === b.sort().join('\n')) return true
      differences.push(
        `${conditions.slice(-3).join('\n')}\n${schema.name} ${method} ${printJson(params)}\n  ours   ${a.join('\n  ')}\n  theirs ${b.join('\n  ')}`,
      )
      return false
    }
    /** A condition that is none of the mistakes: of several tables, which is looked at before one is up to a hash. */
    const where = (table: Table): Json[] => {
      const made = generator.where(table)
      return conditionFromJson(made, table) instanceof Fault ? [] : made
    }
    const requests = (conditional: boolean): JsonObject => {
      const tables: JsonObject = {}
      for (const table of database.tables.values()) {
        if (chance(random, 0.3)) continue
        const columns = table.columns.map(({ name }) => name).filter(name => name !== '_version' && name !== '_uuid')
        const select = {
          initial: chance(random, 0.7),
          insert: chance(random, 0.8),
          delete: chance(random, 0.8),
          modify: chance(random, 0.8),
        }
        tables[table.name] = [
          {
            columns: columns.filter(() => chance(random, 0.7)),
            ...(!conditional && chance(random, 0.3) && { select }),
            ...(conditional && chance(random, 0.6) && { where: where(table) }),
          },
        ]
      }
      return tables
    }
    for (let n = 0; n < perSchema / 4 && !real.closed; n++)
      await compare('transact', [schema.name, ...generator.transaction()])
    const method = pick(random, ['monitor', 'monitor_cond', 'monitor_cond_since'])
    const last = method === 'monitor_cond_since' ? ['00000000-0000-0000-0000-000000000000'] : []
    const wanted = requests(method !== 'monitor')
    await compare(method, [schema.name, 'm', wanted, ...last])
    for (let n = 0; n < perSchema && !real.closed; n++) {
      if (!(await compare('transact', [schema.name, ...generator.transaction()]))) break
      if (method === 'monitor' || !chance(random, 0.1)) continue
      const change = Object.fromEntries(
        [...database.tables.values()]
          .filter(({ name }) => name in wanted && chance(random, 0.5))
          .map(table => [table.name, [{ where: below(random, 4) === 0 ? [] : where(table) }]]),
      )
      if (!(await compare('monitor_cond_change', ['m', 'm', change]))) break
    }
    real.close()
  }
  console.log(
    `${count} transactions, ${told} updates; the real server ended ${ends} times; ${differences.length} differences`,
  )
  for (const text of differences.slice(0, Number(process.env.WEFT_OVSDB_SHOW ?? 5))) console.log(text)
  expect(differences.length).toBe(0)
})

const read = (text: string): Json => {
  const result = parseJson(text)
  if (!result.ok) throw new Error(result.error)
  return result.value
}
