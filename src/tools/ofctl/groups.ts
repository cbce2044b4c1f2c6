/** The commands about groups. */

import { type GroupCommand, type GroupMod, OfGroup } from '../../openflow/group.ts'
import { type GroupRead, parseGroup, parseGroupLine } from '../../openflow/group-parse.ts'
import { chosenProtocol } from '../../openflow/index.ts'
import type { OfBody } from '../../openflow/message.ts'
import { printMessage } from '../../openflow/message-print.ts'
import { encodeMessage } from '../../openflow/message-wire.ts'
import { parse64 } from '../../openflow/number.ts'
import { formatProtocols, type Version } from '../../openflow/protocol.ts'
import type { Task } from '../../runtime/index.ts'
import { tellBundle } from './bundle.ts'
import { type Call, fatal, flushLog, type OfctlCommand, type OfctlCommands } from './command.ts'
import { type Connection, openConnection } from './connection.ts'
import { allowedProtocols, openForFlows } from './flow-format.ts'
import { readText } from './flow-source.ts'
import { usableProtocols } from './flows.ts'
import { takenNames } from './names.ts'
import { dumpTransaction, tellOrFail } from './transact.ts'

type ReadGroup = Extract<GroupRead, { ok: true }>

/** Changes of single buckets came with 1.5; 1.0 has them by an extension. */
const lacksBuckets = (version: Version, { command }: GroupMod): boolean =>
  (command === 'insert_bucket' || command === 'remove_bucket') && version > 1 && version < 6

/** The message for a change; the command ends if the version has no such change. */
export function* groupMessage(call: Call, connection: Connection, mod: GroupMod): Task<Uint8Array> {
  if (!lacksBuckets(connection.version, mod)) return connection.request({ type: 'group_mod', mod })
  return yield* fatal(call, `${mod.command.replace('_', '-')} needs OpenFlow 1.5 or later ('-O OpenFlow15')`)
}

/** Tells the switch, in one bundle or each change before the next. */
function* tellGroups(call: Call, name: string, groups: readonly ReadGroup[]): Task<number> {
  if (groups.length === 0 && call.options.bundle) return 0
  const connection = yield* openForFlows(call, name, usableProtocols(groups))
  const messages: Uint8Array[] = []
  for (const { mod } of groups) {
    const message = yield* groupMessage(call, connection, mod)
    if (call.options.bundle) messages.push(message)
    else yield* tellOrFail(call, connection, [message])
  }
  if (call.options.bundle) yield* tellBundle(call, connection, messages)
  connection.close()
  return 0
}

/** A group of the command line; `-` stands for a file that is stdin. */
function* groupMod(call: Call, command: GroupCommand): Task<number> {
  const [name = '', text = ''] = call.args
  if (text === '-') return yield* groupFile(call, command)
  return yield* tellGroups(call, name, [yield* readGroup(call, text, command)])
}

function* readGroup(call: Call, text: string, command: GroupCommand): Task<ReadGroup> {
  const names = yield* takenNames(call, call.args[0] as string, 'tables first')
  const read = parseGroup(text, command, { ...names, warn: call.warn })
  yield* flushLog(call)
  return read.ok ? read : yield* fatal(call, read.error)
}

/** Lines that say something, with their numbers; `#` starts a comment. */
export const linesOf = (text: string): { line: string; number: number }[] =>
  text
    .split('\n')
    .map((line, i) => ({ line: line.replace(/#.*$/, ''), number: i + 1 }))
    .filter(({ line }) => line.trim() !== '')

/** Only a file of groups to add may have other commands in it. */
function* groupFile(call: Call, command: GroupCommand): Task<number> {
  const [name = '', file = ''] = call.args
  const names = yield* takenNames(call, name, 'tables first')
  const groups: ReadGroup[] = []
  for (const { line, number } of linesOf(yield* readText(call, file))) {
    const options = { ...names, warn: call.warn }
    const read = command === 'add' ? parseGroupLine(line, options) : parseGroup(line, command, options)
    if (!read.ok) return yield* fatal(call, `${file}:${number}: ${read.error}`)
    groups.push(read)
  }
  return yield* tellGroups(call, name, groups)
}

/** Asks, and prints the answer. */
function* ask(call: Call, body: OfBody): Task<number> {
  const connection = yield* openConnection(call, call.args[0] as string)
  yield* dumpTransaction(call, connection, connection.request(body))
  connection.close()
  return 0
}

/** The group that a word names; what is no group stands for all. */
const groupNamed = (text: string, { warn }: Call): number => {
  const upper = text.toUpperCase()
  if (upper === 'ANY') return OfGroup.any
  if (upper === 'ALL') return OfGroup.all
  const number = parse64(text)
  if (typeof number === 'bigint' && number <= BigInt(OfGroup.any)) return Number(number)
  warn(
    'ofp_group',
    `${text} is not a valid group ID.  (Valid group IDs are 32-bit nonnegative integers or the keywords ANY or ALL.)`,
  )
  return OfGroup.all
}

function* dumpGroups(call: Call): Task<number> {
  const [name = '', text] = call.args
  const connection = yield* openConnection(call, name)
  const group = text === undefined ? OfGroup.all : groupNamed(text, call)
  yield* dumpTransaction(call, connection, connection.request({ type: 'group_desc_request', group }))
  connection.close()
  return 0
}

function* dumpStats(call: Call): Task<number> {
  const { mod } = yield* readGroup(call, call.args[1] ?? '', 'delete')
  return yield* ask(call, { type: 'group_request', group: mod.group })
}

/** Prints a group as it would go to a switch. */
function* parseOnly(call: Call): Task<number> {
  const read = parseGroup(call.args[0] as string, 'add', { warn: call.warn })
  yield* flushLog(call)
  if (!read.ok) return yield* fatal(call, read.error)
  yield* call.stdio.print(`usable protocols: ${formatProtocols(read.protocols)}\n`)
  const chosen = chosenProtocol(read.protocols & allowedProtocols(call))
  if (chosen === undefined) return yield* fatal(call, 'no usable protocol')
  yield* call.stdio.print(`chosen version: ${versionName(chosen.version)}\n`)
  const body: OfBody = { type: 'group_mod', mod: read.mod }
  const bytes = encodeMessage(body, { version: chosen.version, xid: call.xid() })
  if (bytes === undefined) throw new Error('a group cannot be said')
  yield* call.stdio.print(
    printMessage(bytes, { verbosity: call.options.verbosity, warn: call.warn, paint: call.paint }),
  )
  return 0
}

const versionName = (version: Version): string => `OpenFlow1${version - 1}`

const changes = (command: GroupCommand): OfctlCommand => ({
  min: 1,
  max: 2,
  readWrite: true,
  run: call => groupMod(call, command),
})

export const groupCommands: OfctlCommands = {
  'add-group': changes('add'),
  'add-groups': { min: 2, max: 2, readWrite: true, run: call => groupFile(call, 'add') },
  'mod-group': {
    min: 1,
    max: 2,
    readWrite: true,
    run: call => groupMod(call, call.options.mayCreate ? 'add_or_mod' : 'modify'),
  },
  'del-groups': changes('delete'),
  'insert-buckets': changes('insert_bucket'),
  'remove-buckets': changes('remove_bucket'),
  'dump-groups': { min: 1, max: 2, run: dumpGroups },
  'dump-group-stats': { min: 1, max: 2, run: dumpStats },
  'dump-group-features': { min: 1, max: 1, run: call => ask(call, { type: 'group_features_request' }) },
  'parse-group': { min: 1, max: 1, readWrite: true, run: parseOnly },
}
