/** What commands do with the answers of a switch, and changes that it answers only if they fail. */
import type { OfBody } from '../../openflow/message.ts'
import { readHead, saysMore } from '../../openflow/message-header.ts'
import { type PrintMessageOptions, printedBytes, printMessage } from '../../openflow/message-print.ts'
import { decodeMessage } from '../../openflow/message-wire.ts'
import type { Task } from '../../runtime/index.ts'
import { type Call, exit, fatal, flushLog } from './command.ts'
import type { Connection } from './connection.ts'
import { isOf, logOther, received, transact, typeOf, xidOf } from './exchange.ts'
import { shownNames } from './names.ts'

export { asked, decode, isOf, received, transact, typeOf, xidOf } from './exchange.ts'

const silent = (): void => {}

/** Prints a message as ovs-ofctl prints what it was asked for. `more` adds to `-m`. */
export function* printed(call: Call, connection: Connection, message: Uint8Array, more = 1): Task<string> {
  return printMessage(message, yield* printOptions(call, connection, more))
}

function* printOptions(call: Call, connection: Connection, more: number): Task<PrintMessageOptions> {
  // What is overheard is printed without names.
  const names = connection.snoops ? {} : yield* shownNames(call, connection.remote)
  const { verbosity, stats } = call.options
  return { ...names, verbosity: verbosity + more, stats, warn: call.warn, paint: call.paint }
}

/** The same, to stdout: an answer may be one of very many. */
function* show(call: Call, connection: Connection, message: Uint8Array): Task<void> {
  yield* call.stdio.printBytes(printedBytes(message, yield* printOptions(call, connection, 1)))
}

/** Sends a request and prints the answer; one of several messages to its end. */
export function* dumpTransaction(call: Call, connection: Connection, request: Uint8Array): Task<void> {
  const head = readHead(request, silent)
  const stats = head.ok ? head.value.stats : undefined
  if (stats === undefined) {
    const reply = yield* transact(call, connection, request)
    yield* show(call, connection, reply)
    return
  }
  yield* connection.send(request)
  for (;;) {
    const reply = yield* received(call, connection)
    if (xidOf(reply) !== xidOf(request)) {
      logOther(call, connection, reply, xidOf(request))
      continue
    }
    yield* show(call, connection, reply)
    yield* flushLog(call)
    const answer = readHead(reply, silent)
    if (!answer.ok || typeOf(reply) === 'error') return
    const { stats: kind } = answer.value
    if (kind?.side !== 'reply' || kind.kind !== stats.kind)
      return yield* fatal(
        call,
        `received bad reply: ${printMessage(reply, { verbosity: call.options.verbosity + 1, paint: call.paint })}`,
      )
    if (!saysMore(answer.value)) return
  }
}

/** As `dumpTransaction`, of a message that has nothing but its type, on a connection of its own. */
export function* dumpTrivial(call: Call, connection: Connection, body: OfBody): Task<number> {
  yield* dumpTransaction(call, connection, connection.request(body))
  connection.close()
  return 0
}

/** What is told: a message, or the parts of one that is too long, which have one number. */
type Told = Uint8Array | readonly Uint8Array[]

/** Sends messages that are answered only if they fail, each before the next; gives the first answer. */
export function* tell(call: Call, connection: Connection, requests: readonly Told[]): Task<Uint8Array | undefined> {
  for (const told of requests) {
    const parts = told instanceof Uint8Array ? [told] : told
    const request = parts[0]!
    for (const part of parts) connection.queue(part)
    const barrier = connection.request({ type: 'barrier_request' })
    connection.queue(barrier)
    yield* connection.flush()
    let answer: Uint8Array | undefined
    for (;;) {
      const reply = yield* connection.receive()
      if (typeof reply === 'string') return yield* fatal(call, `talking to ${connection.remote} (${reply})`)
      if (xidOf(reply) === xidOf(request)) answer ??= reply
      else if (xidOf(reply) === xidOf(barrier)) break
      else logOther(call, connection, reply, xidOf(request))
    }
    if (answer !== undefined) return answer
  }
  return undefined
}

/** As `tell`; if one fails the command ends with the error. */
export function* tellOrFail(call: Call, connection: Connection, requests: readonly Told[]): Task<void> {
  const answer = yield* tell(call, connection, requests)
  if (answer !== undefined) yield* toldError(call, connection, answer)
}

/** Ends the command with an error of the switch. */
export function* toldError(call: Call, connection: Connection, answer: Uint8Array): Task<never> {
  const text = yield* printed(call, connection, answer, 2)
  yield* flushLog(call)
  yield* call.stdio.error(text.replace(/\n$/, ''))
  return yield* exit(call, 1)
}

/** The name of an error message's error, and the beginning of what it is about. */
export const errorOf = (message: Uint8Array): { name: string; data: Uint8Array } | undefined => {
  const decoded = decodeMessage(message)
  if (!decoded.ok || !isOf(decoded.message.body, 'error')) return undefined
  const { name, data } = decoded.message.body
  return name === undefined ? undefined : { name, data }
}
