/** The commands that show flows and what went through them. */
import { fieldNamed, readField } from '../../flow/fields.ts'
import {
  type FlowStats,
  flagNames,
  formatFlowStats,
  parseFlow,
  preconditionOf,
  seenBy,
  type Version,
} from '../../openflow/index.ts'
import { second, type Task } from '../../runtime/index.ts'
import { tableCount } from '../../switch/flow-table.ts'
import type { Rule } from '../../switch/rule.ts'
import { type Call, connectTo, flushLog, header, type OfctlCommands, type Target } from './command.ts'
import { filterOf } from './send.ts'

/** Reads `BR [FLOW]` of the commands that ask for flows. */
function* asked(call: Call): Task<{ target: Target; rules: Rule[] } | string> {
  const [name = '', text = ''] = call.args
  const target = connectTo(call, name)
  const read = parseFlow(text, call.options.strict ? 'delete_strict' : 'delete', {
    ports: typeof target === 'string' ? undefined : target.names,
    warn: call.warn,
  })
  yield* flushLog(call)
  if (!read.ok) return read.error
  if (typeof target === 'string') return target
  return { target, rules: target.bridge.flows.dump(filterOf(read.flow)) }
}

const statsOf = (rule: Rule, now: number, version: Version): FlowStats => ({
  ...rule,
  match: rule.match,
  actions: seenBy(version, rule.actions, preconditionOf(rule.match)),
  duration: (now - rule.created) / second,
  idleAge: (now - rule.used) / second,
  hardAge: (now - rule.modified) / second,
  flags: version >= 4 ? flagNames(rule.flags) : [],
})

const sortValue = (rule: Rule, name: string): bigint | undefined => {
  if (name === 'priority') return BigInt(rule.priority)
  const field = fieldNamed(name)
  return field === undefined || readField(rule.match.mask, field) === 0n ? undefined : readField(rule.match.key, field)
}

/** Flows that do not look at the field come last in ascending order. */
const sorted = (rules: readonly Rule[], by: Call['options']['sort']): Rule[] =>
  [...rules].sort((a, b) => {
    for (const { field, descending } of by) {
      const [x, y] = [sortValue(a, field), sortValue(b, field)]
      const order = x === y ? 0 : x === undefined ? 1 : y === undefined ? -1 : x < y ? -1 : 1
      if (order !== 0) return descending ? -order : order
    }
    return 0
  })

function* dumpFlows(call: Call): Task<number | string> {
  const { options, stdio, args } = call
  const wrong = options.sort.find(({ field }) => field !== 'priority' && fieldNamed(field) === undefined)
  if (wrong !== undefined) return `${wrong.field}: unknown field name`
  const found = yield* asked(call)
  if (typeof found === 'string') return found
  const { target, rules } = found
  const { version } = target
  // Numbers alone go out as the switch's message reads; with names or in order the list is ovs-ofctl's own.
  const names = options.names ?? stdio.isTerminal
  const plain = !names && options.sort.length === 0 && options.stats
  if (plain) {
    const xid = (version === 1 ? 4 : 2) + (args.length > 1 ? 4 : 0)
    yield* stdio.print(`${header(version === 1 ? 'NXST_FLOW reply' : 'OFPST_FLOW reply', version, xid)}:\n`)
  }
  const now = target.sw.clock.now()
  const format = {
    version,
    noStats: !options.stats,
    ages: plain && (version === 1 || version === 6),
    ports: names ? target.names : undefined,
  }
  for (const rule of sorted(rules, options.sort)) {
    yield* stdio.print(`${formatFlowStats(statsOf(rule, now, version), format)}\n`)
  }
  return 0
}

function* dumpAggregate(call: Call): Task<number | string> {
  const found = yield* asked(call)
  if (typeof found === 'string') return found
  const { version } = found.target
  const packets = found.rules.reduce((sum, rule) => sum + rule.packets, 0)
  const bytes = found.rules.reduce((sum, rule) => sum + rule.bytes, 0)
  const name = version === 1 ? 'NXST_AGGREGATE reply' : 'OFPST_AGGREGATE reply'
  const xid = (version === 1 ? 4 : 2) + (call.args.length > 1 ? 4 : 0)
  yield* call.stdio.print(
    `${header(name, version, xid)}: packet_count=${packets} byte_count=${bytes} flow_count=${found.rules.length}\n`,
  )
  return 0
}

const features = [
  '    max_entries=1000000',
  '    matching:',
  '      exact match or wildcard: in_port eth_{src,dst,type} vlan_{vid,pcp} ip_{src,dst} nw_{proto,tos} tcp_{src,dst}',
]

/** Tables that count the same as the one before are told in one line. */
function* dumpTables(call: Call): Task<number | string> {
  const target = connectTo(call, call.args[0] as string)
  if (typeof target === 'string') return target
  const { bridge, version } = target
  bridge.flows.dump()
  const counts = Array.from({ length: tableCount }, (_, id) => {
    const table = bridge.table(id)
    return `    active=${table?.size ?? 0}, lookup=${table?.lookups ?? 0}, matched=${table?.matches ?? 0}`
  })
  const lines: string[] = [`${header('OFPST_TABLE reply', version, 2)}:`]
  for (let id = 0; id < counts.length; ) {
    lines.push(`  table ${id}:`, counts[id] as string)
    if (version === 1) lines.push(...(id === 0 ? features : ['    (same features)']))
    let last = id
    while (counts[last + 1] === counts[id]) last++
    if (last > id) lines.push('', last === id + 1 ? `  table ${last}: ditto` : `  tables ${id + 1}...${last}: ditto`)
    if (last + 1 < counts.length) lines.push('')
    id = last + 1
  }
  yield* call.stdio.print(`${lines.join('\n')}\n`)
  return 0
}

export const dumpCommands: OfctlCommands = {
  'dump-flows': { min: 1, max: 2, run: dumpFlows },
  'dump-aggregate': { min: 1, max: 2, run: dumpAggregate },
  'dump-tables': { min: 1, max: 1, run: dumpTables },
}
