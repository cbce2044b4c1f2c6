import type { Task } from '../../runtime/index.ts'
import { flushLog, otherParts } from '../daemon/index.ts'
import { databaseSocket, remotesIn } from '../db-remotes.ts'
import { bounded, type Exit } from '../endings.ts'
import type { Connect, Program, Stdio } from '../program.ts'
import { openLog } from '../vlog/index.ts'
import { type Call, fatal, program } from './call.ts'
import type { ClientCommand } from './command.ts'
import { clientCommands } from './commands.ts'
import { ovsdbClientHelp } from './help.ts'
import { ovsdbClientModules } from './modules.ts'
import { type Options, parseOptions } from './options.ts'
import { fetchDatabases } from './schemas.ts'
import { openServer, type Server } from './server.ts'

/** `ovsdb-client` (ovsdb-client(1)): asks and tells a server of databases (RFC 7047). */
export const ovsdbClient: Program = function* (args, stdio, connect) {
  const fail = function* (text: string): Task<number> {
    yield* stdio.error(`${program}: ${text}`)
    return 1
  }
  const parsed = parseOptions(args.slice(1))
  if (!parsed.ok) return yield* fail(parsed.error)
  const { options, words } = parsed
  const [name, ...rest] = words
  if (options.shows === 'version') {
    yield* stdio.print(`${program} (Open vSwitch) 3.1.0\n`)
    return 0
  }
  if (options.shows === 'help' || name === 'help') {
    yield* stdio.print(ovsdbClientHelp(connect.runDirectory, connect.system?.logDirectory))
    return 0
  }
  if (name === undefined) return yield* fail('missing command name; use --help for help')
  const command = Object.hasOwn(clientCommands, name) ? clientCommands[name] : undefined
  if (command === undefined) return yield* fail(`unknown command '${name}'; use --help for help`)
  if (command.stays) {
    const status = yield* otherParts({ program, modules: ovsdbClientModules }, options, stdio, connect)
    if (status !== undefined) return status
  }
  return yield* run({ name, command, args: rest }, options, stdio, connect)
}

/** A command, as it was called. */
type Called = { name: string; command: ClientCommand; args: readonly string[] }

function* run(called: Called, options: Options, stdio: Stdio, connect: Connect): Task<number> {
  const { log, usable } = openLog(connect, { program, modules: ovsdbClientModules, steps: options.logging })
  if (!usable) {
    yield* flushLog({ log, stdio })
    return 1
  }
  const secure = { tls: options.tls, log: log.warn }
  const tls = Object.keys(options.tls).length === 0 ? {} : (connect.system?.checkTls(secure) ?? options.tls)
  const ends: (() => void)[] = []
  const begin = (exit: Exit): Task<number> =>
    perform({ program, args: called.args, options, stdio, connect, log, counters: {}, tls, exit, ends }, called)
  try {
    const status = yield* bounded({ log, stdio, connect, options }, begin)
    yield* flushLog({ log, stdio })
    return status
  } finally {
    for (const end of ends) end()
  }
}

/** Finds what the command needs in front of its own arguments, and runs it. */
function* perform(call: Call, { name, command }: Called): Task<number> {
  if (command.needs === 'nothing') return yield* command.run(yield* counted(call, name, command))
  const { args, connect } = call
  const [first = ''] = args
  const isNamed = args.length > command.min && /^[a-zA-Z][^:]*:/.test(first)
  const remote = isNamed ? first : databaseSocket(connect)
  const rest = isNamed ? args.slice(1) : args
  if (command.needs === 'server') {
    const server = yield* openServer(call, remote)
    return yield* command.run(yield* counted({ ...call, args: rest }, name, command), server)
  }
  const several = remotesIn(remote).length > 1
  if (several && rest.length <= command.min)
    return yield* fatal(call, 'database name is required with multiple remotes')
  const server = yield* openServer(call, remote, several ? rest[0] : undefined)
  const database = several ? (rest[0] as string) : yield* databaseOf(call, server, rest, command.min)
  const own = database === rest[0] && rest.length > command.min ? rest.slice(1) : rest
  const ready = yield* counted({ ...call, args: own }, name, command)
  return yield* command.run(ready, server, database)
}

/** The call, if it has as many arguments as the command takes. */
function* counted(call: Call, name: string, { min, max }: ClientCommand): Task<Call> {
  const { length } = call.args
  return length >= min && length <= max
    ? call
    : yield* fatal(call, `invalid syntax for '${name}' (use --help for help)`)
}

const usualDatabase = 'Open_vSwitch'

/** The database that the first argument names if there is one of that name; the usual one, or the only one of a user's. */
function* databaseOf(call: Call, server: Server, args: readonly string[], min: number): Task<string> {
  const known = yield* fetchDatabases(call, server)
  const [named = ''] = args
  if (args.length > min && known.includes(named)) return named
  if (known.includes(usualDatabase)) return usualDatabase
  const own = known.filter(name => !name.startsWith('_'))
  if (own.length === 1) return own[0] as string
  return yield* fatal(call, 'could not find a default database, please specify a database name')
}
