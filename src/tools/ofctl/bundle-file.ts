/** `bundle SWITCH FILE`: flows, groups and packets of a file, all or none. */
import { parseFlowLine } from '../../openflow/flow-file.ts'
import { parseGroupLine } from '../../openflow/group-parse.ts'
import { parsePacketOut } from '../../openflow/packet-out-text.ts'
import type { Protocols, Version } from '../../openflow/protocol.ts'
import type { Task } from '../../runtime/index.ts'
import { tellBundle } from './bundle.ts'
import { type Call, fatal, flushLog, type OfctlCommands } from './command.ts'
import type { Connection } from './connection.ts'
import { openForFlows } from './flow-format.ts'
import { flowMessage, readText } from './flow-source.ts'
import { usableProtocols } from './flows.ts'
import { groupMessage, linesOf } from './groups.ts'
import { type Names, takenNames } from './names.ts'
import { packetOutMessage } from './packet-out.ts'

/** A line that was read: the protocols that can say it, and its message. */
type Item = { protocols: Protocols; message(connection: Connection): Task<Uint8Array> }
type Options = Names & Pick<Call, 'warn' | 'paint'>

/** Reads what follows the first word of a line; a text says what is wrong. */
type ReadItem = (call: Call, text: string, options: Options) => Item | string

const kinds: Readonly<Record<string, ReadItem>> = {
  flow(_, text, options) {
    const read = parseFlowLine(text, options)
    if (!read.ok) return read.error
    return {
      protocols: read.protocols,
      // biome-ignore lint/correctness/useYield: it never waits
      *message(connection) {
        return connection.request(flowMessage(read))
      },
    }
  },
  group(call, text, options) {
    const read = parseGroupLine(text, options)
    if (!read.ok) return read.error
    return { protocols: read.protocols, message: connection => groupMessage(call, connection, read.mod) }
  },
  'packet-out'(_, text, options) {
    const read = parsePacketOut(text, options)
    if (typeof read === 'string') return read
    const { protocols, ...sent } = read
    return {
      protocols,
      // biome-ignore lint/correctness/useYield: it never waits
      *message(connection) {
        return packetOutMessage(connection, sent)
      },
    }
  },
}

function* readItems(call: Call, file: string, names: Names): Task<Item[]> {
  const items: Item[] = []
  for (const { line, number } of linesOf(yield* readText(call, file))) {
    const [, word = '', rest = ''] = /^[ \t\r\n]*([^, \t\r\n]*)[, \t\r\n]*(.*)$/s.exec(line) ?? []
    const kind = Object.hasOwn(kinds, word) ? kinds[word] : undefined
    const item =
      kind?.(call, rest, { ...names, warn: call.warn, paint: call.paint }) ?? `Unsupported bundle message type: ${word}`
    yield* flushLog(call)
    if (typeof item === 'string') return yield* fatal(call, `${file}:${number}: ${item}`)
    items.push(item)
  }
  return items
}

/** Versions that have bundles, and the one that is taken if none of them is allowed. */
const withBundles: Version = 4
const usual: Version = 5

function* bundle(call: Call): Task<number> {
  const [name = '', file = ''] = call.args
  const names = yield* takenNames(call, name, 'tables first')
  const items = yield* readItems(call, file, names)
  const allowed = call.options.versions.filter(version => version >= withBundles)
  const versions = allowed.length > 0 ? allowed : [usual]
  const told: Call = { ...call, options: { ...call.options, versions } }
  const connection = yield* openForFlows(told, name, usableProtocols(items))
  const messages: Uint8Array[] = []
  for (const item of items) messages.push(yield* item.message(connection))
  yield* tellBundle(told, connection, messages)
  connection.close()
  return 0
}

export const bundleCommands: OfctlCommands = { bundle: { min: 2, max: 2, readWrite: true, run: bundle } }
