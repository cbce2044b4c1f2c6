/** Names of ports and tables, as a switch tells them: asked for once by each word for a switch. */
import type { BodyOf } from '../../openflow/message.ts'
import { printMessage } from '../../openflow/message-print.ts'
import type { PortDesc } from '../../openflow/port-desc.ts'
import type { PortNames } from '../../openflow/port-text.ts'
import type { Task } from '../../runtime/index.ts'
import { type Call, fatal, showsNames, takesNames } from './command.ts'
import { type Connection, openConnection } from './connection.ts'
import { decode, isOf, transact, xidOf } from './exchange.ts'

/** Names of what `printMessage` prints. */
export type Names = { ports?: PortNames; tables?: PortNames }

const active = ['tcp:', 'ssl:', 'unix:']
/** A passive peer may be long in coming, and a word that makes no sense is not one to ask. */
const canBeAsked = (name: string): boolean => !name.includes(':') || active.some(start => name.startsWith(start))

type Named = { number: number; name: string }

/** Of two with one name, or one number, the names are not certain. */
const namesOf = (all: Iterable<Named>): PortNames => {
  const numbers = new Map<string, number>()
  const names = new Map<number, string>()
  const twice = { numbers: new Set<number>(), names: new Set<string>() }
  for (const { number, name } of all) {
    if (numbers.has(name)) twice.names.add(name)
    if (names.has(number)) twice.numbers.add(number)
    numbers.set(name, number)
    names.set(number, name)
  }
  for (const name of twice.names) {
    numbers.delete(name)
    for (const [number, same] of names) if (same === name) twice.numbers.add(number)
  }
  for (const number of twice.numbers) names.delete(number)
  return { number: name => numbers.get(name), name: number => names.get(number) }
}

/** The ports of a switch, asked for on a connection of their own. */
export function* portNames(call: Call, name: string): Task<PortNames> {
  const { ports } = call.known
  const known = ports.get(name)
  if (known !== undefined) return known
  let found: readonly PortDesc[] = []
  if (canBeAsked(name)) {
    const connection = yield* openConnection(call, name)
    found = yield* portsOf(call, connection)
    connection.close()
  }
  const names = namesOf(found.map(({ port, name: of }) => ({ number: port, name: of })))
  ports.set(name, names)
  return names
}

/** All ports; those of versions up to 1.2 are in the switch's features, unless there are too many for a message. */
export function* portsOf(call: Call, connection: Connection): Task<PortDesc[]> {
  if (connection.version < 4) {
    const reply = decode(call, yield* transact(call, connection, connection.request({ type: 'features_request' })))
    if (!reply.ok || !isOf(reply.message.body, 'features_reply'))
      return yield* fatal(call, `${connection.name}: received bad features reply`)
    const { ports } = reply.message.body
    if (ports !== undefined && !mayLackPorts(connection, ports)) return [...ports]
  }
  const request = connection.request({ type: 'port_desc_request', port: anyPort })
  return (yield* gathered(call, connection, request, 'port_desc_reply')).flatMap(({ ports }) => ports)
}

/** OFPP_ANY. */
const anyPort = 0xffff
/** What 1.0 to 1.2 need for a port; a message of almost 64 kB may not have had room for all. */
const portSize = (version: number): number => (version === 1 ? 48 : 64)
const mayLackPorts = ({ version }: Connection, ports: readonly PortDesc[]): boolean =>
  32 + (ports.length + 1) * portSize(version) > 0xffff

/** The parts of an answer in several messages; `more` are those of the request behind the first, of the same number. */
export function* gathered<T extends BodyType>(
  call: Call,
  connection: Connection,
  request: Uint8Array,
  type: T,
  more: readonly Uint8Array[] = [],
): Task<BodyOf<T>[]> {
  for (const part of [request, ...more]) connection.queue(part)
  yield* connection.flush()
  const parts: BodyOf<T>[] = []
  for (;;) {
    const message = yield* connection.receive()
    if (typeof message === 'string') return yield* fatal(call, `OpenFlow receive failed (${message})`)
    if (xidOf(message) !== xidOf(request)) continue
    const reply = decode(call, message)
    if (!reply.ok || !isOf(reply.message.body, type)) {
      const text = printMessage(message, { verbosity: call.options.verbosity + 1, paint: call.paint })
      return yield* fatal(call, `received bad reply: ${text}`)
    }
    const { body } = reply.message
    parts.push(body)
    if (!('more' in body) || body.more !== true) return parts
  }
}
type BodyType = Parameters<typeof isOf>[1]

/** The tables of a switch, asked for on a connection of their own. */
export function* tableNames(call: Call, name: string): Task<PortNames> {
  const { tables } = call.known
  const known = tables.get(name)
  if (known !== undefined) return known
  let found: Named[] = []
  if (canBeAsked(name)) {
    const connection = yield* openConnection(call, name)
    found = yield* namedTables(call, connection)
    connection.close()
  }
  const names = namesOf(found)
  tables.set(name, names)
  return names
}

function* namedTables(call: Call, connection: Connection): Task<Named[]> {
  const parts =
    connection.version < 4
      ? yield* gathered(call, connection, connection.request({ type: 'table_request' }), 'table_reply')
      : yield* gathered(
          call,
          connection,
          connection.request({ type: 'table_features_request', tables: [] }),
          'table_features_reply',
        )
  const named = parts.flatMap(({ tables }): Named[] => tables.map(({ table, name }) => ({ number: table, name })))
  return named.filter(({ name }) => name !== '')
}

/** Names to show, if they are to be shown. */
export function* shownNames(call: Call, name: string): Task<Names> {
  if (!showsNames(call)) return {}
  // In the order in which ovs-ofctl asks: the arguments of its printing function from the last on.
  const tables = yield* tableNames(call, name)
  const ports = yield* portNames(call, name)
  return { ports, tables }
}

/** Names to understand, if they are to be; for a message tables are asked for before ports. */
export function* takenNames(call: Call, name: string, order: 'tables first' | 'ports first'): Task<Names> {
  if (!takesNames(call)) return {}
  const early = order === 'ports first' ? yield* portNames(call, name) : undefined
  const tables = yield* tableNames(call, name)
  return { ports: early ?? (yield* portNames(call, name)), tables }
}
