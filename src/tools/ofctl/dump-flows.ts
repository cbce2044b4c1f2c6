/** The commands that show flows and what went through them. */
import { fieldNamed, readField } from '../../flow/fields.ts'
import { putWhole } from '../../openflow/flow-stats-text.ts'
import { FlowTexts } from '../../openflow/flow-texts.ts'
import type { FlowRequest, FlowStats } from '../../openflow/message.ts'
import { type Protocols, protocol } from '../../openflow/protocol.ts'
import { TextBytes } from '../../openflow/text-bytes.ts'
import type { Task } from '../../runtime/index.ts'
import { type Call, type OfctlCommands, showsNames } from './command.ts'
import { type Connection, openConnection } from './connection.ts'
import { agreeOnDump } from './flow-format.ts'
import { readFlow } from './flow-source.ts'
import { gathered, shownNames, takenNames } from './names.ts'
import type { Sorting } from './options.ts'
import { dumpTransaction } from './transact.ts'

export const allFlows = (match: FlowRequest['match']): FlowRequest => ({
  table: undefined,
  match,
  outPort: undefined,
  outGroup: undefined,
  cookie: 0n,
  cookieMask: 0n,
})

/** A request can always say a table, though 1.0's changes of flows cannot. */
const withoutTable = (protocols: Protocols): Protocols => protocols | ((protocols & protocol.withTable & tables10) >> 1)
const tables10 = protocol.of10 | protocol.nxm

/** Connects and agrees on a way to tell flows; `BR [FLOW]` say which. */
function* prepare(call: Call): Task<{ connection: Connection; request: FlowRequest }> {
  const [name = '', text = ''] = call.args
  const names = text === '' ? {} : yield* takenNames(call, name, 'ports first')
  const { flow, given, protocols } = yield* readFlow(call, text, 'delete', names)
  const { table, outPort, outGroup, cookie, cookieMask } = flow
  const connection = yield* openConnection(call, name)
  yield* agreeOnDump(call, connection, withoutTable(protocols))
  return { connection, request: { table, match: given, outPort, outGroup, cookie, cookieMask } }
}

/** What is printed between two pieces of output. */
const piece = 65536

function* dumpFlows(call: Call): Task<number> {
  const { options } = call
  const { connection, request } = yield* prepare(call)
  const bytes = connection.request({ type: 'flow_request', ...request })
  if (options.sort.length === 0 && !showsNames(call) && options.stats) {
    yield* dumpTransaction(call, connection, bytes)
    connection.close()
    return 0
  }
  const parts = yield* gathered(call, connection, bytes, 'flow_reply')
  // Ages of 1.0's extension are only told in the messages themselves.
  const ages = connection.version === 1 ? { idleAge: undefined, hardAge: undefined } : {}
  const flows = parts.flatMap(part => part.flows.map(flow => ({ ...flow, ...ages })))
  if (options.sort.length > 0) sort(flows, options.sort)
  const names = yield* shownNames(call, call.args[0] as string)
  const format = { stats: options.stats, texts: new FlowTexts(names.ports, names.tables, call.paint) }
  const out = new TextBytes(2 * piece)
  for (const flow of flows) {
    out.text(' ')
    putWhole(out, flow, format)
    out.text('\n')
    if (out.at < piece) continue
    yield* call.stdio.printBytes(out.done())
    out.at = 0
  }
  yield* call.stdio.printBytes(out.done())
  connection.close()
  return 0
}

const sortValue = ({ match, priority }: FlowStats, name: string): bigint | undefined => {
  if (name === 'priority') return BigInt(priority)
  const field = fieldNamed(name)
  return field === undefined || readField(match.mask, field) === 0n ? undefined : readField(match.key, field)
}

/** Flows that do not look at a field come last, in either order. What is the same so far goes by falling priority. */
const sort = (flows: FlowStats[], by: readonly Sorting[]): void => {
  const all = [...by, { field: 'priority', descending: true }]
  flows.sort((a, b) => {
    for (const { field, descending } of all) {
      const [x, y] = [sortValue(a, field), sortValue(b, field)]
      if (x === y) continue
      if (x === undefined) return 1
      if (y === undefined) return -1
      return x < y === descending ? 1 : -1
    }
    return 0
  })
}

function* dumpAggregate(call: Call): Task<number> {
  const { connection, request } = yield* prepare(call)
  yield* dumpTransaction(call, connection, connection.request({ type: 'aggregate_request', ...request }))
  connection.close()
  return 0
}

export const dumpFlowCommands: OfctlCommands = {
  'dump-flows': { min: 1, max: 2, run: dumpFlows },
  'dump-aggregate': { min: 1, max: 2, run: dumpAggregate },
}
