/** `packet-out BR IN_PORT ACTIONS PACKET…`, or all in one word: `in_port=1,packet=…,actions=…`. */
import { newMatch } from '../../flow/match.ts'
import { parseActions, protocolsOfList } from '../../openflow/index.ts'
import { noBuffer } from '../../openflow/message.ts'
import { type PacketOutText, parseHexPacket, parsePacketOut } from '../../openflow/packet-out-text.ts'
import type { Task } from '../../runtime/index.ts'
import { type Call, fatal, flushLog, type OfctlCommands, orFatal } from './command.ts'
import type { Connection } from './connection.ts'
import { openForFlows } from './flow-format.ts'
import { takenNames } from './names.ts'
import { portArgument } from './port-argument.ts'
import { tellOrFail } from './transact.ts'

function* packetOut(call: Call): Task<number> {
  const { args } = call
  if (args.length === 2) return yield* oneWord(call)
  // The words of the program's own line are counted.
  if (args.length === 3) return yield* fatal(call, `Too many arguments (${args.length + 1})`)
  return yield* severalWords(call)
}

type Sent = Omit<PacketOutText, 'protocols'>

/** The message for a packet that is sent. */
export const packetOutMessage = (connection: Connection, sent: Sent): Uint8Array =>
  connection.request({ type: 'packet_out', bufferId: noBuffer, ...sent })

function* oneWord(call: Call): Task<number> {
  const [name = '', text = ''] = call.args
  const names = yield* takenNames(call, name, 'tables first')
  const read = parsePacketOut(text, { ...names, warn: call.warn })
  yield* flushLog(call)
  const { protocols, ...sent } = yield* orFatal(call, read)
  const connection = yield* openForFlows(call, name, protocols)
  yield* tellOrFail(call, connection, [packetOutMessage(connection, sent)])
  connection.close()
  return 0
}

function* severalWords(call: Call): Task<number> {
  const [name = '', portText = '', actionText = '', ...packetTexts] = call.args
  const names = yield* takenNames(call, name, 'ports first')
  const read = parseActions(actionText, names.ports, call.warn, names.tables, true)
  yield* flushLog(call)
  const actions = yield* orFatal(call, read)
  const inPort = yield* portArgument(call, name, portText)
  const connection = yield* openForFlows(call, name, protocolsOfList(actions))
  for (const text of packetTexts) {
    const packet = yield* orFatal(call, parseHexPacket(text))
    yield* tellOrFail(call, connection, [packetOutMessage(connection, { inPort, match: newMatch(), actions, packet })])
  }
  connection.close()
  return 0
}

export const packetOutCommands: OfctlCommands = {
  'packet-out': { min: 2, max: Number.POSITIVE_INFINITY, readWrite: true, run: packetOut },
}
