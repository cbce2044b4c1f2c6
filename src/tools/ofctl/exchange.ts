/** One question to a switch and its answer. */
import type { BodyOf, OfBody } from '../../openflow/message.ts'
import { readHead } from '../../openflow/message-header.ts'
import { type DecodedMessage, decodeMessage, formOf } from '../../openflow/message-wire.ts'
import type { Task } from '../../runtime/index.ts'
import { type Call, fatal } from './command.ts'
import type { Connection } from './connection.ts'

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

export const logOther = ({ log }: Call, { remote }: Connection, reply: Uint8Array, xid: number): void => {
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
