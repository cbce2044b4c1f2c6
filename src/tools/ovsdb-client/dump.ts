/** `dump`: what a database holds, as tables. */
import {
  type ColumnType,
  compareDatum,
  type DatabaseSchema,
  type Datum,
  datumFromJson,
  isObject,
  type Json,
  member,
  printJson,
} from '../../ovsdb/index.ts'
import type { Task } from '../../runtime/index.ts'
import { inTableOrder } from '../../switch/name-order.ts'
import { type Call, fatal, orFatal } from './call.ts'
import type { ClientCommands } from './command.ts'
import { columnsOf, fetchSchema } from './schemas.ts'
import type { Server } from './server.ts'
import { Tables } from './tables.ts'

/** Columns by name. */
type Wanted = { table: string; columns: [name: string, type: ColumnType][] }

function* dump(call: Call, server: Server, database: string): Task<number> {
  const schema = yield* fetchSchema(call, server, database)
  const wanted = yield* wantedOf(call, schema)
  const found = yield* fetchRows(call, server, database, wanted)
  const tables = new Tables(call)
  for (const [i, { table, columns }] of wanted.entries()) {
    const rows: Datum[][] = []
    for (const [at, row] of (found[i] ?? []).entries()) rows.push(yield* valuesOf(call, table, columns, row, at))
    rows.sort(comparing(columns))
    yield* tables.print({
      caption: `${table} table`,
      headings: columns.map(([name]) => name),
      rows: rows.map(values => values.map((datum, j) => ({ datum, type: (columns[j] as Wanted['columns'][0])[1] }))),
    })
  }
  return 0
}

/** The table and columns that were asked for, or all but the versions of rows. */
function* wantedOf(call: Call, schema: DatabaseSchema): Task<Wanted[]> {
  const [name, ...names] = call.args
  if (name === undefined) {
    return Object.keys(schema.tables)
      .sort()
      .map(table => ({ table, columns: shown(columnsOf(schema.tables[table]!)) }))
  }
  const table = Object.hasOwn(schema.tables, name) ? schema.tables[name] : undefined
  if (table === undefined) return yield* fatal(call, `No table "${name}" found.`)
  const all = columnsOf(table)
  const columns: Wanted['columns'] = []
  for (const column of names) {
    const found = all.find(([known]) => known === column)
    if (found === undefined) return yield* fatal(call, `Table "${name}" has no column ${column}.`)
    columns.push(found)
  }
  return [{ table: name, columns: shown(names.length === 0 ? all : columns) }]
}

const shown = (columns: Wanted['columns']): Wanted['columns'] =>
  columns.filter(([name]) => name !== '_version').sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))

/** The rows of each table, as one transaction finds them. */
export function* fetchRows(
  call: Call,
  server: Server,
  database: string,
  wanted: readonly { table: string; columns: readonly (readonly [name: string, type: ColumnType])[] }[],
): Task<Json[][]> {
  const selects = wanted.map(
    ({ table, columns }): Json => ({ op: 'select', table, where: [], columns: columns.map(([name]) => name) }),
  )
  const reply = yield* server.demand('transact', [database, ...selects])
  if (!Array.isArray(reply) || reply.length !== selects.length)
    return yield* fatal(call, `reply is not array of ${selects.length} elements: ${asHeld(reply)}`)
  const found: Json[][] = []
  for (const [i, { table }] of wanted.entries()) {
    const result = reply[i] as Json
    const rows = isObject(result) ? member(result, 'rows') : undefined
    if (!Array.isArray(rows)) {
      const what = `${table} table reply is not an object with a "rows" member array`
      return yield* fatal(call, `${what}: ${asHeld(result)}`)
    }
    found.push(rows)
  }
  return found
}

/** JSON with the members of objects in the order in which the original holds them, as it shows what it cannot use. */
const asHeld = (json: Json): string => printJson(held(json))

const held = (json: Json): Json => {
  if (Array.isArray(json)) return json.map(held)
  if (!isObject(json)) return json
  return Object.fromEntries(inTableOrder(Object.keys(json)).map(name => [name, held(json[name] as Json)]))
}

function* valuesOf(call: Call, table: string, columns: Wanted['columns'], row: Json, at: number): Task<Datum[]> {
  if (!isObject(row))
    return yield* fatal(call, `row ${at} in table ${table} response is not a JSON object: ${asHeld(row)}`)
  const values: Datum[] = []
  for (const [name, type] of columns) {
    const json = member(row, name)
    if (json === undefined) return yield* fatal(call, `row ${at} in table ${table} response lacks ${name} column`)
    values.push(yield* orFatal(call, datumFromJson(json, type)))
  }
  return values
}

/** By the columns in their order, but those of UUIDs, which are anything, only where all others are the same. */
const comparing = (columns: Wanted['columns']): ((a: Datum[], b: Datum[]) => number) => {
  const places = columns.map((_, i) => i)
  const isUuid = (i: number): boolean => columns[i]?.[1].key.type === 'uuid'
  const order = [...places.filter(i => !isUuid(i)), ...places.filter(isUuid)]
  return (a, b) => {
    for (const i of order) {
      const difference = compareDatum(a[i] as Datum, b[i] as Datum)
      if (difference !== 0) return difference
    }
    return 0
  }
}

export const dumpCommands: ClientCommands = {
  dump: { needs: 'database', min: 0, max: Number.POSITIVE_INFINITY, run: dump },
}
