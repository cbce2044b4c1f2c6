/** The commands that change flows, and those that only read a flow's text. */
import { chosenProtocol, type FlowCommand, formatProtocols } from '../../openflow/index.ts'
import { printMessage } from '../../openflow/message-print.ts'
import { encodeMessage } from '../../openflow/message-wire.ts'
import { type Protocols, protocol } from '../../openflow/protocol.ts'
import type { Task } from '../../runtime/index.ts'
import { tellBundle } from './bundle.ts'
import { type Call, fatal, type OfctlCommands } from './command.ts'
import type { Connection } from './connection.ts'
import { tellFile } from './flow-batch.ts'
import { allowedProtocols, openForFlows } from './flow-format.ts'
import { type FlowSource, flowMessage, type ReadFlow, readBytes, readFlow, readFlows } from './flow-source.ts'
import { takenNames } from './names.ts'
import { tellOrFail } from './transact.ts'

export const usableProtocols = (flows: readonly { protocols: Protocols }[]): Protocols =>
  flows.reduce((bits: Protocols, { protocols }) => bits & protocols, protocol.any)

function* tellFlows(call: Call, name: string, flows: readonly ReadFlow[]): Task<number> {
  const connection = yield* openForFlows(call, name, usableProtocols(flows))
  if (call.options.bundle)
    yield* tellBundle(
      call,
      connection,
      flows.map(flow => connection.request(flowMessage(flow))),
    )
  else yield* tellEach(call, connection, flows)
  connection.close()
  return 0
}

function* tellEach(call: Call, connection: Connection, flows: readonly ReadFlow[]): Task<void> {
  for (const flow of flows) yield* tellOrFail(call, connection, [connection.request(flowMessage(flow))])
}

/** A flow of the command line; `-` stands for a file that is stdin. */
function* flowMod(call: Call, command: FlowCommand): Task<number> {
  const [name = '', text = ''] = call.args
  if (text === '-') return yield* flowFile(call, command)
  const names = yield* takenNames(call, name, 'tables first')
  return yield* tellFlows(call, name, [yield* readFlow(call, text, command, names)])
}

/** Only a file of flows to add may have other commands in it. */
function* flowFile(call: Call, command: FlowCommand): Task<number> {
  const [name = '', file = ''] = call.args
  const names = yield* takenNames(call, name, 'tables first')
  const source = { file, command: command === 'add' ? undefined : command, names, bytes: yield* readBytes(call, file) }
  if (call.options.bundle) return yield* tellFlows(call, name, yield* readFlows(call, source))
  yield* tellFile(call, name, source)
  return 0
}

/** Prints flows as they would go to a switch. */
function* parseOnly(call: Call, flows: readonly ReadFlow[]): Task<number> {
  const usable = usableProtocols(flows)
  yield* call.stdio.print(`usable protocols: ${formatProtocols(usable)}\n`)
  const chosen = chosenProtocol(usable & allowedProtocols(call))
  if (chosen === undefined) return yield* fatal(call, 'no usable protocol')
  yield* call.stdio.print(`chosen protocol: ${chosen.name}\n`)
  const { version, nxm } = chosen
  const speech = { version, nxm, tableId: chosen.name.endsWith('+table_id') }
  for (const flow of flows) {
    const bytes = encodeMessage(flowMessage(flow), { ...speech, xid: call.xid() })
    if (bytes === undefined) throw new Error(`${chosen.name} cannot say a flow`)
    yield* call.stdio.print(
      printMessage(bytes, { verbosity: call.options.verbosity, warn: call.warn, paint: call.paint }),
    )
  }
  return 0
}

/** The file that a command only reads. */
function* source(call: Call): Task<FlowSource> {
  const [file = ''] = call.args
  return { file, command: 'add', names: {}, bytes: yield* readBytes(call, file) }
}

const strict =
  (command: 'modify' | 'delete') =>
  (call: Call): Task<number> =>
    flowMod(call, call.options.strict ? `${command}_strict` : command)

export const flowCommands: OfctlCommands = {
  'add-flow': { min: 2, max: 2, readWrite: true, run: call => flowMod(call, 'add') },
  'add-flows': { min: 2, max: 2, readWrite: true, run: call => flowFile(call, 'add') },
  'mod-flows': { min: 2, max: 2, readWrite: true, run: strict('modify') },
  'del-flows': { min: 1, max: 2, readWrite: true, run: strict('delete') },
  'parse-flow': {
    min: 1,
    max: 1,
    readWrite: true,
    *run(call) {
      return yield* parseOnly(call, [yield* readFlow(call, call.args[0] as string, 'add', {})])
    },
  },
  'parse-flows': {
    min: 1,
    max: 1,
    readWrite: true,
    *run(call) {
      return yield* parseOnly(call, yield* readFlows(call, yield* source(call)))
    },
  },
}
