/** The commands that see whether a switch is there. */
import { encodeMessage } from '../../openflow/message-wire.ts'
import { millisecond, type Task } from '../../runtime/index.ts'
import type { Call, OfctlCommands } from './command.ts'
import { openVconn, type Vconn } from './vconn.ts'

/** Sends an echo request with this payload and waits for the answer; a text is what is wrong. */
function* echo(vconn: Vconn, payload: Uint8Array): Task<{ xid: number; size: number; same: boolean } | string> {
  const xid = vconn.xid()
  const request = encodeMessage({ type: 'echo_request', data: payload }, { version: vconn.version, xid })
  if (request === undefined) throw new Error('an echo request cannot be said')
  yield* vconn.send(request)
  for (;;) {
    const reply = yield* vconn.receive()
    if (typeof reply === 'string') return `talking to ${vconn.name} (${reply})`
    const view = new DataView(reply.buffer, reply.byteOffset, reply.length)
    if (view.getUint32(4) !== xid) continue
    const same = reply.length === request.length && reply[1] === 3 && reply.every((b, i) => i === 1 || b === request[i])
    return { xid, size: reply.length - 8, same }
  }
}

function* probe(call: Call): Task<number | string> {
  const vconn = yield* openVconn(call, call.args[0] as string)
  if (typeof vconn === 'string') return vconn
  const reply = yield* echo(vconn, new Uint8Array(0))
  vconn.close()
  if (typeof reply === 'string') return reply
  return reply.size === 0 ? 0 : 'reply does not match request'
}

/** The most that goes into a message behind its header. */
const mostPayload = 65535 - 8
const times = 10

function* ping(call: Call): Task<number | string> {
  const [name = '', text] = call.args
  const size = text === undefined ? 64 : Number.parseInt(text, 10) || 0
  if (size < 0 || size > mostPayload) return `payload must be between 0 and ${mostPayload} bytes`
  const vconn = yield* openVconn(call, name)
  if (typeof vconn === 'string') return vconn
  const { clock } = call.connect
  for (let i = 0; i < times; i++) {
    const payload = Uint8Array.from({ length: size }, (_, at) => (at * 167 + i * 13) & 255)
    const began = clock.now()
    const reply = yield* echo(vconn, payload)
    if (typeof reply === 'string') return reply
    if (!reply.same) yield* call.stdio.print('Reply does not match request:\n')
    const time = ((clock.now() - began) / millisecond).toFixed(1)
    const xid = reply.xid.toString(16).padStart(8, '0')
    yield* call.stdio.print(`${reply.size} bytes from ${name}: xid=${xid} time=${time} ms\n`)
  }
  vconn.close()
  return 0
}

export const echoCommands: OfctlCommands = {
  probe: { min: 1, max: 1, run: probe },
  ping: { min: 1, max: 2, run: ping },
}
