/** Questions to a switch and its answers, and changes that it answers only if they fail. */
import type { BodyOf, OfBody } from '../../openflow/message.ts'
import { readHead, saysMore } from '../../openflow/message-header.ts'
import { printMessage } from '../../openflow/message-print.ts'
import { type DecodedMessage, decodeMessage, formOf } from '../../openflow/message-wire.ts'
import type { Task } from '../../runtime/index.ts'
import { type Call, exit, fatal, flushLog } from './command.ts'
import type { Connection } from './connection.ts'
import { shownNames } from './names.ts'

const silent = (): void => {}

export const xidOf = (message: Uint8Array): number =>
  new DataView(message.buffer, message.byteOffset, message.length).getUint32(4)

/** What a message is; undefined if its headers say nothing that is known. */
export const typeOf = (message: Uint8Array): OfBody['type'] | undefined => {
  const head = readHead(message, silent)
  return head.ok ? formOf(head.value)?.codec.type : undefined
}

/** The next message of the peer; without one the command ends. */
export function* received(call: Call, connection: Connection): Task<Uint8Array> {
  const message = yield* connection.receive()
  return typeof message === 'string' ? yield* fatal(call, `OpenFlow packet receive failed (${message})`) : message
}

/** Sends a request and waits for what has its number; other messages are passed over. `doing` is what fails without it. */
export function* transact(
  call: Call,
  connection: Connection,
  request: Uint8Array,
  doing = `talking to ${connection.remote}`,
): Task<Uint8Array> {
  yield* connection.send(request)
  const xid = xidOf(request)
  for (;;) {
    const reply = yield* connection.receive()
    if (typeof reply === 'string') return yield* fatal(call, `${doing} (${reply})`)
    if (xidOf(reply) === xid) return reply
    logOther(call, connection, reply, xid)
  }
}

const logOther = ({ log }: Call, { remote }: Connection, reply: Uint8Array, xid: number): void => {
  if (!log.shows('vconn', 'dbg')) return
  const [got, expected] = [xidOf(reply), xid].map(each => each.toString(16).padStart(8, '0'))
  log.add('vconn', 'dbg', `${remote}: received reply with xid ${got} != expected ${expected}`)
}

/** As `transact`, for an answer of one kind; `what` names the other kinds that come. */
export function* asked<T extends OfBody['type']>(
  call: Call,
  connection: Connection,
  body: OfBody,
  type: T,
  wrong: string,
): Task<BodyOf<T>> {
  const decoded = decode(call, yield* transact(call, connection, connection.request(body)))
  if (decoded.ok && isOf(decoded.message.body, type)) return decoded.message.body
  return yield* fatal(call, wrong)
}

export const isOf = <T extends OfBody['type']>(body: OfBody, type: T): body is BodyOf<T> => body.type === type

/** Reads a message; what it says in passing is logged. */
export const decode = (call: Call, message: Uint8Array): DecodedMessage =>
  decodeMessage(message, { tableId: true, warn: call.warn })

/** Prints a message as ovs-ofctl prints what it was asked for. `more` adds to `-m`. */
export function* printed(call: Call, connection: Connection, message: Uint8Array, more = 1): Task<string> {
  const names = yield* shownNames(call, connection.remote)
  const { verbosity, stats } = call.options
  return printMessage(message, { ...names, verbosity: verbosity + more, stats, warn: call.warn })
}

/** Sends a request and prints the answer; one of several messages to its end. */
export function* dumpTransaction(call: Call, connection: Connection, request: Uint8Array): Task<void> {
  const head = readHead(request, silent)
  const stats = head.ok ? head.value.stats : undefined
  if (stats === undefined) {
    const reply = yield* transact(call, connection, request)
    yield* call.stdio.print(yield* printed(call, connection, reply))
    return
  }
  yield* connection.send(request)
  for (;;) {
    const reply = yield* received(call, connection)
    if (xidOf(reply) !== xidOf(request)) {
      logOther(call, connection, reply, xidOf(request))
      continue
    }
    yield* call.stdio.print(yield* printed(call, connection, reply))
    yield* flushLog(call)
    const answer = readHead(reply, silent)
    if (!answer.ok || typeOf(reply) === 'error') return
    const { stats: kind } = answer.value
    if (kind?.side !== 'reply' || kind.kind !== stats.kind)
      return yield* fatal(call, `received bad reply: ${printMessage(reply, { verbosity: call.options.verbosity + 1 })}`)
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
