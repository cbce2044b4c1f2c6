/** The commands that listen: what a switch sends to a controller, and what it and its controller say to each other. */

import { parseFlowMonitor } from '../../openflow/flow-monitor-text.ts'
import type { PacketInFormat } from '../../openflow/message.ts'
import { printMessage } from '../../openflow/message-print.ts'
import type { Version } from '../../openflow/protocol.ts'
import type { Task } from '../../runtime/index.ts'
import { goOn, holdPidFile, openControl, Stay } from '../daemon/index.ts'
import { type Call, fatal, flushLog, type OfctlCommands } from './command.ts'
import { type Connection, openConnection } from './connection.ts'
import { Control, Output } from './monitor-control.ts'
import { takenNames } from './names.ts'
import { fetchConfig, setConfig } from './switch.ts'
import { decode, dumpTransaction, printed, tell, typeOf } from './transact.ts'

/** Versions that can tell of packets whose TTL ran out by a flag of the switch. */
const withInvalidTtl: readonly Version[] = [1, 2, 3]

function* monitor(call: Call): Task<number> {
  const [name = '', ...words] = call.args
  const listening = words.includes('invalid_ttl') ? yield* onlyVersions(call, withInvalidTtl) : call
  const connection = yield* openConnection(listening, name)
  let watches = 0
  for (const word of words) {
    if (/^[0-9]/.test(word)) yield* limitMisses(call, connection, Number.parseInt(word, 10) & 0xffff)
    else if (word === 'invalid_ttl') yield* wantInvalidTtl(call, connection)
    else if (word.startsWith('watch:')) yield* watch(call, connection, word.slice('watch:'.length), watches++)
    else if (word === 'resume') yield* limitMisses(call, connection, 0xffff)
    else return yield* fatal(call, `${word}: unsupported "monitor" argument`)
  }
  yield* choosePacketIns(call, connection)
  return yield* listen(call, connection, { answers: true, resumes: words.includes('resume') })
}

function* onlyVersions(call: Call, usable: readonly Version[]): Task<Call> {
  const versions = call.options.versions.filter(version => usable.includes(version))
  if (versions.length > 0) return { ...call, options: { ...call.options, versions } }
  const list = usable.map(version => `OpenFlow1${version - 1}`).join(', ')
  return yield* fatal(call, `invalid_ttl requires one of the OpenFlow versions ${list} but none is enabled (use -O)`)
}

/** Bytes of each packet that misses are told. */
function* limitMisses(call: Call, connection: Connection, missSendLength: number): Task<void> {
  const config = yield* fetchConfig(call, connection)
  yield* setConfig(call, connection, { ...config, missSendLength })
}

function* wantInvalidTtl(call: Call, connection: Connection): Task<void> {
  const config = yield* fetchConfig(call, connection)
  yield* setConfig(call, connection, { ...config, invalidTtlToController: true })
  const after = yield* fetchConfig(call, connection)
  if (after.invalidTtlToController !== true)
    yield* fatal(call, "setting invalid_ttl_to_controller failed (this switch probably doesn't support this flag)")
}

function* watch(call: Call, connection: Connection, text: string, id: number): Task<void> {
  const names = yield* takenNames(call, call.args[0] as string, 'tables first')
  const request = parseFlowMonitor(text, id, { ...names, warn: call.warn })
  yield* flushLog(call)
  if (typeof request === 'string') return yield* fatal(call, request)
  const message = connection.request({ type: 'flow_monitor_request', requests: [request] })
  if (call.options.verbosity > 0)
    yield* call.stdio.print(printMessage(message, { verbosity: call.options.verbosity, paint: call.paint }))
  yield* dumpTransaction(call, connection, message)
}

/** The format that was asked for; otherwise the newest that the switch has. */
function* choosePacketIns(call: Call, connection: Connection): Task<void> {
  const wanted = call.options.packetInFormat
  if (wanted !== undefined) {
    if (yield* setPacketIns(call, connection, wanted)) return
    return yield* fatal(call, `${connection.name}: failed to set packet in format to ${wanted}`)
  }
  if (yield* setPacketIns(call, connection, 'nxt_packet_in2')) return
  if (connection.version === 1) yield* setPacketIns(call, connection, 'nxt_packet_in')
}

function* setPacketIns(call: Call, connection: Connection, format: PacketInFormat): Task<boolean> {
  return (yield* tell(call, connection, [connection.request({ type: 'set_packet_in_format', format })])) === undefined
}

/** What is done beside printing: echo requests are answered, paused translations resumed. */
type Listening = { answers: boolean; resumes: boolean }

/** Prints all that comes until the connection ends, or someone says by the control socket that it is enough. */
function* listen(call: Call, connection: Connection, listening: Listening): Task<number> {
  const output = new Output(call.stdio)
  const control = new Control(call, connection, output)
  const stay = new Stay()
  try {
    const held = holdPidFile(call, stay)
    if (held !== undefined) return yield* fatal(call, held)
    const shut = yield* openControl(call, stay, control.commands)
    if (shut !== undefined) return yield* fatal(call, `failed to create unixctl server (${shut})`)
    yield* goOn(call)
    while (!control.exiting) {
      yield* flushLog(call)
      if (control.blocked) {
        yield control.changed.wait
        continue
      }
      const message = yield* connection.receiveUnless(control.changed.wait)
      if (typeof message === 'string') return yield* fatal(call, `vconn_recv (${message})`)
      if (message === undefined) continue
      yield* take(call, connection, message, output, listening)
      control.came(message)
    }
    connection.close()
    return 0
  } finally {
    control.end()
    stay.end()
  }
}

function* take(
  call: Call,
  connection: Connection,
  message: Uint8Array,
  output: Output,
  { answers, resumes }: Listening,
): Task<void> {
  const text = yield* printed(call, connection, message, 2)
  yield* flushLog(call)
  yield* output.line(`${call.options.timestamp ? timestamp(call) : ''}${text.replace(/\n$/, '')}`)
  const type = typeOf(message)
  if (type === 'echo_request' && answers) yield* connection.send(echoReply(message))
  if (type === 'packet_in' && resumes) yield* resume(call, connection, message)
}

/** `2026-11-23 07:07:54.123: `, in UTC. */
const timestamp = (call: Call): string =>
  `${new Date(call.connect.wallTime()).toISOString().replace('T', ' ').replace('Z', '')}: `

const echoReply = (request: Uint8Array): Uint8Array => {
  const reply = request.slice()
  reply[1] = 3
  return reply
}

function* resume(call: Call, connection: Connection, message: Uint8Array): Task<void> {
  const decoded = decode(call, message)
  const body = decoded.ok ? decoded.message.body : undefined
  if (body?.type !== 'packet_in' || body.continuation === undefined) return
  yield* connection.send(connection.request({ ...body, type: 'resume' }))
}

function* snoop(call: Call): Task<number> {
  const connection = yield* openConnection(call, call.args[0] as string, 'snoop')
  return yield* listen(call, connection, { answers: false, resumes: false })
}

export const monitorCommands: OfctlCommands = {
  monitor: { min: 1, max: 3, stays: true, run: monitor },
  snoop: { min: 1, max: 1, stays: true, run: snoop },
}
