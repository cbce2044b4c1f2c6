/** The commands that take a transaction as it is. */
import { isObject, type Json, parseJson } from '../../ovsdb/index.ts'
import type { Task } from '../../runtime/index.ts'
import { databaseSocket } from '../db-remotes.ts'
import { type Call, fatal, jsonText } from './call.ts'
import type { ClientCommands } from './command.ts'
import { openServer, type Server } from './server.ts'

/** JSON of the command line. */
export function* parsedOf(call: Call, text: string): Task<Json> {
  const json = parseJson(text)
  return json.ok ? json.value : yield* fatal(call, `"${text}": ${json.error}`)
}

/** The server of a command that looks for it itself: an argument more than the command needs. */
export const remoteOf = ({ args, connect }: Call, needed: number): string =>
  args.length > needed ? (args[0] as string) : databaseSocket(connect)

/** Otherwise a server whose databases come and go hangs up. A server that does not know of this need not. */
export function* becomeAware(call: Call, server: Server): Task<void> {
  const answer = yield* server.ask('set_db_change_aware', [true])
  if (answer.kind === 'lost') yield* fatal(call, `${server.name}: error setting db_change_aware (${server.why()})`)
}

/** The operations of a transaction, the database's name in front. */
function* request(call: Call): Task<{ server: Server; params: Json[] }> {
  const params = yield* parsedOf(call, call.args.at(-1) as string)
  const database = Array.isArray(params) ? params[0] : undefined
  if (!Array.isArray(params) || typeof database !== 'string') return yield* fatal(call, 'not a valid OVSDB query')
  return { server: yield* openServer(call, remoteOf(call, 1), database), params }
}

function* transact(call: Call): Task<number> {
  const { server, params } = yield* request(call)
  yield* call.stdio.print(jsonText(yield* server.demand('transact', params), call.options))
  return 0
}

/** A transaction that ends by `abort`, of which the answer says nothing. */
function* query(call: Call): Task<number> {
  const { server, params } = yield* request(call)
  const reply = yield* server.demand('transact', [...params, { op: 'abort' }])
  const last = Array.isArray(reply) && reply.length === params.length ? reply.at(-1) : undefined
  const isAborted = isObject(last) && last.error === 'aborted'
  yield* call.stdio.print(jsonText(isAborted ? (reply as Json[]).slice(0, -1) : reply, call.options))
  return 0
}

export const transactCommands: ClientCommands = {
  transact: { needs: 'nothing', min: 1, max: 2, run: transact },
  query: { needs: 'nothing', min: 1, max: 2, run: query },
}
