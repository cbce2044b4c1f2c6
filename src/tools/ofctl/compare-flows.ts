/** The commands that hold flows against others: what differs, and what to change so that nothing does. */
import { newMatch } from '../../flow/match.ts'
import { type FlowMod, formatActions, formatRule, type Protocols } from '../../openflow/index.ts'
import { type BodyOf, noBuffer } from '../../openflow/message.ts'
import { protocol } from '../../openflow/protocol.ts'
import type { Task } from '../../runtime/index.ts'
import { tellBundle } from './bundle.ts'
import { type Call, flushLog, type OfctlCommands } from './command.ts'
import { type Connection, openConnection } from './connection.ts'
import { allFlows } from './dump-flows.ts'
import { agreeOnDump } from './flow-format.ts'
import { readBytes, readFlows } from './flow-source.ts'
import { usableProtocols } from './flows.ts'
import { gathered, takenNames } from './names.ts'
import { tellOrFail } from './transact.ts'

/** A flow by what makes it the same flow (table, priority and match), and what may differ in it. */
type Entry = Pick<FlowMod, 'priority' | 'match' | 'idleTimeout' | 'hardTimeout' | 'importance' | 'actions'> & {
  table: number
  cookie: bigint
  sendFlowRemoved: boolean
  /** The text of priority and match. */
  rule: string
  /** The text of all else. */
  told: string
}

const entryOf = ({ paint }: Call, flow: Omit<Entry, 'rule' | 'told'>): Entry => {
  const cookie = flow.cookie === 0n ? '' : ` cookie=0x${flow.cookie.toString(16)}`
  const idle = flow.idleTimeout === 0 ? '' : ` idle_timeout=${flow.idleTimeout}`
  const hard = flow.hardTimeout === 0 ? '' : ` hard_timeout=${flow.hardTimeout}`
  const importance = flow.importance === 0 ? '' : ` importance=${flow.importance}`
  const told = `${cookie}${idle}${hard}${importance} actions=${formatActions(flow.actions, undefined, undefined, paint)}`
  return { ...flow, rule: formatRule(flow.match, flow.priority, undefined, paint), told }
}

/** Flows by table, priority and match; the last of several is the one. */
type Entries = Map<string, Entry>
const keyOf = ({ table, rule }: Entry): string => `${table} ${rule}`
const collect = (entries: Iterable<Entry>): Entries => new Map([...entries].map(entry => [keyOf(entry), entry]))

function* ofFile(call: Call, file: string, names = {}): Task<{ entries: Entries; protocols: Protocols }> {
  const bytes = yield* readBytes(call, file, 'open')
  const flows = yield* readFlows(call, { file, bytes, command: 'add', names })
  const entries = flows.map(({ flow }) => {
    const { priority, match, idleTimeout, hardTimeout, importance, actions, sendFlowRemoved } = flow
    const settings = { priority, match, idleTimeout, hardTimeout, importance, actions, sendFlowRemoved }
    return entryOf(call, { ...settings, table: flow.table ?? 0, cookie: flow.newCookie ?? 0n })
  })
  return { entries: collect(entries), protocols: usableProtocols(flows) }
}

function* ofSwitch(call: Call, connection: Connection): Task<Entries> {
  const request = connection.request({ type: 'flow_request', ...allFlows(newMatch()) })
  const parts = yield* gathered(call, connection, request, 'flow_reply')
  return collect(parts.flatMap(({ flows }) => flows.map(flow => entryOf(call, { ...flow, sendFlowRemoved: false }))))
}

/** The flows of a file if there is one, or else of a switch. */
function* source(call: Call, name: string): Task<Entries> {
  if (!name.includes(':') && call.connect.exists(name)) return (yield* ofFile(call, name)).entries
  const connection = yield* openConnection(call, name)
  yield* agreeOnDump(call, connection, protocol.any)
  const entries = yield* ofSwitch(call, connection)
  connection.close()
  return entries
}

const line = (sign: '+' | '-', { table, rule, told }: Entry): string =>
  `${sign}${table === 0 ? '' : `table=${table} `}${rule}${told}\n`

const inOrder = (a: Entry, b: Entry): number =>
  a.table - b.table || b.priority - a.priority || (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0)

function* diff(call: Call): Task<number> {
  const [left = '', right = ''] = call.args
  const before = yield* source(call, left)
  const after = yield* source(call, right)
  let text = ''
  for (const entry of [...new Map([...before, ...after]).values()].sort(inOrder)) {
    const key = keyOf(entry)
    const [was, is] = [before.get(key), after.get(key)]
    if (was?.told === is?.told) continue
    if (was !== undefined) text += line('-', was)
    if (is !== undefined) text += line('+', is)
  }
  yield* flushLog(call)
  yield* call.stdio.print(text)
  return text === '' ? 0 : 2
}

const messageOf = (entry: Entry, command: 'add' | 'delete_strict'): BodyOf<'flow_mod'> => ({
  type: 'flow_mod',
  command,
  bufferId: noBuffer,
  table: entry.table,
  priority: entry.priority,
  match: entry.match,
  newCookie: entry.cookie,
  cookie: 0n,
  cookieMask: 0n,
  idleTimeout: entry.idleTimeout,
  hardTimeout: entry.hardTimeout,
  importance: entry.importance,
  outPort: undefined,
  sendFlowRemoved: entry.sendFlowRemoved,
  checkOverlap: false,
  resetCounts: false,
  noPacketCounts: false,
  noByteCounts: false,
  actions: command === 'add' ? entry.actions : [],
})

/** Deletes what the file does not have, and adds what it has: table after table. */
const changes = (present: Entries, wanted: Entries, readd: boolean): BodyOf<'flow_mod'>[] => {
  const tables = [...new Set([...present.values(), ...wanted.values()].map(({ table }) => table))].sort((a, b) => a - b)
  return tables.flatMap(table => {
    const here = (entry: Entry): boolean => entry.table === table
    const gone = [...present.values()].filter(entry => here(entry) && !wanted.has(keyOf(entry)))
    const isNew = (entry: Entry): boolean => readd || present.get(keyOf(entry))?.told !== entry.told
    const added = [...wanted.values()].filter(entry => here(entry) && isNew(entry))
    return [...gone.map(entry => messageOf(entry, 'delete_strict')), ...added.map(entry => messageOf(entry, 'add'))]
  })
}

function* replace(call: Call): Task<number> {
  const [name = '', file = ''] = call.args
  const names = yield* takenNames(call, name, 'ports first')
  const { entries: wanted, protocols } = yield* ofFile(call, file, names)
  const connection = yield* openConnection(call, name)
  yield* agreeOnDump(call, connection, protocols)
  const present = yield* ofSwitch(call, connection)
  const requests = changes(present, wanted, call.options.readd).map(body => connection.request(body))
  if (call.options.bundle) yield* tellBundle(call, connection, requests)
  else yield* tellOrFail(call, connection, requests)
  connection.close()
  return 0
}

export const compareCommands: OfctlCommands = {
  'replace-flows': { min: 2, max: 2, readWrite: true, run: replace },
  'diff-flows': { min: 2, max: 2, readWrite: true, run: diff },
}
