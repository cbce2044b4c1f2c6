/** The commands that follow a database: `monitor`, and those with conditions (ovsdb-server(7)). */
import {
  conditionFromJson,
  Database,
  type DatabaseSchema,
  Fault,
  isUuid,
  type Json,
  parseJson,
  zeroUuid,
} from '../../ovsdb/index.ts'
import { seeded, type Task } from '../../runtime/index.ts'
import { type Reply, reply } from '../../vswitchd/unixctl/dispatch.ts'
import { answering, type ControlCommands } from '../control-commands.ts'
import { type Call, fatal } from './call.ts'
import type { ClientCommands } from './command.ts'
import { type Monitored, monitored } from './monitor-request.ts'
import { MonitorTables } from './monitor-tables.ts'
import { fetchSchema } from './schemas.ts'
import type { Server } from './server.ts'
import { type Listen, staying } from './stay.ts'
import { becomeAware, parsedOf } from './transact.ts'

/** Which method, and what of the request stands between the monitors and the end. */
type Asked = { method: 'monitor' | 'monitor_cond' | 'monitor_cond_since'; more: Json[]; hasCaptions: boolean }

function* monitor(call: Call, server: Server, database: string): Task<number> {
  return yield* staying(call, controls(server), function* (listen) {
    const schema = yield* fetchSchema(call, server, database)
    const [table = '', ...words] = call.args
    const asked: Asked = { method: 'monitor', more: [], hasCaptions: false }
    if (table === 'ALL' && !Object.hasOwn(schema.tables, table)) {
      const watched: Monitored[] = []
      for (const name of Object.keys(schema.tables).sort())
        watched.push(yield* watch(call, server, schema, name, words))
      return yield* follow(call, server, database, watched, { ...asked, hasCaptions: true }, listen)
    }
    if (!Object.hasOwn(schema.tables, table))
      return yield* fatal(call, `${server.name}: ${schema.name} does not have a table named "${table}"`)
    const watched = [yield* watch(call, server, schema, table, words)]
    return yield* follow(call, server, database, watched, asked, listen)
  })
}

function* watch(
  call: Call,
  server: Server,
  schema: DatabaseSchema,
  table: string,
  words: readonly string[],
  where?: Json,
): Task<Monitored> {
  const read = monitored(schema.name, table, schema.tables[table]!, words, where)
  return typeof read === 'string' ? yield* fatal(call, `${server.name}: ${read}`) : read
}

function* monitorCond(call: Call, server: Server, database: string): Task<number> {
  const asked: Asked = { method: 'monitor_cond', more: [], hasCaptions: false }
  return yield* conditional(call, server, database, call.args, asked)
}

function* monitorCondSince(call: Call, server: Server, database: string): Task<number> {
  const [first = ''] = call.args
  const since = isUuid(first) ? first : undefined
  const asked: Asked = { method: 'monitor_cond_since', more: [since ?? zeroUuid], hasCaptions: false }
  return yield* conditional(call, server, database, since === undefined ? call.args : call.args.slice(1), asked)
}

function* conditional(
  call: Call,
  server: Server,
  database: string,
  [text = '', table = '', ...words]: readonly string[],
  asked: Asked,
): Task<number> {
  const schema = yield* fetchSchema(call, server, database)
  if (!Object.hasOwn(schema.tables, table))
    return yield* fatal(call, `${schema.name} does not have a table named "${table}"`)
  const where = yield* parsedOf(call, text)
  if (!Array.isArray(where)) return yield* fatal(call, `"${text}": a condition is an array`)
  return yield* staying(call, controls(server), function* (listen) {
    const known = new Database(schema, seeded(0)).tables.get(table)
    const condition = known && conditionFromJson(where, known)
    if (condition instanceof Fault) return yield* fatal(call, String(condition))
    const watched = yield* watch(call, server, schema, table, words, where)
    return yield* follow(call, server, database, [watched], asked, listen)
  })
}

/** The server's word for an update, by method. */
const notifications = { monitor: 'update', monitor_cond: 'update2', monitor_cond_since: 'update3' } as const
/** What names the monitor to the server. */
const monitorId: Json = null

function* follow(
  call: Call,
  server: Server,
  database: string,
  watched: readonly Monitored[],
  { method, more, hasCaptions }: Asked,
  listen: Listen,
): Task<number> {
  const isSince = method === 'monitor_cond_since'
  const tables = new MonitorTables(call, watched, method === 'monitor' ? 1 : 2, hasCaptions)
  if (call.options.changeAware !== false) yield* becomeAware(call, server)
  const requests = Object.fromEntries(watched.map(({ table, request }) => [table, request]))
  const answer = yield* server.ask(method, [database, monitorId, requests, ...more], true)
  // An error goes without saying: there is nothing to show then, ever.
  if (answer.kind === 'result') {
    if (isSince) yield* printSince(call, tables, answer.result)
    else yield* tables.print(answer.result, true)
  }
  return yield* listen(server, function* ({ method: said, params }) {
    if (said === 'monitor_canceled' && params.length > 0)
      yield* fatal(call, `${server.name}: ${database} database was removed`)
    if (said !== notifications[method] || params[0] !== monitorId || params.length !== (isSince ? 3 : 2)) return
    if (isSince) yield* call.stdio.print(`\nlast_id: ${params[1]}`)
    yield* tables.print(params[isSince ? 2 : 1] as Json, false)
  })
}

function* printSince(call: Call, tables: MonitorTables, result: Json): Task<void> {
  const [found, last, updates] = Array.isArray(result) && result.length === 3 ? result : []
  if (typeof found !== 'boolean' || typeof last !== 'string')
    return yield* fatal(call, '<result> should be an array of a boolean, a UUID and <table-updates2>')
  yield* call.stdio.print(`found: ${found}, last_id: ${last}\n`)
  yield* tables.print(updates ?? null, true)
}

const controls = (server: Server): ControlCommands => {
  const paused = (wanted: boolean) => (): Reply => {
    server.pause(wanted)
    return reply('')
  }
  return {
    'ovsdb-client/block': answering({ usage: '', min: 0, max: 0 }, paused(true)),
    'ovsdb-client/unblock': answering({ usage: '', min: 0, max: 0 }, paused(false)),
    'ovsdb-client/cond_change': answering({ usage: 'TABLE COND', min: 2, max: 2 }, ([table = '', text = '']) => {
      const where = parseJson(text)
      const requests: Json = { [table]: [{ where: where.ok ? where.value : where.error }] }
      // What the server says to that nobody hears.
      server.send('monitor_cond_change', [monitorId, monitorId, requests], () => undefined)
      return reply('condition changed')
    }),
  }
}

const many = Number.POSITIVE_INFINITY

export const monitorCommands: ClientCommands = {
  monitor: { needs: 'database', min: 1, max: many, stays: true, run: monitor },
  'monitor-cond': { needs: 'database', min: 2, max: 3, stays: true, run: monitorCond },
  'monitor-cond-since': { needs: 'database', min: 2, max: 4, stays: true, run: monitorCondSince },
}
