/** Changes of which all are made or none: OFPT_BUNDLE_CONTROL and OFPT_BUNDLE_ADD_MESSAGE. */
import { type BundleControl, BundleFlag } from '../../openflow/message.ts'
import { printMessage } from '../../openflow/message-print.ts'
import type { Task } from '../../runtime/index.ts'
import { type Call, fatal, flushLog } from './command.ts'
import type { Connection } from './connection.ts'
import { shownNames } from './names.ts'
import { decode, errorOf, isOf, typeOf, xidOf } from './transact.ts'

/** No command uses more than one. */
const bundleId = 0
const flags = BundleFlag.atomic | BundleFlag.ordered
const protocolError = 'Protocol error'

/** Sends messages as a bundle; the command ends if one of them fails. The messages have their numbers already. */
export function* tellBundle(call: Call, connection: Connection, requests: readonly Uint8Array[]): Task<void> {
  const errors: Uint8Array[] = []
  const why = yield* perform(call, connection, requests, errors)
  yield* printErrors(call, connection, requests, errors)
  if (why !== undefined) yield* fatal(call, `talking to ${connection.remote} (${why})`)
}

/** What went wrong; `errors` are the peer's. */
function* perform(
  call: Call,
  connection: Connection,
  requests: readonly Uint8Array[],
  errors: Uint8Array[],
): Task<string | undefined> {
  const opened = yield* control(call, connection, 'open_request', errors)
  if (opened !== undefined) return opened
  for (const message of requests) {
    const add = connection.request({ type: 'bundle_add', bundle: bundleId, flags, message }, xidOf(message))
    connection.queue(add)
    if (connection.queued > patience) yield* connection.flush()
  }
  const barrier = connection.request({ type: 'barrier_request' })
  yield* connection.send(barrier)
  const over = yield* answerTo(call, connection, barrier, errors)
  if (typeof over === 'string') return over
  if (errors.length === 0) return yield* control(call, connection, 'commit_request', errors)
  yield* control(call, connection, 'discard_request', errors)
  return protocolError
}
/** Bytes that are gathered before they are sent. */
const patience = 65536

/** The message with a request's number; errors about others are put aside. A text says why there is none. */
function* answerTo(
  call: Call,
  connection: Connection,
  request: Uint8Array,
  errors: Uint8Array[],
): Task<Uint8Array | string> {
  for (;;) {
    const message = yield* connection.receive()
    if (typeof message === 'string' || xidOf(message) === xidOf(request)) return message
    if (typeOf(message) === 'error') errors.push(message)
    else call.log.add('vconn', 'dbg', `${connection.remote}: received message that nobody waits for`)
  }
}

function* control(
  call: Call,
  connection: Connection,
  kind: BundleControl,
  errors: Uint8Array[],
): Task<string | undefined> {
  const request = connection.request({ type: 'bundle_control', bundle: bundleId, control: kind, flags })
  yield* connection.send(request)
  const reply = yield* answerTo(call, connection, request, errors)
  if (typeof reply === 'string') return reply
  if (typeOf(reply) === 'error') {
    errors.push(reply)
    return protocolError
  }
  const decoded = decode(call, reply)
  const body = decoded.ok ? decoded.message.body : undefined
  const answers = kind.replace('request', 'reply')
  return body !== undefined && isOf(body, 'bundle_control') && body.control === answers ? undefined : protocolError
}

/** Each error with the message that it is about: whole if it is one of `requests`, or else what the error quotes. */
function* printErrors(
  call: Call,
  connection: Connection,
  requests: readonly Uint8Array[],
  errors: readonly Uint8Array[],
): Task<void> {
  for (const message of errors) {
    const error = errorOf(message)
    if (error === undefined) {
      yield* call.stdio.error('***decode error***')
      continue
    }
    const about = requests.find(request => xidOf(request) === xidOf(message)) ?? error.data
    const names = yield* shownNames(call, connection.remote)
    const text = printMessage(about, {
      ...names,
      verbosity: call.options.verbosity + 1,
      warn: call.warn,
      paint: call.paint,
    })
    yield* flushLog(call)
    yield* call.stdio.error(`Error ${error.name} for: ${text.replace(/\n$/, '')}`)
  }
}
