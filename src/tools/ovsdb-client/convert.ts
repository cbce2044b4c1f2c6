/** The commands that take a schema from a file and hold it against that of the server, or give it to the server. */
import { type DatabaseSchema, Fault, parseJson, schemaFromJson, schemaToJson } from '../../ovsdb/index.ts'
import { fromUtf8, type Task } from '../../runtime/index.ts'
import { type Call, fatal } from './call.ts'
import type { ClientCommands } from './command.ts'
import { fetchSchema } from './schemas.ts'
import { aboutDatabase, fitnessOf, noServers, openServer, type Server } from './server.ts'
import { sameSchema } from './snapshot.ts'
import { becomeAware, remoteOf } from './transact.ts'

function* readSchema(call: Call): Task<DatabaseSchema> {
  const path = call.args.at(-1) as string
  const bytes = call.connect.readFile(path)
  const json = typeof bytes === 'string' ? `error opening "${path}": ${bytes}` : parseJson(fromUtf8(bytes))
  if (typeof json === 'string' || !json.ok) {
    const why = typeof json === 'string' ? json : json.error
    return yield* fatal(call, `failed to read schema: "${path}" could not be read as JSON (${why})`)
  }
  const schema = schemaFromJson(json.value)
  if (!(schema instanceof Fault)) return schema
  const details = `failed to parse "${path}" as ovsdb schema: ${schema.details}`
  return yield* fatal(call, String(new Fault(schema.error, details, schema.syntax)))
}

/** A server that has the database, and of a cluster the leader. */
function* openFor(call: Call, { name }: DatabaseSchema): Task<Server> {
  const remote = remoteOf(call, 1)
  const server = yield* openServer(call, remote, name)
  if (server.name !== remote) return server
  const about = yield* server.demand('transact', aboutDatabase(name))
  // That it does not know the database it says itself, when it is asked for more.
  if (fitnessOf(about, call.options.leaderOnly) === 'unfit') return yield* fatal(call, noServers)
  return server
}

function* needsConversion(call: Call): Task<number> {
  const wanted = yield* readSchema(call)
  const server = yield* openFor(call, wanted)
  const present = yield* fetchSchema(call, server, wanted.name)
  yield* call.stdio.print(sameSchema(wanted, present) ? 'no\n' : 'yes\n')
  return 0
}

function* convert(call: Call): Task<number> {
  const schema = yield* readSchema(call)
  const server = yield* openFor(call, schema)
  // Otherwise the server hangs up instead of answering.
  yield* becomeAware(call, server)
  yield* server.demand('convert', [schema.name, schemaToJson(schema)])
  return 0
}

export const convertCommands: ClientCommands = {
  convert: { needs: 'nothing', min: 1, max: 2, run: convert },
  'needs-conversion': { needs: 'nothing', min: 1, max: 2, run: needsConversion },
}
