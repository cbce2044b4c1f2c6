/** The commands about what databases there are and what they are made of. */
import {
  type ColumnType,
  type DatabaseSchema,
  type Json,
  schemaFromJson,
  schemaToJson,
  typeToJson,
} from '../../ovsdb/index.ts'
import type { Task } from '../../runtime/index.ts'
import { inTableOrder } from '../../switch/name-order.ts'
import { type Call, fatal, jsonText, orFatal } from './call.ts'
import type { ClientCommands } from './command.ts'
import type { Server } from './server.ts'
import { Tables } from './tables.ts'

/** The names of databases, in the order in which the server has them. */
export function* fetchDatabases(call: Call, server: Server): Task<string[]> {
  const reply = yield* server.demand('list_dbs', [])
  if (!Array.isArray(reply)) return yield* fatal(call, 'list_dbs response is not array')
  const names: string[] = []
  for (const [i, name] of reply.entries()) {
    if (typeof name !== 'string') return yield* fatal(call, `list_dbs response ${i} is not string`)
    names.push(name)
  }
  return names
}

export function* fetchSchema(call: Call, server: Server, database: string): Task<DatabaseSchema> {
  const reply: Json = yield* server.demand('get_schema', [database])
  return yield* orFatal(call, schemaFromJson(reply))
}

/** What every row has beside the columns of its schema. */
const uuidType: ColumnType = { key: { type: 'uuid' }, min: 1, max: 1 }

/** All columns of a table, in the order of the original's table of them. */
export const columnsOf = ({ columns }: DatabaseSchema['tables'][string]): [name: string, type: ColumnType][] =>
  inTableOrder(['_uuid', '_version', ...inTableOrder(Object.keys(columns))]).map(name => [
    name,
    columns[name] ?? uuidType,
  ])

/** The tables of a schema, in the order of the original's table of them. */
export const tablesOf = ({ tables }: DatabaseSchema): [name: string, table: DatabaseSchema['tables'][string]][] =>
  inTableOrder(inTableOrder(Object.keys(tables))).map(name => [name, tables[name]!])

function* listDatabases(call: Call, server: Server): Task<number> {
  const names = yield* fetchDatabases(call, server)
  for (const name of names.sort()) yield* call.stdio.print(`${name}\n`)
  return 0
}

/** A command that prints a line about a schema. */
const aboutSchema = (tell: (schema: DatabaseSchema, call: Call) => string): ClientCommands[string] => ({
  needs: 'database',
  min: 0,
  max: 0,
  *run(call, server, database) {
    yield* call.stdio.print(tell(yield* fetchSchema(call, server, database), call))
    return 0
  },
})

function* listTables(call: Call, server: Server, database: string): Task<number> {
  const schema = yield* fetchSchema(call, server, database)
  yield* new Tables(call).print({ headings: ['Table'], rows: tablesOf(schema).map(([name]) => [name]) })
  return 0
}

function* listColumns(call: Call, server: Server, database: string): Task<number> {
  const schema = yield* fetchSchema(call, server, database)
  const [wanted] = call.args
  const rows = tablesOf(schema)
    .filter(([table]) => wanted === undefined || table === wanted)
    .flatMap(([table, type]) =>
      columnsOf(type).map(([column, columnType]) => [
        ...(wanted === undefined ? [table] : []),
        column,
        { json: typeToJson(columnType) },
      ]),
    )
  yield* new Tables(call).print({ headings: [...(wanted === undefined ? ['Table'] : []), 'Column', 'Type'], rows })
  return 0
}

export const schemaCommands: ClientCommands = {
  'list-dbs': { needs: 'server', min: 0, max: 0, run: listDatabases },
  'get-schema': aboutSchema((schema, { options }) => jsonText(schemaToJson(schema), options)),
  'get-schema-version': aboutSchema(({ version = '' }) => `${version}\n`),
  'get-schema-cksum': aboutSchema(({ cksum = '' }) => `${cksum}\n`),
  'list-tables': { needs: 'database', min: 0, max: 0, run: listTables },
  'list-columns': { needs: 'database', min: 0, max: 1, run: listColumns },
}
