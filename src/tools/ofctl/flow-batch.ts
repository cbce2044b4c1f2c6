/**
 * Files of flows, of which there may be very many. They are read and written as bytes in one go, in the way that the
 * switch will most likely be spoken to; only if it is another one they are read once more. A few flows go to the switch one
 * after the other, each when the one before is known to be good, as ovs-ofctl has it. Many are sent without waiting: an
 * error is told all the same, and nothing is sent after it is heard of, but what was on its way by then is done.
 */
import { Writer } from '../../openflow/bytes.ts'
import { type Protocols, protocol } from '../../openflow/protocol.ts'
import type { Task } from '../../runtime/index.ts'
import { type Call, fatal, flushLog } from './command.ts'
import type { Connection } from './connection.ts'
import { likelySpeech, openForFlows, type Speech } from './flow-format.ts'
import { FlowLines } from './flow-lines.ts'
import type { FlowSource } from './flow-source.ts'
import { received, tellOrFail, toldError, typeOf, xidOf } from './transact.ts'

/** Flows as messages, one behind the other, without numbers; `speech` undefined if not all are in one way. */
type Batch = { bytes: Uint8Array; count: number; protocols: Protocols; speech: Speech | undefined }

/** More flows than these are not waited for one by one. */
const few = 256
/** Bytes that are sent at a time. */
const piece = 65536

const sameSpeech = (a: Speech | undefined, b: Speech): boolean =>
  a?.version === b.version && a.nxm === b.nxm && a.tableId === b.tableId

/** Tells a switch the flows of a file. */
export function* tellFile(call: Call, name: string, source: FlowSource): Task<void> {
  const guess = yield* encode(call, source)
  const connection = yield* openForFlows(call, name, guess.protocols)
  const speech = { version: connection.version, ...connection.dialect }
  const batch = sameSpeech(guess.speech, speech) ? guess : yield* encode(call, source, speech)
  if (batch.count <= few || call.log.shows('vconn', 'dbg'))
    for (const message of messages(batch.bytes)) yield* tellOrFail(call, connection, [numbered(message, call.xid())])
  else yield* pour(call, connection, batch)
  connection.close()
}

/** Without `speech`, in the likeliest for what was read so far; if that changes on the way, no way will be right. */
function* encode(call: Call, source: FlowSource, speech?: Speech): Task<Batch> {
  const out = new Writer(piece)
  const lines = new FlowLines(source, speech === undefined ? call.warn : () => {}, call.paint)
  let protocols: Protocols = protocol.any
  let count = 0
  let certain = true
  lines.speak(speech ?? likelySpeech(call, protocols))
  const { bytes } = source
  let number = 0
  let error: string | undefined
  for (let at = 0; at < bytes.length && error === undefined; ) {
    const newline = bytes.indexOf(lineFeed, at)
    const end = newline < 0 ? bytes.length : newline
    number++
    const start = at
    at = end + 1
    if (lines.writeQuickly(out, start, end, protocols)) {
      count++
      continue
    }
    const flow = lines.read(start, end)
    if (flow === undefined) continue
    if (!flow.ok) {
      error = `${source.file}:${number}: ${flow.error}`
      continue
    }
    count++
    const usable = protocols & flow.protocols
    if (usable !== protocols && speech === undefined) {
      const next = likelySpeech(call, usable)
      if (next === undefined || !sameSpeech(lines.speech, next)) certain = certain && count === 1
      lines.speak(next)
    }
    protocols = usable
    lines.write(out, flow)
  }
  yield* flushLog(call)
  if (error !== undefined) return yield* fatal(call, error)
  return { bytes: out.bytes.subarray(0, out.at), count, protocols, speech: certain ? lines.speech : undefined }
}

const lineFeed = 10

function* messages(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!
    yield bytes.subarray(at, at + length)
    at += length
  }
}

const numbered = (message: Uint8Array, xid: number): Uint8Array => {
  new DataView(message.buffer, message.byteOffset, message.length).setUint32(4, xid)
  return message
}

/** Numbers the messages as if each had a barrier behind it. */
const number = (bytes: Uint8Array, xid: () => number): void => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at < bytes.length; at += view.getUint16(at + 2)) {
    view.setUint32(at + 4, xid())
    xid()
  }
}

function* pour(call: Call, connection: Connection, { bytes }: Batch): Task<void> {
  number(bytes, call.xid)
  for (let at = 0; at < bytes.length; at += piece) {
    connection.queueMany(bytes.subarray(at, at + piece))
    yield* connection.flush()
    connection.takeIn()
    for (let message = connection.poll(); message !== undefined; message = connection.poll())
      if (typeOf(message) === 'error') yield* toldError(call, connection, message)
  }
  const barrier = connection.request({ type: 'barrier_request' })
  yield* connection.send(barrier)
  for (;;) {
    const message = yield* received(call, connection)
    if (xidOf(message) === xidOf(barrier)) return
    if (typeOf(message) === 'error') yield* toldError(call, connection, message)
  }
}
