/** The commands about a switch as a whole: what it is and can do, and how it treats fragments. */
import type { BodyOf, OfBody, SwitchConfig } from '../../openflow/message.ts'
import { printMessage } from '../../openflow/message-print.ts'
import type { Version } from '../../openflow/protocol.ts'
import { formatTables } from '../../openflow/table-features-text.ts'
import type { Task } from '../../runtime/index.ts'
import { type Call, fatal, type OfctlCommand, type OfctlCommands } from './command.ts'
import { type Connection, openConnection } from './connection.ts'
import { gathered } from './names.ts'
import { anyPort } from './port-argument.ts'
import { asked, decode, dumpTransaction, isOf, tellOrFail, transact } from './transact.ts'

/** Prints the answer to a request that is nothing but its type. */
const dumps = (body: OfBody, since: Version = 1): OfctlCommand => ({
  min: 1,
  max: 1,
  *run(call) {
    const connection = yield* openConnection(call, call.args[0] as string)
    const request = connection.version < since ? undefined : connection.encode(body)
    if (request === undefined) return yield* fatal(call, tooOld(body, since))
    yield* dumpTransaction(call, connection, request)
    connection.close()
    return 0
  },
})

const tooOld = ({ type }: OfBody, since: Version): string => {
  const command = `dump-${type.replace('_request', '').replaceAll('_', '-')}`
  return `${command} needs OpenFlow 1.${since - 1} or later ('-O OpenFlow1${since - 1}')`
}

function* show(call: Call): Task<number> {
  const [name = ''] = call.args
  const connection = yield* openConnection(call, name)
  const reply = yield* transact(call, connection, connection.request({ type: 'features_request' }))
  // Its ports are told with their names anyway.
  const { verbosity, stats } = call.options
  yield* call.stdio.print(printMessage(reply, { verbosity: verbosity + 1, stats, warn: call.warn, paint: call.paint }))
  const decoded = decode(call, reply)
  const features = decoded.ok ? decoded.message.body : undefined
  const hasPorts = features !== undefined && isOf(features, 'features_reply') && features.ports !== undefined
  if (!hasPorts)
    yield* dumpTransaction(call, connection, connection.request({ type: 'port_desc_request', port: anyPort }))
  connection.close()
  const second = yield* openConnection(call, name)
  yield* dumpTransaction(call, second, second.request({ type: 'get_config_request' }))
  second.close()
  return 0
}

/** How a switch treats fragments and misses. */
export function* fetchConfig(call: Call, connection: Connection): Task<BodyOf<'get_config_reply'>> {
  const wrong = `${connection.name}: bad reply to config request`
  return yield* asked(call, connection, { type: 'get_config_request' }, 'get_config_reply', wrong)
}

/** Sets it. */
export function* setConfig(call: Call, connection: Connection, config: SwitchConfig): Task<void> {
  yield* tellOrFail(call, connection, [connection.request({ ...config, type: 'set_config' })])
}

const fragmentModes: readonly SwitchConfig['fragments'][] = ['normal', 'drop', 'reassemble', 'nx_match']
const modeText = (mode: SwitchConfig['fragments']): string => mode.replace('_', '-')

function* getFragments(call: Call): Task<number> {
  const connection = yield* openConnection(call, call.args[0] as string)
  const { fragments } = yield* fetchConfig(call, connection)
  yield* call.stdio.print(`${modeText(fragments)}\n`)
  connection.close()
  return 0
}

function* setFragments(call: Call): Task<number> {
  const [name = '', text = ''] = call.args
  const fragments = fragmentModes.find(mode => modeText(mode) === text.toLowerCase())
  if (fragments === undefined) return yield* fatal(call, `${text}: unknown fragment handling mode`)
  const connection = yield* openConnection(call, name)
  const config = yield* fetchConfig(call, connection)
  if (config.fragments !== fragments) {
    yield* setConfig(call, connection, { ...config, fragments })
    const after = yield* fetchConfig(call, connection)
    if (after.fragments !== fragments) {
      const doubt = `(this switch probably doesn't support mode "${modeText(fragments)}")`
      return yield* fatal(call, `${name}: setting fragment handling mode failed ${doubt}`)
    }
  }
  connection.close()
  return 0
}

/** All tables at once: those that can do the same are told in one line, however many messages they come in. */
function* tableFeatures(call: Call): Task<number> {
  const connection = yield* openConnection(call, call.args[0] as string)
  const { version } = connection
  if (version < 4) return yield* fatal(call, "dump-table-features needs OpenFlow 1.3 or later ('-O OpenFlow13')")
  const request = connection.request({ type: 'table_features_request', tables: [] })
  const parts = yield* gathered(call, connection, request, 'table_features_reply')
  const tables = parts.flatMap(part => part.tables.map(features => ({ features, counts: undefined })))
  yield* call.stdio.print(`${formatTables(tables, version).replace(/^\n/, '')}\n`)
  connection.close()
  return 0
}

export const switchCommands: OfctlCommands = {
  show: { min: 1, max: 1, run: show },
  'dump-desc': dumps({ type: 'desc_request' }),
  'dump-tables': dumps({ type: 'table_request' }),
  'dump-table-features': { min: 1, max: 1, run: tableFeatures },
  'dump-table-desc': dumps({ type: 'table_desc_request' }, 5),
  'get-frags': { min: 1, max: 1, run: getFragments },
  'set-frags': { min: 2, max: 2, readWrite: true, run: setFragments },
}
