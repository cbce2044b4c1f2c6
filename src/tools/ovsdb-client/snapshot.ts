/** `backup` and `restore`: a database as the file that `ovsdb-server` would keep it in, and back. */
import {
  type ColumnType,
  type Database,
  type DatabaseSchema,
  type Datum,
  datumFromJson,
  datumToJson,
  equalDatum,
  Fault,
  isObject,
  type Json,
  type JsonObject,
  type LogFile,
  member,
  openLog,
  printJson,
  recordBytes,
  schemaToJson,
  sha1,
} from '../../ovsdb/index.ts'
import { seeded, type Task } from '../../runtime/index.ts'
import { type Call, fatal, orFatal } from './call.ts'
import type { ClientCommands } from './command.ts'
import { fetchRows } from './dump.ts'
import { columnsOf, fetchSchema, tablesOf } from './schemas.ts'
import type { Server } from './server.ts'

function* backup(call: Call, server: Server, database: string): Task<number> {
  const { stdio, connect } = call
  if (stdio.isTerminal) return yield* fatal(call, 'not writing backup to a terminal; please redirect stdout to a file')
  const schema = yield* fetchSchema(call, server, database)
  yield* stdio.printBytes(recordBytes(printJson(schemaToJson(schema)), sha1))
  // Versions are anew wherever the rows come, and what is not kept on disk is not in such a file.
  const wanted = tablesOf(schema).map(([table, type]) => ({
    table,
    columns: columnsOf(type).filter(([name, { ephemeral }]) => name !== '_version' && !ephemeral),
  }))
  const found = yield* fetchRows(call, server, database, wanted)
  const record: JsonObject = { _date: connect.wallTime() }
  for (const [i, { table, columns }] of wanted.entries()) {
    const rows: JsonObject = {}
    for (const row of found[i] ?? []) {
      const uuid = yield* orFatal(call, datumFromJson((isObject(row) && member(row, '_uuid')) || null, uuidColumn))
      rows[String(uuid.keys[0])] = valuesOf(row, columns)
    }
    if (Object.keys(rows).length > 0) record[table] = rows
  }
  record._comment = 'produced by "ovsdb-client backup"'
  record._is_diff = true
  yield* stdio.printBytes(recordBytes(printJson(record), sha1))
  return 0
}

const uuidColumn: ColumnType = { key: { type: 'uuid' }, min: 1, max: 1 }

const valuesOf = (row: Json, columns: readonly (readonly [name: string, type: ColumnType])[]): JsonObject => {
  const values: JsonObject = {}
  for (const [name] of columns) {
    const value = isObject(row) && name !== '_uuid' ? member(row, name) : undefined
    if (value !== undefined) values[name] = value
  }
  return values
}

function* restore(call: Call, server: Server, database: string): Task<number> {
  const { stdio, options, log } = call
  if (stdio.inputIsTerminal)
    return yield* fatal(call, 'not reading backup from a terminal; please redirect stdin from a file')
  const snapshot = yield* readSnapshot(call, yield* stdio.readAll())
  const schema = yield* fetchSchema(call, server, database)
  const difference = schemaDifference(snapshot.schema, schema)
  if (difference !== undefined) {
    if (!options.force) {
      const remedy = '(use --force to override differences, or "ovsdb-client convert" to change the schema)'
      return yield* fatal(call, `${difference} ${remedy}`)
    }
    log.add('ovsdb_client', 'info', difference)
  }
  const reply = yield* server.demand('transact', [snapshot.schema.name, ...operationsOf(snapshot)])
  yield* checkReply(call, reply)
  return 0
}

/** The database in a file's bytes; one that is not whole is none. */
function* readSnapshot(call: Call, bytes: Uint8Array): Task<Database> {
  let torn: string | undefined
  const world = {
    sha1,
    date: call.connect.wallTime,
    log(_module: string, _level: string, text: string) {
      torn ??= text
    },
  }
  const opened = openLog(inMemory('/dev/stdin', bytes), world, seeded(0))
  if (opened instanceof Fault || torn !== undefined) return yield* fatal(call, torn ?? String(opened))
  return opened.database
}

const readOnly = (): string => 'Bad file descriptor'

const inMemory = (name: string, bytes: Uint8Array): LogFile => ({
  name,
  read: (offset, length) => bytes.subarray(offset, offset + length),
  append: readOnly,
  truncate: readOnly,
  replace: readOnly,
  sync: done => done(readOnly()),
})

/** What differs between two schemas, in a sentence. */
const schemaDifference = (backup: DatabaseSchema, present: DatabaseSchema): string | undefined => {
  if (sameSchema(backup, present)) return undefined
  const [from = '', to = ''] = [backup.version, present.version]
  return from === to
    ? `backup schema and database schema are both version ${from} but still differ`
    : `backup schema has version "${from}" but database schema has version "${to}"`
}

export const sameSchema = (a: DatabaseSchema, b: DatabaseSchema): boolean =>
  printJson(schemaToJson(a), true) === printJson(schemaToJson(b), true)

/** A row that an insert makes is known to the others by a name. */
const nameOf = (uuid: string): string => `row${uuid.replaceAll('-', '_')}`

/** One transaction in which the rows of the snapshot take the place of all there are. */
const operationsOf = (snapshot: Database): Json[] => {
  const operations: Json[] = []
  const known = new Set([...snapshot.tables.values()].flatMap(({ rows }) => [...rows.keys()]))
  const named = (uuid: string): string | undefined => (known.has(uuid) ? nameOf(uuid) : undefined)
  for (const [table, { rows, columns }] of snapshot.tables) {
    operations.push({ op: 'delete', table, where: [] })
    for (const { uuid, values } of rows.values()) {
      const row: JsonObject = {}
      for (const { name, index, type, initial } of columns) {
        const value = values[index] as Datum
        if (index > 1 && !equalDatum(value, initial)) row[name] = datumToJson(value, type, named)
      }
      operations.push({ op: 'insert', table, row, 'uuid-name': nameOf(uuid) })
    }
  }
  return operations
}

/** An operation that went wrong, or what the whole of them broke, ends the command. */
export function* checkReply(call: Call, reply: Json): Task<void> {
  if (!Array.isArray(reply)) return yield* fatal(call, 'result is not array')
  for (const result of reply)
    if (isObject(result) && member(result, 'error') !== undefined)
      return yield* fatal(call, `server returned error reply: ${printJson(result, true)}`)
}

export const snapshotCommands: ClientCommands = {
  backup: { needs: 'database', min: 0, max: 0, run: backup },
  restore: { needs: 'database', min: 0, max: 0, run: restore },
}
