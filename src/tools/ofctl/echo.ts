/** The commands that see whether a switch is there, and how fast it answers. */
import { printMessage } from '../../openflow/message-print.ts'
import { millisecond, type Task } from '../../runtime/index.ts'
import { type Call, fatal, type OfctlCommands } from './command.ts'
import { type Connection, openConnection } from './connection.ts'
import { transact, typeOf } from './transact.ts'

const headerSize = 8
/** The most that goes into a message behind its header. */
const mostPayload = 65535 - headerSize

/** Sends an echo request with this payload and waits for what comes back. */
function* echo(call: Call, connection: Connection, data: Uint8Array): Task<{ request: Uint8Array; reply: Uint8Array }> {
  const request = connection.request({ type: 'echo_request', data })
  return { request, reply: yield* transact(call, connection, request, 'transact') }
}

function* probe(call: Call): Task<number> {
  const connection = yield* openConnection(call, call.args[0] as string)
  const request = connection.request({ type: 'echo_request', data: new Uint8Array(0) }, 0)
  const reply = yield* transact(call, connection, request)
  if (reply.length !== headerSize) return yield* fatal(call, 'reply does not match request')
  connection.close()
  return 0
}

/** A number as C's `atoi` reads it. */
const numberOf = (text: string): number => Number.parseInt(text, 10) | 0

function* payloadSize(call: Call, text: string): Task<number> {
  const size = numberOf(text)
  if (size >= 0 && size <= mostPayload) return size
  return yield* fatal(call, `payload must be between 0 and ${mostPayload} bytes`)
}

const matches = (request: Uint8Array, reply: Uint8Array): boolean =>
  typeOf(reply) === 'echo_reply' &&
  reply.length === request.length &&
  reply.every((byte, at) => at < headerSize || byte === request[at])

const times = 10

function* ping(call: Call): Task<number> {
  const [name = '', text = '64'] = call.args
  const size = yield* payloadSize(call, text)
  const connection = yield* openConnection(call, name)
  const { clock } = call.connect
  const verbosity = call.options.verbosity + 2
  for (let i = 0; i < times; i++) {
    const payload = Uint8Array.from({ length: size }, (_, at) => (at * 167 + i * 13) & 255)
    const began = clock.now()
    const { request, reply } = yield* echo(call, connection, payload)
    if (!matches(request, reply)) {
      const [asked, got] = [request, reply].map(each => printMessage(each, { verbosity, paint: call.paint }))
      yield* call.stdio.print(`Reply does not match request.  Request:\n${asked}Reply:\n${got}`)
    }
    const time = ((clock.now() - began) / millisecond).toFixed(1)
    const xid = new DataView(reply.buffer, reply.byteOffset).getUint32(4).toString(16).padStart(8, '0')
    yield* call.stdio.print(`${reply.length - headerSize} bytes from ${name}: xid=${xid} time=${time} ms\n`)
  }
  connection.close()
  return 0
}

function* benchmark(call: Call): Task<number> {
  const [name = '', sizeText = '', countText = ''] = call.args
  const payload = new Uint8Array(yield* payloadSize(call, sizeText))
  const size = payload.length + headerSize
  const count = numberOf(countText)
  const bytes = (count * size) >>> 0
  yield* call.stdio.print(`Sending ${count} packets * ${size} bytes (with header) = ${bytes} bytes total\n`)
  const connection = yield* openConnection(call, name)
  const { clock } = call.connect
  const began = clock.now()
  for (let i = 0; i < count; i++) yield* echo(call, connection, payload)
  const took = (clock.now() - began) / millisecond
  connection.close()
  const rate = (things: number): string => ((things * 1000) / took).toFixed(0)
  yield* call.stdio.print(
    `Finished in ${took.toFixed(1)} ms (${rate(count)} packets/s) (${rate(count * size)} bytes/s)\n`,
  )
  return 0
}

export const echoCommands: OfctlCommands = {
  probe: { min: 1, max: 1, run: probe },
  ping: { min: 1, max: 2, run: ping },
  benchmark: { min: 3, max: 3, run: benchmark },
}
