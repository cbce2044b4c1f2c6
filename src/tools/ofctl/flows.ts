/** The commands that change flows, and those that only read a flow's text. */
import {
  chosenProtocol,
  type FlowCommand,
  type FlowMod,
  formatActions,
  formatProtocols,
  formatRule,
  parseFlow,
  parseFlowFile,
  preconditionOf,
  seenBy,
} from '../../openflow/index.ts'
import { type Protocols, protocol } from '../../openflow/protocol.ts'
import { fromUtf8, type Task } from '../../runtime/index.ts'
import type { Bridge } from '../../switch/bridge.ts'
import { type Call, connectTo, flushLog, type OfctlCommands, type Target } from './command.ts'
import { allowedBy, applyFlowMod, carried, describeFlowMod, usable } from './send.ts'

type Flows = { flow: FlowMod; protocols: Protocols }[]

/** The text of a file; `-` is stdin. */
function* readText(
  { stdio, connect }: Call,
  name: string,
): Task<{ ok: true; text: string } | { ok: false; error: string }> {
  if (name === '-') return { ok: true, text: fromUtf8(yield* stdio.readAll()) }
  const bytes = connect.readFile(name)
  if (typeof bytes === 'string') return { ok: false, error: `${name}: open failed (${bytes})` }
  return { ok: true, text: fromUtf8(bytes) }
}

/** Sends flows to a switch one after the other; the first that it refuses ends that, with its answer on stderr. */
function* sendAll(call: Call, target: Target, flows: Flows): Task<number | string> {
  const protocols = usable(flows, call.options.versions)
  if (typeof protocols === 'string') return protocols
  const chosen = chosenProtocol(protocols)!
  for (const { flow } of flows) {
    const error = applyFlowMod(target.bridge, carried(flow, chosen.version))
    if (error === undefined) continue
    const label = chosen.version === 1 ? '' : ` (OF1.${chosen.version - 1})`
    yield* call.stdio.error(`OFPT_ERROR${label} (xid=0x6): ${error}`)
    yield* call.stdio.error(describeFlowMod(flow, protocols, 6))
    return 1
  }
  return 0
}

/** `add-flow BR FLOW`, `del-flows BR [FLOW]`: a flow of `-` is a file on stdin. */
function* flowMod(call: Call, command: FlowCommand): Task<number | string> {
  const [name = '', text = ''] = call.args
  if (text === '-') return yield* flowFile(call, command, '-')
  const names = connectTo(call, name)
  const ports = typeof names === 'string' ? undefined : names.names
  const read = parseFlow(text, command, { ports, warn: call.warn })
  yield* flushLog(call)
  if (!read.ok) return read.error
  if (typeof names === 'string') return names
  return yield* sendAll(call, names, [read])
}

function* flowFile(call: Call, command: FlowCommand | undefined, file: string): Task<number | string> {
  const target = connectTo(call, call.args[0] as string)
  const content = yield* readText(call, file)
  if (!content.ok) return content.error
  const ports = typeof target === 'string' ? undefined : target.names
  const read = parseFlowFile(content.text, file, command, { ports, warn: call.warn })
  yield* flushLog(call)
  if (!read.ok) return read.error
  if (typeof target === 'string') return target
  return yield* sendAll(call, target, read.flows)
}

/** Prints flows as they would go to a switch. */
function* parseOnly(call: Call, flows: Flows): Task<number | string> {
  const together = flows.reduce((bits: Protocols, { protocols }) => bits & protocols, protocol.any)
  yield* call.stdio.print(`usable protocols: ${formatProtocols(together)}\n`)
  const allowed = together & allowedBy(call.options.versions)
  const chosen = chosenProtocol(allowed)
  if (chosen === undefined) return 'no usable protocol'
  yield* call.stdio.print(`chosen protocol: ${chosen.name}\n`)
  for (const [i, { flow }] of flows.entries()) {
    yield* call.stdio.print(`${describeFlowMod(flow, allowed, i + 1)}\n`)
  }
  return 0
}

/** A flow by what makes it the same flow: table, priority and match. */
type Entry = { table: number; rule: string; told: string; flow: FlowMod }

const entryOf = (flow: FlowMod): Entry => {
  const rule = formatRule(flow.match, flow.priority)
  const cookie = flow.newCookie === undefined || flow.newCookie === 0n ? '' : ` cookie=0x${flow.newCookie.toString(16)}`
  const idle = flow.idleTimeout === 0 ? '' : ` idle_timeout=${flow.idleTimeout}`
  const hard = flow.hardTimeout === 0 ? '' : ` hard_timeout=${flow.hardTimeout}`
  const told = `${cookie}${idle}${hard} actions=${formatActions(flow.actions)}`
  return { table: flow.table ?? 0, rule, told, flow }
}

const keyOf = ({ table, rule }: Entry): string => `${table} ${rule}`

const entriesOf = (bridge: Bridge): Entry[] =>
  bridge.flows.dump().map(rule => {
    const blank = parseFlow('actions=', 'add')
    if (!blank.ok) throw new Error(blank.error)
    const { table, priority, match, idleTimeout, hardTimeout, cookie } = rule
    const actions = seenBy(1, rule.actions, preconditionOf(match))
    return entryOf({ ...blank.flow, table, priority, match, idleTimeout, hardTimeout, newCookie: cookie, actions })
  })

/** The flows of a bridge, or else of a file. */
function* source(call: Call, name: string): Task<Entry[] | string> {
  const target = connectTo(call, name)
  if (typeof target !== 'string') return entriesOf(target.bridge)
  const content = yield* readText(call, name)
  if (!content.ok) return target
  const read = parseFlowFile(content.text, name, 'add', { warn: call.warn })
  yield* flushLog(call)
  return read.ok ? read.flows.map(({ flow }) => entryOf(flow)) : read.error
}

const line = (sign: '+' | '-', { table, rule, told }: Entry): string =>
  `${sign}${table === 0 ? '' : `table=${table} `}${rule}${told}\n`

function* diff(call: Call): Task<number | string> {
  const [left, right] = [yield* source(call, call.args[0] as string), yield* source(call, call.args[1] as string)]
  if (typeof left === 'string') return left
  if (typeof right === 'string') return right
  const before = new Map(left.map(entry => [keyOf(entry), entry]))
  const after = new Map(right.map(entry => [keyOf(entry), entry]))
  const all = [...new Map([...before, ...after]).values()].sort(
    (a, b) => a.table - b.table || b.flow.priority - a.flow.priority || (a.rule < b.rule ? -1 : 1),
  )
  let differ = false
  for (const entry of all) {
    const [was, is] = [before.get(keyOf(entry)), after.get(keyOf(entry))]
    if (was?.told === is?.told) continue
    differ = true
    if (was !== undefined) yield* call.stdio.print(line('-', was))
    if (is !== undefined) yield* call.stdio.print(line('+', is))
  }
  return differ ? 2 : 0
}

/** Deletes what the file does not have, and adds what it has. */
function* replace(call: Call): Task<number | string> {
  const [name = '', file = ''] = call.args
  const target = connectTo(call, name)
  const content = yield* readText(call, file)
  if (!content.ok) return content.error
  const read = parseFlowFile(content.text, file, 'add', {
    ports: typeof target === 'string' ? undefined : target.names,
    warn: call.warn,
  })
  yield* flushLog(call)
  if (!read.ok) return read.error
  if (typeof target === 'string') return target
  const protocols = usable(read.flows, call.options.versions)
  if (typeof protocols === 'string') return protocols
  const wanted = read.flows.map(({ flow }) => entryOf(flow))
  const keys = new Set(wanted.map(keyOf))
  const present = entriesOf(target.bridge)
  for (const entry of present) {
    if (!keys.has(keyOf(entry))) applyFlowMod(target.bridge, { ...entry.flow, command: 'delete_strict' })
  }
  const told = new Map(present.map(entry => [keyOf(entry), entry.told]))
  const changed = wanted.filter(entry => call.options.readd || told.get(keyOf(entry)) !== entry.told)
  return yield* sendAll(
    call,
    target,
    changed.map(({ flow }) => ({ flow, protocols })),
  )
}

export const flowCommands: OfctlCommands = {
  'add-flow': { min: 2, max: 2, run: call => flowMod(call, 'add') },
  'add-flows': { min: 2, max: 2, run: call => flowFile(call, undefined, call.args[1] as string) },
  'mod-flows': { min: 2, max: 2, run: call => flowMod(call, call.options.strict ? 'modify_strict' : 'modify') },
  'del-flows': { min: 1, max: 2, run: call => flowMod(call, call.options.strict ? 'delete_strict' : 'delete') },
  'replace-flows': { min: 2, max: 2, run: replace },
  'diff-flows': { min: 2, max: 2, run: diff },
  'parse-flow': {
    min: 1,
    max: 1,
    *run(call) {
      const read = parseFlow(call.args[0] as string, 'add', { warn: call.warn })
      yield* flushLog(call)
      return read.ok ? yield* parseOnly(call, [read]) : read.error
    },
  },
  'parse-flows': {
    min: 1,
    max: 1,
    *run(call) {
      const file = call.args[0] as string
      const content = yield* readText(call, file)
      if (!content.ok) return content.error
      const read = parseFlowFile(content.text, file, 'add', { warn: call.warn })
      yield* flushLog(call)
      return read.ok ? yield* parseOnly(call, read.flows) : read.error
    },
  },
}
