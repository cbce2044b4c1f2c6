/** The commands about a switch's ports and their queues. */
import { OfPort } from '../../openflow/action.ts'
import { allQueues } from '../../openflow/messages/queue-stats.ts'
import { PortConfigBit, type PortDesc } from '../../openflow/port-desc.ts'
import type { Task } from '../../runtime/index.ts'
import { type Call, fatal, type OfctlCommands } from './command.ts'
import { openConnection } from './connection.ts'
import { portsOf } from './names.ts'
import { anyPort, portArgument } from './port-argument.ts'
import { dumpTransaction, tellOrFail } from './transact.ts'

function* dumpPorts(call: Call): Task<number> {
  const [name = '', wanted] = call.args
  const connection = yield* openConnection(call, name)
  const port = wanted === undefined ? anyPort : yield* portArgument(call, name, wanted)
  yield* dumpTransaction(call, connection, connection.request({ type: 'port_request', port }))
  connection.close()
  return 0
}

function* dumpPortsDesc(call: Call): Task<number> {
  const [name = '', wanted] = call.args
  const connection = yield* openConnection(call, name)
  const port = wanted === undefined ? anyPort : yield* portArgument(call, name, wanted)
  yield* dumpTransaction(call, connection, connection.request({ type: 'port_desc_request', port }))
  connection.close()
  return 0
}

/** What `mod-port` turns on: the bit, and whether it is set then. */
const switches: Readonly<Record<string, readonly [bit: number, set: boolean]>> = {
  up: [PortConfigBit.down, false],
  down: [PortConfigBit.down, true],
  stp: [PortConfigBit.noStp, false],
  receive: [PortConfigBit.noReceive, false],
  'receive-stp': [PortConfigBit.noReceiveStp, false],
  flood: [PortConfigBit.noFlood, false],
  forward: [PortConfigBit.noForward, false],
  'packet-in': [PortConfigBit.noPacketIn, false],
}

/** `no-flood`, `noflood`, `flood`: the bit to change and what to; undefined if it says nothing. */
const portChange = (text: string): { mask: number; config: number } | undefined => {
  const [, no = '', word = ''] = /^(no-?)?(.*)$/.exec(text.toLowerCase()) ?? []
  const found = Object.hasOwn(switches, word) ? switches[word] : undefined
  if (found === undefined) return undefined
  const [mask, set] = found
  return { mask, config: set !== (no !== '') ? mask : 0 }
}

/** A port by its number or its name; the reserved names are none. */
function* findPort(call: Call, name: string, text: string): Task<PortDesc> {
  const connection = yield* openConnection(call, name)
  const ports = yield* portsOf(call, connection)
  connection.close()
  const number = /^[0-9]+$/.test(text) ? Number(text) : undefined
  const found = ports.find(({ port, name: of }) => (number === undefined ? of === text : port === number))
  return found ?? (yield* fatal(call, `${name}: couldn't find port \`${text}'`))
}

function* modPort(call: Call): Task<number> {
  const [name = '', portText = '', what = ''] = call.args
  const { port, mac } = yield* findPort(call, name, portText)
  const change = portChange(what)
  if (change === undefined) return yield* fatal(call, `unknown mod-port command '${what}'`)
  const connection = yield* openConnection(call, name)
  yield* tellOrFail(call, connection, [connection.request({ type: 'port_mod', port, mac, ...change, advertise: 0 })])
  connection.close()
  return 0
}

/** A number as C's `atoi` reads it. */
const queueNumber = (text: string): number => (Number.parseInt(text, 10) || 0) >>> 0
/** `ALL` in any case. */
const isAll = (text: string): boolean => text.toLowerCase() === 'all'

function* queueStats(call: Call): Task<number> {
  const [name = '', portText = 'all', queueText = 'all'] = call.args
  const connection = yield* openConnection(call, name)
  const port = isAll(portText) ? anyPort : yield* portArgument(call, name, portText)
  const queue = isAll(queueText) ? allQueues : queueNumber(queueText)
  yield* dumpTransaction(call, connection, connection.request({ type: 'queue_request', port, queue }))
  connection.close()
  return 0
}

function* queueConfig(call: Call): Task<number> {
  const [name = '', portText = 'ANY', queueText = 'ALL'] = call.args
  const port = yield* portArgument(call, name, portText)
  const queue = isAll(queueText) ? allQueues : queueNumber(queueText)
  const connection = yield* openConnection(call, name)
  const { version } = connection
  const ask = (one: number): Uint8Array =>
    connection.request(
      version >= 5 ? { type: 'queue_desc_request', port: one, queue } : { type: 'queue_get_config_request', port: one },
    )
  // 1.0 has no way to ask for all ports.
  const ports = version === 1 && port === anyPort ? yield* realPorts(call, name) : [port]
  for (const one of ports) yield* dumpTransaction(call, connection, ask(one))
  connection.close()
  return 0
}

function* realPorts(call: Call, name: string): Task<number[]> {
  const connection = yield* openConnection(call, name)
  const ports = yield* portsOf(call, connection)
  connection.close()
  return ports.map(({ port }) => port).filter(port => port < OfPort.max)
}

export const portCommands: OfctlCommands = {
  'dump-ports': { min: 1, max: 2, run: dumpPorts },
  'dump-ports-desc': { min: 1, max: 2, run: dumpPortsDesc },
  'mod-port': { min: 3, max: 3, readWrite: true, run: modPort },
  'queue-stats': { min: 1, max: 3, run: queueStats },
  'queue-get-config': { min: 1, max: 3, run: queueConfig },
}
