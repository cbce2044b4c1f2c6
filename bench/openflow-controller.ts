import { connect } from 'node:net'
import { newMatch } from '../src/flow/match.ts'
import { encodeMessage } from '../src/openflow/message-wire.ts'
import { OfSession } from '../src/openflow/session.ts'

const version = 4

/**
 * A controller that answers each packet-in with a packet-out that brings the next: `count` round trips with the switch at
 * `path`, `window` of them under way at a time. Prints the seconds that they took.
 */
export const controller = (path: string, count: number, window: number): Promise<number> =>
  new Promise((resolve, reject) => {
    let xid = 0
    const session = new OfSession({ versions: 1 << version, xid: () => ++xid, now: 0 })
    const encode = (body: Parameters<typeof encodeMessage>[0]): Uint8Array =>
      encodeMessage(body, { version, xid: ++xid }) as Uint8Array
    const packetOut = encode({
      type: 'packet_out',
      bufferId: 0xffffffff,
      inPort: 0xfffe,
      match: newMatch(),
      actions: [{ type: 'controller', maxLength: 0xffff, reason: 'action', controllerId: 0 }],
      packet: new Uint8Array(64).fill(2),
    })
    const socket = connect(path)
    let left = count
    let begin = 0
    const flush = (): void => {
      for (let bytes = session.take(); bytes !== undefined; bytes = session.take()) socket.write(bytes)
    }
    const start = (): void => {
      session.send(
        encode({ type: 'set_config', fragments: 'normal', invalidTtlToController: false, missSendLength: 0xffff }),
      )
      for (let i = 0; i < window; i++) session.send(packetOut)
      begin = performance.now()
    }
    socket.on('error', reject)
    socket.on('connect', flush)
    socket.on('data', chunk => {
      const greeted = session.version !== undefined
      session.input(0, new Uint8Array(chunk))
      for (let message = session.next(); message !== undefined; message = session.next()) {
        if (message[1] !== packetInType) continue
        if (--left === 0) {
          process.stdout.write(`${(performance.now() - begin) / 1000}\n`)
          socket.destroy()
          resolve(0)
          return
        }
        session.send(packetOut)
      }
      if (!greeted && session.version !== undefined) start()
      flush()
    })
  })
const packetInType = 10
