/** `mod-table`: what a table does when it is full, or with frames that miss, and its name. */
import type { TableConfig, TableFeatures, TableSide } from '../../openflow/message.ts'
import type { Version } from '../../openflow/protocol.ts'
import { parseTableSetting } from '../../openflow/table-mod-text.ts'
import { parseTable } from '../../openflow/table-text.ts'
import type { Task } from '../../runtime/index.ts'
import { type Call, fatal, type OfctlCommands, orFatal, takesNames } from './command.ts'
import { type Connection, openConnection } from './connection.ts'
import { gathered, tableNames } from './names.ts'
import { tellOrFail } from './transact.ts'

const allTables = 0xff
/** The tables that flows can be put in. */
const tableCount = 254

/** The command with other versions to choose from. */
const withVersions = (call: Call, versions: Version[]): Call => ({ ...call, options: { ...call.options, versions } })

function* modTable(call: Call): Task<number> {
  const [name = '', tableText = '', setting = ''] = call.args
  const names = takesNames(call) ? yield* tableNames(call, name) : undefined
  const table = tableText.toLowerCase() === 'all' ? allTables : parseTable(tableText, call.warn, names)
  if (table === undefined) return yield* fatal(call, `unknown table "${tableText}"`)
  const {
    config,
    versions,
    name: newName,
  } = yield* orFatal(call, parseTableSetting(setting, table === allTables ? undefined : table))
  const usable = call.options.versions.filter(version => versions.includes(version))
  if (usable.length === 0) {
    const list = versions.map(version => `OpenFlow1${version - 1}`).join(', ')
    return yield* fatal(call, `table_mod '${setting}' requires one of the OpenFlow versions ${list}`)
  }
  const connection = yield* openConnection(withVersions(call, usable), name)
  if (newName !== undefined) {
    yield* rename(call, connection, table, newName)
    connection.close()
    return 0
  }
  const tables = table !== allTables ? [table] : Array.from({ length: tableCount }, (_, each) => each)
  if (connection.version < 5) yield* change(call, connection, table, config)
  else
    for (const each of tables) yield* change(call, connection, each, yield* completed(call, connection, each, config))
  connection.close()
  return 0
}

function* change(call: Call, connection: Connection, table: number, config: TableConfig): Task<void> {
  yield* tellOrFail(call, connection, [connection.request({ type: 'table_mod', table, ...config })])
}

/** The setting with all that it leaves open as it is now. */
function* completed(call: Call, connection: Connection, table: number, config: TableConfig): Task<TableConfig> {
  const request = connection.request({ type: 'table_desc_request' })
  const parts = yield* gathered(call, connection, request, 'table_desc_reply')
  const now = parts.flatMap(({ tables }) => tables).find(desc => desc.table === table)
  if (now === undefined) return config
  const { vacancy = now.vacancy } = config
  if (config.eviction !== undefined) return { ...config, vacancy }
  return { ...config, eviction: now.eviction, evictionFlags: now.evictionFlags, vacancy }
}

/** The most that a message has. */
const mostSize = 0xffff
/** OFPMPF_REQ_MORE, in the second byte of the flags. */
const moreFlag = { at: 11, bit: 1 }

const noSide: TableSide = {
  next: [],
  instructions: [],
  writeActions: [],
  applyActions: [],
  writeSetFields: [],
  applySetFields: [],
}
/** A change of 1.5 says only what is to change. */
const nothingElse = {
  command: 'modify',
  nonMiss: noSide,
  miss_: noSide,
  match: [],
  mask: [],
  wildcard: [],
} as const satisfies Partial<TableFeatures>

/** A table's name is one of its features: up to 1.4 they are set for all tables or none. */
function* rename(call: Call, connection: Connection, table: number, name: string): Task<void> {
  const request = connection.request({ type: 'table_features_request', tables: [] })
  const parts = yield* gathered(call, connection, request, 'table_features_reply')
  const all = parts.flatMap(({ tables }) => tables).map(each => (each.table === table ? { ...each, name } : each))
  const changed = all.filter(each => each.table === table).map(each => ({ ...each, ...nothingElse }))
  const [first = request, ...more] = requests(call, connection, connection.version >= 6 ? changed : all)
  // The switch answers with the features that its tables have then.
  yield* gathered(call, connection, first, 'table_features_reply', more)
}

/** Features of tables in as few messages as they fit, of one number; all but the last say that more follow. */
const requests = (call: Call, connection: Connection, tables: readonly TableFeatures[]): Uint8Array[] => {
  const xid = call.xid()
  const encode = (some: readonly TableFeatures[]): Uint8Array =>
    connection.request({ type: 'table_features_request', tables: some }, xid)
  const header = encode([]).length
  const messages: Uint8Array[] = []
  let some: TableFeatures[] = []
  let size = header
  for (const each of tables) {
    const more = encode([each]).length - header
    if (size + more > mostSize) {
      messages.push(encode(some))
      some = []
      size = header
    }
    some.push(each)
    size += more
  }
  for (const message of messages) message[moreFlag.at] = moreFlag.bit
  return [...messages, encode(some)]
}

export const modTableCommands: OfctlCommands = { 'mod-table': { min: 3, max: 3, readWrite: true, run: modTable } }
